"""Perturbed questions: does the answer stay the same when only the wording of the question, or its dialogue, changes?"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from tqdm import tqdm

from evals.bootstrap import interval
from evals.perturbations import perturbed
from evals.pinpoints import article_level, meets_article, of_citation
from evals.probe_command import add_probe, opened, resumed, write
from evals.probed import asked
from evals.questions import Question
from evals.report import FOLDER
from evals.resume import Keep, anew
from rag.pipeline import Assistant
from rag.types import Answer

FILE = FOLDER / "perturbations.json"
SEED = 20261122
TOP = 3
"""Articles at the top of an answer that are compared."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A question, how it was changed, and how alike the two answers are; None where a figure does not apply."""

    id: str
    change: str
    asked: str
    same_refusal: bool
    overlap: float | None
    recall_drop: float | None


def add_arguments(command: argparse.ArgumentParser) -> None:
    add_probe(command, FILE, _run)


def _run(arguments: argparse.Namespace) -> int:
    questions, assistant = opened(arguments)
    with resumed(arguments, questions, assistant) as keep:
        result = stability(questions, assistant, keep=keep)
        write(result, arguments.out)
    for name, figures in {**result["changes"], "全部": result["all"]}.items():
        cells = "  ".join(f"{key} {value['mean']:.3f}" for key, value in figures.items() if value)
        print(f"{name:14} {cells}  n={figures['same_refusal']['n']}")
    print(f"结果：{arguments.out}")
    return 0


def stability(
    questions: Sequence[Question], assistant: Assistant, *, quiet: bool = False, keep: Keep = anew
) -> dict[str, Any]:
    """Every question as it is and in every changed form, and how alike the answers are, by kind of change; each question is a part to ``keep``."""

    def compared(question: Question) -> list[dict[str, Any]]:
        before = asked(question, assistant)
        others = perturbed(question, SEED).items()
        return [asdict(_pair(question, other, name, before, asked(other, assistant))) for name, other in others]

    bar = tqdm(questions, unit="题", desc="改动问法", disable=quiet or None)
    pairs = [Pair(**pair) for question in bar for pair in keep(question.id, partial(compared, question))]
    by_change: dict[str, list[Pair]] = defaultdict(list)
    for pair in pairs:
        by_change[pair.change].append(pair)
    changes = {name: _figures(group) for name, group in by_change.items()}
    unstable = [p for p in pairs if not p.same_refusal or (p.recall_drop or 0) > 0]
    return {
        "n": len(questions),
        "seed": SEED,
        "top": TOP,
        "fingerprints": assistant.fingerprints.model_dump(),
        "all": _figures(pairs),
        "changes": changes,
        "rows": rows({"all": _figures(pairs)} | changes),
        "unstable": [
            {
                "id": p.id,
                "change": p.change,
                "asked": p.asked,
                "same_refusal": p.same_refusal,
                "recall_drop": p.recall_drop,
            }
            for p in unstable
        ],
    }


def rows(figures: dict[str, dict[str, dict[str, float] | None]]) -> list[dict[str, Any]]:
    """A row for each change as ``evals.results_file.Comparison`` has them."""
    return [{"name": name, "summary": {m: f for m, f in row.items() if f}} for name, row in figures.items()]


def _pair(question: Question, other: Question, change: str, before: Answer, after: Answer) -> Pair:
    drop = None
    if question.gold:
        drop = _recall(question, before) - _recall(question, after)
    shown = (
        other.question
        if other.question != question.question
        else f"（多 {len(other.history) - len(question.history)} 轮）"
    )
    return Pair(question.id, change, shown, before.refused == after.refused, overlap(before, after), drop)


def overlap(before: Answer, after: Answer) -> float | None:
    """Jaccard of the first ``TOP`` articles that each answer cites; None where neither cites any."""
    one, other = _top(before), _top(after)
    return len(one & other) / len(one | other) if one | other else None


def _top(answer: Answer) -> set[str]:
    return set(list(dict.fromkeys(article_level(of_citation(c)) for c in answer.citations))[:TOP])


def _recall(question: Question, answer: Answer) -> float:
    places = [of_citation(c) for c in answer.citations]
    return sum(any(meets_article(p, g) for g in alt for p in places) for alt in question.gold) / len(question.gold)


def _figures(pairs: Sequence[Pair]) -> dict[str, dict[str, float] | None]:
    return {
        "same_refusal": _figure([float(p.same_refusal) for p in pairs]),
        "overlap": _figure([p.overlap for p in pairs if p.overlap is not None]),
        "recall_drop": _figure([p.recall_drop for p in pairs if p.recall_drop is not None]),
    }


def _figure(values: Sequence[float]) -> dict[str, float] | None:
    if not values:
        return None
    low, high = interval(values)
    return {"mean": round(sum(values) / len(values), 4), "n": len(values), "low": low, "high": high}
