"""conversations.history, replies and the lists: ranges, pages, and metadata only on request."""

from __future__ import annotations

import pytest
from slack_sdk import WebClient

from bot.emulator import Emulator
from tests.bot.emulator.conftest import NOON, StoppedClock, refused

META = {"event_type": "delivery", "event_payload": {"delivery_id": "d-1"}}


def test_metadata_comes_only_when_asked_for(client: WebClient) -> None:
    ts = client.chat_postMessage(channel="C1", text="x", metadata=META)["ts"]
    [without] = client.conversations_history(channel="C1")["messages"]
    [with_it] = client.conversations_history(channel="C1", include_all_metadata=True)["messages"]
    [reply] = client.conversations_replies(channel="C1", ts=ts, include_all_metadata=True)[
        "messages"
    ]
    assert "metadata" not in without
    assert with_it["metadata"] == reply["metadata"] == META


def test_history_is_newest_first_and_pages_to_the_end(client: WebClient) -> None:
    for n in range(7):
        client.chat_postMessage(channel="C1", text=str(n))
    pages = [
        [m["text"] for m in page["messages"]]
        for page in client.conversations_history(channel="C1", limit=3)
    ]
    assert pages == [["6", "5", "4"], ["3", "2", "1"], ["0"]]


def test_pages_do_not_shift_when_a_message_comes_in_between(client: WebClient) -> None:
    for n in range(4):
        client.chat_postMessage(channel="C1", text=str(n))
    first = client.conversations_history(channel="C1", limit=2)
    client.chat_postMessage(channel="C1", text="new")
    cursor = first["response_metadata"]["next_cursor"]
    second = client.conversations_history(channel="C1", limit=2, cursor=cursor)
    assert first["has_more"] is True
    assert [m["text"] for m in second["messages"]] == ["1", "0"]
    assert second["has_more"] is False


def test_replies_come_after_their_parent_and_page(client: WebClient) -> None:
    parent = client.chat_postMessage(channel="C1", text="parent")["ts"]
    for n in range(3):
        client.chat_postMessage(channel="C1", text=str(n), thread_ts=parent)
    pages = [
        [m["text"] for m in page["messages"]]
        for page in client.conversations_replies(channel="C1", ts=parent, limit=2)
    ]
    assert pages == [["parent", "0"], ["1", "2"]]
    assert [m["text"] for m in client.conversations_history(channel="C1")["messages"]] == ["parent"]


@pytest.mark.parametrize(
    ("inclusive", "expected"), [(False, ["2"]), (True, ["3", "2", "1"])], ids=["open", "closed"]
)
def test_oldest_and_latest_bound_the_range(
    client: WebClient, clock: StoppedClock, inclusive: bool, expected: list[str]
) -> None:
    stamps = []
    for n in range(5):
        clock.now = NOON + n
        stamps.append(client.chat_postMessage(channel="C1", text=str(n))["ts"])
    answer = client.conversations_history(
        channel="C1", oldest=stamps[1], latest=stamps[3], inclusive=inclusive
    )
    assert [m["text"] for m in answer["messages"]] == expected


def test_a_message_of_the_past_takes_its_place(emulator: Emulator, client: WebClient) -> None:
    emulator.say("U1", "C1", "now")
    ts = emulator.workspace.record("C1", "U2", "long ago", NOON - 86_400)
    texts = [m["text"] for m in client.conversations_history(channel="C1")["messages"]]
    assert texts == ["now", "long ago"]
    assert float(ts) == NOON - 86_400


def test_the_lists_page(client: WebClient) -> None:
    users = [u["id"] for page in client.users_list(limit=2) for u in page["members"]]
    assert users == sorted(users)
    assert len(users) == 6
    members = [
        m for page in client.conversations_members(channel="C1", limit=3) for m in page["members"]
    ]
    assert len(members) == 4
    kinds = "public_channel,private_channel"
    channels = client.conversations_list(types=kinds, exclude_archived=True)["channels"]
    assert [c["id"] for c in channels] == ["C1", "C2"]
    assert [c["is_member"] for c in channels] == [True, False]


def test_a_conversation_tells_what_it_is(client: WebClient) -> None:
    dm = client.conversations_open(users=["U1"], return_im=True)["channel"]
    assert (dm["is_im"], dm["user"]) == (True, "U1")
    assert client.conversations_info(channel="C1")["channel"]["num_members"] == 4
    group = client.conversations_open(users="U1,U2")["channel"]["id"]
    assert client.conversations_info(channel=group)["channel"]["is_mpim"] is True


@pytest.mark.parametrize("cursor", ["nonsense", "bmV4dDp4", "b3RoZXI6MQ=="])
def test_a_made_up_cursor_is_refused(client: WebClient, cursor: str) -> None:
    for method in ("conversations.history", "conversations.members"):
        answer = refused(
            lambda method=method: client.api_call(  # type: ignore[misc]
                method, params={"channel": "C1", "cursor": cursor}
            )
        )
        assert answer["error"] == "invalid_cursor"
