"""JSON from strangers: values with the line they begin on, and errors that name it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from bot.pool.leftout import Flaw, Unreadable

_BLANK = re.compile(r"[ \t\r\n]*")


def decode(data: bytes, file: str) -> str:
    """UTF-8, with or without a byte order mark.

    Raises:
        Unreadable: it is another encoding; names the line of the first byte that does not fit.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable(file, 1, "is UTF-16, not UTF-8. Save it as UTF-8.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        reason = f"is not UTF-8 (byte 0x{data[error.start]:02x}). Save the file as UTF-8."
        raise Unreadable(file, line, reason) from None


def value(text: str) -> Any:
    """One JSON value. Raises Flaw where it is none, or nested too deeply."""
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise Flaw(f"is not JSON ({error.msg} at character {error.colno})") from None
    except RecursionError:
        raise Flaw("is nested too deeply") from None
    except ValueError as error:  # a number of thousands of digits
        raise Flaw(f"is not JSON ({error})") from None


def array(text: str, file: str) -> list[tuple[int, Any]]:
    """The elements of a JSON array, each with the line that it begins on.

    Raises:
        Unreadable: it is no JSON array; names the file and the line.
    """
    return list(_elements(text, file))


def _elements(text: str, file: str) -> Iterator[tuple[int, Any]]:
    decoder = json.JSONDecoder(parse_constant=_refuse_constant)
    line, counted = 1, 0

    def fail(position: int, reason: str) -> Unreadable:
        return Unreadable(file, line + text.count("\n", counted, position), reason)

    at = _skip(text, 0)
    if text[at : at + 1] != "[":
        raise fail(at, "is no JSON array" if text.strip() else "is empty")
    at = _skip(text, at + 1)
    if text[at : at + 1] == "]":
        _end(text, at, fail)
        return
    while True:
        line, counted = line + text.count("\n", counted, at), at
        try:
            element, after = decoder.raw_decode(text, at)
        except json.JSONDecodeError as error:
            raise fail(error.pos, f"is not JSON ({error.msg})") from None
        except RecursionError:
            raise fail(at, "is nested too deeply") from None
        except ValueError as error:
            raise fail(at, f"is not JSON ({error})") from None
        yield line, element
        at = _skip(text, after)
        mark = text[at : at + 1]
        if mark == "]":
            _end(text, at, fail)
            return
        if mark != ",":
            raise fail(at, "is not JSON (a comma or the array's end should stand here)")
        at = _skip(text, at + 1)


def _skip(text: str, position: int) -> int:
    match = _BLANK.match(text, position)
    return match.end() if match else position


def _end(text: str, at: int, fail: Any) -> None:
    rest = _skip(text, at + 1)
    if rest != len(text):
        raise fail(rest, "is not JSON (something follows the array)")


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number")
