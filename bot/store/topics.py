"""Topics of a workspace, and which of them members follow or mute."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Literal

from sqlalchemy import Select, bindparam, delete, select

from bot.store import tables
from bot.store.database import Unit
from bot.store.upsert import upsert

Stance = Literal["follow", "mute"]


@dataclass(frozen=True, slots=True)
class Subject:
    """A topic as a source describes it."""

    slug: str
    title: str
    about: str = ""
    sensitive: bool = False


@dataclass(frozen=True, slots=True)
class Choices:
    """What one member said about topics."""

    follows: frozenset[str] = frozenset()
    mutes: frozenset[str] = frozenset()


class Topics:
    """Reads and writes the topics of one workspace and its members' choices."""

    def __init__(self, unit: Unit) -> None:
        self._session = unit.session
        self._workspace = unit.workspace

    def save(self, subjects: Sequence[Subject]) -> None:
        """Add or update `subjects`, whose slugs differ."""
        rows = [
            {
                "workspace_id": self._workspace,
                "slug": subject.slug,
                "title": subject.title,
                "about": subject.about,
                "sensitive": subject.sensitive,
            }
            for subject in subjects
        ]
        columns = ("title", "about", "sensitive")
        upsert(self._session, tables.Topic, rows, key=("workspace_id", "slug"), update=columns)

    def meet(self, slugs: Iterable[str]) -> None:
        """Let members choose topics that items bear: those that are new are named by their slug."""
        rows = [
            {
                "workspace_id": self._workspace,
                "slug": slug,
                "title": slug.replace("-", " ").capitalize(),
                "about": "",
                "sensitive": False,
            }
            for slug in sorted(set(slugs))
            if len(slug) <= 64
        ]
        upsert(self._session, tables.Topic, rows, key=("workspace_id", "slug"))

    def list(self) -> Sequence[tables.Topic]:
        """All topics, by slug."""
        return self._session.scalars(
            select(tables.Topic)
            .where(tables.Topic.workspace_id == self._workspace)
            .order_by(tables.Topic.slug)
        ).all()

    def titles(self) -> dict[str, str]:
        """How each topic is called, by slug."""
        rows = self._session.execute(
            select(tables.Topic.slug, tables.Topic.title)
            .where(tables.Topic.workspace_id == self._workspace)
            .order_by(tables.Topic.slug)
        )
        return {row[0]: row[1] for row in rows}

    def sensitive(self) -> frozenset[str]:
        """Topics that are marked as sensitive."""
        return frozenset(self._session.scalars(_sensitive(), {"workspace": self._workspace}))

    def choose(self, member: str, topic: str, stance: Stance | None, *, at: datetime) -> None:
        """Note that a member follows or mutes a topic, or with None neither any more."""
        if stance is None:
            self._session.execute(
                delete(tables.TopicChoice).where(
                    tables.TopicChoice.workspace_id == self._workspace,
                    tables.TopicChoice.member_id == member,
                    tables.TopicChoice.topic == topic,
                )
            )
            return
        row = {
            "workspace_id": self._workspace,
            "member_id": member,
            "topic": topic,
            "stance": stance,
            "at": at,
        }
        key = ("workspace_id", "member_id", "topic")
        upsert(self._session, tables.TopicChoice, [row], key=key, update=("stance", "at"))

    def stand(
        self, member: str, stance: Stance, wanted: Iterable[str], offered: int, *, at: datetime
    ) -> None:
        """Make exactly these of the first `offered` topics those that a member follows, or mutes.

        What was not offered stays as it is; a topic that does not exist is left out.
        """
        shown = {topic.slug for topic in self.list()[:offered]}
        chosen = self.choices(member)
        had = (chosen.follows if stance == "follow" else chosen.mutes) & shown
        now = frozenset(wanted) & shown
        for topic in sorted(now - had):
            self.choose(member, topic, stance, at=at)
        for topic in sorted(had - now):
            self.choose(member, topic, None, at=at)

    def choices(self, member: str) -> Choices:
        """What a member follows and mutes."""
        return self._chosen(_choices_of(), member=member).get(member, Choices())

    def all_choices(self) -> dict[str, Choices]:
        """The same for everybody at once; who chose nothing is not in it."""
        return self._chosen(_choices())

    def _chosen(self, query: Select[tables.TopicChoice], **which: str) -> dict[str, Choices]:
        follows: dict[str, set[str]] = {}
        mutes: dict[str, set[str]] = {}
        for row in self._session.scalars(query, {"workspace": self._workspace, **which}):
            taken = follows if row.stance == "follow" else mutes
            taken.setdefault(row.member_id, set()).add(row.topic)
        return {
            member: Choices(frozenset(follows.get(member, ())), frozenset(mutes.get(member, ())))
            for member in sorted({*follows, *mutes})
        }


@cache
def _sensitive() -> Select[str]:
    topic = tables.Topic
    mine = topic.workspace_id == bindparam("workspace")
    return select(topic.slug).where(mine, topic.sensitive.is_(True))


@cache
def _choices() -> Select[tables.TopicChoice]:
    choice = tables.TopicChoice
    return select(choice).where(choice.workspace_id == bindparam("workspace"))


@cache
def _choices_of() -> Select[tables.TopicChoice]:
    return _choices().where(tables.TopicChoice.member_id == bindparam("member"))
