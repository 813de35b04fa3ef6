"""Is a run worse than the baseline? Judged on the questions that both runs asked.

A measure that must always be right may not fall at all. Any other is worse

* where the 95 % interval of its paired differences (paired bootstrap, question by question) lies wholly below 0, or
* where its mean is below the interval of the baseline's.

The first sees a few questions that got worse while none got better; the second a fall that swings both ways. Extractive answers are the same at every
run, so that what differs is the doing of a change; of a model's answers, which vary by themselves, one measure in forty would be worse by chance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evals.bootstrap import interval
from evals.checks import EXACT
from evals.measures import Outcome

NEVER_FALL = ("verbatim", "existence", *EXACT)
LESS_IS_BETTER = ("forbidden", "hallucinated")
NOT_JUDGED = ("latency_ms", "claim_support", "incomplete")
"""Time depends on the machine; what the answer says of its own sentences is not evidence; incomplete is what the other two verdicts leave."""
SHOWN = ("recall@5", "citation_recall", "pinpoint_recall", "fact_recall", "accurate", "hallucinated", "refused_rightly")
"""Measures whose gains and losses are listed by question."""
_ROUNDING = 1e-4
"""Stored figures have four decimals."""


@dataclass(frozen=True, slots=True)
class Drop:
    """A measure that got worse than it may, and the questions that lost by it."""

    measure: str
    before: float
    after: float
    lost: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.measure} {self.before:.3f} → {self.after:.3f}"


@dataclass(frozen=True, slots=True)
class Change:
    """Questions that got better and worse by a measure."""

    measure: str
    gained: tuple[str, ...]
    lost: tuple[str, ...]


def drops(baseline: Sequence[Outcome], outcomes: Sequence[Outcome]) -> list[Drop]:
    """The measures that are worse than ``baseline``, and answers that no longer came."""
    before, after = _columns(baseline), _columns(outcomes)
    asked = {outcome.id for outcome in outcomes}
    found = []
    for name, values in before.items():
        if name in NOT_JUDGED:
            continue
        pairs = _pairs({i: value for i, value in values.items() if i in asked}, after.get(name, {}))
        old_values, new_values = [old for old, _ in pairs.values()], [new for _, new in pairs.values()]
        if pairs and _is_worse(name, old_values, new_values):
            sign = -1 if name in LESS_IS_BETTER else 1
            lost = tuple(i for i, (old, new) in pairs.items() if sign * (new - old) < -_ROUNDING)
            found.append(Drop(name, _mean(old_values), _mean(new_values), lost))
    return found + _crashed(baseline, outcomes)


def _pairs(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, tuple[float, float]]:
    """Question → both figures, where both runs have one; a measure that vanished altogether counts as nothing."""
    if not any(identifier in after for identifier in before):
        return {identifier: (old, 0.0) for identifier, old in before.items()}
    return {identifier: (old, after[identifier]) for identifier, old in before.items() if identifier in after}


def _is_worse(name: str, before: Sequence[float], after: Sequence[float]) -> bool:
    sign = -1.0 if name in LESS_IS_BETTER else 1.0
    fall = sign * (_mean(before) - _mean(after))
    if name in NEVER_FALL:
        return fall > 0 and any(old - new > _ROUNDING for old, new in zip(before, after, strict=True))
    if fall <= _ROUNDING:
        return False
    _, best = interval([sign * (new - old) for old, new in zip(before, after, strict=True)])
    low, high = interval(before)
    return best < 0 or fall > sign * _mean(before) - min(sign * low, sign * high) + _ROUNDING


def _crashed(baseline: Sequence[Outcome], outcomes: Sequence[Outcome]) -> list[Drop]:
    asked = {o.id for o in baseline} & {o.id for o in outcomes}
    before, after = ({o.id for o in run if o.error is not None} & asked for run in (baseline, outcomes))
    if len(after) <= len(before):
        return []
    return [Drop("answers that came", len(asked - before), len(asked - after), tuple(sorted(after - before)))]


def changes(baseline: Sequence[Outcome], outcomes: Sequence[Outcome]) -> list[Change]:
    """Gains and losses by question, of the ``SHOWN`` measures that changed."""
    before, after = _columns(baseline), _columns(outcomes)
    found = []
    for name in SHOWN:
        sign = -1 if name in LESS_IS_BETTER else 1
        new = after.get(name, {})
        moved = {i: sign * (new[i] - old) for i, old in before.get(name, {}).items() if i in new}
        gained = tuple(i for i, by in moved.items() if by > _ROUNDING)
        lost = tuple(i for i, by in moved.items() if by < -_ROUNDING)
        if gained or lost:
            found.append(Change(name, gained, lost))
    return found


def _columns(outcomes: Sequence[Outcome]) -> dict[str, dict[str, float]]:
    columns: dict[str, dict[str, float]] = {}
    for outcome in outcomes:
        for name, value in outcome.values.items():
            if value is not None:
                columns.setdefault(name, {})[outcome.id] = value
    return columns


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
