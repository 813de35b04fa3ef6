"""Sections of the suite's page for the comparisons that were made: other systems, ablations, interventions, perturbations, planted defects."""

from __future__ import annotations

from pathlib import Path

from evals.results_file import COMPARISONS, Comparison, Figure, Row, read_comparison
from rag.errors import InvalidInput

_QUESTIONS = {
    "systems": "How do other systems do on the same questions?",
    "ablations": "What is each part worth?",
    "interventions": "Does an answer change when its source goes, or says something else?",
    "perturbations": "Does the answer stay when only the wording changes?",
    "planted": "Does the suite turn red when the product is broken on purpose?",
}
_COLUMNS = {
    "systems": ("recall@5", "citation_recall", "citation_precision", "fact_recall", "accurate", "hallucinated", "latency_ms"),
    "ablations": ("recall@5", "citation_recall", "pinpoint_recall", "fact_recall", "refused_rightly", "answered_rightly"),
}  # fmt: skip
"""Measures that are shown; of the others, all that there are."""
_MORE = {"systems": "More of it: [systems.md](systems.md)."}


def comparisons(folder: Path) -> list[str]:
    """The sections of all comparisons whose file is in ``folder``; of a file that has other rows than these, none."""
    parts: list[str] = []
    for name in COMPARISONS:
        try:
            found = read_comparison(name, folder)
        except InvalidInput:
            continue
        if found and any(row.summary for row in found.rows):
            parts += [f"## {_QUESTIONS[name]}", _table(name, found), _reading(name, found)]
    return parts


def _table(name: str, found: Comparison) -> str:
    there = list(dict.fromkeys(measure for row in found.rows for measure in row.summary))
    columns = [measure for measure in _COLUMNS.get(name, there) if measure in there]
    lines = [f"| | {' | '.join(columns)} |", "|---" * (len(columns) + 1) + "|"]
    lines += [
        f"| {row.name} | {' | '.join(_cell(row.summary.get(measure)) for measure in columns)} |"
        for row in found.rows
        if row.summary
    ]
    return "\n".join(lines)


def _cell(figure: Figure | None) -> str:
    if figure is None:
        return "–"
    interval = f" [{figure.low:.3f}, {figure.high:.3f}]" if figure.low is not None and figure.high is not None else ""
    return f"{figure.mean:.3f}{interval} (n={figure.n})"


def _reading(name: str, found: Comparison) -> str:
    told = [found.reading, *(row.reading for row in found.rows if row.summary)]
    told += [f"Not run: {', '.join(missing)}."] if (missing := _not_run(found.rows)) else []
    return " ".join(filter(None, ("Reading:" if any(told) else "", *told, _MORE.get(name, ""))))


def _not_run(rows: tuple[Row, ...]) -> list[str]:
    return [row.name for row in rows if not row.summary]
