"""Log lines that carry ids, and never a member's words or a token, at DEBUG too.

Our own lines are written by us, and their ids are fields: whoever works on a row or a member
binds them with `structlog.contextvars.bound_contextvars`. Lines of libraries may hold whatever
passed through them, so of most of them only their place is kept. Of an exception its kind and its
places are kept; its text only where it is one of ours.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

from bot.ports import ChannelError, ModelError, Refused

OURS = "overture"
TRUSTED = frozenset({"alembic", "apscheduler", "uvicorn"})
"""Libraries that nothing of a member passes through: their lines stay whole."""
_TOLD = (Refused, ChannelError, ModelError)
"""Errors whose text is ours alone; that of `BadInput` may quote what it was given."""
UNTOLD = "a line of this library is left out, since it may hold what somebody said"

_TOKEN = re.compile(
    r"\b(?:xox[a-z]|xapp|xoxe)[-.][\w.-]+|\bsk-[\w-]{8,}|\bBearer\s+\S+"
    r"|\b[a-z][a-z0-9+]*://[^\s/:@]+:[^\s/@]+@",
    re.IGNORECASE,
)

Event = MutableMapping[str, Any]


def set_up(level: str = "INFO", *, as_json: bool = True, stream: TextIO | None = None) -> None:
    """Send every line of this process through the filters below, as JSON or for a person.

    Args:
        level: of our own lines; libraries are heard from WARNING on.
        stream: where to; by default standard error.
    """
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if as_json
        else structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0)
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
        ],
        processors=[
            _place_only,
            _raised,
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _without_tokens,
            renderer,
        ],
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger(OURS).setLevel(level)


def _place_only(logger: Any, method: str, event: Event) -> Event:
    """A library's line without its text, unless the library is trusted."""
    record: logging.LogRecord = event["_record"]
    library = record.name.split(".")[0]
    if library != OURS and library not in TRUSTED:
        event["event"] = UNTOLD
        event["place"] = f"{record.module}:{record.lineno}"
    return event


def _raised(logger: Any, method: str, event: Event) -> Event:
    """An exception as its kind and places; with its text only where the text is ours."""
    error = (event.pop("exc_info", None) or (None, None))[1]
    if error is not None:
        event["error"] = type(error).__name__
        if isinstance(error, _TOLD):
            event["told"] = str(error)
        event["at"] = [
            f"{frame.filename.rsplit('site-packages/')[-1]}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(error.__traceback__)[-8:]
        ]
    return event


def _without_tokens(logger: Any, method: str, event: Event) -> Event:
    """The last net: whatever looks like a secret is not written."""
    return {key: _clean(value) for key, value in event.items()}


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return _TOKEN.sub("[secret]", value)
    return [_clean(one) for one in value] if isinstance(value, list) else value
