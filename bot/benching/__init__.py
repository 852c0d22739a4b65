"""Measuring speed and memory, in processes of their own."""
