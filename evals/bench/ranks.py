"""What a ranking is worth: the ranks of the gold, the field's measures of them by ir-measures, and how sure they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from evals.bench import DEPTH
from evals.bootstrap import interval
from evals.pinpoints import meets

MEASURES = ("R@1", "R@5", "R@10", "R@100", "RR@10", "nDCG@10", "Success@5")

Ranks = list[int | None]
"""Rank of each requirement of a question, from 1; None where the first ``DEPTH`` articles do not meet it."""
Values = dict[str, dict[str, float]]
"""Measure → question → value."""


def gold_ranks(found: Sequence[str], gold: Sequence[Sequence[str]]) -> Ranks:
    """Ranks at which a ranking first meets each requirement. A place that meets two of them takes a rank for each."""
    ranks: Ranks = [None] * len(gold)
    rank = 0
    for place in found[:DEPTH]:
        rank += 1
        met = [
            number
            for number, alternatives in enumerate(gold)
            if ranks[number] is None and any(meets(place, g) for g in alternatives)
        ]
        for further, number in enumerate(met):
            ranks[number] = rank + further
        rank += max(0, len(met) - 1)
    return [rank if rank is None or rank <= DEPTH else None for rank in ranks]


def values_of(ranks: Mapping[str, Ranks], names_of_measures: Sequence[str] = MEASURES) -> Values:
    """Every measure of every question, by ir-measures; each requirement is one relevant document."""
    import ir_measures

    judged = {question: {f"gold-{n}": 1 for n in range(len(row))} for question, row in ranks.items()}
    run = {question: _scores(row) for question, row in ranks.items()}
    measures = {name: ir_measures.parse_measure(name) for name in names_of_measures}
    values: Values = {name: {} for name in names_of_measures}
    names = {measure: name for name, measure in measures.items()}
    for metric in ir_measures.iter_calc(list(measures.values()), judged, run):
        values[names[metric.measure]][metric.query_id] = metric.value
    return values


def _scores(ranks: Ranks) -> dict[str, float]:
    """A run of ``DEPTH`` documents with the gold at its ranks."""
    places = {f"other-{rank}": float(DEPTH - rank) for rank in range(1, DEPTH + 1) if rank not in ranks}
    return places | {f"gold-{n}": float(DEPTH - rank) for n, rank in enumerate(ranks) if rank is not None}


def summary(values: Values, ours: Values | None = None) -> dict[str, Any]:
    """Mean and 95 % interval of each measure; with ``ours``, also of the difference to it on the same questions (paired bootstrap)."""
    found: dict[str, Any] = {}
    for name, by_question in values.items():
        figures: dict[str, Any] = _figures(list(by_question.values()))
        if ours is not None:
            figures["difference"] = _figures([value - ours[name][q] for q, value in by_question.items()])
        found[name] = figures
    return found


def _figures(values: Sequence[float]) -> dict[str, float]:
    low, high = interval(values)
    return {"mean": round(sum(values) / len(values), 4), "low": low, "high": high, "n": len(values)}
