"""The curators' desk: who may do what, what they do with items, and where items come from."""
