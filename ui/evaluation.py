"""What the evaluation page shows, as plain rows and sentences: computed from the stored results, drawn elsewhere."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from evals.results_file import BenchResults, Comparison, EvalResults, Figure, QuestionResult, Summary
from rag import Fingerprints
from ui.words import catalogue, say

MEASURES = (
    "recall@5", "citation_recall", "pinpoint_recall", "citation_precision", "fact_recall", "claim_support", "verbatim",
    "existence", "forbidden",
)  # fmt: skip
DECIDED = "decided"
"""Share of questions that were answered or refused as they should be: the one measure that every category has."""
BENCH_MEASURES = ("R@5", "nDCG@10", "R@1", "R@10", "R@100", "RR@10", "Success@5")
COSTS = ("build_s", "p50_ms", "p95_ms", "search_mb", "size_mb")
OURS = "this-project"
_Z = 1.96
_EDGES = (0, 5, 10, 20, 50, 100, 200, 500, 1000)


@dataclass(frozen=True, slots=True)
class Dot:
    """A figure of a dot-and-interval chart; ``group`` tells apart several of one name. ``low`` and ``high`` None: no interval."""

    name: str
    mean: float
    n: int
    low: float | None = None
    high: float | None = None
    group: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    name: str
    value: float
    group: str = ""


@dataclass(frozen=True, slots=True)
class RefusalCounts:
    """Questions that should be refused and were (``right``); that should be answered and were refused nevertheless (``wrong``)."""

    expected: int
    right: int
    rest: int
    wrong: int


def named(prefix: str, key: str) -> str:
    """The words for a measure (``m``), category (``c``), system (``s``) …; a key that nobody named stays as it is."""
    known = f"evaluation.{prefix}_{key}"
    return say(known) if known in catalogue() else key


def percent(share: float) -> str:
    """0.912 → 91.2%."""
    return f"{share:.1%}"


def wilson(mean: float, n: int) -> tuple[float, float]:
    """95 % score interval of a share (Wilson, 1927); for a mean of shares between 0 and 1 it is on the wide side."""
    centre = (mean + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z / (1 + _Z**2 / n) * math.sqrt(mean * (1 - mean) / n + _Z**2 / (4 * n**2))
    return max(0.0, centre - half), min(1.0, centre + half)


def differences(stored: Fingerprints, now: Fingerprints) -> list[str]:
    """What has changed since the results were made, in words."""
    return [named("print", name) for name, value in stored.model_dump().items() if value != getattr(now, name)]


# --- is it grounded ---


def measure_dots(results: EvalResults) -> list[Dot]:
    """Each measure in each split, in the order of the page."""
    return [
        _dot(named("m", measure), summary[measure], named("split", split))
        for measure in MEASURES
        for split, summary in results.splits.items()
        if measure in summary
    ]


def measure_reading(results: EvalResults) -> str:
    """The measure in which dev and test lie furthest apart, and whether that may be chance."""
    dev, test = results.splits.get("dev", {}), results.splits.get("test", {})
    both = [measure for measure in MEASURES if measure in dev and measure in test]
    if not both:
        return say("evaluation.measures_one")
    widest = max(both, key=lambda measure: abs(dev[measure].mean - test[measure].mean))
    overlap = "overlap" if _overlap(dev[widest], test[widest]) else "no_overlap"
    return say(
        "evaluation.measures_reading",
        name=named("m", widest),
        dev=percent(dev[widest].mean),
        test=percent(test[widest].mean),
        overlap=say(f"evaluation.{overlap}"),
    )


def _overlap(one: Figure, other: Figure) -> bool:
    return max(_low(one), _low(other)) <= min(_high(one), _high(other))


def _low(figure: Figure) -> float:
    return figure.mean if figure.low is None else figure.low


def _high(figure: Figure) -> float:
    return figure.mean if figure.high is None else figure.high


def _dot(name: str, figure: Figure, group: str = "") -> Dot:
    return Dot(name, figure.mean, figure.n, figure.low, figure.high, group)


# --- by category ---


def category_measures(results: EvalResults) -> list[str]:
    """What the categories can be compared by."""
    found = {measure for summary in results.categories.values() for measure in summary}
    return [DECIDED, *(measure for measure in MEASURES if measure in found)]


def category_dots(results: EvalResults, measure: str) -> list[Dot]:
    """Lowest first; a category to which the measure does not apply is left out."""
    figures = _decided(results.questions) if measure == DECIDED else _of_categories(results.categories, measure)
    dots = [
        Dot(named("c", category), figure.mean, figure.n, *wilson(figure.mean, figure.n))
        for category, figure in figures.items()
        if figure.n
    ]
    return sorted(dots, key=lambda dot: dot.mean)


def _of_categories(categories: Mapping[str, Summary], measure: str) -> dict[str, Figure]:
    return {category: summary[measure] for category, summary in categories.items() if measure in summary}


def _decided(questions: Iterable[QuestionResult]) -> dict[str, Figure]:
    right: dict[str, list[bool]] = {}
    for question in questions:
        as_expected = question.refused == question.refusal_expected and not question.error
        right.setdefault(question.category, []).append(as_expected)
    return {category: Figure(mean=sum(found) / len(found), n=len(found)) for category, found in right.items()}


def category_reading(dots: Sequence[Dot], measure: str) -> str:
    lowest, highest = dots[0], dots[-1]
    return say(
        "evaluation.categories_reading",
        name=named("m", measure),
        worst=lowest.name,
        low=percent(lowest.mean),
        n=lowest.n,
        best=highest.name,
        high=percent(highest.mean),
    )


# --- refusals and time ---


def refusal_counts(results: EvalResults) -> RefusalCounts:
    expected = [question for question in results.questions if question.refusal_expected]
    rest = [question for question in results.questions if not question.refusal_expected]
    return RefusalCounts(len(expected), sum(q.refused for q in expected), len(rest), sum(q.refused for q in rest))


def refusal_bars(counts: RefusalCounts) -> list[Bar]:
    refuse, respond = say("evaluation.should_refuse"), say("evaluation.should_answer")
    refused, answered = say("evaluation.was_refused"), say("evaluation.was_answered")
    return [
        Bar(refuse, counts.right, refused),
        Bar(refuse, counts.expected - counts.right, answered),
        Bar(respond, counts.wrong, refused),
        Bar(respond, counts.rest - counts.wrong, answered),
    ]


def refusal_reading(counts: RefusalCounts) -> str:
    values = {"expected": counts.expected, "right": counts.right, "rest": counts.rest, "wrong": counts.wrong}
    return say("evaluation.refusals_reading", **values)


def latencies(results: EvalResults) -> list[float]:
    """Milliseconds, in rising order."""
    found = (question.values.get("latency_ms") for question in results.questions)
    return sorted(value for value in found if value is not None)


def latency_bars(values: Sequence[float]) -> list[Bar]:
    """How many answers took so long, up to the last step that one of them reached."""
    bars = []
    for low, high in zip(_EDGES, (*_EDGES[1:], math.inf), strict=True):
        name = f"≥{low}" if high == math.inf else f"{low}–{high}"
        bars.append(Bar(name, sum(low <= value < high for value in values)))
    while bars and not bars[-1].value:
        bars.pop()
    return bars


def latency_reading(values: Sequence[float]) -> str:
    """Percentiles by nearest rank."""
    p50, p95 = (values[math.ceil(share * len(values)) - 1] for share in (0.5, 0.95))
    return say("evaluation.latency_reading", p50=f"{p50:.0f}", p95=f"{p95:.0f}", most=f"{values[-1]:.0f}")


# --- the benchmark ---


def bench_measures(bench: BenchResults, questions: str) -> list[str]:
    found = {measure for figures in bench.measures[questions].values() for measure in figures}
    return [measure for measure in BENCH_MEASURES if measure in found]


def bench_dots(bench: BenchResults, questions: str, measure: str) -> list[Dot]:
    """Best first."""
    systems = bench.measures[questions].items()
    dots = [_dot(named("s", system), figures[measure]) for system, figures in systems if measure in figures]
    return sorted(dots, key=lambda dot: -dot.mean)


def bench_reading(bench: BenchResults, questions: str, measure: str) -> str:
    """This project beside the best other system, with the interval of their difference."""
    found = {system: figures[measure] for system, figures in bench.measures[questions].items() if measure in figures}
    gaps = {system: figure.difference for system, figure in found.items() if figure.difference}
    if OURS not in found or not gaps:
        return say("evaluation.bench_alone")
    best = max(gaps, key=lambda system: found[system].mean)
    gap = gaps[best]
    verdict = "behind" if _high(gap) < 0 else "ahead" if _low(gap) > 0 else "apart"
    return say(
        "evaluation.bench_reading",
        measure=named("b", measure),
        ours=percent(found[OURS].mean),
        other=named("s", best),
        theirs=percent(found[best].mean),
        gap=f"{gap.mean:+.3f}",
        low=f"{_low(gap):+.3f}",
        high=f"{_high(gap):+.3f}",
        verdict=say(f"evaluation.{verdict}"),
    )


def cost_bars(bench: BenchResults, corpus: str, cost: str) -> list[Bar]:
    """Least first."""
    runs = bench.runs.get(corpus, {})
    bars = [Bar(named("s", system), getattr(run.cost, cost)) for system, run in runs.items() if run.cost]
    return sorted(bars, key=lambda bar: bar.value)


def cost_reading(bars: Sequence[Bar], cost: str) -> str:
    """Where this project stands; empty where it was not measured."""
    ours = named("s", OURS)
    rank = next((rank for rank, bar in enumerate(bars, 1) if bar.name == ours), None)
    if rank is None:
        return ""
    return say(
        "evaluation.cost_reading",
        what=named("cost", cost),
        ours=f"{bars[rank - 1].value:,.1f}",
        n=len(bars),
        rank=rank,
        least=bars[0].name,
        figure=f"{bars[0].value:,.1f}",
    )


# --- comparisons ---


def shares(comparison: Comparison) -> list[str]:
    """The measures of the rows that are shares throughout, those of the page first."""
    figures = [(measure, figure.mean) for row in comparison.rows for measure, figure in row.summary.items()]
    found = {measure for measure, _ in figures} - {measure for measure, mean in figures if not 0 <= mean <= 1}
    known = [measure for measure in MEASURES if measure in found]
    return known + sorted(found - set(known))


def comparison_dots(comparison: Comparison, measure: str) -> list[Dot]:
    """In the order of the file."""
    return [_dot(named("s", row.name), row.summary[measure]) for row in comparison.rows if measure in row.summary]


def comparison_reading(dots: Sequence[Dot], measure: str) -> str:
    lowest, highest = min(dots, key=lambda dot: dot.mean), max(dots, key=lambda dot: dot.mean)
    return say(
        "evaluation.comparison_reading",
        name=named("m", measure),
        best=highest.name,
        high=percent(highest.mean),
        worst=lowest.name,
        low=percent(lowest.mean),
    )
