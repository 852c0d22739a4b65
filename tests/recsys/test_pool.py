"""Items become columns; texts become words."""

from __future__ import annotations

import numpy as np
import pytest

from recsys.pool import TEXT_LIMIT, build, clean_text, item_text
from recsys.types import Audience, ChannelId, Floats, ItemId, MemberId, Topic
from tests.recsys.builders import NOW, WIDTH, axis, item, unit


def test_columns_say_what_the_items_said() -> None:
    readers = Audience("channels", frozenset({"C1"}))
    items = [
        item(
            "a",
            kind="learning",
            topics=(Topic("sql"), Topic("api")),
            level=2.0,
            builds_on=(ItemId("b"), ItemId("gone")),
            author=MemberId("U1"),
            channel=ChannelId("C1"),
            audience=readers,
            mentions=(MemberId("U3"), MemberId("U2")),
            expires=NOW,
        ),
        item("b", approved=False, addressed_to=MemberId("U2"), not_before=NOW, source="feed"),
    ]
    pool = build(items, np.stack([axis(0), axis(1)]))
    assert pool.ids == ("a", "b")
    assert pool.row_of == {"a": 0, "b": 1}
    assert [pool.kinds[k] for k in pool.kind] == ["learning", "news"]
    assert pool.topics == ("api", "sql")
    assert pool.topic.tolist() == [[True, True], [False, False]]
    assert pool.level[0] == 2.0
    assert np.isnan(pool.level[1])
    assert pool.builds_on == ((1,), ())
    assert (pool.authors, pool.author.tolist()) == (("U1",), [0, -1])
    assert (pool.channels, pool.channel.tolist()) == (("C1",), [0, -1])
    assert (pool.addressees, pool.addressee.tolist()) == (("U2",), [-1, 0])
    assert (pool.mentions, pool.mention.tolist()) == ((("U3", "U2"),), [0, -1])
    assert {who: at.tolist() for who, at in pool.mentioned_at.items()} == {"U3": [0], "U2": [0]}
    assert pool.audiences[pool.audience[0]] == readers
    assert pool.audiences[pool.audience[1]].kind == "workspace"
    assert pool.approved.tolist() == [True, False]
    assert [pool.sources[s] for s in pool.source] == ["pool", "feed"]
    assert pool.expires.tolist() == [NOW, np.inf]
    assert pool.not_before.tolist() == [-np.inf, NOW]


def test_equal_audiences_are_kept_once() -> None:
    items = [item(str(n), audience=Audience("channels", frozenset({"C1", "C2"}))) for n in range(5)]
    pool = build(items, np.stack([axis(0)] * 5))
    assert len(pool.audiences) == 1
    assert pool.audience.tolist() == [0] * 5


def test_the_index_of_ids_cannot_be_changed() -> None:
    pool = build([item("a")], axis(0)[None, :])
    with pytest.raises(TypeError):
        pool.row_of[ItemId("b")] = 1  # type: ignore[index]


def test_an_empty_pool_stands() -> None:
    assert len(build([], np.zeros((0, WIDTH), dtype=np.float32))) == 0


def test_the_same_id_twice_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="same id: twin; rename"):
        build([item("twin"), item("other"), item("twin")], np.stack([axis(0)] * 3))


@pytest.mark.parametrize(
    "vectors",
    [
        np.zeros((2, WIDTH), dtype=np.float32),
        np.zeros(WIDTH, dtype=np.float32),
        np.full((1, WIDTH), 2.0, dtype=np.float32),
        np.full((1, WIDTH), np.nan, dtype=np.float32),
    ],
    ids=["too many", "one dimension", "too long", "not a number"],
)
def test_vectors_that_do_not_fit_are_refused(vectors: Floats) -> None:
    with pytest.raises(ValueError, match="vector"):
        build([item("a")], vectors)


def test_unit_vectors_are_taken_as_they_are() -> None:
    vectors = unit(np.random.default_rng(0).normal(size=(3, WIDTH)))
    pool = build([item(str(n)) for n in range(3)], vectors)
    np.testing.assert_array_equal(pool.vectors, vectors)


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("plain words", "plain words"),
        ("see <https://x.y/a?t=secret|the docs> now", "see the docs now"),
        ("see <https://x.y/a?t=secret> now", "see now"),
        ("bare https://x.y/a?t=secret here", "bare here"),
        ("<@U123> said hi to <#C1|general> and <!here>", "said hi to and"),
        ("<b>bold</b> and <script src=x>alert</script>", "bold and alert"),
        ("if a &lt; b &amp;&amp; c &gt; d", "if a < b && c > d"),
        ("a < b and c > d", "a < b and c > d"),
        ("nice :+1: :tada: at 10:30:45", "nice at 10:30:45"),
        ("tab\tnull\x00bell\x07 zero\u200bwidth\u202e end", "tab null bell zero width end"),
        ("  many \n\n lines ", "many lines"),
        ("naïve café 東京", "naïve café 東京"),
        ("", ""),
    ],
)
def test_only_words_are_left(raw: str, clean: str) -> None:
    assert clean_text(raw) == clean


def test_a_megabyte_is_cut() -> None:
    assert len(clean_text("word " * 300_000)) <= TEXT_LIMIT
    assert len(item_text(item("a", title="word " * 300_000, text="x " * 9000))) <= TEXT_LIMIT


def test_an_item_reads_title_summary_text() -> None:
    whole = item("a", title="Title", summary="<i>Sum</i>mary", text="Text https://x.y")
    assert item_text(whole) == "Title\nSum mary\nText"
    assert item_text(item("a", title="Title", text="  ")) == "Title"
