"""A small Bolt app for the page's tests: one listener for each thing that the page can do."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

from bot.emulator import Emulator

OPENER = "You asked twice why the backfill doubles rows. Shall I sum up a piece on it?"
Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def button(action: str, label: str) -> Json:
    return {"type": "button", "action_id": action, "text": plain(label), "value": action}


def opener_blocks() -> list[Json]:
    options = [
        {"text": plain("Not now"), "value": "later"},
        {"text": plain("Choose …"), "value": "choose"},
    ]
    menu = {"type": "overflow", "action_id": "menu", "options": options}
    row = [button("more", "Tell me more"), button("silent", "Say nothing"), menu]
    return [
        {"type": "section", "text": plain(OPENER)},
        {"type": "context", "elements": [plain("About idempotent writes")]},
        {"type": "actions", "elements": row},
    ]


def thumbs() -> Json:
    good, bad = ({"text": plain(label), "value": label} for label in ("Good", "Bad"))
    pair: Json = {"type": "feedback_buttons", "action_id": "judge"}
    pair |= {"positive_button": good, "negative_button": bad}
    return {"type": "context_actions", "elements": [pair]}


def modal() -> Json:
    words = {"type": "plain_text_input", "action_id": "words"}
    field = {"type": "input", "block_id": "why", "label": plain("Why?"), "element": words}
    return {
        "type": "modal",
        "callback_id": "choose",
        "title": plain("What may I use?"),
        "submit": plain("Save"),
        "blocks": [field],
    }


def home() -> Json:
    stop = button("stop", "Stop for good")
    stop["confirm"] = {
        "title": plain("Sure?"),
        "text": plain("I will be silent."),
        "confirm": plain("Stop"),
        "deny": plain("Go on"),
    }
    blocks = [{"type": "header", "text": plain("Hello Ada")}]
    return {"type": "home", "blocks": [*blocks, {"type": "actions", "elements": [stop]}]}


class Bot:
    """Connected until `close`; keeps what was pressed and submitted."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.client = WebClient(token=emulator.bot_token, base_url=emulator.api_url)
        self.submitted: list[Json] = []
        self.pressed: list[str] = []
        app = App(client=self.client, signing_secret=emulator.signing_secret)
        app.action("more")(self.more)
        app.action("silent")(self.note_press)
        app.action("stop")(self.note_press)
        app.action("menu")(self.menu)
        app.event("message")(self.reply)
        app.event("app_home_opened")(self.publish)
        app.view("choose")(self.submit)
        app.shortcut("pool_add")(self.menu)
        self._handler = SocketModeHandler(app, emulator.app_token)
        self._handler.connect()  # type: ignore[no-untyped-call]

    def note_press(self, ack: Callable[..., None], action: Json) -> None:
        ack()
        self.pressed.append(action["action_id"])

    def more(self, ack: Callable[..., None], body: Json) -> None:
        ack()
        place = {"channel": body["channel"]["id"], "thread_ts": body["message"]["ts"]}
        started = self.client.chat_startStream(**place, markdown_text="A **key** makes")
        done = {"channel": place["channel"], "ts": started["ts"]}
        time.sleep(0.2)
        self.client.chat_appendStream(**done, markdown_text=" a retry harmless.")
        self.client.chat_stopStream(**done, blocks=[thumbs()])

    def menu(self, ack: Callable[..., None], body: Json) -> None:
        ack()
        self.client.views_open(trigger_id=body["trigger_id"], view=modal())

    def reply(self, event: Json) -> None:
        if "bot_id" not in event and "subtype" not in event and event["channel_type"] == "im":
            root = event.get("thread_ts", event["ts"])
            self.client.chat_postMessage(
                channel=event["channel"], thread_ts=root, text="The item does not say."
            )

    def publish(self, event: Json) -> None:
        self.client.views_publish(user_id=event["user"], view=home())

    def submit(self, ack: Callable[..., None], view: Json) -> None:
        words = view["state"]["values"]["why"]["words"]["value"]
        if words == "no":
            ack(response_action="errors", errors={"why": "A little more, please."})
            return
        ack()
        self.submitted.append(view["state"]["values"])

    def close(self) -> None:
        self._handler.close()  # type: ignore[no-untyped-call]
