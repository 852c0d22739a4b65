"""Finds the class of a world: the default one, or that of a file of somebody's own.

A world's class is called with the keywords `members`, `days`, `seed`, `start` and `styles`, and may
leave out of its signature what it has no use for. It must have the methods of
`recsys.simulation.World`; with `chances` (`recsys.simulation.Foretold`) an oracle can live in it.
"""

from __future__ import annotations

import importlib.util
import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from bot.ports import BadInput
from recsys.world import DefaultWorld

ITEMS = 240
"""items that the default world begins with"""

METHODS: Mapping[str, tuple[str, ...]] = {
    "members": ("day",),
    "items": ("day",),
    "signals": ("day",),
    "react": ("member", "item", "style", "at"),
}
FORETELLS: Mapping[str, tuple[str, ...]] = {"chances": ("member", "items", "styles", "moments")}
NAMED = "WORLD"
"""the name by which a file with several classes says which one it means"""

Maker = Callable[..., Any]


def make(file: str | None, given: Mapping[str, Any]) -> Any:
    """The world of a file, or the default one; `given` are the keywords for its class.

    Raises BadInput for a file that cannot be loaded, and for a class that is no world.
    """
    if file is None:
        return default(**given)
    maker = _class_in(Path(file))
    try:
        wanted = inspect.signature(maker).parameters
    except (TypeError, ValueError):
        wanted = inspect.signature(default).parameters
    takes_all = any(p.kind is inspect.Parameter.VAR_KEYWORD for p in wanted.values())
    keywords = {name: value for name, value in given.items() if takes_all or name in wanted}
    unknown = [
        name
        for name, parameter in wanted.items()
        if name not in given
        and parameter.default is inspect.Parameter.empty
        and parameter.kind not in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL)
    ]
    if unknown:
        raise BadInput(
            f"{file}: {maker.__name__} asks to be made with {', '.join(unknown)}, which nobody"
            f" gives; a world is made with {', '.join(given)}, all by name"
        )
    try:
        return maker(**keywords)
    except Exception as error:  # the code is not ours
        raise BadInput(
            f"{file}: {maker.__name__} cannot be made: {type(error).__name__}: {error}"
        ) from error


def default(members: int, days: int, seed: int, start: Any, styles: tuple[str, ...]) -> Any:
    """The world of `recsys.world`."""
    return DefaultWorld.drawn(members, ITEMS, seed, days=days, start=start, styles=styles)


def _class_in(file: Path) -> type:
    module = _loaded(file)
    named = getattr(module, NAMED, None)
    if isinstance(named, type):
        return _checked(file, named)
    own = [
        thing
        for thing in vars(module).values()
        if isinstance(thing, type)
        and thing.__module__ == module.__name__
        and any(callable(getattr(thing, method, None)) for method in METHODS)
    ]
    whole = [one for one in own if not _wrong(one)]
    if len(whole) == 1:
        return whole[0]
    if len(whole) > 1:
        names = ", ".join(one.__name__ for one in whole)
        raise BadInput(f"{file}: {names} are all worlds; say which one with {NAMED} = …")
    if not own:
        raise BadInput(
            f"{file}: there is no class with the methods {', '.join(METHODS)};"
            " recsys.simulation.World says what they give"
        )
    return _checked(file, max(own, key=lambda one: len(METHODS) - len(_wrong(one))))


def _loaded(file: Path) -> ModuleType:
    if not file.is_file():
        raise BadInput(f"{file}: there is no such file; --world takes a Python file")
    spec = importlib.util.spec_from_file_location("overture_world", file)
    if spec is None or spec.loader is None:
        raise BadInput(f"{file}: is no Python file; --world takes one that ends in .py")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # the code is not ours
        raise BadInput(f"{file}: cannot be loaded: {type(error).__name__}: {error}") from error
    return module


def _checked(file: Path, maker: type) -> type:
    wrong = _wrong(maker)
    if wrong:
        raise BadInput(
            f"{file}: {maker.__name__} is no world: {'; '.join(wrong)}."
            " recsys.simulation.World says what each gives"
        )
    return maker


def _wrong(maker: type) -> list[str]:
    """What keeps a class from being a world."""
    asked = dict(METHODS)
    if callable(getattr(maker, "chances", None)):
        asked |= FORETELLS
    wrong = []
    for method, takes in asked.items():
        found = getattr(maker, method, None)
        told = f"{method}({', '.join(takes)})"
        if not callable(found):
            wrong.append(f"{told} is missing")
            continue
        try:
            inspect.signature(found).bind(None, *takes)
        except TypeError:
            wrong.append(f"{method}{inspect.signature(found)} cannot be called as {told}")
        except ValueError:
            continue  # built in: nobody can tell
    return wrong
