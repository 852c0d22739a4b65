"""What the outbox is made of: the policy asked once more, witnesses, the steps, the tally."""
