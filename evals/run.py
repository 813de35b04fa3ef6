"""Run the questions through the assistant and sum up, with bootstrap intervals."""

from __future__ import annotations

import datetime as dt
import subprocess
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from evals.axes import CORRECTNESS, GROUNDEDNESS
from evals.bootstrap import interval
from evals.checks import EXACT, documents_of
from evals.extras import require
from evals.measures import Outcome, retrieval_values
from evals.questions import Question
from evals.scored import Scored, crashed, scored
from evals.systems.ours import Ours
from evals.systems.protocol import System
from rag.pipeline import Assistant
from rag.types import Answer, Fingerprints

RETRIEVED = 10
_WHOLE = ("recall@5", "citation_recall", "fact_recall", "temporal_correctness", "verbatim", "existence", *EXACT)
"""What falls short of 1 is told with its question."""


def run(
    questions: Sequence[Question],
    asked: Assistant | System,
    *,
    today: dt.date | None = None,
    quiet: bool = False,
    workers: int = 1,
    fingerprints: Fingerprints | None = None,
) -> dict[str, Any]:
    """The report of one run as JSON values: fingerprints, commit, wall seconds, summary, per category, per question.

    Args:
        workers: questions that are asked at the same time.
        fingerprints: of the index that the citations of a ``System`` point into; an assistant has its own.

    Raises:
        InvalidInput: a package that the measures need is not installed.
    """
    require()
    if isinstance(asked, Assistant):
        fingerprints = asked.fingerprints
    system = Ours(asked) if isinstance(asked, Assistant) else asked
    began = time.monotonic()
    with ThreadPoolExecutor(workers) as pool:
        done = pool.map(lambda question: outcome_of(question, system, today), questions)
        outcomes = list(tqdm(done, total=len(questions), unit="题", desc=system.name, disable=quiet or None))
    return {
        "system": system.name,
        "fingerprints": fingerprints.model_dump() if fingerprints else None,
        "commit": commit(),
        "seconds": round(time.monotonic() - began, 1),
        "n": len(outcomes),
        "summary": summarise(outcomes),
        "refusals": refusals(outcomes),
        "axes": axes(outcomes),
        "splits": {name: summarise(group) for name, group in _groups(outcomes, lambda o: o.split)},
        "categories": {
            name: summarise(group, intervals=False) for name, group in _groups(outcomes, lambda o: o.category)
        },
        "questions": [asdict(outcome) for outcome in outcomes],
    }


def run_retrieval(questions: Sequence[Question], assistant: Assistant) -> dict[str, Any]:
    """Retrieval measures alone."""
    require()
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


def commit(folder: Path = Path(__file__).parent) -> str | None:
    """The commit of the code, with ``+`` where files differ from it; None outside a repository, or without git."""
    asked = (("rev-parse", "--short=12", "HEAD"), ("status", "--porcelain", "--untracked-files=no"))
    try:
        head, changed = (
            subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, check=True).stdout.strip()
            for words in asked
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return f"{head}+" if changed else head


def outcome_of(question: Question, system: System, today: dt.date | None = None) -> Outcome:
    """A crashed answer scores 0 on all it should have given, and is listed with its error; what was found still counts."""
    dated = question.model_copy(update={"as_of": question.as_of or today})
    ranks = retrieval_values(question, [])
    try:
        found = system.retrieve(dated, RETRIEVED)
        ranks = {} if found is None else retrieval_values(question, found)
        answer = system.answer(dated)
        score = scored(question, answer, documents_of(question, answer, system.document))
    except Exception as error:
        return _outcome(question, ranks, crashed(question), error=f"{type(error).__name__}: {error}")
    missed = _missed(question, answer, ranks | score.values)
    return _outcome(question, ranks, score, refused=answer.refused, missed=missed)


def _outcome(
    question: Question,
    ranks: dict[str, float | None],
    score: Scored,
    *,
    refused: bool = False,
    error: str | None = None,
    missed: tuple[str, ...] = (),
) -> Outcome:
    return Outcome(
        id=question.id,
        category=question.category,
        split=question.split,
        refused=refused,
        refusal_expected=question.refusal is not None,
        error=error,
        values=ranks | score.values,
        missed=missed,
        correctness=score.correctness,
        groundedness=score.groundedness,
    )


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
    for name in _WHOLE:
        value = values.get(name)
        if value is not None and value < 1:
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


def refusals(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Refusing as detection: precision over the refused questions, recall over those that must be refused, each with its interval.

    1 without an interval where there is no such question.
    """
    refused = [float(o.refusal_expected) for o in outcomes if o.refused]
    expected = [float(o.refused) for o in outcomes if o.refusal_expected]
    return {
        "precision": round(float(np.mean(refused)), 4) if refused else 1.0,
        "recall": round(float(np.mean(expected)), 4) if expected else 1.0,
        "refused": len(refused),
        "expected": len(expected),
        "precision_interval": interval(refused) if refused else None,
        "recall_interval": interval(expected) if expected else None,
    }


def axes(outcomes: Sequence[Outcome]) -> dict[str, dict[str, int]]:
    """Correctness → groundedness → how many answers; answers that refuse, and due refusals, stand under ``none``."""
    table: dict[str, dict[str, int]] = {}
    for correct in CORRECTNESS:
        row = Counter(o.groundedness or "none" for o in outcomes if o.correctness == correct)
        table[correct] = {grounded: row[grounded] for grounded in (*GROUNDEDNESS, "none")}
    return table


def _groups(outcomes: Sequence[Outcome], key: Callable[[Outcome], str]) -> list[tuple[str, list[Outcome]]]:
    groups: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        groups[key(outcome)].append(outcome)
    return sorted(groups.items())
