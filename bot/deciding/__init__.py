"""The parts of a decision: its facts, the recommender as it serves, the slate as it is kept."""
