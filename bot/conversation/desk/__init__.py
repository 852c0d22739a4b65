"""The curators' desk in the conversation: what it shows, what is pressed there, what is typed."""
