"""What is pressed at the desk, and the forms that are saved there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any

from bot.conversation.desk.counter import Answer, Content, Counter, Draw
from bot.conversation.desk.screens import NOBODY, Screens, State, seen
from bot.conversation.desk.telling import noted, told
from bot.conversation.handlers import Handlers
from bot.curating.changes import Changes, When, widens
from bot.curating.desk import Desk, Done
from bot.curating.roles import CURATOR, Actor
from bot.ports import Arrival, Asked, Refused
from bot.store import tables
from bot.store.channels import Channels
from bot.store.database import Unit
from bot.store.items import Items
from recsys.types import UNKNOWN_AUDIENCE, WHOLE_WORKSPACE, Audience

Do = Callable[[Desk, str], Done]
TOLD: Mapping[str, str] = {
    "pool_approve": "Approved",
    "pool_pin": "Pinned",
    "pool_unpin": "No longer pinned",
    "pool_merge": "Merged into what it is like",
    "pool_apart": "Kept apart from what it is like",
    "pool_expire": "Expired",
    "pool_undo": "Taken back",
}
SAY_WHY = "Say why: whoever sees it rejected will ask."
BULK: Mapping[str, str] = {
    "approve": "Approved",
    "reject": "Rejected",
    "expire": "Expired",
    "pin": "Pinned",
    "merge": "Merged",
}


@dataclass(frozen=True)
class PoolDesk:
    """Lists, decides and edits; every act passes the counter and the desk behind it."""

    counter: Counter
    screens: Screens

    def handlers(self) -> Handlers:
        screens, showing = self.screens, self.counter.showing
        presses: dict[str, Do] = {
            "pool_approve": lambda desk, item: desk.approve([item]),
            "pool_pin": lambda desk, item: desk.pin([item], True),
            "pool_unpin": lambda desk, item: desk.pin([item], False),
            "pool_merge": lambda desk, item: desk.merge([item]),
            "pool_apart": lambda desk, item: desk.keep_apart([item]),
            "pool_expire": lambda desk, item: desk.expire([item], None),
            "pool_undo": _undo,
        }
        forms = {"pool": self._bulk, "pool_reject": self._reject, "pool_edit": self._edit}
        return Handlers(
            presses={
                name: self.counter.acting(CURATOR, self._pressed(name, do))
                for name, do in presses.items()
            },
            modals={name: self.counter.acting(CURATOR, obey) for name, obey in forms.items()},
            shows={
                "pool": showing(CURATOR, screens.pool),
                "pool_item": showing(CURATOR, screens.item),
                "pool_edit": showing(CURATOR, screens.edit),
                "pool_reject": showing(CURATOR, screens.reject),
                "submit:pool": showing(CURATOR, self._bulk_asked),
                "submit:pool_edit": showing(CURATOR, self._edit_asked),
                "submit:pool_reject": showing(CURATOR, _reject_asked),
            },
        )

    def _pressed(self, name: str, do: Do) -> Callable[..., Answer]:
        def obey(unit: Unit, actor: Actor, arrival: Arrival, now: datetime) -> Answer:
            payload = arrival.payload
            item = str(payload.get("opener") or payload.get("subject") or "")
            done = do(Desk(unit, actor, now), item or str(payload.get("value") or ""))
            if payload.get("view"):
                return self._redrawn(payload, item, noted(TOLD[name], done))
            said = told(TOLD[name], unit, done, now)
            return Answer(said, () if done.undoes else _undo_button(done))

        return obey

    def _redrawn(self, payload: Mapping[str, Any], item: str, note: str) -> Answer:
        """The item as it is now, and the list below it."""
        who, state = str(payload["member"]), str(payload.get("state") or "")

        def one(unit: Unit, actor: Actor, asked: Asked) -> Content:
            return self.screens.one(unit, actor, asked.subject, asked.address, note)

        asked = Asked(who, "pool_item", item, address=state)
        below = (str(payload.get("parent") or ""), Asked(who, "pool", state), self.screens.pool)
        return Answer(redraws=((str(payload["view"]), asked, one), below if state else _NOTHING))

    def _bulk(self, unit: Unit, actor: Actor, arrival: Arrival, now: datetime) -> Answer:
        """What was ticked on a page; without a tick it was a search."""
        ids, act, why = _ticked(arrival.payload["values"])
        if not ids or act not in BULK:
            return Answer()
        desk = Desk(unit, actor, now)
        does: Mapping[str, Callable[[], Done]] = {
            "approve": lambda: desk.approve(ids),
            "reject": lambda: desk.reject(ids, why),
            "expire": lambda: desk.expire(ids, None),
            "pin": lambda: desk.pin(ids, True),
            "merge": lambda: desk.merge(ids),
        }
        done = does[act]()
        titles = [row.title for row in (Items(unit).get(one) for one in done.items) if row]
        if not titles:
            return Answer("They were so already.")
        return Answer(f"{BULK[act]}:\n" + "\n".join(f"• {t}" for t in titles), _undo_button(done))

    def _bulk_asked(self, unit: Unit, actor: Actor, asked: Asked) -> Content:
        """At once: what is missing, or the list without what was ticked."""
        values, state = asked.values, State.of(asked.subject)
        ids, act, why = _ticked(values)
        words = next((str(v) for k, v in values.items() if k.startswith("search:")), "")
        if not ids:
            if words != state.words:
                shelf = "all" if words else state.shelf
                page = self.screens.page(unit, actor, State(shelf, 0, words))
                return {**page, "modal": "pool"}
            return {"errors": _on(values, "items:", "Tick at least one.")}
        if act not in BULK:
            return {"errors": _on(values, "act:", "Say what to do with them.")}
        if act == "reject" and not why:
            return {"errors": _on(values, "why:", SAY_WHY)}
        note = f"{BULK[act]}: {len(ids)}. Undo is in our conversation."
        page = self.screens.page(unit, actor, state, note, without=tuple(ids))
        return {**page, "modal": "pool"}

    def _reject(self, unit: Unit, actor: Actor, arrival: Arrival, now: datetime) -> Answer:
        payload = arrival.payload
        item, why = str(payload["subject"]), str(payload["values"].get("why") or "")
        Desk(unit, actor, now).reject([item], why)
        return self._behind(payload, item, "Rejected.")

    def _edit(self, unit: Unit, actor: Actor, arrival: Arrival, now: datetime) -> Answer:
        payload, values = arrival.payload, arrival.payload["values"]
        row = seen(unit, actor, str(payload["subject"]))
        changes = _changes(values, row)
        knowingly = "widen" in (values.get("widen") or ())
        done = Desk(unit, actor, now).edit(row.id, changes, knowingly=knowingly)
        return self._behind(payload, row.id, "Saved." if done.items else "Nothing was changed.")

    def _behind(self, payload: Mapping[str, Any], item: str, note: str) -> Answer:
        """A form was saved: the item behind it is drawn anew, or a word is said."""
        if not payload.get("parent"):
            return Answer(note)
        return self._redrawn({**payload, "view": payload["parent"], "parent": ""}, item, note)

    def _edit_asked(self, unit: Unit, actor: Actor, asked: Asked) -> Content:
        """At once: what is wrong with a form, or the same form asking whether it is meant."""
        row, values = seen(unit, actor, asked.subject), asked.values
        changes = _changes(values, row)
        given = changes.values_for(row)
        starts, ends = given.get("not_before"), given.get("expires_at")
        if starts is not None and ends is not None and ends <= starts:
            return {"errors": {"expires": "It would expire before it may be spoken of."}}
        if values.get("audience") == "channels" and not values.get("channels"):
            return {"errors": {"channels": "Choose at least one channel."}}
        wider = "audience_kind" in given and widens(row, given)
        if not wider or "widen" in (values.get("widen") or ()):
            return {}
        form = self.screens.edit(unit, actor, Asked(asked.member, "pool_edit", row.id))
        return {**form, **held(values), "modal": "pool_edit", "widening": widening(unit, row)}


_NOTHING: tuple[str, Asked, Draw] = ("", Asked("", ""), lambda unit, actor, asked: {})


def held(values: Mapping[str, Any]) -> Content:
    """What a form held, for the same form drawn once more."""
    return {
        "title": values.get("title") or "",
        **({"text": values.get("text") or ""} if "text" in values else {}),
        "kind": values.get("kind") or "news",
        "chosen": values.get("topics") or [],
        "not_before": values.get("not_before") or "",
        "expires": values.get("expires") or "",
        "audience": values.get("audience") or "",
        "among": values.get("channels") or [],
    }


def widening(unit: Unit, row: tables.Item) -> str:
    """What has to be confirmed before more people may hear of an item."""
    home = Channels(unit).get(row.channel_id) if row.channel_id else None
    if row.channel_id and (home is None or home.kind != "public"):
        return "This was said where not everybody can read. Shall others hear of it?"
    return "More people than now will be able to hear of it. Is that what you mean?"


def audience_in(values: Mapping[str, Any]) -> Audience:
    """The audience that a form says."""
    if values.get("audience") == "workspace":
        return WHOLE_WORKSPACE
    if values.get("audience") == "channels":
        return Audience("channels", frozenset(values.get("channels") or ()))
    return UNKNOWN_AUDIENCE


def day(value: Any) -> datetime | None:
    """The beginning of a day that a date picker says. Raises Refused for what is no day."""
    if not value:
        return None
    try:
        return datetime.combine(datetime.fromisoformat(str(value)).date(), time(), UTC)
    except ValueError:
        raise Refused(f"“{str(value)[:40]}” is no day; write it as 2026-03-02") from None


def _changes(values: Mapping[str, Any], row: tables.Item) -> Changes:
    said = str(values.get("audience") or "")
    keeps = not said or (said == NOBODY and row.audience_kind not in ("workspace", "channels"))
    return Changes(
        title=str(values.get("title") or ""),
        text=str(values["text"] or "") if "text" in values else None,
        topics=tuple(values.get("topics") or ()) if "topics" in values else None,
        kind=str(values.get("kind") or "") or None,
        not_before=_moved(values.get("not_before"), row.not_before),
        expires=_moved(values.get("expires"), row.expires_at),
        audience=None if keeps else audience_in(values),
    )


def _moved(value: Any, held: datetime | None) -> When | None:
    """A new day; None where the form says the day that holds, whose hour stays."""
    said = day(value)
    same = said is None if held is None else said is not None and said.date() == held.date()
    return None if same else (said,)


def _ticked(values: Mapping[str, Any]) -> tuple[Sequence[str], str, str]:
    """(ids, act, why) of a page's form."""
    held = {name.partition(":")[0]: value for name, value in values.items()}
    why = " ".join(str(held.get("why") or "").split())
    return list(held.get("items") or ()), str(held.get("act") or ""), why


def _on(values: Mapping[str, Any], begins: str, problem: str) -> dict[str, str]:
    return {name: problem for name in values if name.startswith(begins)}


def _reject_asked(unit: Unit, actor: Actor, asked: Asked) -> Content:
    """At once: blanks are no reason."""
    return {} if str(asked.values.get("why") or "").strip() else {"errors": {"why": SAY_WHY}}


def _undo(desk: Desk, what: str) -> Done:
    """Take back a batch, or the last thing that was done to an item."""
    return desk.undo(what) if what.startswith("cu_") else desk.undo_last(what)


def _undo_button(done: Done) -> tuple[tuple[str, str], ...]:
    return ((f"pool_undo|{done.batch}", "Undo"),) if done.items else ()
