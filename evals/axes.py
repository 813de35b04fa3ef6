"""The two axes of Magesh et al. (2025), "Hallucination-Free?": is an answer correct, and is it grounded? Computed, where they had people judge.

Correctness:

* ``correct``: states all decisive facts and nothing that only a wrong answer states; or refuses what must be refused.
* ``incomplete``: states some of the decisive facts, and nothing forbidden (theirs has no such class).
* ``incorrect``: states something forbidden, or answers what must be refused.
* ``refusal``: refuses what could be answered, states none of the decisive facts (an irrelevant answer counts as none), or crashed.

Groundedness, of answers that do not refuse:

* ``misgrounded``: a sentence cites what does not carry it, a quote does not stand in its source, a source does not exist, or is not in force on the
  day asked about although the question is not about it.
* ``ungrounded``: none of these, but a sentence cites nothing, or nothing is stated.
* ``grounded``: every sentence is carried by sources that exist, read as quoted and are in force.

Together: ``hallucinated`` is incorrect or misgrounded; ``accurate`` is correct and grounded, a due refusal included; ``incomplete`` is the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from evals.alce import Alce
from evals.questions import Question
from rag.types import Answer

Correctness = Literal["correct", "incomplete", "incorrect", "refusal"]
Groundedness = Literal["grounded", "misgrounded", "ungrounded"]
Verdict = Literal["accurate", "incomplete", "hallucinated"]
Values = Mapping[str, float | None]

CORRECTNESS: tuple[Correctness, ...] = ("correct", "incomplete", "incorrect", "refusal")
GROUNDEDNESS: tuple[Groundedness, ...] = ("grounded", "misgrounded", "ungrounded")
VERDICTS: tuple[Verdict, ...] = ("accurate", "incomplete", "hallucinated")
_OF_SOURCES = ("verbatim", "existence", "in_force_correct")


def correctness(question: Question, answer: Answer, values: Values) -> Correctness:
    """``values``: with ``fact_recall`` and ``forbidden``; a question without facts is judged by its citation recall."""
    if answer.refused:
        return "correct" if question.refusal else "refusal"
    if question.refusal or values.get("forbidden"):
        return "incorrect"
    stated = values.get("fact_recall")
    share = values.get("citation_recall") if stated is None else stated
    if share is None or share >= 1:
        return "correct"
    return "incomplete" if share > 0 else "refusal"


def groundedness(answer: Answer, cited: Alce, values: Values) -> Groundedness | None:
    """``values``: with ``verbatim``, ``existence`` and ``in_force_correct``. None for an answer that refuses."""
    if answer.refused:
        return None
    unsound = any((value := values.get(name)) is not None and value < 1 for name in _OF_SOURCES)
    if unsound or cited.misled:
        return "misgrounded"
    return "grounded" if cited.carried and not cited.uncited else "ungrounded"


def verdict(correct: Correctness, grounded: Groundedness | None) -> Verdict:
    if correct == "incorrect" or grounded == "misgrounded":
        return "hallucinated"
    # Nothing has to be grounded where nothing is stated.
    return "accurate" if correct == "correct" and grounded in ("grounded", None) else "incomplete"


def axis_values(found: Verdict) -> dict[str, float | None]:
    """One share for each verdict; they add up to 1."""
    return {name: float(name == found) for name in VERDICTS}
