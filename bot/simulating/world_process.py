"""A world in a process of its own: whoever lives in it sees what its protocol shows, no more.

The oracle alone may ask for chances: the process is started with a key, and refuses everybody who
does not show it. A world that is opened without a key refuses always.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from multiprocessing.connection import Connection
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from bot.ports import BadInput, Refused
from bot.simulating import world_file
from recsys.simulation import Offer, Portrait, Reaction, Said
from recsys.types import ItemId, MemberId, OutcomeKind

OPENED = ("members", "items", "signals", "react")
"""what anybody may ask for"""

REACTIONS = frozenset(
    {
        OutcomeKind.REPLIED,
        OutcomeKind.FOLLOWED_UP,
        OutcomeKind.DISMISSED,
        OutcomeKind.IGNORED,
        OutcomeKind.OPTED_OUT,
    }
)


@dataclass(frozen=True, slots=True)
class Made:
    """How to make a world: the same made twice is the same."""

    file: str | None
    members: int
    days: int
    seed: int
    start: date
    styles: tuple[str, ...]

    def keywords(self) -> dict[str, Any]:
        """What its class is called with."""
        return {
            "members": self.members,
            "days": self.days,
            "seed": self.seed,
            "start": self.start,
            "styles": self.styles,
        }


class WorldProcess:
    """A `recsys.simulation.World` elsewhere; close it, or use it as a context.

    With `oracle`, it also answers to `chances`, for the process was given this object's key.
    Raises BadInput where the world cannot be made, or does not keep to its protocol.
    """

    def __init__(self, made: Made, *, oracle: bool = False) -> None:
        self._name = made.file or "the default world"
        self._key = secrets.token_hex(16) if oracle else ""
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, made, self._key), daemon=True)
        self._process.start()
        theirs.close()
        try:
            self.foretells = bool(self._answer())
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> WorldProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def members(self, day: date) -> tuple[Portrait, ...]:
        return cast(tuple[Portrait, ...], self._ask("members", day))

    def items(self, day: date) -> tuple[Offer, ...]:
        return cast(tuple[Offer, ...], self._ask("items", day))

    def signals(self, day: date) -> tuple[Said, ...]:
        return cast(tuple[Said, ...], self._ask("signals", day))

    def react(self, member: MemberId, item: ItemId, style: str, at: float) -> Reaction:
        return cast(Reaction, self._ask("react", member, item, style, at))

    def chances(
        self,
        member: MemberId,
        items: Sequence[ItemId],
        styles: Sequence[str],
        moments: Sequence[float],
    ) -> NDArray[np.float64]:
        """As `recsys.simulation.Foretold`. Raises Refused for everybody but the oracle."""
        asked = (member, tuple(items), tuple(styles), tuple(moments))
        return cast(NDArray[np.float64], self._ask("chances", *asked))

    def close(self) -> None:
        """End the process."""
        with contextlib.suppress(OSError):
            self._pipe.send(None)
        self._pipe.close()
        self._process.join(5)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()

    def _ask(self, method: str, *given: Any) -> Any:
        try:
            self._pipe.send((method, given, self._key))
        except OSError:
            raise self._ended() from None
        return self._answer()

    def _answer(self) -> Any:
        try:
            kind, value = self._pipe.recv()
        except (EOFError, OSError):
            raise self._ended() from None
        if kind == "refused":
            raise Refused(value)
        if kind == "broken":
            raise BadInput(value)
        return value

    def _ended(self) -> BadInput:
        return BadInput(f"{self._name}: its process ended; look for a crash or an exit in it")


def _serve(pipe: Connection, made: Made, key: str) -> None:
    """The other process: make the world, answer until nobody asks any more."""
    name = made.file or "the default world"
    try:
        world = world_file.make(made.file, made.keywords())
        foretells = callable(getattr(world, "chances", None))
    except Exception as error:
        pipe.send(("broken", str(error)))
        return
    pipe.send(("done", foretells))
    with contextlib.suppress(EOFError, OSError, KeyboardInterrupt):
        while (asked := pipe.recv()) is not None:
            pipe.send(_answered(world, name, asked, key))


def _answered(world: Any, name: str, asked: tuple[str, Any, str], key: str) -> tuple[str, Any]:
    method, given, shown = asked
    if method == "chances":
        if not key or not secrets.compare_digest(shown, key):
            return "refused", "a world tells its chances to the oracle, and to nobody else"
    elif method not in OPENED:
        return "refused", f"a world has no {method!r} to ask for"
    try:
        return "done", _plain(method, getattr(world, method)(*given))
    except Exception as error:  # the code may not be ours
        return "broken", f"{name}: {method}() went wrong: {type(error).__name__}: {error}"


def _plain(method: str, value: Any) -> Any:
    """The answer in the protocol's own types, so that nothing else of a world gets out."""
    match method:
        case "members":
            return tuple(Portrait(MemberId(str(p.id)), str(p.zone), str(p.status)) for p in value)
        case "items":
            return tuple(_offer(one) for one in value)
        case "signals":
            return tuple(Said(MemberId(str(s.member)), float(s.at), int(s.topic)) for s in value)
        case "react":
            kind = OutcomeKind(value.kind)
            if kind not in REACTIONS:
                raise ValueError(f"nobody reacts with {kind.name}")
            return Reaction(kind, float(value.minutes), str(value.reason))
    return np.asarray(value, np.float64)


def _offer(one: Any) -> Offer:
    mixture = np.asarray(one.mixture, np.float64)
    if mixture.ndim != 1 or not np.isfinite(mixture).all() or not mixture.any():
        raise ValueError(f"item {one.id!r} needs a mixture of topics, shape (T,), not all zero")
    return Offer(ItemId(str(one.id)), mixture, one.published, one.expires)
