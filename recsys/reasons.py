"""Why this item: what the ranker weighed, said in words a member can check.

A reason cites only what the member did, chose or was sent, and only in places that they can
read now. What others did (popularity, rates) is never a reason, however much it weighed; nor is
a score. A group of features without such a deed to point at stays silent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from recsys.clocks import DAY
from recsys.features import FEATURES
from recsys.features.view import View
from recsys.filters import NotVisible
from recsys.prior import Logits
from recsys.types import Floats, Pool, Query, Rows, Topic

LATELY = 28 * DAY
ALIKE = 0.35
"""cosine above which two texts speak of the same matter; see `recsys.interests.ALIKE`"""


Names = Mapping[str, str]
"""how a topic is called, by its slug"""


@dataclass(frozen=True, slots=True)
class Reason:
    """One sentence, the group of features behind it, and how much they added to the logit."""

    group: str
    sentence: str
    weight: float


@dataclass(frozen=True)
class Group:
    """Features that stand for the same reason, and the words for it; None when none fit."""

    name: str
    features: tuple[str, ...]
    words: Callable[[View, Names], str | None]


def reasons(
    query: Query,
    pool: Pool,
    row: int,
    matrix: Floats,
    contributions: Logits,
    limit: int = 2,
    *,
    names: Names = MappingProxyType({}),
) -> tuple[Reason, ...]:
    """The strongest reasons for one row, at most `limit`; empty where there is none to give.

    `matrix` and `contributions` are that row's, (F,); `names` says how topics are called. Groups
    that argued against the item, or whose features all stand at their defaults, are left out.
    """
    view = View(query, pool, np.array([row], np.int32))
    found: list[Reason] = []
    for group in GROUPS:
        columns = [n for n, feature in enumerate(FEATURES) if feature.name in group.features]
        weight = float(sum(contributions[n] for n in columns))
        moved = any(matrix[n] != np.float32(FEATURES[n].default) for n in columns)
        sentence = group.words(view, names) if weight > 0 and moved else None
        if sentence:
            found.append(Reason(group.name, sentence, weight))
    # the hour says when, not what: it only ever comes second
    found.sort(key=lambda reason: (reason.group == "hour", -reason.weight))
    return tuple(found[:limit])


def _addressed(view: View, names: Names) -> str | None:
    who = view.pool.addressee[view.rows[0]]
    meant = who >= 0 and view.pool.addressees[who] == view.member.member
    return "because it was meant for you" if meant else None


def _named(view: View, names: Names) -> str | None:
    return "because it mentions you" if view.names_them[0] else None


def _followed(view: View, names: Names) -> str | None:
    chosen = [t for t in _topics(view) if t in view.member.follows]
    return f"because you follow {_listed([names.get(t, t) for t in chosen])}" if chosen else None


def _topics_of_deeds(view: View, names: Names) -> str | None:
    """Names the topic that the member took part in most, with how often."""
    rows = _deeds(view)
    counts = {
        topic: int(view.pool.topic[rows, view.pool.topics.index(topic)].sum())
        for topic in _topics(view)
    }
    topic = max(counts, key=lambda name: counts[name], default=None)
    if topic is None or not counts[topic]:
        return None
    times = "a conversation" if counts[topic] == 1 else f"{counts[topic]} conversations"
    return f"because you took part in {times} about {names.get(topic, topic)} lately"


def _followed_up(view: View, names: Names) -> str | None:
    """Names the first of its topics of which the member took something up, and may still see it."""
    told = _visible(view, view.exposures.row[view.engaged & (view.exposures.row >= 0)])
    known = np.asarray(view.pool.topic[told].any(axis=0), np.bool_)
    own = (t for t in _topics(view) if known[view.pool.topics.index(Topic(t))])
    topic = next(own, None)
    return (
        f"because you took up something about {names.get(topic, topic)} before" if topic else None
    )


def _words_of_own(view: View, names: Names) -> str | None:
    """Counts what the member wrote that resembles the item, where they can still read it."""
    s = view.signals
    lately = view.spoken & (view.ages <= LATELY) & _readable(view, s.channel)
    alike = np.vecdot(s.vectors[lately], view.vectors) >= ALIKE
    count = int(alike.sum())
    often = {1: "", 2: " twice"}.get(count, f" {count} times")
    return f"because you wrote{often} about something close to it lately" if count else None


def _taken_up(view: View, names: Names) -> str | None:
    told = view.exposures.row[view.engaged & (view.exposures.row >= 0)]
    of_kind = view.pool.kind[told] == view.pool.kind[view.rows[0]]
    of_source = view.pool.source[told] == view.pool.source[view.rows[0]]
    taken = bool((of_kind & of_source).any())
    return "because you took up something of the same kind before" if taken else None


def _groundwork(view: View, names: Names) -> str | None:
    needs = view.pool.builds_on[view.rows[0]]
    known = _visible(view, view.took_part)
    met = bool(needs) and set(needs) <= set(known.tolist())
    return "because it builds on something you have been through" if met else None


def _author(view: View, names: Names) -> str | None:
    author = view.pool.author[view.rows[0]]
    if author < 0:
        return None
    rows = _visible(view, view.signals.row[view.signals.row >= 0])
    met = bool((view.pool.author[rows] == author).any())
    return "because you took part in something of its author's before" if met else None


def _channel(view: View, names: Names) -> str | None:
    s, channel = view.signals, view.pool.channel[view.rows[0]]
    if channel < 0 or view.pool.channels[channel] not in view.member.channels:
        return None
    if np.unique(s.channel[s.channel >= 0]).size < 2:
        return None  # whoever is only ever in one place is told nothing by it
    spent = int(((s.channel == channel) & (view.ages <= LATELY)).sum())
    return "because it comes from a channel that you are often in" if spent >= 3 else None


def _active(view: View, names: Names) -> str | None:
    """Counts the conversations that the member took part in lately and can still see."""
    s = view.signals
    rows = _visible(view, np.unique(s.row[(s.row >= 0) & (view.ages <= LATELY)]))
    if rows.size < 2:
        return None
    return f"because you took part in {rows.size} conversations here in the last four weeks"


def _hour(view: View, names: Names) -> str | None:
    apart = np.abs(view.signal_hours - view.clock_hours[0]) % 24
    near = int((np.minimum(apart, 24 - apart) <= 1).sum())
    return "you are often around at this hour" if near >= 3 else None


GROUPS: tuple[Group, ...] = (
    Group("addressed", ("addressed",), _addressed),
    Group("named", ("names_them",), _named),
    Group("followed", ("follows_topic", "interest_similarity", "interest_breadth"), _followed),
    Group("topics", ("topic_affinity", "interest_similarity", "talked_siblings"), _topics_of_deeds),
    Group("followed_up", ("followed_up_siblings",), _followed_up),
    Group(
        "words",
        (
            "interest_similarity",
            "interest_breadth",
            "profile_similarity",
            "recent_similarity",
            "last_similarity",
        ),
        _words_of_own,
    ),
    Group("taken_up", ("kind_affinity", "source_affinity"), _taken_up),
    Group("groundwork", ("groundwork_done", "level_gap"), _groundwork),
    Group("author", ("author_exchanges",), _author),
    Group("channel", ("channel_share",), _channel),
    Group(
        "active",
        (
            "messages_14d",
            "active_days_14d",
            "touches_14d",
            "hours_since_signal",
            "history_length",
            "interest_lately",
        ),
        _active,
    ),
    Group("hour", ("hour_activity", "root_hour_match", "receptivity"), _hour),
)


def _topics(view: View) -> list[str]:
    has = view.pool.topic[view.rows[0]]
    return [str(topic) for topic, own in zip(view.pool.topics, has, strict=True) if own]


def _deeds(view: View) -> Rows:
    """Items the member touched or took up lately, and may still see; each once."""
    s, e = view.signals, view.exposures
    touched = s.row[(s.row >= 0) & (view.ages <= LATELY)]
    told = e.row[view.engaged & (e.row >= 0) & (view.exposure_ages <= LATELY)]
    return _visible(view, np.unique(np.concatenate([touched, told])))


def _visible(view: View, rows: Rows) -> Rows:
    return np.asarray(rows[NotVisible().keeps(view.query, view.pool, rows)], np.int32)


def _readable(view: View, channel: Rows) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which signals stand in a channel of the pool that the member can read now."""
    open_to = np.array([c in view.member.channels for c in view.pool.channels] + [False], np.bool_)
    return np.asarray(open_to[channel])


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
