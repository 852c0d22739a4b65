"""How long data is kept, and what happens when a backup is put back."""
