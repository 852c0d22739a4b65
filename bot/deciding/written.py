"""A decision as it is written down: what was chosen, how surely, and what it was made from."""

from __future__ import annotations

from dataclasses import asdict

from bot.deciding import inputs
from bot.deciding.judging import Considered
from bot.deciding.slates import record as slate_record
from bot.ids import digest
from bot.policy.facts import Facts
from bot.policy.gate import Verdict
from bot.policy.rules import VERSION
from bot.ports import Usage
from bot.settings import PolicySettings
from bot.store import tables


def decision_id(workspace: str, member: str, slot: str) -> str:
    """The id of the one decision of a member's slot."""
    return "de_" + digest(workspace, member, slot)


def decision(
    run: str,
    facts: Facts,
    verdict: Verdict,
    stage: str,
    policy: PolicySettings,
    had: Considered | None,
    usage: Usage,
) -> tables.Decision:
    """The row of one decision; with nothing in hand it ended before there was a slate."""
    pick = had.slate.chosen if had is not None else None
    p_speak = had.offer.p_speak if had is not None and pick is not None else None
    return tables.Decision(
        id=decision_id(facts.standing.workspace, facts.standing.member, facts.standing.slot),
        workspace_id=facts.standing.workspace,
        run_id=run,
        member_id=facts.standing.member,
        slot=facts.standing.slot,
        at=facts.standing.now,
        verdict="speak" if verdict.allowed else "silent",
        reason=verdict.reason or "worth_it",
        rules=[dict(result.as_record()) for result in verdict.results],
        slate=slate_record(had.slate, had.view, had.because.parts) if had else None,
        why=had.because.lines if had else "",
        item_id=pick.item if pick else None,
        style=pick.style if pick else None,
        arm=had.offer.arm if had is not None else "normal",
        p_speak=p_speak,
        p_item=pick.item_propensity if pick else None,
        p_style=pick.style_propensity if pick else None,
        propensity=(
            p_speak * pick.item_propensity * pick.style_propensity
            if pick is not None and p_speak is not None
            else None
        ),
        engages=pick.engages if pick else None,
        dismisses=pick.dismisses if pick else None,
        opts_out=pick.opts_out if pick else None,
        utility=pick.utility if pick else None,
        seed=facts.seed,
        model_version=had.view.version if had is not None else None,
        policy_version=VERSION,
        inputs={
            "stage": stage,
            **inputs.record(facts, had.offer.policy if had else policy, had.view if had else None),
            "offered": asdict(had.offer.offered) if had and had.offer.offered else None,
        },
        prompt_tokens=usage.prompt_tokens,
        completion_tokens=usage.completion_tokens,
        micros=usage.micros,
        estimated=usage.estimated,
    )


def spent_on(made: tables.Decision) -> Usage:
    """What the language model took for a decision."""
    return Usage(made.prompt_tokens, made.completion_tokens, made.estimated, made.micros)
