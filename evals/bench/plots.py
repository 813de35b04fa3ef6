"""Figures of the benchmark's page as SVG, the same bytes for the same results."""

from __future__ import annotations

from typing import Any

from evals.bench.results import Results
from evals.bench.systems import BY_NAME, OURS
from evals.bench.tables import COMPARED, HEADLINE, expected_seconds, in_order, measured_runs, scale_points
from evals.svg import Paint

_COLOURS = {OURS: "#c0392b"}
_OTHER = "#34495e"
_SIZE = (9.0, 3.6)


def figures(results: Results) -> dict[str, Any]:
    """The figures that these results give, by file name, each with exactly the numbers it shows."""
    found: dict[str, Any] = {}
    for name, measured in results["measures"].items():
        shown = {
            s: {m: _point(measured[s][m]) for m in dict.fromkeys(("R@5", HEADLINE, *COMPARED))}
            for s in in_order(measured)
        }
        if shown:
            found[f"bench-{name}.svg"] = shown
    for corpus in results["corpora"]:
        runs = measured_runs(results, corpus)
        if len(runs) > 1:
            thousands = results["corpora"][corpus]["articles"] / 1000
            found[f"bench-cost-{corpus}.svg"] = {
                s: {"build": runs[s]["cost"]["build_s"] / thousands, "p50": runs[s]["cost"]["p50_ms"]}
                for s in in_order(runs)
            }
    points = scale_points(results)
    if len(points) > 1:
        found["bench-scale.svg"] = [{**point, "expected": e} for point, e in zip(points, expected_seconds(points), strict=True)]  # fmt: skip
    return found


def painter(name: str) -> tuple[Paint, tuple[float, float]]:
    """What draws the figure of this name, and how large."""
    if name == "bench-scale.svg":
        return _scale, _SIZE
    return (_cost if name.startswith("bench-cost-") else _quality), _SIZE


def _point(figures: dict[str, float]) -> list[float]:
    return [figures["mean"], figures["low"], figures["high"]]


def _quality(figure: Any, data: dict[str, dict[str, list[float]]]) -> None:
    names = list(data)[::-1]
    for axes, measure in zip(figure.subplots(1, 2, sharey=True), ("R@5", HEADLINE), strict=True):
        for row, name in enumerate(names):
            mean, low, high = data[name][measure]
            axes.errorbar(
                mean, row, xerr=[[mean - low], [high - mean]], fmt="o", capsize=3, color=_COLOURS.get(name, _OTHER)
            )
        axes.set_xlim(0, 1)
        axes.set_xlabel({"R@5": "recall@5"}.get(measure, measure) + " (mean, 95 % interval)")
        axes.set_yticks(range(len(names)), [BY_NAME[name].label for name in names])


def _cost(figure: Any, data: dict[str, dict[str, float]]) -> None:
    axes = figure.subplots()
    for marker, (name, row) in zip("osD^vP", data.items(), strict=False):
        axes.plot(
            row["build"],
            row["p50"],
            marker,
            color=_COLOURS.get(name, _OTHER),
            markersize=7,
            label=BY_NAME[name].label,
            linestyle="none",
        )
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("seconds to build, for 1,000 articles")
    axes.set_ylabel("median search, ms")
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)


def _scale(figure: Any, points: list[dict[str, float]]) -> None:
    sizes = [point["articles"] for point in points]
    seconds, latency, memory = figure.subplots(1, 3)
    seconds.plot(sizes, [p["build_s"] for p in points], "o-", color=_COLOURS[OURS], label="ingestion")
    seconds.plot(sizes, [p["expected"] for p in points], "--", color=_OTHER, label="n log n from the first point")
    latency.plot(sizes, [p["p50_ms"] for p in points], "o-", color=_COLOURS[OURS], label="p50")
    latency.plot(sizes, [p["p95_ms"] for p in points], "s--", color=_OTHER, label="p95")
    memory.plot(sizes, [p["build_mb"] for p in points], "o-", color=_COLOURS[OURS], label="ingestion")
    memory.plot(sizes, [p["search_mb"] for p in points], "s--", color=_OTHER, label="search")
    for axes, name in ((seconds, "seconds"), (latency, "search, ms"), (memory, "peak memory, MB")):
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xlabel("articles")
        axes.set_ylabel(name)
        axes.legend(frameon=False)
