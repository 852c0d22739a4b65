"""Markup, hidden characters and tokens go; words stay."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.pool.cleaning import from_html, from_slack, lines, mentioned, title_of, without_tokens
from bot.text import has_invisible


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<p>One</p><p>two <b>three</b></p>", "One\n\ntwo three"),
        ("a<script>alert('x')</script>b", "ab"),
        ("<img src=x onerror=alert(1)>left", "left"),
        ("Use a List<String> here, a < b", "Use a List<String> here, a < b"),
        ("<blob onclick=x>inside</blob>", "inside"),
        ("fish &amp; chips", "fish & chips"),
        ("one<br/>two", "one\ntwo"),
        ("<style>p {}</style>", ""),
    ],
)
def test_html_becomes_words(html: str, words: str) -> None:
    assert from_html(html) == words


def test_hidden_characters_go() -> None:
    hidden = "a\u200bb\u202ec\U000e0041d\x07e\ufefff\ud800g"
    assert lines(hidden) == "abcdefg"
    assert lines("cafe\u0301") == "caf\u00e9"


@given(st.text(max_size=200))
def test_nothing_hidden_is_left_of_any_text(text: str) -> None:
    for cleaned in (from_html(text), from_slack(text, {})):
        assert not has_invisible(cleaned.replace("\n", " "))
        cleaned.encode()


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ("<@U1> see <#C1|general>", "Ana see #general"),
        ("<@U7> and <@U8|zoe>", "somebody and zoe"),
        ("<!here> look", "look"),
        ("<!subteam^S1|@docs> look", "docs look"),
        ("<https://a.org/x|the page> and <https://b.org>", "the page and https://b.org"),
        ("a &lt; b &amp;&amp; c", "a < b && c"),
        ("&lt;@U1&gt; hello &lt;!channel&gt;", "U1 hello channel"),
        ("*bold* and _it_ and ~no~ but a*b*c", "bold and it and no but a*b*c"),
        ("run `make` now", "run make now"),
    ],
)
def test_slack_markup_becomes_words(raw: str, words: str) -> None:
    assert from_slack(raw, {"U1": "Ana"}) == words


def test_who_is_named_is_known_by_id_once_each() -> None:
    assert mentioned("<@U1> and <@W2|zoe>: <@U1>, <#C1|general>, <!here>") == ("U1", "W2")
    assert mentioned("&lt;@U1&gt; typed, @ana, and <@nobody>") == ()


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        (
            "https://files.slack.com/files-pri/T1-F1/a.png?t=xoxe-123-abc-9",
            "https://files.slack.com/files-pri/T1-F1/a.png",
        ),
        ("https://x.org/a?t=xoxe-1-2&size=9 ok", "https://x.org/a?size=9 ok"),
        ("https://x.org/a?size=9&pub_secret=4f2a ok", "https://x.org/a?size=9 ok"),
        ("https://slack-files.com/T1-F2-0123abc", "https://slack-files.com/T1-F2"),
        ("my token xoxb-12-34-abcDEF is", "my token  is"),
        ("and XAPP-1-A0-9-ff too", "and  too"),
        ("xoxe.xoxp-1-abc", ""),
        ("Is it so? Yes & no, is it?", "Is it so? Yes & no, is it?"),
        ("https://youtu.be/v?t=42s", "https://youtu.be/v?t=42s"),
    ],
)
def test_tokens_go(raw: str, clean: str) -> None:
    assert without_tokens(raw) == clean


def test_a_token_is_not_hidden_by_invisible_characters() -> None:
    assert "xox" not in from_slack("<https://x.org/a?t=xo\u200bxe-1-2-3>", {})
    assert "secret" not in from_slack("<https://x.org/a?b=1&amp;pub_secret=1>", {})


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Hi all! Does anybody know a good editor? Thanks", "Does anybody know a good editor?"),
        ("Hello!", "Hello!"),
        ("First line without end\nsecond line", "First line without end"),
        (":wave: How do I debounce this :smile: in Elm?", "How do I debounce this in Elm?"),
        (":thinking_face:", ":thinking_face:"),
        ("", ""),
    ],
)
def test_the_first_sentence_that_says_something_is_the_title(text: str, title: str) -> None:
    assert title_of(text) == title


@given(st.text(max_size=400))
def test_a_title_is_one_short_line(text: str) -> None:
    title = title_of(lines(text))
    assert len(title) <= 90
    assert "\n" not in title
