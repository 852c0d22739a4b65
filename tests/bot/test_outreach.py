"""One attempt: silence and speech are kept alike, whole or not at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.deciding.written import spent_on
from bot.openers.brief import Brief, Composed, Withheld
from bot.outreach import Attempt
from bot.ports import Usage
from bot.store import tables
from bot.store.consents import Consents
from bot.store.items import Items
from bot.store.outbox import OutboxRows
from recsys.types import MemberId
from tests.bot.scene import NOW, WORKSPACE, Scene, Withholds, item, policy, shown


def kept(scene: Scene) -> tuple[list[Any], list[Any], list[Any]]:
    return scene.rows(tables.Decision), scene.rows(tables.Opener), scene.rows(tables.Outbox)


def test_speech_is_a_decision_an_opener_and_a_row(populated: Scene) -> None:
    attempt = populated.outreach().attempt("ana", NOW)
    (decision,), (opener,), (row,) = kept(populated)
    assert attempt.speaks
    assert (decision.verdict, decision.reason, decision.slot) == ("speak", "worth_it", "2026-09-07")
    assert decision.item_id == opener.item_id == attempt.decision.item_id
    assert decision.propensity == decision.p_speak * decision.p_item * decision.p_style
    assert decision.slate["top"][0]["item"] == decision.item_id
    assert (opener.decision_id, opener.state, opener.sent_at) == (decision.id, "queued", None)
    assert (row.opener_id, row.state, row.kind) == (opener.id, "queued", "opener")
    assert row.payload["content"]["text"] == opener.text
    assert row.expires_at == NOW + timedelta(hours=2)
    assert [rule["rule"] for rule in decision.rules][-1] == "holdout"
    assert all(rule["allowed"] for rule in decision.rules)


def test_silence_by_reach_names_the_rule_and_runs_no_pipeline(populated: Scene) -> None:
    populated.change("ana", paused_until=NOW + timedelta(hours=1))
    attempt = populated.outreach().attempt("ana", NOW)
    (decision,), openers, rows = kept(populated)
    assert not attempt.speaks
    assert (decision.verdict, decision.reason) == ("silent", "paused")
    assert (decision.slate, decision.p_speak, decision.model_version) == (None, None, None)
    assert not openers
    assert not rows


def test_silence_by_offer_keeps_the_slate(populated: Scene) -> None:
    populated.policy = policy(threshold=0.999)
    populated.outreach().attempt("ana", NOW)
    (decision,), openers, _ = kept(populated)
    assert (decision.verdict, decision.reason) == ("silent", "below_threshold")
    assert decision.slate["ranked"] > 0
    assert (decision.p_speak, decision.arm) == (0.0, "normal")
    assert not openers


def test_a_withheld_slot_is_marked_and_could_have_spoken(populated: Scene) -> None:
    populated.policy = policy(holdout=0.999)
    populated.outreach().attempt("ana", NOW)
    (decision,), openers, _ = kept(populated)
    assert (decision.reason, decision.arm) == ("holdout", "holdout")
    assert decision.p_speak == pytest.approx(0.001)
    assert not openers


def test_silence_by_the_composer(populated: Scene) -> None:
    populated.outreach(composer=Withholds()).attempt("ana", NOW)
    (decision,), openers, _ = kept(populated)
    assert (decision.verdict, decision.reason) == ("silent", "composer_abstained")
    assert decision.rules[-1] == {
        "rule": "composer",
        "allowed": False,
        "reason": "composer_abstained",
    }
    assert not openers


class Charges:
    """A composer whose model took something, whether or not it spoke."""

    def __init__(self, speaks: bool) -> None:
        self._speaks = speaks

    def compose(self, brief: Brief) -> Composed | Withheld:
        usage = Usage(900, 60, estimated=True, micros=2400)
        if not self._speaks:
            return Withheld("composer_abstained", usage)
        return Composed("Hello.", "opener/offer@1+0", "m", "offer", usage=usage)


@pytest.mark.parametrize("speaks", [True, False])
def test_a_decision_keeps_what_its_words_cost(populated: Scene, speaks: bool) -> None:
    populated.outreach(composer=Charges(speaks)).attempt("ana", NOW)
    ((decision,), openers, _) = kept(populated)
    assert len(openers) == int(speaks)
    assert spent_on(decision) == Usage(900, 60, True, 2400)


def test_a_slot_is_used_once(populated: Scene) -> None:
    outreach = populated.outreach()
    assert outreach.attempt("ana", NOW).speaks
    before = populated.everything()
    populated.policy = policy(cooldown_hours=0, daily_cap=9)
    again = populated.outreach().attempt("ana", NOW + timedelta(minutes=15))
    assert not again.speaks
    assert not again.counts
    assert populated.everything() == before


def test_silence_uses_the_slot_too(populated: Scene) -> None:
    outreach = populated.outreach(composer=Withholds())
    assert outreach.attempt("ana", NOW).counts
    assert not populated.outreach().attempt("ana", NOW + timedelta(hours=1)).counts
    assert len(populated.rows(tables.Decision)) == 1


def test_whatever_breaks_on_the_way_leaves_nothing(
    populated: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = populated.everything()

    def breaks(*args: Any, **more: Any) -> bool:
        raise RuntimeError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(OutboxRows, "add", breaks)
        with pytest.raises(RuntimeError, match="the disk is full"):
            populated.outreach().attempt("ana", NOW)
    assert populated.everything() == before
    assert populated.outreach().attempt("ana", NOW).speaks
    assert len(populated.rows(tables.Opener)) == 1


@pytest.mark.parametrize("withheld", [True, False])
def test_a_rehearsal_writes_nothing_at_all(populated: Scene, withheld: bool) -> None:
    before = populated.everything()
    more = {"composer": Withholds()} if withheld else {}
    attempt = populated.outreach(keeps=False, **more).attempt("ana", NOW)
    assert attempt.speaks is not withheld
    assert populated.everything() == before


def test_consent_withdrawn_while_composing_silences(populated: Scene) -> None:
    outreach = populated.outreach()

    class Slow(Withholds):
        def compose(self, brief: Any) -> Any:
            with populated.store.writing(WORKSPACE) as unit:
                Consents(unit).withdraw("ana", at=NOW)
                unit.commit()
            return outreach.composer.compose(brief)

    attempt = populated.outreach(composer=Slow()).attempt("ana", NOW)
    (decision,), openers, rows = kept(populated)
    assert not attempt.speaks
    assert (decision.verdict, decision.reason) == ("silent", "no_consent")
    assert not openers
    assert not rows


def test_the_same_slot_decides_the_same_in_a_rehearsal_and_for_good(populated: Scene) -> None:
    def told(attempt: Attempt) -> tuple[Any, ...]:
        made = attempt.decision
        text = attempt.opener.text if attempt.opener else ""
        return made.item_id, made.style, made.seed, made.propensity, text, attempt.why

    rehearsed = populated.outreach(keeps=False).attempt("ana", NOW)
    assert told(rehearsed) == told(populated.outreach().attempt("ana", NOW))


def test_an_item_that_may_have_arrived_is_not_offered_again(populated: Scene) -> None:
    first = populated.outreach(keeps=False).attempt("ana", NOW).decision.item_id
    assert first is not None
    earlier = NOW - timedelta(days=2)
    shown(populated.store, "x", item_id=first, at=earlier, state="unresolved", sent_at=None)
    second = populated.outreach().attempt("ana", NOW)
    assert second.speaks
    assert second.decision.item_id != first
    assert second.decision.slate is not None
    assert second.decision.slate["dropped"]["blocked"] == 1


@pytest.mark.parametrize(
    ("source", "agrees", "considered"),
    [("calendar", True, True), ("calendar", False, False), ("member", False, True)],
    ids=["by a tool, agreed to", "by a tool, not agreed to", "by herself"],
)
def test_what_others_address_to_a_member_needs_their_consent(
    populated: Scene, source: str, agrees: bool, considered: bool
) -> None:
    """Before she was asked for anything but openers, a tool's events prompt nobody."""
    with populated.store.writing(WORKSPACE) as unit:
        event = replace(item("review", "python"), addressed_to=MemberId("ana"), source=source)
        Items(unit).save([event], at=NOW, approved_by="curator")
        if not agrees:
            Consents(unit).withdraw("ana", {"external_events"}, at=NOW)
        unit.commit()
    query = populated.facts.gather("ana", NOW, populated.recommender.view).query
    slate = populated.recommender.view.pipeline.run(query)
    ids = {populated.recommender.view.item(row).id for row in slate.ranked.rows.tolist()}
    assert ("review" in ids) is considered
