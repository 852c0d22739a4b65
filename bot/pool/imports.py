"""Imports into the store: all of a file in one transaction, or nothing of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.pool import files, slack_export
from bot.pool.fetch import fetch
from bot.pool.leftout import LeftOut, Sieve
from bot.pool.slack_export import Export
from bot.pool.slack_messages import reactions, signal, thread
from bot.ports import Progress, silent
from bot.store.channels import Channels
from bot.store.database import Store, Unit
from bot.store.erasures import Erasures
from bot.store.items import Items, SavedItems
from bot.store.members import Members, Person
from bot.store.signals import Happened, Signals
from bot.store.topics import Topics
from bot.store.upsert import Saved
from bot.store.workspaces import Workspaces
from recsys.types import Item, ItemId

CHANNEL = "slack"
"""the channel of delivery that members of an export are reached by"""
_AT_ONCE = 2_000


@dataclass(frozen=True)
class ImportedPool:
    """What became of a pool file."""

    workspace: str
    format: str
    items: SavedItems
    bad: tuple[LeftOut, ...]


@dataclass(frozen=True)
class ImportedExport:
    """What became of a Slack export."""

    workspace: str
    members: Saved
    strangers: Saved
    """people whom the export names without listing them; they are no members"""
    channels: Saved
    messages: Saved
    reactions: Saved
    threads: SavedItems
    left_out: dict[str, int]
    bad: tuple[LeftOut, ...]


def import_pool(
    store: Store,
    source: Path | str,
    *,
    workspace: str,
    now: datetime,
    approved_by: str | None = None,
    skip_bad: bool = False,
    progress: Progress = silent,
) -> ImportedPool:
    """Import a pool file into a workspace, which is made if it is missing.

    A `source` that is text is an http or https address, and is fetched.

    Raises:
        BadInput: something in the file is bad; names the file and the line. Nothing is written.
    """
    sieve = Sieve(skip_bad)
    if isinstance(source, Path):
        found = files.read(source, sieve, progress)
    else:
        found = files.parse(fetch(source), source, sieve, progress)
    with store.writing(workspace) as unit:
        Workspaces(unit).ensure(workspace, name=workspace, at=now)
        saved = _save_items(unit, found.items, now, approved_by, progress)
        Topics(unit).meet(topic for item in found.items for topic in item.topics)
        unit.commit()
    return ImportedPool(workspace, found.format, saved, tuple(sieve.left_out))


def import_slack_export(
    store: Store,
    path: Path,
    *,
    workspace: str | None,
    now: datetime,
    zone: str | None = None,
    approved_by: str | None = None,
    skip_bad: bool = False,
    progress: Progress = silent,
) -> ImportedExport:
    """Import an export into `workspace`, or into the one that the export is of.

    Messages become signals under the purpose `imported_history`, threads become items.

    Raises:
        BadInput: something in the zip is bad; names the file and the line. Nothing is written.
    """
    sieve = Sieve(skip_bad)
    export = slack_export.read(path, sieve, progress)
    with store.writing(workspace or "") as unit:
        unit.workspace = workspace or _workspace_of(export, Workspaces(unit))
        Workspaces(unit).ensure(unit.workspace, name=unit.workspace, at=now, zone=zone)
        imported = _save_export(unit, export, sieve, now, approved_by, progress)
        unit.commit()
    return imported


def _workspace_of(export: Export, workspaces: Workspaces) -> str:
    """The export's own workspace, unless the only one there is still waits for its members."""
    ids = workspaces.ids()
    waiting = len(ids) == 1 and not workspaces.has_members(ids[0])
    return ids[0] if waiting and export.team not in ids else export.team


def _save_export(
    unit: Unit,
    export: Export,
    sieve: Sieve,
    now: datetime,
    approved_by: str | None,
    progress: Progress,
) -> ImportedExport:
    people = Members(unit)
    members = people.save(export.people, at=now)
    strangers = [Person(user, is_stranger=True) for user in export.strangers()]
    named = people.save(strangers, at=now)
    people.reachable_by(CHANNEL, [(one.id, one.id) for one in export.people])
    channels = Channels(unit).save([one.place for one in export.channels])
    for one in export.channels:
        Channels(unit).add_members(one.place.id, one.members)
    names = export.names()
    erased = Erasures(unit).among(said.user for said in export.messages)
    roots = [s for s in export.messages if s.root is None and s.user not in erased]
    made = [(root, item) for root in roots if (item := thread(root, names)) is not None]
    refs = {item.id: root.ts for root, item in made}
    threads = _save_items(unit, [item for _, item in made], now, approved_by, progress, refs)
    known: dict[str, ItemId] = {item_id: item_id for item_id in refs}
    end = export.messages[-1].at if export.messages else now
    spoken = [signal(said, names, known) for said in export.messages]
    reacted = [one for said in export.messages for one in reactions(said, known, end)]
    left_out = dict(export.left_out)
    if len(roots) > len(made):
        left_out["threads that begin without words"] = len(roots) - len(made)
    return ImportedExport(
        unit.workspace,
        members,
        named,
        channels,
        _save_signals(unit, spoken, "Writing messages", progress),
        _save_signals(unit, reacted, "Writing reactions", progress),
        threads,
        left_out,
        tuple(sieve.left_out),
    )


def _save_items(
    unit: Unit,
    items: Sequence[Item],
    now: datetime,
    approved_by: str | None,
    progress: Progress,
    refs: dict[ItemId, str] | None = None,
) -> SavedItems:
    saved = SavedItems()
    for start in range(0, len(items), _AT_ONCE):
        progress("Writing items", start, len(items))
        some = items[start : start + _AT_ONCE]
        more = Items(unit).save(some, at=now, approved_by=approved_by, message_refs=refs)
        saved = SavedItems(
            saved.new + more.new,
            saved.changed + more.changed,
            saved.same + more.same,
            saved.unapproved + more.unapproved,
        )
    return saved


def _save_signals(unit: Unit, signals: Sequence[Happened], what: str, progress: Progress) -> Saved:
    new = 0
    for start in range(0, len(signals), _AT_ONCE):
        progress(what, start, len(signals))
        new += Signals(unit).save(signals[start : start + _AT_ONCE])
    return Saved(new=new, same=len(signals) - new)
