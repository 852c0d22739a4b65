"""How far something is, for the person who waits: on standard error, gone when it is done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bot import ports


@contextmanager
def watching() -> Iterator[ports.Progress]:
    """A `Progress` that is drawn while the block runs; on no terminal it draws nothing."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(
        *columns,
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as drawn:
        task = drawn.add_task("", total=None, visible=False)

        def show(what: str, done: int, total: int) -> None:
            drawn.update(task, description=what, completed=done, total=total or None, visible=True)

        yield show
