"""A Bolt app over Socket Mode and Web API, knowing the emulator's address alone."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

from bot.emulator import ActError, Emulator
from tests.bot.emulator.conftest import (
    BOT,
    StoppedClock,
    actions,
    button,
    client_of,
    modal,
    plain,
    refused,
    section,
    small_workspace,
    text_input,
)
from tests.bot.emulator.test_socket_mode import until

Json = dict[str, Any]


@dataclass
class Heard:
    """What the listeners were called with, in order."""

    calls: list[tuple[str, Json]] = field(default_factory=list)

    def note(self, name: str, body: Json) -> None:
        self.calls.append((name, body))

    def event_listener(self, name: str) -> Callable[..., None]:
        def listener(body: Json) -> None:
            self.note(name, body)

        return listener

    def action_listener(self, name: str) -> Callable[..., None]:
        def listener(ack: Any, body: Json) -> None:
            ack()
            self.note(name, body)

        return listener

    def last(self, name: str) -> Json:
        until(lambda: any(n == name for n, _ in self.calls))
        return next(body for n, body in reversed(self.calls) if n == name)


@dataclass
class Running:
    emulator: Emulator
    heard: Heard
    client: WebClient


def add_listeners(app: App, heard: Heard) -> None:
    @app.event("message")
    def message(body: Json, event: Json, say: Any) -> None:
        heard.note(event.get("subtype", "message"), body)
        if event.get("text") == "ping" and "subtype" not in event:
            say(text="pong", thread_ts=event["ts"])

    for name in ("app_mention", "reaction_added", "member_joined_channel", "member_left_channel"):
        app.event(name)(heard.event_listener(name))

    @app.event("app_home_opened")
    def home(body: Json, event: Json, client: WebClient) -> None:
        heard.note("home", body)
        view = {"type": "home", "blocks": [section("Welcome"), actions(button("pause"))]}
        client.views_publish(user_id=event["user"], view=view)

    @app.action({"action_id": "open"})
    def open_form(ack: Any, body: Json, client: WebClient) -> None:
        ack()
        heard.note("open", body)
        client.views_open(trigger_id=body["trigger_id"], view=modal(text_input()))

    for name in ("go", "menu", "pause", "feedback", "choose"):
        app.action(name)(heard.action_listener(name))

    @app.action("answer")
    def answer(ack: Any, body: Json, respond: Any) -> None:
        ack()
        respond(text="Done", replace_original=True)
        respond(text="Only for you")

    @app.view("form")
    def submit(ack: Any, body: Json, view: Json) -> None:
        value = view["state"]["values"]["why"]["reason"]["value"]
        if value == "bad":
            ack(response_action="errors", errors={"why": "Say more"})
        elif value == "more":
            ack(response_action="push", view=modal(section("Deeper")))
        elif value == "all":
            ack(response_action="clear")
        elif value == "again":
            ack(response_action="update", view=modal(section("Thanks")))
        else:
            ack()
        heard.note("submit", body)

    @app.view_closed("form")
    def closed(ack: Any, body: Json) -> None:
        ack()
        heard.note("closed", body)

    @app.command("/overture")
    def command(ack: Any, body: Json) -> None:
        ack(text="At your service")
        heard.note("command", body)

    @app.shortcut("remember")
    def shortcut(ack: Any, body: Json) -> None:
        ack()
        heard.note("shortcut", body)


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    with Emulator(small_workspace(), clock=StoppedClock()) as emulator:
        web = client_of(emulator)
        app = App(client=web, signing_secret=emulator.signing_secret)
        heard = Heard()
        add_listeners(app, heard)
        handler: Any = SocketModeHandler(app, emulator.app_token)
        handler.connect()
        until(lambda: emulator.connections == 1)
        yield Running(emulator, heard, web)
        logging.getLogger("slack_bolt").setLevel(logging.CRITICAL)
        handler.close()


def posted(running: Running, *blocks: Json, channel: str = "C1") -> str:
    return str(running.client.chat_postMessage(channel=channel, text="x", blocks=blocks)["ts"])


def test_a_message_is_heard_and_answered_in_its_thread(running: Running) -> None:
    dm = running.emulator.open_dm("U1")
    ts = running.emulator.say("U1", dm, "ping")
    until(lambda: len(running.emulator.messages(dm, ts)) == 2)
    event = running.heard.last("message")
    assert event["event"]["channel_type"] == "im"
    assert event["authorizations"][0]["user_id"] == BOT
    assert running.emulator.messages(dm, ts)[1]["text"] == "pong"


def test_the_bot_does_not_hear_itself(running: Running) -> None:
    before = len(running.heard.calls)
    posted(running, section())
    time.sleep(0.1)
    assert [n for n, _ in running.heard.calls[before:]] == []


def test_typed_text_is_escaped_but_mentions_and_links_live(running: Running) -> None:
    running.emulator.say("U1", "C1", f"<script> & https://x.org/a?b=1 <@{BOT}> @bo <@U999>")
    text = running.heard.last("app_mention")["event"]["text"]
    expected = "&lt;script&gt; &amp; <https://x.org/a?b=1>"
    assert text == f"{expected} <@{BOT}> <@U2> &lt;@U999&gt;"


def test_edits_deletions_reactions_and_joins_are_heard(running: Running) -> None:
    emulator = running.emulator
    ts = emulator.say("U1", "C1", "first")
    emulator.edit("U1", "C1", ts, "second")
    changed = running.heard.last("message_changed")["event"]
    assert (changed["message"]["text"], changed["previous_message"]["text"]) == ("second", "first")
    emulator.react("U2", "C1", ts, "eyes")
    assert running.heard.last("reaction_added")["event"]["item"]["ts"] == ts
    emulator.delete("U1", "C1", ts)
    assert running.heard.last("message_deleted")["event"]["deleted_ts"] == ts
    emulator.leave("U4", "C1")
    assert running.heard.last("member_left_channel")["event"]["user"] == "U4"
    emulator.join("U4", "C1")
    assert running.heard.last("member_joined_channel")["event"]["channel"] == "C1"


def test_what_the_bot_is_not_in_it_does_not_hear(running: Running) -> None:
    before = len(running.heard.calls)
    running.emulator.say("U1", "C2", "Between us")
    time.sleep(0.1)
    assert running.heard.calls[before:] == []


def test_a_press_carries_message_value_and_place(running: Running) -> None:
    ts = posted(running, actions(button("go", value="d-1")))
    running.emulator.press("U1", "C1", ts, "go")
    body = running.heard.last("go")
    assert body["actions"][0]["value"] == "d-1"
    assert body["container"]["message_ts"] == body["message"]["ts"] == ts
    assert (body["user"]["id"], body["channel"]["id"]) == ("U1", "C1")


def test_menus_and_feedback_carry_the_choice(running: Running) -> None:
    options = [{"text": plain(v), "value": v} for v in ("later", "why")]
    side = {"text": plain("Good"), "value": "good"}
    other = {"text": plain("Bad"), "value": "bad"}
    ts = posted(
        running,
        actions({"type": "overflow", "action_id": "menu", "options": options}),
        section(accessory={"type": "static_select", "action_id": "choose", "options": options}),
        {
            "type": "context_actions",
            "elements": [
                {
                    "type": "feedback_buttons",
                    "action_id": "feedback",
                    "positive_button": side,
                    "negative_button": other,
                }
            ],
        },
    )
    running.emulator.press("U1", "C1", ts, "menu", "why")
    assert running.heard.last("menu")["actions"][0]["selected_option"]["value"] == "why"
    running.emulator.press("U1", "C1", ts, "choose", "later")
    assert running.heard.last("choose")["actions"][0]["selected_option"]["value"] == "later"
    running.emulator.press("U1", "C1", ts, "feedback", "bad")
    assert running.heard.last("feedback")["actions"][0]["value"] == "bad"


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (lambda e, ts: e.press("U1", "C1", ts, "nothing"), "action_not_found"),
        (lambda e, ts: e.press("U1", "C1", ts, "go", "other"), "option_not_found"),
        (lambda e, ts: e.press("U1", "C1", "1.2", "go"), "message_not_found"),
        (lambda e, ts: e.press("U3", "C1", ts, "go"), "user_deactivated"),
        (lambda e, ts: e.press("U1", "D999", ts, "go"), "channel_not_found"),
        (lambda e, ts: e.say("U4", "C2", "x"), "not_in_channel"),
        (lambda e, ts: e.edit("U1", "C1", ts, "x"), "not_yours"),
    ],
)
def test_what_a_person_could_not_do_is_refused(running: Running, act: Any, code: str) -> None:
    ts = posted(running, actions(button("go", value="d-1")))
    with pytest.raises(ActError) as caught:
        act(running.emulator, ts)
    assert caught.value.code == code


def test_a_press_opens_a_modal_and_its_submission_closes_it(running: Running) -> None:
    emulator = running.emulator
    ts = posted(running, actions(button("open")))
    emulator.press("U1", "C1", ts, "open")
    until(lambda: len(emulator.modals("U1")) == 1)
    view_id = emulator.modals("U1")[0]["id"]
    unfilled = emulator.submit_view("U1", view_id, {})
    assert unfilled == {"errors": {"why": "Please complete this required field."}}
    assert emulator.submit_view("U1", view_id, {"reason": "bad"})["errors"] == {"why": "Say more"}
    assert emulator.submit_view("U1", view_id, {"why": {"reason": {"value": "more"}}}) == {
        "response_action": "push"
    }
    deeper = emulator.modals("U1")[-1]
    assert deeper["previous_view_id"] == view_id
    emulator.close_view("U1", deeper["id"])
    emulator.submit_view("U1", view_id, {"reason": "again"})
    assert emulator.modals("U1")[0]["blocks"][0]["text"]["text"] == "Thanks"
    emulator.close_view("U1", view_id)
    assert emulator.modals("U1") == []


@pytest.mark.parametrize(("value", "left"), [("all", 0), ("fine", 0)])
def test_a_submission_ends_the_modal(running: Running, value: str, left: int) -> None:
    emulator = running.emulator
    emulator.press("U2", "C1", posted(running, actions(button("open"))), "open")
    until(lambda: len(emulator.modals("U2")) == 1)
    emulator.submit_view("U2", emulator.modals("U2")[0]["id"], {"reason": value})
    assert len(emulator.modals("U2")) == left


def test_a_trigger_works_once_and_for_three_seconds(running: Running) -> None:
    emulator, client = running.emulator, running.client
    ts = posted(running, actions(button("go")))
    emulator.press("U1", "C1", ts, "go")
    trigger = running.heard.last("go")["trigger_id"]
    client.views_open(trigger_id=trigger, view=modal(notify_on_close=True))
    twice = refused(lambda: client.views_open(trigger_id=trigger, view=modal()))
    assert twice["error"] == "exchanged_trigger_id"
    emulator.close_view("U1", emulator.modals("U1")[0]["id"])
    assert running.heard.last("closed")["view"]["callback_id"] == "form"
    emulator.press("U1", "C1", ts, "go")
    late = running.heard.last("go")["trigger_id"]
    time.sleep(3.1)
    answer = refused(lambda: client.views_open(trigger_id=late, view=modal()))
    assert answer["error"] == "expired_trigger_id"


def test_a_view_changed_meanwhile_is_not_overwritten(running: Running) -> None:
    emulator, client = running.emulator, running.client
    emulator.press("U1", "C1", posted(running, actions(button("open"))), "open")
    until(lambda: len(emulator.modals("U1")) == 1)
    view = emulator.modals("U1")[0]
    client.views_update(view_id=view["id"], hash=view["hash"], view=modal(section("new")))
    answer = refused(
        lambda: client.views_update(view_id=view["id"], hash=view["hash"], view=modal())
    )
    assert answer["error"] == "hash_conflict"
    emulator.close_view("U1", view["id"])


def test_the_home_tab_is_published_on_opening_and_can_be_pressed(running: Running) -> None:
    view = running.emulator.open_home("U2")
    assert view is not None
    assert view["blocks"][0]["text"]["text"] == "Welcome"
    running.emulator.press_home("U2", "pause")
    body = running.heard.last("pause")
    assert body["container"] == {"type": "view", "view_id": view["id"]}
    assert body["view"]["type"] == "home"


def test_a_command_is_answered_to_its_author_alone(running: Running) -> None:
    before = len(running.emulator.messages("C1"))
    running.emulator.command("U1", "C1", "/overture", "pause a week")
    body = running.heard.last("command")
    assert (body["text"], body["channel_name"]) == ("pause a week", "general")
    assert len(running.emulator.messages("C1")) == before


def test_a_response_url_replaces_and_adds(running: Running) -> None:
    ts = posted(running, actions(button("answer")))
    running.emulator.press("U1", "C1", ts, "answer")
    until(lambda: len(running.emulator.journal.entries("response_url")) == 2)
    message = next(m for m in running.emulator.messages("C1") if m["ts"] == ts)
    assert message["text"] == "Done"
    assert "blocks" not in message


def test_a_message_shortcut_brings_its_message(running: Running) -> None:
    ts = running.emulator.say("U1", "C1", "Keep this")
    running.emulator.shortcut("U1", "C1", ts, "remember")
    assert running.heard.last("shortcut")["message"]["text"] == "Keep this"


def test_an_act_and_its_answer_take_under_50_milliseconds(running: Running) -> None:
    ts = posted(running, actions(button("go", value="d-1")))
    times = []
    for _ in range(20):
        started = time.perf_counter()
        running.emulator.press("U1", "C1", ts, "go")
        times.append(time.perf_counter() - started)
    assert sorted(times)[10] < 0.05
