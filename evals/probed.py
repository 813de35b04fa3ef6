"""One run for the probes: every measure and check of every question, as outcomes that can be compared."""

from __future__ import annotations

from collections.abc import Sequence

from tqdm import tqdm

from evals.canary import canary_values
from evals.checks import checked, documents_of
from evals.lookup import lookup_values
from evals.measures import Outcome, answer_values, retrieval_values
from evals.questions import Question
from rag.pipeline import Assistant
from rag.types import Answer

RETRIEVED = 10
_ZERO_WHEN_CRASHED = ("recall@5", "citation_recall", "pinpoint_recall")


def measured(
    questions: Sequence[Question],
    assistant: Assistant,
    *,
    canaries: bool = True,
    name: str = "评测",
    quiet: bool = False,
) -> list[Outcome]:
    """The outcomes of all questions; an answer that crashes scores 0 on what it should have cited."""
    bar = tqdm(questions, unit="题", desc=name, disable=quiet or None, leave=False)
    return [_outcome(question, assistant, canaries) for question in bar]


def asked(question: Question, assistant: Assistant) -> Answer:
    return assistant.answer(question.question, history=question.history, as_of=question.as_of, identifier=question.id)


def _outcome(question: Question, assistant: Assistant, canaries: bool) -> Outcome:
    expected = question.refusal is not None
    try:
        answer = asked(question, assistant)
        found = assistant.search(question.question, k=RETRIEVED, as_of=question.as_of, history=list(question.history))
        documents = documents_of(question, answer, assistant.document)
        values = retrieval_values(question, [hit.passage_id for hit in found.hits])
        values |= answer_values(question, answer, documents) | checked(question, answer, documents)
        if canaries:
            values |= canary_values(question, answer, assistant) | lookup_values(question, assistant)
    except Exception as error:  # whatever a system under test raises is its outcome
        zeros: dict[str, float | None] = dict.fromkeys(_ZERO_WHEN_CRASHED if question.gold else (), 0.0)
        return Outcome(
            question.id, question.category, question.split, False, expected, f"{type(error).__name__}: {error}", zeros
        )
    return Outcome(question.id, question.category, question.split, answer.refused, expected, values=values)
