"""Figures of the suite's page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evals.axes import VERDICTS
from evals.svg import Paint

HEADLINES, VERDICT, CATEGORIES = "suite-headlines.svg", "suite-verdicts.svg", "suite-categories.svg"
MEASURES = (
    "recall@5",
    "ndcg@10",
    "citation_recall",
    "pinpoint_recall",
    "citation_precision",
    "fact_recall",
    "temporal_correctness",
    "follow_up_success",
    "forbidden",
)
CATEGORY = "citation_recall"
_SPLITS = {"dev": ("#2c7fb8", -0.12), "test": ("#c0392b", 0.12)}
_COLOURS = dict(zip(VERDICTS, ("#2e7d5b", "#b8b8b8", "#c0392b"), strict=True))
_LINE = 0.34
"""Inches for a row."""


def figures(result: Mapping[str, Any]) -> dict[str, Any]:
    """The figures that a run gives, by file name, each with exactly the numbers it shows."""
    found: dict[str, Any] = {}
    headlines = {
        split: {name: _point(summary[name]) for name in MEASURES if name in summary}
        for split, summary in result["splits"].items()
        if split in _SPLITS
    }
    if any(headlines.values()):
        found[HEADLINES] = headlines
    verdicts = {
        category: [summary[name]["mean"] for name in VERDICTS]
        for category, summary in result["categories"].items()
        if all(name in summary for name in VERDICTS)
    }
    if verdicts:
        found[VERDICT] = verdicts
    categories = {
        name: summary[CATEGORY]["mean"] for name, summary in result["categories"].items() if CATEGORY in summary
    }
    if len(categories) > 1:
        found[CATEGORIES] = categories
    return found


def painter(name: str) -> tuple[Paint, tuple[float, float]]:
    """What draws the figure of this name, and how large."""
    painters: dict[str, tuple[Paint, int]] = {
        HEADLINES: (_headlines, 10),
        VERDICT: (_verdicts, 20),
        CATEGORIES: (_categories, 15),
    }
    paint, rows = painters[name]
    return paint, (9.0, 0.8 + _LINE * rows)


def _point(figures: Mapping[str, float]) -> list[float]:
    return [figures["mean"], figures["low"], figures["high"]]


def _headlines(figure: Any, data: dict[str, dict[str, list[float]]]) -> None:
    axes = figure.subplots()
    names = [name for name in MEASURES if any(name in measured for measured in data.values())][::-1]
    for split, measured in data.items():
        colour, shift = _SPLITS[split]
        rows = [row for row, name in enumerate(names) if name in measured]
        points = [measured[names[row]] for row in rows]
        axes.errorbar(
            [mean for mean, _, _ in points],
            [row - shift for row in rows],
            xerr=[[mean - low for mean, low, _ in points], [high - mean for mean, _, high in points]],
            fmt="o",
            capsize=3,
            color=colour,
            label=split,
        )
    axes.set_yticks(range(len(names)), names)
    axes.set_xlim(-0.02, 1.02)
    axes.set_xlabel("mean, 95 % interval")
    axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))


def _verdicts(figure: Any, data: dict[str, list[float]]) -> None:
    axes = figure.subplots()
    names = sorted(data, key=lambda name: (data[name][0], name))
    before = [0.0] * len(names)
    for at, verdict in enumerate(VERDICTS):
        shares = [data[name][at] for name in names]
        axes.barh(names, shares, left=before, color=_COLOURS[verdict], label=verdict)
        before = [start + share for start, share in zip(before, shares, strict=True)]
    axes.set_xlim(0, 1)
    axes.set_xlabel("share of the answers")
    axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))


def _categories(figure: Any, data: dict[str, float]) -> None:
    axes = figure.subplots()
    names = sorted(data, key=lambda name: (data[name], name))
    axes.barh(names, [data[name] for name in names], color="#2c7fb8")
    axes.set_xlim(0, 1)
    axes.set_xlabel("citation recall")
