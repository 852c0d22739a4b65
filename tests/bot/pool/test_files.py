"""Pool files: what they may hold, and every way in which they may be wrong."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.pool.files import PoolFile, parse, read
from bot.pool.leftout import Sieve
from bot.ports import BadInput
from recsys.types import WHOLE_WORKSPACE, Audience

RSS = """<?xml version="1.0" encoding="{encoding}"?>
<rss version="2.0"><channel><title>News</title><link>https://news.example.org/</link>
<item><title>Café &amp; more</title><link>https://news.example.org/1</link>
<description>&lt;p&gt;A &lt;b&gt;fine&lt;/b&gt; text
&lt;script&gt;x()&lt;/script&gt;&lt;/p&gt;</description>
<category>Machine Learning</category><pubDate>Mon, 02 Mar 2026 09:00:00 GMT</pubDate></item>
<item><title>Second</title><description>More</description></item>
</channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Notes</title>
<entry><title>One</title><id>urn:1</id><link href="https://a.example.org/1"/>
<updated>2026-03-02T09:00:00Z</updated><summary>Short</summary>
<content type="html">&lt;p&gt;Long&lt;/p&gt;</content></entry></feed>"""


def _lines(*entries: Any) -> bytes:
    return "\n".join(e if isinstance(e, str) else json.dumps(e) for e in entries).encode()


def _read(data: bytes | str) -> PoolFile:
    return parse(data.encode() if isinstance(data, str) else data, "pool.x", Sieve())


def _entry(**more: Any) -> dict[str, Any]:
    return {"title": "A title", "text": "Some text", **more}


def test_every_field_arrives() -> None:
    entry = _entry(
        id="a-1",
        summary="Short",
        url="https://example.org/a?b=1",
        topics=["Machine Learning", "python"],
        kind="learning",
        level=2,
        builds_on=["a-0"],
        published="2026-03-02T09:00:00+01:00",
        not_before="2026-03-03",
        expires="2026-04-01T00:00Z",
        audience={"channels": ["C1"]},
        author="U1",
    )
    [item] = _read(_lines(entry)).items
    assert (item.id, item.kind, item.level, item.builds_on) == ("a-1", "learning", 2.0, ("a-0",))
    assert item.topics == ("machine-learning", "python")
    assert item.published == datetime(2026, 3, 2, 8, tzinfo=UTC).timestamp()
    assert item.not_before == datetime(2026, 3, 3, tzinfo=UTC).timestamp()
    assert item.audience == Audience("channels", frozenset({"C1"}))
    assert (item.url, item.author, item.source) == ("https://example.org/a?b=1", "U1", "pool")


def test_what_is_missing_has_its_default() -> None:
    [item] = _read(_lines(_entry())).items
    assert (item.kind, item.topics, item.url, item.audience) == ("news", (), None, WHOLE_WORKSPACE)
    assert math.isnan(item.published)
    assert item.id.startswith("pool-")
    assert [i.id for i in _read(_lines(_entry(text="other"))).items] == [item.id]
    assert not item.approved


def test_what_is_addressed_to_one_member_is_for_them_alone() -> None:
    [item] = _read(_lines(_entry(addressed_to="U1"))).items
    assert item.audience == Audience("members", frozenset({"U1"}))
    [item] = _read(_lines(_entry(addressed_to="U1", audience="workspace"))).items
    assert item.audience == WHOLE_WORKSPACE


def test_csv_with_any_common_delimiter() -> None:
    for mark in (",", ";", "\t"):
        rows = [("title", "text", "topics", "level", "audience"), ("A", '"b\nc"', "x|y", "3", "")]
        text = "\n".join(mark.join(row) for row in rows)
        found = _read("\ufeff" + text)
        assert found.format == "csv"
        assert [(i.title, i.text, i.topics, i.level) for i in found.items] == [
            ("A", "b\nc", ("x", "y"), 3.0)
        ]
    [item] = _read("title,text,audience\nA,b,members:U1|U2").items
    assert item.audience == Audience("members", frozenset({"U1", "U2"}))


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1"])
def test_rss_in_its_own_encoding(encoding: str) -> None:
    found = _read(RSS.format(encoding=encoding).encode(encoding))
    assert found.format == "feed"
    first, second = found.items
    assert (first.title, first.summary) == ("Café & more", "A fine text")
    assert (first.url, first.topics) == ("https://news.example.org/1", ("machine-learning",))
    assert first.published == datetime(2026, 3, 2, 9, tzinfo=UTC).timestamp()
    assert (first.source, second.url) == ("feed:news.example.org", None)


def test_atom() -> None:
    [item] = _read(ATOM).items
    assert (item.title, item.summary, item.text) == ("One", "Short", "Long")
    assert item.source == "feed:notes"


def test_a_json_array_and_what_a_file_is_called(tmp_path: Path) -> None:
    assert _read(b"[\n" + _lines(_entry()) + b"\n]").format == "json"
    path = tmp_path / "really.csv"
    path.write_bytes(_lines(_entry()))
    assert read(path, Sieve()).format == "jsonl"


BAD = [
    (b"", r"pool\.x: is empty"),
    (b" \n\n ", "is empty"),
    (b"\xef\xbb\xbf", "is empty"),
    (b"[]", "holds no entry"),
    (b"title,text\n", "holds no entry"),
    (_lines(_entry(), "not json"), r"line 2: is not JSON"),
    (_lines(_entry(), "", _entry(title=7)), r"line 3: title should be text, not a number"),
    (_lines({"text": "x"}), "line 1: has no title"),
    (_lines({"title": "x"}), "neither text nor summary"),
    (_lines(_entry(title="<b></b>\u200b")), "has no title"),
    (_lines(_entry(title="x" * 1_000_000)), r"title has 1,000,000 characters; at most 300"),
    (_lines(_entry(text="x" * 20_001)), r"text has 20,001 characters; at most 20,000"),
    (_lines("[1]", _entry()), "something follows the array"),
    (b"[1, 2]", "line 1: should be an object"),
    (b"{} x", "line 1: is not JSON"),
    (_lines('{"title": "a", "text": "b", "level": NaN}'), "NaN is no number"),
    (_lines('{"title": "a", "level": ' + "9" * 5_000 + "}"), "line 1: is not JSON"),
    (_lines('{"title":' + "[" * 100_000 + "]" * 100_000 + "}"), "line 1: is nested too deeply"),
    (b"[" * 100_000, "line 1: is nested too deeply"),
    (_lines(_entry(colour="red")), "unknown field 'colour'"),
    (_lines(_entry(url="javascript:alert(1)")), "url should be an http or https address"),
    (_lines(_entry(url="https://a.org@evil.org/")), "url should be"),
    (_lines(_entry(url="https://a.org/\u202ex")), "url should be"),
    (_lines(_entry(url="https://[bad")), "url should be"),
    (_lines(_entry(level=True)), "level should be a whole number"),
    (_lines(_entry(level=9)), "from 1 to 5"),
    (_lines(_entry(topics="python")), "topics should be a list"),
    (_lines(_entry(topics=["a b/c"])), "topics should be words"),
    (_lines(_entry(topics=["a"] * 51)), "at most 50"),
    (_lines(_entry(published="yesterday")), "published should be a date"),
    (_lines(_entry(expires="9999-12-31T23:59:59-23:59")), "expires should be a date"),
    (_lines(_entry(not_before="2026-02-02", expires="2026-01-01")), "expires before"),
    (_lines(_entry(audience="everyone")), "audience should be"),
    (_lines(_entry(audience={"channels": []})), "audience should be"),
    (_lines(_entry(audience={"channels": [1]})), "audience should name ids"),
    (_lines(_entry(id="thread-C1-1.2")), "kept for messages"),
    (_lines(_entry(id="with space")), "id should be an id"),
    (_lines(_entry(id="a"), _entry(id="b"), _entry(id="a")), "line 3: has the same id as line 1"),
    (_lines(_entry(), _entry()), "line 2: has the same id as line 1"),
    (_lines(_entry()) + b"\n\xff\xfe", r"line 2: is not UTF-8 \(byte 0xff\)"),
    ('{"title": "a"}'.encode("utf-16"), "is UTF-16"),
    (b"A,b\nC,d", "line 1: is neither JSON nor a feed, and no header"),
    (b"title,text,colour\nA,b,c", "line 1: unknown column 'colour'"),
    (b"text,summary\nA,b", "no column 'title'"),
    (b"title,text,title\nA,b,c", "'title' is there twice"),
    (b"title,text\nA", "line 2: has 1 cells where the header has 2"),
    (b'title,text\nA,"b', "is not CSV"),
    (b"title,text\n" + b"x" * 200_000 + b",a", "line 2: has a cell of more than 131,072"),
    (b"<html><body>hello</body></html>", "neither RSS nor Atom"),
    (b"<rss version='2.0'><channel><title>x</title></channel></rss>", "without an entry"),
    (b"<rss>\n<channel>\n</rss>", "line 3: is not well-formed XML"),
    (b"<a>" * 300 + b"</a>" * 300, "nested more than 200 deep"),
    (RSS.format(encoding="utf-7").encode(), "in the encoding utf-7"),
    (RSS.format(encoding="utf-8").encode("latin-1"), "line 3: is not UTF-8"),
    (
        b"<!DOCTYPE r [<!ENTITY a 'ha'><!ENTITY b '&a;&a;'>]><rss><channel>&b;</channel></rss>",
        "document type or entities",
    ),
    (
        b"<!DOCTYPE r [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><rss>&a;</rss>",
        "document type or entities",
    ),
    (b"<!DOCTYPE rss SYSTEM 'http://127.0.0.1:1/x.dtd'><rss></rss>", "document type or entities"),
    (
        ATOM.replace("https://a.example.org/1", "javascript:alert(1)").encode(),
        "line 2: url should be",
    ),
    (ATOM.replace("One", "x" * 301).encode(), "line 2: title has 301 characters"),
]


@pytest.mark.parametrize(("data", "message"), BAD, ids=[message for _, message in BAD])
def test_bad_files_are_refused_by_name_and_place(data: bytes, message: str) -> None:
    with pytest.raises(BadInput, match=message) as raised:
        _read(data)
    assert str(raised.value).startswith("pool.x")
    assert len(str(raised.value)) < 700


def test_html_and_control_characters_go() -> None:
    [item] = _read(
        _lines(_entry(title="A\x00 <i>\u202etitle</i>\n", text="<p>Hi\x07</p><script>x</script>"))
    ).items
    assert (item.title, item.text) == ("A title", "Hi")


def test_what_is_bad_can_be_left_out() -> None:
    sieve = Sieve(skip_bad=True)
    data = _lines(_entry(id="a"), "nonsense", _entry(id="b", level="x"), 7, _entry(id="c"))
    found = parse(data, "pool.x", sieve)
    assert [item.id for item in found.items] == ["a", "c"]
    assert [(one.file, one.line) for one in sieve.left_out] == [
        ("pool.x", 2),
        ("pool.x", 3),
        ("pool.x", 4),
    ]
    assert str(sieve.left_out[1]).startswith("pool.x, line 3: level should be")


def test_a_feed_can_be_left_out_in_part() -> None:
    sieve = Sieve(skip_bad=True)
    bad = RSS.format(encoding="utf-8").replace("<description>More</description>", "")
    assert len(parse(bad.encode(), "f.xml", sieve).items) == 1
    assert [one.line for one in sieve.left_out] == [7]


def test_csv_rows_can_be_left_out() -> None:
    sieve = Sieve(skip_bad=True)
    text = b"title,text\nA,a\nB\n" + b"x" * 140_000 + b",a\nC,c\n"
    assert [item.title for item in parse(text, "p.csv", sieve).items] == ["A", "C"]
    assert [one.line for one in sieve.left_out] == [3, 4]


def test_a_feed_never_opens_the_file_that_it_names(tmp_path: Path) -> None:
    secret = tmp_path / "secret.xml"
    secret.write_text(ATOM)
    with pytest.raises(BadInput, match="no header"):
        _read(str(secret))


def test_missing_files_and_folders(tmp_path: Path) -> None:
    for path in (tmp_path / "none.jsonl", tmp_path):
        with pytest.raises(BadInput, match="there is no such file"):
            read(path, Sieve())
