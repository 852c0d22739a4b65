"""Words that still arrive where Slack refuses how they are drawn."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from bot.slack.blocks import Block
from bot.slack.errors import code_of

UNDRAWN = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"})
"""refusals of blocks: nothing was shown"""

log = logging.getLogger("overture.slack")


def drawn_or_plain(
    call: Callable[[Sequence[Block] | None], SlackResponse],
    shown: Sequence[Block],
    *,
    bare: Sequence[Block] | None = None,
) -> SlackResponse:
    """Make a call with these blocks, and once more with `bare` where Slack refuses them.

    To be used within one `BoundedClient.within`: both together have its deadline. Raises what the
    second call raises, and everything but a refusal of blocks at once.
    """
    try:
        return call(shown)
    except SlackApiError as error:
        if code_of(error) not in UNDRAWN:
            raise
        log.warning("Slack refused how a message is drawn (%s): it goes as text", code_of(error))
        return call(bare)
