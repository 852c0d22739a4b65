"""What a member cares about: several vectors, moved both ways by what became of openers.

One average of everything a member does lies between their interests and near none of them
(PinnerSage, Pal et al. 2020); so their past is grouped, and each group speaks for itself.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recsys.clocks import DAY
from recsys.remembered import remembered
from recsys.state import ENGAGING
from recsys.topics import centres
from recsys.types import Floats, MemberState, OutcomeKind, Pool, Rows, SignalKind

HALF_LIFE = 14 * DAY
RECENT = 2 * DAY
MAX_INTERESTS = 6
MAX_EVENTS = 240
"""the latest signals and outcomes that count; with the half-life, older ones weigh nothing"""

ALIKE = 0.4
"""cosine above which two texts speak of one interest (MiniLM: same topic .3-.6, other below .2)"""

PROFILE_BELIEF = 1.5
"""what has to agree, in fresh posts, until a profile is half believed"""

FOLLOW_WEIGHT = 2.0
"""what a stated interest weighs, in fresh posts"""

SIGNAL_WEIGHTS = {
    SignalKind.POSTED: 1.0,
    SignalKind.REPLIED: 1.0,
    SignalKind.REACTED: 0.5,
    SignalKind.VISITED: 0.3,
}

OUTCOME_WEIGHTS = {
    **dict.fromkeys(ENGAGING, 2.0),
    OutcomeKind.HANDED_OFF: 1.0,
    OutcomeKind.DISMISSED: -2.0,
    OutcomeKind.IGNORED: -0.3,
    OutcomeKind.OPTED_OUT: -2.0,
}

_SIGNAL_WEIGHT = np.array([SIGNAL_WEIGHTS[kind] for kind in SignalKind])
_OUTCOME_WEIGHT = np.array([OUTCOME_WEIGHTS.get(kind, 0.0) for kind in OutcomeKind])


@remembered(16)
def interests(state: MemberState, pool: Pool, now: float) -> tuple[Floats, Floats]:
    """A member's interests at `now`: unit vectors (k, d) and weights (k,), heaviest first.

    The weights sum to 1; k is 0 for somebody of whom nothing is known and at most
    `MAX_INTERESTS`. What they did fades with a half-life of 14 days; welcome openers pull an
    interest towards their item, dismissed ones push it away and make it lighter; followed
    topics stand at the centre of their items published so far.
    """
    vectors, weights = _events(state, pool, now)
    liked = weights > 0
    centres, mass = _grouped(vectors[liked], weights[liked])
    centres, mass = _pushed(centres, mass, vectors[~liked], -weights[~liked])
    alive = mass > 0
    order = np.argsort(-mass[alive], kind="stable")[:MAX_INTERESTS]
    centres, mass = centres[alive][order], mass[alive][order]
    total = mass.sum()
    return centres, np.asarray(mass / total if total > 0 else mass, dtype=np.float32)


def profile(state: MemberState, pool: Pool, now: float) -> Floats:
    """(d,): where all that a member did and welcomed points, less what they refused.

    Its length is how far that may be believed, 0 to 1: one post says little, and many that point
    everywhere say no more. So its product with an item is a likeness that shrinks with doubt.
    """
    vectors, weights = _events(state, pool, now)
    total = weights @ vectors
    return np.asarray(total / (np.linalg.norm(total) + PROFILE_BELIEF), np.float32)


@remembered(16)
def recent_context(state: MemberState, pool: Pool, now: float) -> Floats:
    """(d,): where the member's mind has been in the last two days; zero if nowhere."""
    signals = state.signals
    start, end = np.searchsorted(signals.at, [now - RECENT, now])
    vectors = _said(signals.vectors[start:end], signals.row[start:end], pool)
    fresh = 0.5 ** ((now - signals.at[start:end]) / (RECENT / 2))
    weights = fresh * _SIGNAL_WEIGHT[signals.kind[start:end]]
    context: Floats = _unit((weights @ vectors)[None, :])[0]
    return context


@remembered(16)
def _events(state: MemberState, pool: Pool, now: float) -> tuple[Floats, NDArray[np.float64]]:
    """What moves the interests, (m, d), and how far, (m,): negative pushes away."""
    signals, exposures = state.signals, state.exposures
    end = int(np.searchsorted(signals.at, now))
    latest = slice(max(0, end - MAX_EVENTS), end)
    said = _said(signals.vectors[latest], signals.row[latest], pool)
    said_weight = _faded(signals.at[latest], now) * _SIGNAL_WEIGHT[signals.kind[latest]]
    known = np.flatnonzero((exposures.outcome_at < now) & (exposures.row >= 0))[-MAX_EVENTS:]
    shown = pool.vectors[exposures.row[known]]
    shown_weight = (
        _faded(exposures.outcome_at[known], now) * _OUTCOME_WEIGHT[exposures.outcome[known]]
    )
    followed = _followed(state, pool, now)
    vectors = np.concatenate([said, shown, followed])
    weights = np.concatenate([said_weight, shown_weight, np.full(len(followed), FOLLOW_WEIGHT)])
    counts = vectors.any(axis=1) & (weights != 0)
    return vectors[counts], weights[counts]


def _said(vectors: Floats, rows: Rows, pool: Pool) -> Floats:
    """A signal's own words, or those of the item it touched where it had none."""
    silent = ~vectors.any(axis=1) & (rows >= 0) & (rows < len(pool))
    if not silent.any():
        return vectors
    vectors = np.array(vectors, dtype=np.float32)
    vectors[silent] = pool.vectors[rows[silent]]
    return vectors


def _followed(state: MemberState, pool: Pool, now: float) -> Floats:
    """The centre of each followed topic, zero for one without an item yet."""
    columns = [column for column, topic in enumerate(pool.topics) if topic in state.follows]
    if not columns:
        return np.zeros((0, pool.vectors.shape[1]), dtype=np.float32)
    return centres(pool, now)[1][columns]


def _faded(at: NDArray[np.float64], now: float) -> NDArray[np.float64]:
    return np.asarray(0.5 ** ((now - at) / HALF_LIFE))


def _grouped(vectors: Floats, weights: NDArray[np.float64]) -> tuple[Floats, NDArray[np.float64]]:
    """Greedy cover, then one step of weighted spherical k-means: centres (k, d), mass (k,)."""
    if not len(vectors):
        return vectors, weights
    alike = vectors @ vectors.T
    near = (alike > ALIKE).astype(np.float64)  # a product of flags would not go through BLAS
    np.fill_diagonal(near, 1.0)
    left = np.ones(len(vectors), dtype=np.bool_)
    seeds: list[int] = []
    while left.any() and len(seeds) < MAX_INTERESTS:
        density = np.where(left, near @ (weights * left), -1.0)
        seeds.append(int(density.argmax()))
        left &= near[seeds[-1]] == 0.0
    nearest = alike[:, seeds].argmax(axis=1)
    share = np.zeros((len(seeds), len(vectors)))
    share[nearest, np.arange(len(vectors))] = weights
    return _unit(share @ vectors), np.asarray(share.sum(axis=1))


def _pushed(
    centres: Floats,
    mass: NDArray[np.float64],
    unwelcome: Floats,
    push: NDArray[np.float64],
) -> tuple[Floats, NDArray[np.float64]]:
    """Interests after what was unwelcome: turned away from it and lighter by as much (Rocchio).

    Only as far as an interest resembles the unwelcome item: one dull item about cooking says
    nothing about running.
    """
    if not len(unwelcome) or not len(centres):
        return centres, mass
    felt = np.maximum(centres @ unwelcome.T, 0.0) * push  # (k, u)
    moved = centres * mass[:, None] - 0.5 * (felt @ unwelcome)
    return _unit(moved), np.maximum(mass - 0.5 * felt.sum(axis=1), 0.0)


def _unit(vectors: NDArray[np.floating]) -> Floats:
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.where(lengths > 0, lengths, 1.0), dtype=np.float32)
