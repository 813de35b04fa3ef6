"""Run the questions through the assistant and sum up, with bootstrap intervals."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import Any

import numpy as np
from tqdm import tqdm

from evals.bootstrap import interval
from evals.measures import Outcome, answer_values, retrieval_values
from evals.questions import Question
from evals.systems.ours import Ours
from evals.systems.protocol import System
from rag.pipeline import Assistant
from rag.types import Answer, Fingerprints

RETRIEVED = 10


def run(
    questions: Sequence[Question],
    asked: Assistant | System,
    *,
    today: dt.date | None = None,
    quiet: bool = False,
    workers: int = 1,
    fingerprints: Fingerprints | None = None,
) -> dict[str, Any]:
    """The report of one run as JSON values: fingerprints, summary, per category, per question.

    Args:
        workers: questions that are asked at the same time.
        fingerprints: of the index that the citations of a ``System`` point into; an assistant has its own.
    """
    if isinstance(asked, Assistant):
        fingerprints = asked.fingerprints
    system = Ours(asked) if isinstance(asked, Assistant) else asked
    with ThreadPoolExecutor(workers) as pool:
        done = pool.map(lambda question: _ask(question, system, today), questions)
        outcomes = list(tqdm(done, total=len(questions), unit="题", desc=system.name, disable=quiet or None))
    return {
        "system": system.name,
        "fingerprints": fingerprints.model_dump() if fingerprints else None,
        "n": len(outcomes),
        "summary": summarise(outcomes),
        "refusals": refusals(outcomes),
        "splits": {name: summarise(group) for name, group in _groups(outcomes, lambda o: o.split)},
        "categories": {
            name: summarise(group, intervals=False) for name, group in _groups(outcomes, lambda o: o.category)
        },
        "questions": [asdict(outcome) for outcome in outcomes],
    }


def run_retrieval(questions: Sequence[Question], assistant: Assistant) -> dict[str, Any]:
    """Retrieval measures alone."""
    outcomes = []
    for question in questions:
        found = _retrieved(question, assistant)
        outcomes.append(
            Outcome(
                question.id,
                question.category,
                question.split,
                False,
                question.refusal is not None,
                values=retrieval_values(question, found),
            )
        )
    return {
        "n": len(outcomes),
        "fingerprints": assistant.fingerprints.model_dump(),
        "summary": summarise(outcomes),
    }


def _ask(question: Question, system: System, today: dt.date | None) -> Outcome:
    """A crashed answer scores 0 on all it should have given, and is listed with its error."""
    dated = question.model_copy(update={"as_of": question.as_of or today})
    expected = question.refusal is not None
    ranks = retrieval_values(question, [])
    try:
        found = system.retrieve(dated, RETRIEVED)
        ranks = {} if found is None else retrieval_values(question, found)
        answer = system.answer(dated)
        documents = {c.document_id: system.document(c.document_id) for c in answer.citations}
    except Exception as error:
        told = f"{type(error).__name__}: {error}"
        return Outcome(question.id, question.category, question.split, False, expected, told, _crashed(question, ranks))
    values = ranks | answer_values(question, answer, documents)
    return Outcome(
        question.id,
        question.category,
        question.split,
        answer.refused,
        expected,
        values=values,
        missed=_missed(question, answer, values),
    )


def _crashed(question: Question, ranks: dict[str, float | None]) -> dict[str, float | None]:
    """What was found still counts where only the answer failed; an answer that is not there cites and states nothing."""
    cited = ("citation_recall", "pinpoint_recall") if question.gold else ()
    return ranks | dict.fromkeys((*cited, *(("fact_recall",) if question.facts else ())), 0.0)


def _retrieved(question: Question, assistant: Assistant) -> list[str]:
    return Ours(assistant).retrieve(question, RETRIEVED) or []


def _missed(question: Question, answer: Answer, values: dict[str, float | None]) -> tuple[str, ...]:
    """What went wrong with this question, in words."""
    problems = []
    if answer.refused and question.refusal is None:
        problems.append(f"refused ({answer.refusal.reason if answer.refusal else ''})")
    if not answer.refused and question.refusal is not None:
        problems.append(f"answered, should refuse ({question.refusal})")
    if answer.refusal and question.refusal and answer.refusal.reason != question.refusal:
        problems.append(f"refusal reason {answer.refusal.reason}, expected {question.refusal}")
    for name, least in (
        ("recall@5", 1.0),
        ("citation_recall", 1.0),
        ("fact_recall", 1.0),
        ("verbatim", 1.0),
        ("existence", 1.0),
    ):
        value = values.get(name)
        if value is not None and value < least:
            problems.append(f"{name} {value:.2f}")
    if values.get("forbidden"):
        problems.append("forbidden statement")
    return tuple(problems)


def summarise(outcomes: Iterable[Outcome], *, intervals: bool = True) -> dict[str, dict[str, float]]:
    """Mean, n and 95 % bootstrap interval (percentile) of every measure over the questions to which it applies."""
    columns: dict[str, list[float]] = defaultdict(list)
    for outcome in outcomes:
        for name, value in outcome.values.items():
            if value is not None:
                columns[name].append(value)
    summary = {}
    for name, values in columns.items():
        figures = {"mean": round(float(np.mean(values)), 4), "n": len(values)}
        if intervals:
            low, high = interval(values)
            figures |= {"low": low, "high": high}
        summary[name] = figures
    return summary


def refusals(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """Refusing as detection: precision and recall over all questions."""
    right = sum(o.refused and o.refusal_expected for o in outcomes)
    refused, expected = sum(o.refused for o in outcomes), sum(o.refusal_expected for o in outcomes)
    return {
        "precision": round(right / refused, 4) if refused else 1.0,
        "recall": round(right / expected, 4) if expected else 1.0,
        "refused": refused,
        "expected": expected,
    }


def _groups(outcomes: Sequence[Outcome], key: Callable[[Outcome], str]) -> list[tuple[str, list[Outcome]]]:
    groups: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        groups[key(outcome)].append(outcome)
    return sorted(groups.items())
