"""What the composer and the member are told of a pick: the item in plain words, and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bot.deciding.recommender import View
from bot.deciding.slates import contributions
from bot.openers.because import clause, sentence
from bot.openers.brief import MOST_EXAMPLES, About, Brief
from bot.policy.facts import Facts
from bot.reading.visibility import may_tell
from bot.settings import OpenerSettings
from bot.store import tables
from bot.store.channels import Channels
from bot.store.database import Store, Unit
from bot.store.members import Members
from bot.store.openers import Openers
from bot.store.reviews import Reviews
from bot.store.topics import Topics
from recsys.prior import Logits
from recsys.reasons import GROUPS, Reason, reasons
from recsys.types import Item, Pick, Slate

RECENT = 12
"""openers back in which a template does not come again"""

LOOKED_AT = 12
"""edits among which examples of style are looked for"""

TOLD = 2
"""reasons that a member is told"""


@dataclass(frozen=True)
class Because:
    """What spoke for a pick: by feature, and in words for the member, the strongest first."""

    parts: Logits | None = None
    """(F,) what each feature added to the logit of P(engages)"""
    reasons: tuple[Reason, ...] = ()

    @property
    def why(self) -> str:
        """What the member is told: the two strongest, as one sentence."""
        told = [reason.sentence for reason in self.reasons[:TOLD]]
        # the hour alone says when, never why this item
        return sentence(told if told and self.reasons[0].group != "hour" else [])

    @property
    def lines(self) -> str:
        """All of them, a sentence a line."""
        return "\n".join(sentence([reason.sentence]) for reason in self.reasons)


@dataclass(frozen=True)
class Briefing:
    """Looks up the names that belong to an item, and puts reasons into words."""

    store: Store
    workspace: str
    openers: OpenerSettings = field(default_factory=OpenerSettings)
    channel: str = "slack"
    """the channel of delivery, which may have a tone of its own"""

    def brief(self, facts: Facts, item: Item, pick: Pick, why: str) -> Brief:
        """Everything a composer may know of this member and item."""
        with self.store.reading(self.workspace) as unit:
            recent = Openers(unit).recent(facts.standing.member, RECENT)
            member = Members(unit).get(facts.standing.member)
            examples = () if member is None else edits(unit, member)
            about = _about(unit, item)
        return Brief(
            member_first_name=facts.standing.first_name,
            item=about,
            style=pick.style,
            why=clause(why),
            seed=f"{facts.standing.member}:{facts.standing.slot}",
            recent=tuple(opener.prompt for opener in reversed(recent)),
            tone=self.openers.tone_on(self.channel),
            language=self.openers.language_of(member.locale if member is not None else ""),
            examples=examples,
        )

    def about(self, item: Item) -> About:
        """The item with the names of its topics, channel and author."""
        with self.store.reading(self.workspace) as unit:
            return _about(unit, item)

    def because(self, slate: Slate, view: View) -> Because:
        """Why this item came first for the member; its reasons cite only what they did or chose."""
        parts = contributions(slate, view)
        if slate.chosen is None or parts is None:
            return Because()
        found = reasons(
            slate.query,
            view.pipeline.pool,
            slate.chosen.row,
            slate.ranked.matrix[slate.chosen.position],
            parts,
            limit=len(GROUPS),
            names=view.titles,
        )
        return Because(parts, found)

    def content(self, opener_id: str, text: str, item: Item) -> dict[str, Any]:
        """The opener as the outbox keeps it, free of any channel's shapes."""
        with self.store.reading(self.workspace) as unit:
            channel = _channel_name(unit, item)
        where = f" in #{channel}" if channel else ""
        content = {"text": text, "about": f"{item.title}{where}", "opener": opener_id}
        if item.url:
            content["url"] = item.url
        lines = [line for slug, line in self.openers.compliance.items() if slug in item.topics]
        if lines:
            content["notice"] = " ".join(dict.fromkeys(lines))
        return content


def _about(unit: Unit, item: Item) -> About:
    titles = Topics(unit).titles()
    author = Members(unit).get(item.author) if item.author else None
    return About(
        kind=item.kind,
        title=item.title,
        summary=item.summary,
        text=item.text,
        url=item.url,
        topics=tuple(titles.get(topic, topic) for topic in item.topics),
        channel_name=_channel_name(unit, item),
        author_name=author.name if author is not None else "",
    )


def _channel_name(unit: Unit, item: Item) -> str:
    channel = Channels(unit).get(item.channel) if item.channel else None
    return channel.name if channel is not None else ""


def edits(unit: Unit, member: tables.Member) -> tuple[tuple[str, str], ...]:
    """What reviewers last made of openers, about what this member may be told as well."""
    found = []
    for review, item in Reviews(unit).last_edits(LOOKED_AT):
        if review.edited and may_tell(unit, item, member):
            found.append((review.original, review.edited))
    return tuple(found[:MOST_EXAMPLES])
