"""Is a run worse than the baseline? Headline figures may move within their interval; what must always be right may not fall at all."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from evals.bootstrap import interval
from evals.checks import EXACT
from evals.measures import Outcome
from evals.results_file import FOLDER, QuestionResult, read_eval, read_run

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


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("gate", help="一次评测是否比已提交的结果差：指标跌出区间时以非零状态退出")
    parser.add_argument("results", type=Path, metavar="FILE.json", help="这次评测的结果（evals run --out）")
    parser.add_argument("--against", type=Path, default=FOLDER, metavar="DIR", help="作为基准的结果文件夹")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    before, after = read_eval(arguments.against), read_run(arguments.results)
    found = drops([_outcome(q) for q in before.questions], [_outcome(q) for q in after.questions])
    for drop in found:
        print(f"变差：{drop}")
    print("评测变差。" if found else "评测没有变差。")
    return 1 if found else 0


def _outcome(stored: QuestionResult) -> Outcome:
    return Outcome(
        stored.id, stored.category, stored.split, stored.refused, stored.refusal_expected, stored.error, stored.values
    )
