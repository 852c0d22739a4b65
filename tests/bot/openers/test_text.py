from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.openers.addresses import addresses
from bot.openers.cleaning import channel_label, speakable
from bot.text import has_invisible, plain, sentences, truncate, truncate_words


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("a\u200bb\u2060c", "abc"),
        ("\u202eevil\u202c", "evil"),
        ("x\U000e0041\U000e0042y", "xy"),
        ("bell\x07 and\x00 null", "bell and null"),
        ("  many \n\n lines\t", "many lines"),
        ("＜!channel＞", "<!channel>"),
        ("﹫here", "@here"),
        ("x² and ½ stay…", "x² and ½ stay…"),
        ("cafe\u0301", "café"),
        ("\u3164blank\u2800", "blank"),
        ("a\u00a0b", "a b"),
    ],
)
def test_plain(raw: str, clean: str) -> None:
    assert plain(raw) == clean


@given(st.text(max_size=200))
def test_plain_text_hides_nothing_and_stays_plain(raw: str) -> None:
    clean = plain(raw)
    assert not has_invisible(clean)
    assert plain(clean) == clean
    unfolded = unicodedata.normalize("NFKC", clean)
    for hazard in "<>&@`|":
        assert unfolded.count(hazard) == clean.count(hazard)


@given(st.text(max_size=200), st.integers(0, 60))
def test_truncate_keeps_its_limit(raw: str, limit: int) -> None:
    assert len(truncate(raw, limit)) <= limit


def test_truncate_cuts_at_words() -> None:
    assert truncate("one two three four", 12) == "one two…"
    assert truncate("short", 12) == "short"
    assert truncate_words("one two, three", 2) == "one two…"


def test_sentences_hold_short_forms_together() -> None:
    assert sentences("Ask e.g. Dr. Who. Then go! Really? “Yes.” It ends") == (
        "Ask e.g. Dr. Who.",
        "Then go!",
        "Really?",
        "“Yes.”",
        "It ends",
    )


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("hi <@U123>, see <#C1|general>", "hi someone, see #general"),
        ("<@U123|ana> and <!here> <!channel>", "ana and"),
        ("<https://evil.test/x|the docs>", "the docs"),
        ("<https://evil.test/x>", "a link"),
        ("read https://evil.test/x?y=1 now", "read a link now"),
        ("go to evil.com/path or www.x.y", "go to a link or a link"),
        ("[click](http://evil.test)", "click"),
        ("![p](http://evil.test/p.png)", "p"),
        ("write to me@example.org", "write to an address"),
        ("@everyone look", "everyone look"),
        ("＜!here＞ hello", "hello"),
        ("&lt;!here&gt; hello", "‹!here> hello"),
        ("*bold* _it_ ~no~ `code`", "bold it no code"),
        ("<.aa is it", "‹.aa is it"),
        (":tada: party", "party"),
        ("snake_case_name and 2*3*4", "snake_case_name and 2*3*4"),
        ("elm.json, Node.js, List.map, e.g. this", "elm.json, Node.js, List.map, e.g. this"),
        ("Maybe a -> b & c", "Maybe a -> b & c"),
    ],
)
def test_speakable(raw: str, said: str) -> None:
    assert speakable(raw) == said


@given(st.text(alphabet="<>@!#&;|[]() abc:/.*_`\u200b＜＞＠\n", max_size=80))
def test_nothing_speakable_is_a_mention_or_a_link(raw: str) -> None:
    said = speakable(raw)
    assert "<@" not in said
    assert "<!" not in said
    assert "](" not in said
    assert not addresses(said)


def test_a_channel_is_named_by_its_own_letters() -> None:
    assert channel_label("dev-ops_2\u200b <!here>") == "dev-ops_2here"
