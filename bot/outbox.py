"""What leaves, leaves once: claim → reconcile → re-check → send → mark.

The row exists before the call, and says that a call began before it begins. So whatever breaks,
either nothing was called, or the conversation itself is asked whether the message is there:

    claim ──► was a call begun? ── yes ──► look for the delivery's id ── found ──────► sent
      │                                        │
      no                            absent for long enough, twice (else: look again)
      │                                        │
      ▼                                        ▼
    may it still be said? ── no ──► withdrawn, expired
      │ yes
      ▼
    say that the call begins ──► call ──► sent | queued again | failed | look again

Rows of different conversations are on their way at once, `in_flight` of them; one conversation
stays in order. Nothing here needs the recommender: a worker that only sends starts fast.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Literal, cast

from structlog.contextvars import bound_contextvars

from bot.at_once import work_off
from bot.delivery.histories import Histories
from bot.delivery.settling import ABSENT, Settling
from bot.delivery.steps import STAYS, ClosesAt, Steps
from bot.delivery.tally import Report, end_of
from bot.delivery.witness import Witness
from bot.policy.rules import SHOWN
from bot.ports import Ambiguous, Channel, ChannelError, Delivery, Permanent, Receipt
from bot.store.calls import NO_BUDGET, STOPPED, Begun, Calls
from bot.store.database import Store, Unit
from bot.store.due import Due
from bot.store.ledger import Ledger
from bot.store.members import Members
from bot.store.outbox import OutboxRows, Row
from bot.store.owners import IsDead

SETTLE_SECONDS = 120.0
"""after a call's deadline, how long a message may take to show in its conversation"""
LEASE_SECONDS = 60.0
READY_SECONDS = 30.0
"""how long a claimed row may take until its call begins, beside its lease"""
PASS_SECONDS = 30.0
"""one `work` claims nothing more after so long"""
LOOK_SECONDS = 5.0
"""after a call that may have happened, until it is first looked for"""
DISTURBED_SECONDS = 300.0
"""until somebody is looked at again who was not to be disturbed"""

Recheck = Callable[[Row, datetime], str | None]
"""The policy at the moment of sending: None when the row may leave, else the reason why not."""
Moment = Callable[[], datetime]
Kind = Literal["opener", "welcome", "answer"]


class Outbox:
    """The outbox of one workspace and one channel of delivery, as one owner works it off.

    `owner` must be unique to this process and this object. `is_dead` says of another owner
    whether it has certainly ended; by default a lease that ran out is taken for that. At most
    `in_flight` calls are under way at once, and `budget` openers leave on one UTC day. `elapsed`
    counts seconds by a clock that only goes forward, and `timed` is told those of each call.
    """

    def __init__(
        self,
        store: Store,
        workspace: str,
        channel: Channel,
        *,
        recheck: Recheck,
        closes_at: ClosesAt,
        owner: str,
        settle_seconds: float = SETTLE_SECONDS,
        lease_seconds: float = LEASE_SECONDS,
        is_dead: IsDead = lambda owner: True,
        in_flight: int = 1,
        budget: int = NO_BUDGET,
        elapsed: Callable[[], float] = time.monotonic,
        timed: Callable[[float], None] = lambda seconds: None,
    ) -> None:
        self._store = store
        self._workspace = workspace
        self._channel = channel
        self._recheck = recheck
        self._owner = owner
        self._lease = timedelta(seconds=READY_SECONDS + max(lease_seconds, channel.call_deadline))
        self._is_dead = is_dead
        self._budget = budget
        self._elapsed = elapsed
        self._timed = timed
        self._ledger = Ledger(store, workspace)
        self._steps = Steps(self._ledger, owner, closes_at)
        histories = Histories(store, workspace, channel, self._ledger)
        witness = Witness(store, workspace, histories, channel.call_deadline)
        settle = timedelta(seconds=READY_SECONDS + channel.call_deadline + settle_seconds)
        self._settling = Settling(histories, self._steps, witness.believable_from, settle)
        self._in_flight = in_flight
        self._stopping = threading.Event()
        self._log = logging.getLogger("overture.outbox")

    def stop(self) -> None:
        """Claim nothing more; a pass that is under way ends as soon as its calls have."""
        self._stopping.set()

    def work(self, now: datetime, limit: int = 10_000) -> Report:
        """Take at most `limit` rows that are due one step further.

        Raises what the store and the re-check raise; the row at hand is taken up again when its
        lease has run out.
        """
        if not self.waiting():  # mostly so: then nobody else's writing is held up
            return Report()
        began = self._elapsed()

        def moment() -> datetime:
            # whole seconds: what happens in one moment bears one time
            return now + timedelta(seconds=int(self._elapsed() - began))

        expired = self._ledger.write(lambda unit: Due(unit).tidy(now))
        until = now + timedelta(seconds=PASS_SECONDS)
        tally = work_off(
            lambda free, at_work: self._claim(moment(), free, at_work),
            lambda row: self._named(row, moment),
            threads=self._in_flight,
            limit=limit,
            goes_on=lambda: moment() < until and not self._stopping.is_set(),
        )
        tally["expired"] += expired
        return Report.of(tally, self.waiting())

    def _claim(self, now: datetime, free: int, at_work: Collection[object]) -> list[Row]:
        who = (self._owner, now, now + self._lease, self._is_dead)
        return self._ledger.write(lambda unit: Due(unit).claim(*who, free, at_work))

    def waiting(self) -> int:
        """How many rows are still on their way."""
        with self._store.reading(self._workspace) as unit:
            return OutboxRows(unit).waiting()

    def _named(self, row: Row, moment: Moment) -> str:
        about = {"opener": row.opener} if row.opener is not None else {}
        named = {"workspace": self._workspace, "delivery": row.id, "member": row.member, **about}
        with bound_contextvars(**named):
            return self._advance(row, moment)

    def _advance(self, row: Row, moment: Moment) -> str:
        """One step of one row; the state in which it left the queue, empty where it did not."""
        if row.called_at is not None:
            ended = self._settling.settle_row(row, row.called_at, moment())
            if ended != ABSENT:
                return ended
        return self._send(row, moment)

    def _refused(self, row: Row, now: datetime) -> str | None:
        """What became of a row that may not leave now; None where it may."""
        if row.expires_at <= now:
            return self._steps.end(row, "expired", "expired")
        reason = self._recheck(row, now)
        if reason in SHOWN:  # it may be over soon; else the row expires, unsent
            again = now + timedelta(seconds=DISTURBED_SECONDS)
            return self._steps.put_back(row, again, str(reason))
        return None if reason is None else self._steps.end(row, "withdrawn", reason)

    def _send(self, row: Row, moment: Moment) -> str:
        now = moment()
        if (refused := self._refused(row, now)) is not None:
            return refused
        try:
            address, is_new = (row.address, False) if row.address else self._address(row)
        except ChannelError as error:  # opening a conversation twice opens one
            return self._missed(row, now, error)
        if moment() > now:  # opening it may have taken as long as a call does
            now = moment()
            if (refused := self._refused(row, now)) is not None:
                return refused
        begun = self._begin(row, address, now, is_new)
        if begun != "called":
            return end_of("withdrawn", begun) if begun in STOPPED else STAYS
        result = self._called(Delivery(row.id, address, cast(Kind, row.kind), row.content))
        if isinstance(result, Receipt):
            return self._steps.sent(row, result, now)
        if not isinstance(result, Ambiguous):
            return self._missed(row, now, result)
        self._log.info("a delivery may have arrived: %s", result)
        return self._steps.look(row, now + timedelta(seconds=LOOK_SECONDS), str(result))

    def _missed(self, row: Row, now: datetime, error: ChannelError) -> str:
        """It certainly did not happen."""
        if isinstance(error, Permanent):
            return self._steps.end(row, "failed", str(error))
        return self._steps.later(row, now, error)

    def _called(self, delivery: Delivery) -> Receipt | ChannelError:
        began = self._elapsed()
        try:
            return self._channel.send(delivery)
        except ChannelError as error:
            return error
        finally:
            self._timed(self._elapsed() - began)

    def _begin(self, row: Row, address: str, now: datetime, is_new: bool) -> Begun:
        if self._stopping.is_set():
            self._steps.put_back(row, now, "stopping")
            return "waits"

        def begin(unit: Unit) -> Begun:
            if is_new:
                OutboxRows(unit).learn_address(row.member, self._channel.name, address)
            return Calls(unit).begin(row, self._owner, address, now, self._budget)

        counts = row.kind == "opener" and self._budget < NO_BUDGET
        return self._ledger.write(begin, _lock_budget if counts else None)

    def _address(self, row: Row) -> tuple[str, bool]:
        """The conversation with a member, and whether it was opened just now.

        Raises `ChannelError` where it cannot be opened.
        """
        channel = self._channel.name
        with self._store.reading(self._workspace) as unit:
            identity = Members(unit).identity(channel, row.member)
        if identity is None:
            raise Permanent(f"member {row.member} has no identity on {channel}")
        if identity.address is not None:
            return identity.address, False
        return self._channel.address_of(identity.external_id), True


def _lock_budget(unit: Unit) -> None:
    Calls(unit).lock_budget()
