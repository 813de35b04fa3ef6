"""One answer, by every measure of the suite."""

from __future__ import annotations

from dataclasses import dataclass

from evals.alce import alce
from evals.axes import Correctness, Groundedness, axis_values, correctness, groundedness, verdict
from evals.checks import Documents, checked
from evals.measures import answer_values
from evals.questions import Question
from rag.types import Answer


@dataclass(frozen=True, slots=True)
class Scored:
    """Figures by name (None: does not apply), and where the answer stands on the axes of ``evals.axes``."""

    values: dict[str, float | None]
    correctness: Correctness
    groundedness: Groundedness | None


def scored(question: Question, answer: Answer, documents: Documents) -> Scored:
    """``documents``: those that the answer cites and those of the gold (``evals.checks.documents_of``)."""
    cited = alce(answer, documents)
    values = answer_values(question, answer, documents)
    values |= {"alce_recall": cited.recall, "alce_precision": cited.precision}
    values |= checked(question, answer, documents)
    correct, grounded = correctness(question, answer, values), groundedness(answer, cited, values)
    return Scored(values | axis_values(verdict(correct, grounded)), correct, grounded)


def crashed(question: Question) -> Scored:
    """An answer that is not there cites and states nothing: 0 on all it should have given. It misleads nobody either."""
    zeros = ["refused_rightly"] if question.refusal else ["answered_rightly"]
    if question.gold:
        zeros += ["citation_recall", "pinpoint_recall", "alce_recall"]
        zeros += ["temporal_correctness"] if question.as_of else []
        zeros += ["follow_up_recall", "follow_up_success"] if question.history else []
    zeros += ["fact_recall"] if question.facts else []
    values: dict[str, float | None] = dict.fromkeys(zeros, 0.0)
    return Scored(values | axis_values("incomplete"), "refusal", None)
