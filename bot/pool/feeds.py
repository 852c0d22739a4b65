"""RSS and Atom: checked as strict XML without entities before feedparser sees a byte."""

from __future__ import annotations

import calendar
import io
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from time import struct_time
from typing import Any
from urllib.parse import urlsplit
from xml.sax import SAXException, SAXParseException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import Locator

import feedparser
from defusedxml import DefusedXmlException
from defusedxml.sax import make_parser

from bot.pool.cleaning import from_html
from bot.pool.entries import LIMITS, topic_slug
from bot.pool.json_text import decode
from bot.ports import BadInput
from bot.text import plain, truncate

MOST_TOPICS = 8
DEEPEST = 200
"""elements within each other"""
_DECLARATION = re.compile(rb"""^\s*<\?xml[^>]*?encoding=["']([A-Za-z0-9._-]+)["'][^>]*\?>""")
_ANY_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_ENCODINGS = {"iso-8859-1": "latin-1", "windows-1252": "cp1252", "us-ascii": "ascii"}
_TOPIC = re.compile(r"[\w+#.-]{1,64}")


def looks_like_feed(data: bytes) -> bool:
    """Whether a file is XML of some kind."""
    return data.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<")


def entries(data: bytes, file: str) -> tuple[str, Iterator[tuple[int | None, Mapping[str, Any]]]]:
    """A feed's source name, and the line and fields of each entry.

    Raises:
        BadInput: it is not well formed, is no feed, has a document type or entities, or has no
            entry; names the file and the line.
    """
    clean = _as_utf8(data, file)
    found = _checked(clean, file)
    # a file object: of bytes, feedparser would first try whether they are the name of a file
    feed = feedparser.parse(io.BytesIO(clean), sanitize_html=True, resolve_relative_uris=True)
    if not feed.version:
        raise BadInput(f"{file}: is XML, but neither RSS nor Atom")
    if not feed.entries:
        raise BadInput(f"{file}: is a feed without an entry")
    lines = found if len(found) == len(feed.entries) else [None] * len(feed.entries)
    source = _source(feed.feed)
    return source, ((line, _fields(one)) for line, one in zip(lines, feed.entries, strict=True))


def _as_utf8(data: bytes, file: str) -> bytes:
    """The same document, declared as UTF-8: both parsers must read the same characters."""
    declared = _DECLARATION.match(data.removeprefix(b"\xef\xbb\xbf"))
    name = declared.group(1).decode().lower() if declared else "utf-8"
    if name in _ENCODINGS:
        text = data.decode(_ENCODINGS[name], "replace")
    elif name in ("utf-8", "utf8"):
        text = decode(data, file)
    else:
        raise BadInput(f"{file}, line 1: is in the encoding {name}. Save it as UTF-8.")
    body = _ANY_DECLARATION.sub("", text.removeprefix("\ufeff"), count=1)
    return b'<?xml version="1.0" encoding="utf-8"?>' + body.encode("utf-8", "replace")


class _Lines(ContentHandler):
    """Notes the line of every entry."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[int | None] = []
        self._locator: Locator | None = None
        self._depth = 0

    def setDocumentLocator(self, locator: Locator) -> None:
        self._locator = locator

    def startElement(self, name: str, attrs: Any) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise SAXException(f"elements are nested more than {DEEPEST} deep")
        if name.rpartition(":")[2] in ("item", "entry"):
            self.lines.append(self._locator.getLineNumber() if self._locator else None)

    def endElement(self, name: str) -> None:
        self._depth -= 1


def _checked(data: bytes, file: str) -> list[int | None]:
    reader, parser = _Lines(), make_parser()
    parser.forbid_dtd = True
    parser.setContentHandler(reader)
    try:
        parser.parse(io.BytesIO(data))
    except DefusedXmlException as error:
        kind = type(error).__name__
        raise BadInput(
            f"{file}: has a document type or entities ({kind}), which are refused."
            " Remove the <!DOCTYPE …> from the feed."
        ) from None
    except SAXParseException as error:
        raise BadInput(
            f"{file}, line {error.getLineNumber()}: is not well-formed XML ({error.getMessage()})"
        ) from None
    except SAXException as error:
        raise BadInput(f"{file}: {error.getMessage()}") from None
    return reader.lines


def _source(feed: Mapping[str, Any]) -> str:
    host = urlsplit(str(feed.get("link") or "")).hostname
    return f"feed:{host or topic_slug(str(feed.get('title') or '')) or 'unnamed'}"[:128]


def _fields(entry: Mapping[str, Any]) -> dict[str, Any]:
    content = entry.get("content") or [{}]
    summary = from_html(str(entry.get("summary") or "")[: 10 * LIMITS["text"]])
    text = from_html(str(content[0].get("value") or "")[: 10 * LIMITS["text"]])
    return {
        "title": str(entry.get("title") or ""),
        "summary": truncate(plain(summary), LIMITS["summary"]),
        "text": text if len(text) <= LIMITS["text"] else truncate(text, LIMITS["text"]),
        "url": entry.get("link") or None,
        "topics": _topics(entry),
        "published": _published(entry),
    }


def _topics(entry: Mapping[str, Any]) -> list[str]:
    slugs = (topic_slug(str(tag.get("term") or "")) for tag in entry.get("tags") or ())
    return [slug for slug in dict.fromkeys(slugs) if _TOPIC.fullmatch(slug)][:MOST_TOPICS]


def _published(entry: Mapping[str, Any]) -> str | None:
    moment = entry.get("published_parsed") or entry.get("updated_parsed")
    if not isinstance(moment, struct_time):
        return None
    try:
        return datetime.fromtimestamp(calendar.timegm(moment), UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        return None
