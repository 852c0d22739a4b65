"""What operators watch: health, metrics and log lines, with ids and never a member's words."""
