"""Slack's payloads as arrivals: one module for each kind of payload, pure functions all.

None means that a payload is of no concern: bots, other teams, what a message's own redrawing
causes, a press that only opens a link or a modal.
"""
