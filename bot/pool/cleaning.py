"""Texts of items and messages, made plain: no markup, nothing hidden, no tokens."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html.parser import HTMLParser

from bot.text import plain, sentences, truncate

TITLE_LENGTH = 90
_GREETING_WORDS = 3
"""a first sentence of so few words ("Hi all!") says nothing; the next one makes the title"""

_HTML = """
    a abbr acronym address applet area article aside audio b base basefont bdi bdo big blink
    blockquote body br button canvas caption center cite code col colgroup data datalist dd del
    details dfn dialog dir div dl dt em embed fieldset figcaption figure font footer form frame
    frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html i iframe img input ins kbd label legend
    li link main map mark marquee math menu meta meter nav noframes noscript object ol optgroup
    option output p param picture plaintext pre progress q rp rt ruby s samp script search section
    select slot small source span strike strong style sub summary sup svg table tbody td template
    textarea tfoot th thead time title tr track tt u ul var video wbr xmp
"""
_OWN_LINE = """
    address article aside blockquote br dd div dl dt figcaption figure footer form h1 h2 h3 h4 h5
    h6 header hr li main nav ol p pre section table td th tr ul
"""
_ELEMENTS = frozenset(_HTML.split())
_BLOCKS = frozenset(_OWN_LINE.split())
_UNREAD = frozenset(("script", "style", "noscript", "template", "title", "iframe", "svg", "math"))
_LOOKS_LIKE_HTML = re.compile(r"<[A-Za-z/!?]|&#?\w+;")

_SLACK = re.compile(r"<([^<>\n]{1,3000})>")
_MENTION = re.compile(r"<@([A-Z0-9]{1,64})(?:\|[^<>\n]{0,200})?>")
_TYPED_MENTION = re.compile(r"<[@#!]([^<>\n]{0,80})>")
"""what somebody typed to look like a mention must not become one"""
_EMOJI = re.compile(r"(?<!\S):[a-z0-9_+'-]{2,50}:(?!\w)")
_STYLE = re.compile(r"(?<![\w*_~])([*_~])(?=\S)([^*_~\n]+?)(?<=\S)\1(?![\w*_~])")
_NAMED_TOKEN = re.compile(
    r"(?<=[?&])(?:pub_secret=[^&\s]*|\w+=(?:xox|xapp-)[^&\s]*)(?:&(?:amp;)?)?", re.IGNORECASE
)
_BARE_TOKEN = re.compile(r"\bxox[a-z](?:\.xox[a-z])?-[\w-]+|\bxapp-[\w-]+", re.IGNORECASE)
_PUBLIC_FILE = re.compile(r"(slack-files\.com/\w+-\w+)-\w+", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)


def lines(text: str) -> str:
    """Visible text whose line breaks stay, with no more than one empty line in a row."""
    kept = "\n".join(plain(line) for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", kept).strip()


def from_html(text: str) -> str:
    """The words of a text that may be HTML; what only looks like a tag (``List<T>``) stays."""
    if not _LOOKS_LIKE_HTML.search(text):
        return lines(text)
    reader = _Words()
    reader.feed(text)
    reader.close()
    return lines("".join(reader.words))


def from_slack(text: str, names: Mapping[str, str]) -> str:
    """The words of a Slack message: names for mentions, labels for links, no styling, no tokens.

    `names` gives the name of a member's id; who is not in it becomes "somebody".
    """
    text = _SLACK.sub(lambda match: _said(match.group(1), names), text)
    text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    text = _TYPED_MENTION.sub(r"\1", text)
    text = text.replace("```", "\n").replace("`", "")
    text = "\n".join(_STYLE.sub(r"\2", line) for line in text.splitlines())
    return lines(without_tokens(lines(text)))


def mentioned(text: str) -> tuple[str, ...]:
    """Ids of the members whom a Slack message names, once each, in their order."""
    return tuple(dict.fromkeys(_MENTION.findall(text)))


def without_tokens(text: str) -> str:
    """The text without Slack's tokens and the secrets of its file addresses."""
    return _BARE_TOKEN.sub("", _ADDRESS.sub(_without_secrets, text))


def _without_secrets(address: re.Match[str]) -> str:
    found = address.group()
    clean = _NAMED_TOKEN.sub("", _PUBLIC_FILE.sub(r"\1", found))
    return clean.rstrip("?&") if clean != found else found


def title_of(text: str, limit: int = TITLE_LENGTH) -> str:
    """The first sentence that says something, on one line of at most `limit` characters."""
    spoken = (" ".join(_EMOJI.sub("", line).split()) for line in text.splitlines())
    found = [one for line in spoken for one in sentences(line)]
    if not found:
        return truncate(plain(text), limit)
    telling = (one for one in found if len(one.split()) > _GREETING_WORDS)
    return truncate(next(telling, found[0]), limit)


def _said(inside: str, names: Mapping[str, str]) -> str:
    target, _, label = inside.partition("|")
    if target.startswith("@"):
        return label or names.get(target[1:], "somebody")
    if target.startswith("#"):
        return f"#{label}" if label else "a channel"
    if target.startswith("!"):
        return label.lstrip("@") if target.startswith(("!subteam", "!date")) else ""
    return label or target.removeprefix("mailto:")


class _Words(HTMLParser):
    """Collects what a reader of the page would read."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._unread: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNREAD:
            self._unread.append(tag)
        elif tag not in _ELEMENTS and not attrs and not self._unread:
            self.words.append(self.get_starttag_text() or "")
        elif tag in _BLOCKS:
            self.words.append("\n")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BLOCKS:
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._unread:
            while self._unread.pop() != tag:
                continue
        elif tag in _BLOCKS:
            self.words.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._unread:
            self.words.append(data)
