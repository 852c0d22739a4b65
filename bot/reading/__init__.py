"""Everything that is read about members before a decision, or a sending, is made."""
