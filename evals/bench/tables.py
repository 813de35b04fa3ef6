"""Tables of the benchmark's page, and the sentence that reads each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from evals.bench.measure import line
from evals.bench.results import Results
from evals.bench.systems import BY_NAME, ENTRIES, OURS

MEASURES = ("R@1", "R@5", "R@10", "R@100", "RR@10", "nDCG@10", "Success@5")
COMPARED = ("R@5", "R@100", "RR@10", "nDCG@10")
"""Measures whose difference to this project is shown."""
HEADLINE = "nDCG@10"
"""The measure by which the best other system is told."""
NAMES = {"R@1": "recall@1", "R@5": "recall@5", "R@10": "recall@10", "R@100": "recall@100", "RR@10": "MRR@10", "Success@5": "success@5"}  # fmt: skip


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; all columns but the first are flush right."""
    return "\n".join(
        f"| {' | '.join(cells)} |"
        for cells in (head, ["---", *["--:"] * (len(head) - 1)], *(list(row) for row in rows))
    )


def in_order(systems: Iterable[str]) -> list[str]:
    found = set(systems)
    return [entry.name for entry in ENTRIES if entry.name in found]


def label(system: str) -> str:
    name = BY_NAME[system].label
    return f"**{name}**" if system == OURS else name


def quality(measured: dict[str, Any]) -> str:
    rows = [
        [label(system), *(_with_interval(measured[system][name]) for name in MEASURES)] for system in in_order(measured)
    ]
    return table(["system", *(NAMES.get(name, name) for name in MEASURES)], rows)


def differences(measured: dict[str, Any]) -> str:
    """Each other system minus this project; empty where there is nothing to compare."""
    rows = [
        [label(system), *(_with_interval(measured[system][name]["difference"], sign="+") for name in COMPARED)]
        for system in in_order(measured)
        if "difference" in measured[system][HEADLINE]
    ]
    return table(["minus this project", *(NAMES.get(name, name) for name in COMPARED)], rows) if rows else ""


def reading(measured: dict[str, Any]) -> str:
    """One sentence: this project, and the best other system by nDCG@10 with the interval of the difference."""
    others = [system for system in in_order(measured) if "difference" in measured[system][HEADLINE]]
    if not others:
        return "Reading: one system alone was measured, so there is nothing to compare."
    best = max(others, key=lambda system: measured[system][HEADLINE]["mean"])
    ours, theirs = measured[OURS], measured[best]
    gap = theirs[HEADLINE]["difference"]
    told = (
        "behind it, by more than chance"
        if gap["high"] < 0
        else ("ahead of it, by more than chance" if gap["low"] > 0 else "not told apart by these questions")
    )
    return (
        f"Reading: this project has {ours['R@5']['mean']:.0%} of the wanted articles among its first five; the best other system, "
        f"{BY_NAME[best].label}, has {theirs['R@5']['mean']:.0%} (nDCG@10 {gap['mean']:+.3f} [{gap['low']:+.3f}, {gap['high']:+.3f}]: {told})."
    )


def costs(results: Results, corpus: str) -> str:
    articles = results["corpora"][corpus]["articles"]
    runs = measured_runs(results, corpus)
    rows = [[label(system), *_cost_cells(runs[system]["cost"], articles)] for system in in_order(runs)]
    head = [
        "system",
        "build s",
        "s / 1,000 articles",
        "p50 ms",
        "p95 ms",
        "cold start s",
        "peak MB, build",
        "peak MB, search",
        "index MB",
    ]
    return table(head, rows)


def cost_reading(results: Results, corpus: str) -> str:
    runs = measured_runs(results, corpus)
    others = [system for system in in_order(runs) if system != OURS]
    if OURS not in runs or not others:
        return "Reading: one system alone was measured, so there is nothing to compare."
    ours = runs[OURS]["cost"]
    shares = [f"{BY_NAME[system].label} {runs[system]['cost']['build_s'] / ours['build_s']:.1f}×" for system in others]
    quickest = min(in_order(runs), key=lambda system: runs[system]["cost"]["p50_ms"])
    return (
        f"Reading: building takes, against this project's {ours['build_s']:.1f} s: {', '.join(shares)}; a warm search takes {ours['p50_ms']:.1f} ms "
        f"here, the quickest ({BY_NAME[quickest].label}) {runs[quickest]['cost']['p50_ms']:.1f} ms."
    )


def _cost_cells(cost: dict[str, Any], articles: int) -> list[str]:
    cold = "–" if cost["cold_s"] is None else f"{cost['cold_s']:.2f}"
    return [
        f"{cost['build_s']:.1f}",
        f"{cost['build_s'] / articles * 1000:.2f}",
        f"{cost['p50_ms']:.1f}",
        f"{cost['p95_ms']:.1f}",
        cold,
        f"{cost['build_mb']:.0f}",
        f"{cost['search_mb']:.0f}",
        f"{cost['size_mb']:.1f}",
    ]


def measured_runs(results: Results, corpus: str) -> dict[str, Any]:
    return {system: run for system, run in results["runs"].get(corpus, {}).items() if "cost" in run}


def scale_points(results: Results) -> list[dict[str, Any]]:
    """Costs of this project by number of articles, over the slices of the statutes and all of them, in rising order."""
    points = [
        {"articles": results["corpora"][corpus]["articles"], **runs[OURS]["cost"]}
        for corpus in results["runs"]
        if (corpus.startswith("size-") or corpus == "statutes") and OURS in (runs := measured_runs(results, corpus))
    ]
    return sorted(points, key=lambda point: point["articles"])


def expected_seconds(points: Sequence[dict[str, Any]]) -> list[float]:
    """n log n through the first point."""
    return line((points[0]["articles"], points[0]["build_s"]), [point["articles"] for point in points])


def scale(points: Sequence[dict[str, Any]]) -> str:
    head = ["articles", "ingest s", "n log n from the first", "p50 ms", "p95 ms", "peak MB, build", "peak MB, search"]
    rows = [
        [
            f"{point['articles']:,}",
            f"{point['build_s']:.1f}",
            f"{expected:.1f}",
            f"{point['p50_ms']:.1f}",
            f"{point['p95_ms']:.1f}",
            f"{point['build_mb']:.0f}",
            f"{point['search_mb']:.0f}",
        ]
        for point, expected in zip(points, expected_seconds(points), strict=True)
    ]
    return table(head, rows)


def scale_reading(points: Sequence[dict[str, Any]]) -> str:
    first, last = points[0], points[-1]
    return (
        f"Reading: from {first['articles']:,} to {last['articles']:,} articles ({last['articles'] / first['articles']:.0f}×), ingestion takes "
        f"{last['build_s'] / first['build_s']:.0f}× as long (n log n would be {expected_seconds(points)[-1] / first['build_s']:.0f}×) and the median "
        f"search {last['p50_ms'] / first['p50_ms']:.1f}×."
    )


def hnsw(results: Results) -> str:
    rows = [
        [f"{corpus}, {name}", f"{row['recall@10']:.4f}", f"{row['recall@100']:.4f}", str(found["questions"])]
        for corpus, found in results["hnsw"].items()
        for name, row in found.get("rows", {}).items()
    ]
    return table(["corpus, index", "recall@10", "recall@100", "questions"], rows) if rows else ""


def hnsw_reading(results: Results) -> str:
    worst = min(
        (row["recall@10"], name, corpus)
        for corpus, found in results["hnsw"].items()
        for name, row in found.get("rows", {}).items()
    )
    return f"Reading: at worst ({worst[2]}, {worst[1]}) the approximate index misses {1 - worst[0]:.1%} of the ten nearest articles."


def timings(found: dict[str, Any]) -> str:
    cold, warm, ingest = found["cold_s"], found["warm_ms"], found["ingest_s"]
    rows = [
        ["one-shot `python -m rag ask`, median of 5", f"{cold['median']:.2f} s"],
        ["… the slowest", f"{cold['max']:.2f} s"],
        ["… of which `import chromadb` alone", f"{cold['import_chromadb_alone']:.2f} s"],
        [f"warm answer, p50 of {warm['n']} questions", f"{warm['p50']:.1f} ms"],
        ["… p95", f"{warm['p95']:.1f} ms"],
        [f"ingestion of the shipped corpus ({ingest['passages']:,} passages)", f"{ingest['full']:.2f} s"],
        ["… again, nothing changed", f"{ingest['nothing_changed']:.2f} s"],
    ]
    return table(["what", "time"], rows)


def timings_reading(found: dict[str, Any]) -> str:
    return (
        f"Reading: a question asked from the shell is answered after {found['cold_s']['median']:.2f} s, in an open assistant after "
        f"{found['warm_ms']['p50']:.0f} ms; heavy libraries imported on the way: {found['heavy_imports']}."
    )


def _with_interval(figures: dict[str, float], sign: str = "") -> str:
    return f"{figures['mean']:{sign}.3f} [{figures['low']:{sign}.3f}, {figures['high']:{sign}.3f}]"
