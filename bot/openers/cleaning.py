"""Other people's text made fit to be said in a message: no markup, no addresses, no mentions."""

from __future__ import annotations

import re

from bot.openers.addresses import DOMAIN, IP_ADDRESS, MAIL, SCHEME
from bot.text import plain, truncate

_USER = re.compile(r"<@[A-Z0-9]+(?:\|([^<>]*))?>")
_CHANNEL = re.compile(r"<#[A-Z0-9]+(?:\|([^<>]*))?>")
_BROADCAST = re.compile(
    r"<!(?:here|channel|everyone|group|subteam\^[^<>]*|date\^[^<>]*)[^<>]*>", re.I
)
_LABELLED = re.compile(r"<(?:https?|mailto|tel)[^<>|\s]*\|([^<>]*)>", re.I)
_BARE = re.compile(r"<(?:https?|mailto|tel)[^<>]*>", re.I)
_MARKDOWN_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()]*\)")
_AT = re.compile(r"@(?=\w)")
_EMOJI_CODE = re.compile(r":[a-z0-9_+'-]{2,40}:(?::skin-tone-\d:)?")
_FENCE = re.compile(r"```.*?(?:```|$)", re.S)
_EMPHASIS = re.compile(r"(?<!\w)([*_~]{1,3})(?=\S)([^*_~]+?)(?<=\S)\1(?!\w)")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_NAME_PIECE = re.compile(r"[^\W\d_][^\W_]*(?:['’.-][^\W_]+)*['’.]?")
MOST_NAME, MOST_NAME_WORDS = 40, 4
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))


def speakable(text: str, limit: int | None = None) -> str:
    """`text` as plain words: what Slack or Markdown markup said, without being it.

    Mentions become names without their sign, links become their labels or "a link", code fences
    and emoji codes go, and what is left passes `bot.text.plain`.

    Args:
        limit: at most so many characters, cut at a word.
    """
    # Markup may hide behind full-width look-alikes or be split by invisible characters: unfold
    # first. Fences need their line ends no longer, their backticks are enough.
    text = plain(text)
    text = _USER.sub(lambda found: found[1] or "someone", text)
    text = _CHANNEL.sub(lambda found: "#" + found[1] if found[1] else "a channel", text)
    text = _BROADCAST.sub("", text)
    text = _LABELLED.sub(lambda found: found[1] or "a link", text)
    text = _BARE.sub("a link", text)
    text = _MARKDOWN_LINK.sub(lambda found: found[1] or "a link", text)
    text = _FENCE.sub(" ", text).replace("`", "")
    for entity, char in _ENTITIES:
        text = text.replace(entity, char)
    text = _TAG.sub(" ", text)
    text = SCHEME.sub("a link", text)
    text = MAIL.sub("an address", text)
    text = IP_ADDRESS.sub("an address", DOMAIN.sub("a link", text))
    text = _AT.sub("", _EMOJI_CODE.sub("", text))
    text = _EMPHASIS.sub(r"\2", text)
    text = _balanced(text)
    text = plain(text)
    return text if limit is None else truncate(text, limit)


def _balanced(text: str) -> str:
    """Without what is left of markup: brackets that opened, entities that were written twice."""
    text = re.sub(r"<(?=[\S])", "‹", text).replace("](", "] (")
    return re.sub(r"&(?=#?\w+;)", "& ", text)


def person_label(name: str) -> str:
    """A name as people bear them: a few words of letters; empty where it is something else."""
    name = speakable(name)
    pieces = name.split()
    fits = len(name) <= MOST_NAME and len(pieces) <= MOST_NAME_WORDS
    return name if fits and all(_NAME_PIECE.fullmatch(piece) for piece in pieces) else ""


def channel_label(name: str) -> str:
    """A channel's name as Slack allows it: letters, digits, hyphens and underscores."""
    return "".join(char for char in plain(name) if char.isalnum() or char in "-_")[:80]
