"""Rows of a CSV file as the fields of entries; the first line must name the columns."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from typing import Any

from bot.pool.entries import FIELDS, LIMITS
from bot.pool.leftout import Flaw, Sieve
from bot.ports import BadInput

DELIMITERS = (",", ";", "\t")
_LISTS = ("topics", "builds_on")
_NUMBERS = re.compile(r"[+-]?\d{1,9}")


def header_of(text: str) -> tuple[str, tuple[str, ...]]:
    """The delimiter and the column names of the first line that is not empty."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    best = max(DELIMITERS, key=lambda mark: len(set(_names(first, mark)) & set(FIELDS)))
    return best, _names(first, best)


def rows(text: str, file: str, sieve: Sieve) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The line that each row begins on, and its fields; empty cells are missing fields.

    Lists are separated by ``|`` or ``;``, an audience reads ``workspace``, ``channels:C1|C2`` or
    ``members:U1|U2``.

    Raises:
        BadInput: there is no header, or it names an unknown column or one twice.
    """
    delimiter, columns = header_of(text)
    start = next(n for n, line in enumerate(text.splitlines(), 1) if line.strip())
    _check_header(columns, file, start)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line, past_header = 1, False
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            sieve.refuse(file, line, _explain(error))
            continue
        if not any(cell.strip() for cell in cells):
            continue
        if not past_header:
            past_header = True
            continue
        try:
            yield line, _fields(columns, cells)
        except Flaw as flaw:
            sieve.refuse(file, line, str(flaw))


def _names(line: str, delimiter: str) -> tuple[str, ...]:
    try:
        cells = next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return ()
    return tuple(cell.strip().lower() for cell in cells)


def _check_header(columns: tuple[str, ...], file: str, line: int) -> None:
    known = f"Known columns: {', '.join(FIELDS)}."
    if not set(columns) & set(FIELDS):
        raise BadInput(
            f"{file}, line {line}: is neither JSON nor a feed, and no header of a CSV file."
            f" Its first line should name the columns. {known}"
        )
    for column in columns:
        if column not in FIELDS:
            raise BadInput(f"{file}, line {line}: unknown column {column[:80]!r}. {known}")
        if columns.count(column) > 1:
            raise BadInput(f"{file}, line {line}: column {column!r} is there twice")
    if "title" not in columns:
        raise BadInput(f"{file}, line {line}: there is no column 'title'. {known}")


def _fields(columns: tuple[str, ...], cells: list[str]) -> dict[str, Any]:
    if len(cells) != len(columns):
        raise Flaw(f"has {len(cells)} cells where the header has {len(columns)}")
    filled = {name: cell for name, cell in zip(columns, cells, strict=True) if cell.strip()}
    return {name: _value(name, cell) for name, cell in filled.items()}


def _value(name: str, cell: str) -> Any:
    if name in _LISTS:
        return _split(cell)
    if name == "level":
        return int(cell) if _NUMBERS.fullmatch(cell.strip()) else cell
    if name == "audience" and ":" in cell:
        kind, _, ids = cell.partition(":")
        return {kind.strip(): _split(ids)}
    return cell if name in LIMITS else cell.strip()


def _split(cell: str) -> list[str]:
    return [part.strip() for part in re.split(r"[|;]", cell) if part.strip()]


def _explain(error: csv.Error) -> str:
    if "field limit" in str(error):
        limits = ", ".join(f"{name} {limit:,}" for name, limit in LIMITS.items())
        return f"has a cell of more than {csv.field_size_limit():,} characters (limits: {limits})"
    return f"is not CSV ({error})"
