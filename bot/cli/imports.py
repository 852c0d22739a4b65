"""`overture import`: a Slack export, or a file of items."""

from __future__ import annotations

import getpass
import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any, Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from bot.cli.watching import watching
from bot.pool.imports import ImportedExport, ImportedPool, import_pool, import_slack_export
from bot.pool.leftout import LeftOut
from bot.ports import BadInput
from bot.settings import Settings
from bot.store.audit import Audit
from bot.store.database import Store
from bot.store.items import SavedItems
from bot.store.opening import open_store
from bot.store.upsert import Saved
from bot.store.workspaces import the_workspace

FIRST_WORKSPACE = "main"
"""the workspace of items that are imported before anything else; an export moves in"""
APPROVER = "overture import --approve"
SHOWN = 20
"""bad entries that are listed in full; --json has all"""


class _Given(Protocol):
    @property
    def settings(self) -> Settings: ...


@click.group("import")
def imports() -> None:
    """Import members, conversations and items."""


@imports.command("slack-export")
@click.argument("zip_file", metavar="ZIP", type=click.Path(path_type=Path))
@click.option("--approve", is_flag=True, help="Approve the threads: they may be talked about.")
@click.option("--skip-bad", is_flag=True, help="Leave bad entries out, and list them.")
@click.option("--workspace", metavar="ID", help="The workspace; by default the export's own.")
@click.option("--zone", metavar="ZONE", help="The workspace's time zone, such as Europe/Lisbon.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def slack_export(
    obj: _Given,
    zip_file: Path,
    approve: bool,
    skip_bad: bool,
    workspace: str | None,
    zone: str | None,
    as_json: bool,
) -> None:
    """Import members, public channels, messages and threads of a Slack workspace export."""
    check_zone(zone)
    begin = perf_counter()
    store = open_store(obj.settings)
    try:
        with watching() as progress:
            done = import_slack_export(
                store,
                zip_file,
                workspace=workspace or obj.settings.workspace,
                now=datetime.now(UTC),
                zone=zone,
                approved_by=APPROVER if approve else None,
                skip_bad=skip_bad,
                progress=progress,
            )
        if approve:
            _note(store, done.workspace, zip_file.name, done.threads)
    finally:
        store.close()
    seconds = round(perf_counter() - begin, 2)
    _print(_export_json(done, seconds) if as_json else _export_text(done, approve, seconds))


@imports.command("pool")
@click.argument("file", metavar="FILE")
@click.option("--approve", is_flag=True, help="Approve the items: they may be talked about.")
@click.option("--skip-bad", is_flag=True, help="Leave bad entries out, and list them.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def pool(obj: _Given, file: str, approve: bool, skip_bad: bool, as_json: bool) -> None:
    """Import items from a file: JSONL, CSV, RSS or Atom, told apart by what is in it.

    FILE may be the http or https address of a feed.
    """
    begin = perf_counter()
    store = open_store(obj.settings)
    try:
        workspace = the_workspace(store, obj.settings.workspace) or FIRST_WORKSPACE
        with watching() as progress:
            done = import_pool(
                store,
                file if file.lower().startswith(("http://", "https://")) else Path(file),
                workspace=workspace,
                now=datetime.now(UTC),
                approved_by=APPROVER if approve else None,
                skip_bad=skip_bad,
                progress=progress,
            )
        if approve:
            _note(store, workspace, file, done.items)
    finally:
        store.close()
    seconds = round(perf_counter() - begin, 2)
    _print(_pool_json(done, seconds) if as_json else _pool_text(done, approve, seconds))


def _note(store: Store, workspace: str, source: str, saved: Saved) -> None:
    """Say in the audit log what somebody let be talked about; nothing where all was known."""
    if not saved.new and not saved.changed:
        return
    with store.writing(workspace) as unit:
        who, counts = getpass.getuser(), {"new": saved.new, "changed": saved.changed}
        Audit(unit).append(datetime.now(UTC), who, "items.approved", source, counts)
        unit.commit()


def check_zone(zone: str | None) -> None:
    """Raises BadInput for a `--zone` that is none."""
    try:
        if zone is not None:
            ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadInput(f"--zone: {zone!r} is no time zone; one is Europe/Lisbon") from None


def _print(what: dict[str, Any] | str) -> None:
    click.echo(what if isinstance(what, str) else json.dumps(what, ensure_ascii=False))


def _export_json(done: ImportedExport, seconds: float) -> dict[str, Any]:
    counted = ("members", "strangers", "channels", "messages", "reactions", "threads")
    return {
        "workspace": done.workspace,
        **{name: _counts(getattr(done, name)) for name in counted},
        "left_out": done.left_out,
        "bad": [asdict(one) for one in done.bad],
        "seconds": seconds,
    }


def _pool_json(done: ImportedPool, seconds: float) -> dict[str, Any]:
    return {
        "workspace": done.workspace,
        "format": done.format,
        "items": _counts(done.items),
        "bad": [asdict(one) for one in done.bad],
        "seconds": seconds,
    }


def _counts(saved: Saved) -> dict[str, int]:
    return {"total": saved.total, **asdict(saved)}


def _export_text(done: ImportedExport, approve: bool, seconds: float) -> str:
    lines = [f"Workspace {done.workspace}"]
    lines += [_line(name, getattr(done, name)) for name in ("members", "channels", "messages")]
    lines += [
        _line(name, getattr(done, name))
        for name in ("reactions", "strangers")
        if getattr(done, name).total
    ]
    lines.append(_line("threads", done.threads))
    lines += [f"  left out: {count:,} {what}" for what, count in sorted(done.left_out.items())]
    lines += _approval(done.threads, approve)
    lines.append("Messages count only once their member agrees to the use of imported history.")
    return "\n".join([*lines, *_bad(done.bad), f"{seconds} s"])


def _pool_text(done: ImportedPool, approve: bool, seconds: float) -> str:
    head = f"Workspace {done.workspace}, from {done.format}"
    lines = [head, _line("items", done.items), *_approval(done.items, approve)]
    return "\n".join([*lines, *_bad(done.bad), f"{seconds} s"])


def _line(name: str, saved: Saved) -> str:
    return (
        f"{saved.total:>9,} {name}: {saved.new:,} new, {saved.changed:,} changed,"
        f" {saved.same:,} as before"
    )


def _approval(saved: SavedItems, approve: bool) -> list[str]:
    if approve:
        return ["All of them are approved."]
    lines = ["New and changed ones wait for approval; with --approve they are approved."]
    if saved.unapproved:
        lines.append(f"{saved.unapproved:,} changed and are no longer approved.")
    return lines


def _bad(bad: tuple[LeftOut, ...]) -> list[str]:
    lines = [f"Left out as bad: {len(bad):,}"] if bad else []
    lines += [f"  {one}" for one in bad[:SHOWN]]
    return [*lines, f"  … and {len(bad) - SHOWN:,} more"] if len(bad) > SHOWN else lines
