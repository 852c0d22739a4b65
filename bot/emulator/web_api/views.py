"""views.*: modals and the home tab."""

from __future__ import annotations

from bot.emulator.blocks import check_view
from bot.emulator.journal import Entry
from bot.emulator.messages import to_ts
from bot.emulator.web_api.call import Call, Json, SlackError, missing


def open_view(call: Call) -> Json:
    view = _given(call, "modal")
    user, _ = _trigger(call)
    _check_external_id(call, view)
    return _shown(call, user, call.site.views.open(user, view))


def push(call: Call) -> Json:
    view = _given(call, "modal")
    user, within = _trigger(call)
    if within is None or call.site.views.get(within) is None:
        raise SlackError("view_not_found")
    _check_external_id(call, view)
    pushed = call.site.views.push(user, view)
    if pushed is None:
        raise SlackError("push_limit_reached")
    return _shown(call, user, pushed)


def update(call: Call) -> Json:
    views = call.site.views
    view_id, external_id = call.text("view_id"), call.text("external_id")
    if view_id is None and external_id is None:
        raise missing("view_id")
    old = views.get(view_id) if view_id else views.by_external_id(external_id or "")
    if old is None:
        raise SlackError("not_found")
    view = _given(call, old["type"])
    if call.text("hash") not in (None, old["hash"]):
        raise SlackError("hash_conflict")
    owner = views.owner(old["id"]) or ""
    return _shown(call, owner, views.replace(old["id"], view))


def publish(call: Call) -> Json:
    person = call.person("user_id")
    view = _given(call, "home")
    if not call.site.declared("features", "app_home", "home_tab_enabled", default=True):
        raise SlackError("not_enabled")
    old = call.site.views.home(person.id)
    if old is not None and call.text("hash") not in (None, old["hash"]):
        raise SlackError("hash_conflict")
    return _shown(call, person.id, call.site.views.publish(person.id, view))


def _given(call: Call, kind: str) -> Json:
    view = call.parsed("view")
    if view is None:
        raise missing("view")
    problems = check_view(view)
    if problems:
        raise SlackError("invalid_arguments", problems)
    if not isinstance(view, dict) or view["type"] != kind:
        raise SlackError(
            "invalid_arguments", [f"[ERROR] must be a {kind} view [json-pointer:/view/type]"]
        )
    return view


def _trigger(call: Call) -> tuple[str, str | None]:
    found = call.site.triggers.exchange(call.required("trigger_id"))
    if isinstance(found, str):
        raise SlackError(found)
    return found


def _check_external_id(call: Call, view: Json) -> None:
    if call.site.views.by_external_id(view.get("external_id") or "") is not None:
        raise SlackError("duplicate_external_id")


def _shown(call: Call, user: str, view: Json) -> Json:
    at = to_ts(round(call.now * 1_000_000))
    call.site.journal.note(Entry(at, call.method, user, None, view["id"]))
    call.site.feed.publish({"type": view["type"]}, lambda reader: reader == user)
    return {"view": view}
