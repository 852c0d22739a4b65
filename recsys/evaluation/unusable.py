"""The one complaint of the protocols."""


class Unusable(ValueError):
    """Data from which nothing can be learned or judged; its text says what is missing."""
