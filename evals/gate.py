"""Is a run worse than the baseline? Headline figures may move within their interval; what must always be right may not fall at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evals.bootstrap import interval
from evals.checks import EXACT
from evals.measures import Outcome

NEVER_FALL = ("verbatim", "existence", *EXACT)
LESS_IS_BETTER = ("forbidden",)
NOT_JUDGED = ("latency_ms", "claim_support")
"""Time depends on the machine; what the answer says of its own sentences is not evidence."""
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Drop:
    """A measure that got worse than it may."""

    measure: str
    before: float
    after: float

    def __str__(self) -> str:
        return f"{self.measure} {self.before:.3f} → {self.after:.3f}"


def drops(baseline: Sequence[Outcome], outcomes: Sequence[Outcome]) -> list[Drop]:
    """The measures that are below the interval of ``baseline``, or that fell although they must not."""
    before, after = _columns(baseline), _columns(outcomes)
    found = []
    for name, values in before.items():
        if name in NOT_JUDGED:
            continue
        old, new = _mean(values), _mean(after.get(name, {}))
        low, high = interval(list(values.values()))
        if name in NEVER_FALL:
            worse = new < old - _ROUNDING
        elif name in LESS_IS_BETTER:
            worse = new > high + _ROUNDING
        else:
            worse = new < low - _ROUNDING
        if worse:
            found.append(Drop(name, old, new))
    return found + _crashed(baseline, outcomes)


def _crashed(baseline: Sequence[Outcome], outcomes: Sequence[Outcome]) -> list[Drop]:
    before, after = (sum(o.error is not None for o in run) for run in (baseline, outcomes))
    return [Drop("answers that came", len(baseline) - before, len(outcomes) - after)] if after > before else []


def _columns(outcomes: Sequence[Outcome]) -> dict[str, dict[str, float]]:
    columns: dict[str, dict[str, float]] = {}
    for outcome in outcomes:
        for name, value in outcome.values.items():
            if value is not None:
                columns.setdefault(name, {})[outcome.id] = value
    return columns


def _mean(values: Mapping[str, float]) -> float:
    return sum(values.values()) / len(values) if values else 0.0
