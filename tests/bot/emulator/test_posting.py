"""chat.*: what is posted, changed, deleted and streamed is what is there."""

from __future__ import annotations

import pytest
from slack_sdk import WebClient

from bot.emulator import Emulator
from tests.bot.emulator.conftest import BOT, StoppedClock, actions, button, refused, section

META = {"event_type": "delivery", "event_payload": {"delivery_id": "d-1"}}


def test_a_post_is_the_bots_and_bears_the_clocks_time(
    emulator: Emulator, client: WebClient, clock: StoppedClock
) -> None:
    answer = client.chat_postMessage(channel="C1", text="Good morning", unfurl_links=False)
    assert answer["channel"] == "C1"
    assert answer["ts"] == f"{int(clock.now)}.000000"
    [message] = emulator.messages("C1")
    assert (message["text"], message["user"]) == ("Good morning", BOT)
    assert message["bot_id"] == emulator.workspace.bot_id
    assert answer["message"]["text"] == "Good morning"


def test_timestamps_are_unique_and_rise_while_the_clock_stands_still(client: WebClient) -> None:
    stamps = [client.chat_postMessage(channel="C1", text=str(n))["ts"] for n in range(5)]
    assert stamps == sorted(set(stamps))


def test_a_members_id_stands_for_the_direct_message(emulator: Emulator, client: WebClient) -> None:
    answer = client.chat_postMessage(channel="U1", text="Hello")
    opened = client.conversations_open(users="U1")
    assert answer["channel"] == opened["channel"]["id"] == emulator.open_dm("U1")
    assert opened["already_open"] is True


def test_a_post_to_a_deactivated_member_is_accepted_as_slack_does(client: WebClient) -> None:
    assert client.chat_postMessage(channel="U3", text="Anyone?")["ok"]


def test_replies_gather_under_the_parent_even_by_a_replys_ts(
    emulator: Emulator, client: WebClient
) -> None:
    parent = client.chat_postMessage(channel="C1", text="Question")["ts"]
    first = client.chat_postMessage(channel="C1", text="One", thread_ts=parent)["ts"]
    client.chat_postMessage(channel="C1", text="Two", thread_ts=first)
    [shown] = emulator.messages("C1")
    assert (shown["reply_count"], shown["reply_users"]) == (2, [BOT])
    assert [m["text"] for m in emulator.messages("C1", parent)] == ["Question", "One", "Two"]


def test_an_update_with_text_alone_drops_the_blocks(emulator: Emulator, client: WebClient) -> None:
    ts = client.chat_postMessage(channel="C1", text="a", blocks=[section("a")])["ts"]
    client.chat_update(channel="C1", ts=ts, text="b")
    [message] = emulator.messages("C1")
    assert message["text"] == "b"
    assert "blocks" not in message
    assert message["edited"]["user"] == BOT


def test_an_update_with_blocks_replaces_them_and_keeps_metadata(
    emulator: Emulator, client: WebClient
) -> None:
    ts = client.chat_postMessage(channel="C1", text="a", metadata=META)["ts"]
    client.chat_update(channel="C1", ts=ts, text="b", blocks=[section("b")])
    [message] = emulator.messages("C1")
    assert message["blocks"][0]["text"]["text"] == "b"
    assert "edited" not in message
    assert message["metadata"] == META


def test_only_own_messages_can_be_changed(emulator: Emulator, client: WebClient) -> None:
    ts = emulator.say("U1", "C1", "Mine")
    answer = refused(lambda: client.chat_update(channel="C1", ts=ts, text="x"))
    assert answer["error"] == "cant_update_message"
    answer = refused(lambda: client.chat_delete(channel="C1", ts=ts))
    assert answer["error"] == "cant_delete_message"


def test_deleting_a_parent_leaves_a_tombstone(emulator: Emulator, client: WebClient) -> None:
    single = client.chat_postMessage(channel="C1", text="single")["ts"]
    parent = client.chat_postMessage(channel="C1", text="parent")["ts"]
    client.chat_postMessage(channel="C1", text="reply", thread_ts=parent)
    client.chat_delete(channel="C1", ts=single)
    client.chat_delete(channel="C1", ts=parent)
    [left] = emulator.messages("C1")
    assert (left["ts"], left["subtype"]) == (parent, "tombstone")


def test_an_ephemeral_message_is_not_in_history(emulator: Emulator, client: WebClient) -> None:
    client.chat_postEphemeral(channel="C1", user="U1", text="psst")
    assert client.conversations_history(channel="C1")["messages"] == []
    assert emulator.messages("C1") == []


def test_blocks_and_elements_get_identities(client: WebClient) -> None:
    posted = client.chat_postMessage(
        channel="C1", text="x", blocks=[section("a"), actions(button("go"))]
    )["message"]["blocks"]
    assert len({b["block_id"] for b in posted}) == 2


def test_the_journal_counts_doubles(emulator: Emulator, client: WebClient) -> None:
    client.chat_postMessage(channel="C1", text="x", metadata=META)
    assert emulator.journal.doubles("delivery_id") == {}
    client.chat_postMessage(channel="C1", text="x", metadata=META)
    assert emulator.journal.doubles("delivery_id") == {"d-1": 2}
    assert [e.method for e in emulator.journal.entries()] == ["chat.postMessage"] * 2


def test_a_stream_grows_and_settles(emulator: Emulator, client: WebClient) -> None:
    parent = emulator.say("U1", "C1", "Tell me")
    stream = client.chat_stream(
        channel="C1",
        thread_ts=parent,
        recipient_user_id="U1",
        recipient_team_id="T1",
        buffer_size=1,
    )
    stream.append(markdown_text="**Half** ")
    halfway = emulator.messages("C1", parent)[-1]["text"]
    stream.append(markdown_text="an answer")
    done = stream.stop(blocks=[actions(button("good"))], metadata=META)
    reply = emulator.messages("C1", parent)[-1]
    assert (halfway, reply["text"]) == ("**Half** ", "**Half** an answer")
    assert reply["blocks"][-1]["elements"][0]["action_id"] == "good"
    assert reply["metadata"] == META
    assert done["message"]["ts"] == reply["ts"]
    late = refused(
        lambda: client.chat_appendStream(channel="C1", ts=reply["ts"], markdown_text="!")
    )
    assert late["error"] == "message_not_in_streaming_state"


def test_a_stream_needs_a_thread(client: WebClient) -> None:
    answer = refused(lambda: client.api_call("chat.startStream", json={"channel": "C1"}))
    assert answer["error"] == "invalid_arguments"
    assert "thread_ts" in answer["response_metadata"]["messages"][0]


def test_a_permalink_names_the_message(emulator: Emulator, client: WebClient) -> None:
    ts = emulator.say("U1", "C1", "Here")
    link = client.chat_getPermalink(channel="C1", message_ts=ts)["permalink"]
    assert link.endswith(f"/archives/C1/p{ts.replace('.', '')}")


def test_a_small_file_is_uploaded_and_shared(emulator: Emulator, client: WebClient) -> None:
    client.files_upload_v2(channel="C1", content="a,b\n1,2\n", filename="t.csv", title="Table")
    [message] = emulator.messages("C1")
    assert message["files"][0]["title"] == "Table"


@pytest.mark.parametrize("name", ["eyes", "+1"])
def test_a_reaction_is_given_once(emulator: Emulator, client: WebClient, name: str) -> None:
    ts = emulator.say("U1", "C1", "Nice")
    client.reactions_add(channel="C1", timestamp=ts, name=name)
    [message] = emulator.messages("C1")
    assert message["reactions"] == [{"name": name, "users": [BOT], "count": 1}]
    again = refused(lambda: client.reactions_add(channel="C1", timestamp=ts, name=name))
    assert again["error"] == "already_reacted"
