"""THE list of features: their order is the order of the matrix's columns.

To add one: a function in the module of its family, an entry here, a test of three lines of
history. The schema hash then changes, and models of the old schema refuse loudly.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from recsys.features import fatigue, how, pair, what, when, who
from recsys.features.view import View
from recsys.types import Floats, Pool, Query, Rows


@dataclass(frozen=True, slots=True)
class Feature:
    """One column: what it is called, measured in, worth when unknown, and how it is computed.

    `compute` gives (n,) values for n candidates; what it leaves nan becomes `default`.
    """

    name: str
    unit: str
    default: float
    compute: Callable[[View], Floats]
    sentence: str
    """what it says, as a person would put it; part of the schema"""
    dtype: str = "float32"


FEATURES: tuple[Feature, ...] = (
    Feature(
        "interest_similarity", "cosine", 0.0, what.interest_similarity, "like a lasting interest"
    ),
    Feature("interest_breadth", "cosine", 0.0, what.interest_breadth, "like their interests, all"),
    Feature(
        "profile_similarity", "cosine", 0.0, what.profile_similarity, "like all we know of them"
    ),
    Feature("recent_similarity", "cosine", 0.0, what.recent_similarity, "like the last two days"),
    Feature("last_similarity", "cosine", 0.0, what.last_similarity, "like what they said last"),
    Feature("said_similarity", "cosine", 0.0, what.said_similarity, "like all that they said"),
    Feature("joined_similarity", "cosine", 0.0, what.joined_similarity, "like what they joined"),
    Feature("joined_leaning", "product", 0.0, what.joined_leaning, "what they join, others less"),
    Feature("keyword_match", "cosine", 0.0, what.keyword_match, "words of what they took part in"),
    Feature("topic_affinity", "share", 0.0, what.topic_affinity, "topics they take part in"),
    Feature("topic_lift", "log ratio", 0.0, what.topic_lift, "topics they talk about"),
    Feature("substance", "share", 1.0, what.substance, "says enough to stand alone"),
    Feature("length", "log count", 3.0, what.length, "how much it says"),
    Feature("asks", "flag", 0.0, what.asks, "asks something"),
    Feature("follows_topic", "flag", 0.0, what.follows_topic, "a topic they follow"),
    Feature("kind_affinity", "rate", 0.25, what.kind_affinity, "a kind they take up"),
    Feature("source_affinity", "rate", 0.25, what.source_affinity, "a source they take up"),
    Feature("level_gap", "levels", 0.0, what.level_gap, "above what they have reached"),
    Feature("groundwork_done", "share", 1.0, what.groundwork_done, "builds on what they know"),
    Feature("freshness_hours", "hours", 0.0, when.freshness_hours, "age of the item"),
    Feature("local_hour", "hour", 12.0, when.local_hour_of_day, "their hour of the day"),
    Feature("hour_activity", "ratio", 1.0, when.hour_activity, "active around this hour"),
    Feature("root_hour_match", "ratio", 1.0, when.root_hour_match, "active when it began"),
    Feature("weekday_activity", "ratio", 1.0, when.weekday_activity, "active on this weekday"),
    Feature("rhythm", "log ratio", 0.0, when.rhythm, "about around this time of day"),
    Feature("presence", "log share", -3.0, when.presence, "about at this time of day"),
    Feature("presence_lately", "log share", -3.0, when.presence_lately, "about at it these days"),
    Feature("presence_weekly", "log share", -3.0, when.presence_weekly, "about on this weekday"),
    Feature("receptivity", "rate", 0.25, when.receptivity, "takes up openers at this hour"),
    Feature("popularity", "rate", 0.25, how.popularity, "taken up by those who were told"),
    Feature("appeal", "logits", 0.0, how.appeal, "taken up more gladly than expected"),
    Feature("kind_rate", "rate", 0.25, how.kind_rate, "its kind is taken up here"),
    Feature("source_rate", "rate", 0.25, how.source_rate, "its source is taken up here"),
    Feature("interest_lately", "log count", 0.0, how.interest_lately, "touched this week"),
    Feature("shown_today", "log count", 0.0, how.shown_today, "told to others today"),
    Feature("author_draw", "log count", 0.0, how.author_draw, "its author draws others"),
    Feature("author_begun", "log count", 0.0, how.author_begun, "its author began many"),
    Feature("messages_14d", "log count", 0.0, who.messages_14d, "messages of a fortnight"),
    Feature("active_days_14d", "days", 0.0, who.active_days_14d, "active days of a fortnight"),
    Feature("touches_14d", "log count", 0.0, who.touches_14d, "took part in a fortnight"),
    Feature("messages_1d", "log count", 0.0, who.messages_1d, "what they did in a day"),
    Feature("momentum", "log count", 0.0, who.momentum, "what they did lately"),
    Feature("joins_28d", "log count", 0.0, who.joins_28d, "others' items they joined"),
    Feature("join_share", "share", 0.2, who.join_share, "how much they do with others"),
    Feature("hours_since_signal", "hours", 0.0, who.hours_since_signal, "since last seen"),
    Feature("history_length", "log count", 0.0, who.history_length, "how well we know them"),
    Feature("engagement_rate", "rate", 0.25, who.engagement_rate, "takes up openers"),
    Feature("leaning", "logits", 0.0, who.leaning, "gladder of openers than expected"),
    Feature("workspace_rate", "rate", 0.25, who.workspace_rate, "openers are taken up here"),
    Feature("author_exchanges", "log count", 0.0, pair.author_exchanges, "answers this author"),
    Feature("author_returns", "log count", 0.0, pair.author_returns, "this author answers them"),
    Feature("author_met", "log count", 0.0, pair.author_met, "where its author is, they are"),
    Feature("same_team", "flag", 0.0, pair.same_team, "its author is of their team"),
    Feature(
        "talked_siblings", "log count", 0.0, pair.talked_siblings, "took part in the like of it"
    ),
    Feature(
        "followed_up_siblings", "count", 0.0, pair.followed_up_siblings, "took up the like of it"
    ),
    Feature("channel_share", "share", 0.0, pair.channel_share, "at home in its channel"),
    Feature("names_them", "flag", 0.0, pair.names_them, "its words name them"),
    Feature("names_others", "flag", 0.0, pair.names_others, "its words name somebody else"),
    Feature("addressed", "flag", 0.0, pair.addressed, "addressed to them"),
    Feature("days_since_opener", "days", 60.0, fatigue.days_since_opener, "since we last spoke"),
    Feature("openers_7d", "count", 0.0, fatigue.openers_7d, "openers of a week"),
    Feature("dismissals_14d", "count", 0.0, fatigue.dismissals_14d, "refusals of a fortnight"),
    Feature("unanswered_streak", "count", 0.0, fatigue.unanswered_streak, "nothing came of it"),
    Feature("pressure", "openers", 0.0, fatigue.pressure, "how much we have asked lately"),
    Feature("refused_siblings", "count", 0.0, fatigue.refused_siblings, "refused the like of it"),
    Feature("siblings_told", "count", 0.0, fatigue.siblings_told, "told the like of it"),
)

COLUMN = {feature.name: position for position, feature in enumerate(FEATURES)}


def schema_hash(features: tuple[Feature, ...]) -> str:
    """SHA-256 over the ordered definitions; any change of name, unit or meaning changes it."""
    told = "\n".join(f"{f.name}|{f.dtype}|{f.unit}|{f.default}|{f.sentence}" for f in features)
    return hashlib.sha256(told.encode()).hexdigest()


SCHEMA_HASH = schema_hash(FEATURES)


def column(name: str) -> int:
    """Where a feature stands in the matrix. Raises KeyError for a name that is none."""
    return COLUMN[name]


def matrix(query: Query, pool: Pool, rows: Rows) -> Floats:
    """(n, len(FEATURES)) float32, all finite, for n rows of the pool as of ``query.now``.

    The one place where features are computed: live, in training and in replay. A row's values
    do not depend on which other rows are asked for.
    """
    view = View(query, pool, rows)
    columns = np.empty((len(FEATURES), rows.size), np.float32)
    for position, feature in enumerate(FEATURES):
        columns[position] = feature.compute(view)
    unknown = ~np.isfinite(columns)
    for position in np.flatnonzero(unknown.any(axis=1)).tolist():
        columns[position, unknown[position]] = FEATURES[position].default
    return np.ascontiguousarray(columns.T)
