"""The rows of a bench of delivery: members who agreed, an item for all, an opener for each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.openers.brief import Composed
from bot.policy.purposes import NAMES
from bot.store import tables
from bot.store.consents import Consents
from bot.store.database import Store, Unit
from bot.store.items import Items
from bot.store.members import Members, Person
from bot.store.outbox import OutboxRows
from recsys.types import WHOLE_WORKSPACE, Item, ItemId

ITEM = Item(
    id=ItemId("joins"),
    kind="lesson",
    title="Left joins keep what has no match",
    summary="Which rows a left join keeps where nothing matches, and how to count them.",
    text="A left join keeps every row of the left table. Rows without a match carry nulls on the"
    " right, so count a column of the left one.",
    published=0.0,
    audience=WHOLE_WORKSPACE,
)
RUN = "bench"
KEEPS = timedelta(hours=2)


def populate(store: Store, workspace: str, members: Sequence[str], now: datetime) -> None:
    """Everybody can be reached in Slack and agreed to everything."""
    with store.writing(workspace) as unit:
        unit.session.add(tables.Workspace(id=workspace, name="Bench", created_at=now))
        unit.session.flush()
        Members(unit).save([Person(member, name="Ada Byron") for member in members], at=now)
        Members(unit).reachable_by("slack", [(member, member) for member in members])
        Items(unit).save([ITEM], at=now, approved_by="bench")
        for member in members:
            Consents(unit).grant(member, NAMES, at=now, origin="bench")
        unit.session.add(
            tables.Run(id=RUN, workspace_id=workspace, kind="plan", now=now, summary={})
        )
        unit.commit()


def queue(unit: Unit, member: str, opener: Composed, now: datetime) -> None:
    """Decision, opener and outbox row, as a pass writes them; in the caller's transaction."""
    unit.session.add(
        tables.Decision(
            id=f"de_{member}", workspace_id=unit.workspace, run_id=RUN, member_id=member,
            slot="bench", at=now, verdict="speak", reason="worth_it", rules=[], item_id=ITEM.id,
            style=opener.style, arm="normal", seed=1, policy_version="bench",
        )
    )  # fmt: skip
    unit.session.flush()
    unit.session.add(
        tables.Opener(
            id=f"op_{member}", workspace_id=unit.workspace, decision_id=f"de_{member}",
            member_id=member, item_id=ITEM.id, state="queued", text=opener.text, why="",
            style=opener.style, prompt=opener.prompt_ref, language_model=opener.language_model,
            created_at=now,
        )
    )  # fmt: skip
    unit.session.flush()
    OutboxRows(unit).add(
        member=member,
        kind="opener",
        dedupe_key=f"slot:{member}:bench",
        content={"text": opener.text, "about": ITEM.title, "opener": f"op_{member}"},
        expires_at=now + KEEPS,
        now=now,
        opener_id=f"op_{member}",
    )
