"""Sections of the suite's page, each of question → table → one-sentence reading → figure. A section without figures in the run is left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from evals import charts
from evals.axes import CORRECTNESS, GROUNDEDNESS, VERDICTS
from evals.gate import changes
from evals.stored import outcomes

Run = Mapping[str, Any]
_Rows = tuple[tuple[str, str], ...]

_RETRIEVAL: _Rows = (
    ("Is what is needed found first?", "recall@1"),
    ("… among the first five passages?", "recall@5"),
    ("… among the first ten?", "recall@10"),
    ("How high does the first right passage stand?", "rr@10"),
    ("… and all of them?", "ndcg@10"),
)
_ANSWERS: _Rows = (
    ("Does the answer cite every article or section that it needs?", "citation_recall"),
    ("… down to the 款 and 项?", "pinpoint_recall"),
    ("Is what it cites to the point?", "citation_precision"),
    ("… down to the 款 and 项?", "pinpoint_precision"),
    ("Does it state the decisive facts?", "fact_recall"),
    ("Does it state what only a wrong answer would? (less is better)", "forbidden"),
    ("Asked of a day, does it cite the version of that day?", "temporal_correctness"),
    ("Is a follow-up answered, facts, citations and all?", "follow_up_success"),
    ("Where the sources differ, are both sides shown?", "conflict_shown"),
)
_SOURCES: _Rows = (
    ("Does every cited document exist?", "existence"),
    ("Does every quote stand at its span in the source?", "verbatim"),
    ("… and begin and end where a sentence does?", "span_whole"),
    ("Is every sentence carried by what it cites? (ALCE citation recall)", "alce_recall"),
    ("Does every citation have a part in that? (ALCE citation precision)", "alce_precision"),
    ("Are article, 款, 项 and title those of the span?", "label_correct"),
    ("Is it in force on the day, and said so rightly?", "in_force_correct"),
    ("Is a party's argument kept apart from the holding?", "holding_kept_apart"),
    ("Is every sentence carried, by the product's own word?", "claim_support"),
)
_CATEGORY_COLUMNS = (
    "recall@5", "citation_recall", "pinpoint_recall", "citation_precision", "fact_recall", "accurate", "hallucinated",
)  # fmt: skip
_DEFINITIONS = (
    "After Magesh et al. (2025), who had people judge; here computed. *Correct*: all decisive facts and nothing forbidden, or a due refusal; "
    "*incomplete*: some of the facts; *incorrect*: something forbidden, or an answer where a refusal is due; *refusal*: refused, or none of the facts. "
    "*Misgrounded*: a sentence cites what does not carry it, is not there, or is not in force; *ungrounded*: a sentence cites nothing. "
    "Accurate is correct and grounded; hallucinated is incorrect or misgrounded; incomplete is the rest. Facts are looked for word for word in accepted "
    "spellings, so that a right answer in other words counts as incomplete; and forbidden statements are listed for few questions, so that "
    "hallucinated is a lower bound of what is incorrect."
)
_SHOWN_IDS = 40


def retrieval(result: Run) -> list[str]:
    table = _measures(result, _RETRIEVAL)
    if not table:
        return []
    first = result["summary"].get("recall@5")
    told = f"The first five passages meet {first['mean']:.0%} of what is needed. " if first else ""
    return [
        "## Does retrieval find what is needed?",
        table,
        f"Reading: {told}At article level; nDCG by ir-measures, each requirement one relevant document; a requirement may have alternatives.",
    ]


def answers(result: Run) -> list[str]:
    table, summary = _measures(result, _ANSWERS), result["summary"]
    if not table:
        return []
    told = "no question of this run was to be answered."
    if {"citation_recall", "fact_recall"} <= summary.keys():
        told = (
            f"{summary['citation_recall']['mean']:.0%} of the required sources are cited and {summary['fact_recall']['mean']:.0%} of the "
            "decisive facts stated."
        )
    caveat = (
        "Intervals are 95 % bootstrap percentiles over questions; where n is small they are wide, and the figure says little; of a figure of exactly 0 or 1 the bootstrap knows no width, so that there n alone tells how sure it is. Neither split is untouched: "
        "thresholds were chosen on dev, but changes were also judged on the total of both, and the refusal questions of both were read while refusals "
        "were built; expect new questions to do worse."
    )
    return ["## Is an answer complete and to the point?", table, f"Reading: {told} {caveat}", *_figure(result, charts.HEADLINES, "Measures with their intervals, by split")]  # fmt: skip


def sources(result: Run) -> list[str]:
    table, summary = _measures(result, _SOURCES), result["summary"]
    if not table:
        return []
    verbatim = f"{summary['verbatim']['mean']:.1%} of the quotes are verbatim at their span. " if "verbatim" in summary else ""  # fmt: skip
    return [
        "## Do its sources carry what it says?",
        table,
        f"Reading: {verbatim}Recomputed from the stored documents, believing nothing that the answer says of itself, but for the last row; sentences are judged "
        "by the product's own claim check, which stands in for ALCE's entailment model. The sentences of an extractive answer are quotes, carried by "
        "construction: near 1 means that nothing is broken, not that the answer is right. For an answer that a model wrote these rows are a measurement.",
    ]


def axes(result: Run) -> list[str]:
    summary, table = result["summary"], result.get("axes")
    if not table or not all(name in summary for name in VERDICTS):
        return []
    verdicts = ["| verdict | all | dev | test | n |", "|---|---|---|---|---|"]
    verdicts += [f"| {name} | {' | '.join(_cells(result, name))} |" for name in VERDICTS]
    columns = (*GROUNDEDNESS, "none")
    crossed = ["| correctness | grounded | misgrounded | ungrounded | refused or crashed |", "|---|---|---|---|---|"]
    crossed += [f"| {name} | {' | '.join(str(table[name][c]) for c in columns)} |" for name in CORRECTNESS]
    wrong = sum(table["incorrect"].values())
    misgrounded = sum(row["misgrounded"] for row in table.values())
    return [
        "## Accurate, incomplete or hallucinated?",
        "\n".join(verdicts),
        "\n".join(crossed),
        f"Reading: {summary['accurate']['mean']:.0%} of the questions are answered (or refused) accurately, {summary['hallucinated']['mean']:.1%} are hallucinated: "
        f"{wrong} incorrect and {misgrounded} misgrounded of {result['n']}.",
        *_figure(result, charts.VERDICT, "Verdicts by category"),
        _DEFINITIONS,
    ]


def refusals(result: Run) -> list[str]:
    r = result["refusals"]
    cells = [_with_interval(r[name], r.get(f"{name}_interval")) for name in ("precision", "recall")]
    due = round(r["recall"] * r["expected"])
    return [
        "## Does it refuse what it cannot answer, and only that?",
        "| precision | recall | refused | should be refused |\n|---|---|---|---|\n"
        f"| {cells[0]} | {cells[1]} | {r['refused']} | {r['expected']} |",
        f"Reading: {r['refused'] - due} of {r['refused']} refusals should have been answers, and {r['expected'] - due} of {r['expected']} questions that should be "
        "refused were answered.",
    ]


def categories(result: Run) -> list[str]:
    rows = [f"| category | n | {' | '.join(_CATEGORY_COLUMNS)} |", "|---" * (len(_CATEGORY_COLUMNS) + 2) + "|"]
    for category, summary in result["categories"].items():
        cells = [f"{summary[name]['mean']:.2f}" if name in summary else "–" for name in _CATEGORY_COLUMNS]
        n = sum(question["category"] == category for question in result["questions"])
        rows.append(f"| {category} | {n} | {' | '.join(cells)} |")
    measured = {c: s[charts.CATEGORY]["mean"] for c, s in result["categories"].items() if charts.CATEGORY in s}
    reading = []
    if len(measured) > 1:
        best, worst = max(measured, key=lambda c: measured[c]), min(measured, key=lambda c: measured[c])
        reading = [
            f"Reading: what is needed is cited most often in {best} ({measured[best]:.0%}) and least in {worst} ({measured[worst]:.0%}). "
            "Categories are small; a few questions move them much."
        ]
    figure = _figure(result, charts.CATEGORIES, "Citation recall by category")
    return ["## Where is it strong and where weak?", "\n".join(rows), *reading, *figure]


def since_baseline(result: Run, baseline: Run | None) -> list[str]:
    """Gains and losses by question; ``baseline`` None: there is none yet."""
    if baseline is None:
        return []
    found = changes(outcomes(baseline), outcomes(result))
    of = f"commit `{baseline['commit']}`" if baseline.get("commit") else "an unknown commit"
    head = "## What changed since the baseline?"
    if not found:
        return [head, f"Reading: no question is answered better or worse than by the baseline ({of})."]
    rows = ["| measure | better | worse |", "|---|---|---|"]
    rows += [f"| {c.measure} | {_ids(c.gained)} | {_ids(c.lost)} |" for c in found]
    gained, lost = ({i for change in found for i in getattr(change, side)} for side in ("gained", "lost"))
    return [
        head,
        "\n".join(rows),
        f"Reading: against the baseline ({of}) {len(gained)} questions got better by some measure and {len(lost)} worse.",
    ]


def failures(result: Run) -> list[str]:
    lines = [
        f"- `{q['id']}` ({q['category']}, {q['split']}): {q['error'] or '; '.join(q['missed'])}"
        for q in result["questions"]
        if q["error"] or q["missed"]
    ]
    return ["## What failed?", "\n".join(lines) or "Nothing."]


def _measures(result: Run, rows: _Rows) -> str:
    """Empty where the run has none of the measures."""
    lines = [
        f"| {question} | {name} | {' | '.join(_cells(result, name))} |"
        for question, name in rows
        if name in result["summary"]
    ]
    head = ["| question | measure | all | dev | test | n |", "|---|---|---|---|---|---|"]
    return "\n".join([*head, *lines]) if lines else ""


def _cells(result: Run, name: str) -> list[str]:
    figures = result["summary"][name]
    splits = [result["splits"].get(split, {}).get(name) for split in ("dev", "test")]
    shown = _with_interval(figures["mean"], (figures["low"], figures["high"]))
    return [shown, *(f"{split['mean']:.3f}" if split else "–" for split in splits), str(figures["n"])]


def _with_interval(mean: float, interval: Sequence[float] | None) -> str:
    return f"{mean:.3f} [{interval[0]:.3f}, {interval[1]:.3f}]" if interval else f"{mean:.3f}"


def _figure(result: Run, name: str, title: str) -> list[str]:
    return [f"![{title}]({name})"] if name in charts.figures(result) else []


def _ids(ids: Sequence[str]) -> str:
    shown = ", ".join(ids[:_SHOWN_IDS]) + (" …" if len(ids) > _SHOWN_IDS else "")
    return f"{len(ids)}: {shown}" if ids else "–"
