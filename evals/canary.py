"""A false sentence put into the draft: does the check that stands between draft and reader see it?

The suite's own answers quote whole sentences, so nothing in them shows whether they are verified at all. For every fourth question one
sentence of the draft is made false by rule (another number, another negation, an article that is not cited), under the same citation.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from unittest.mock import patch
from zlib import crc32

from evals.questions import Question
from ingest.perturb import negation, number
from rag import pipeline
from rag.cite import Citations
from rag.compose import Draft, Sentence
from rag.compose import compose as genuine
from rag.evidence import Evidence
from rag.pipeline import Assistant
from rag.understand import Query

EVERY = 4
_NO_SUCH_ARTICLE = "第九百九十九条"


def canary_values(question: Question, assistant: Assistant) -> dict[str, float | None]:
    """``false_sentence_caught``: 1 where the false sentence is removed or marked as not carried, 0 where it is shown as supported."""
    none: dict[str, float | None] = {"false_sentence_caught": None}
    if crc32(question.id.encode()) % EVERY:
        return none
    with _false_sentence(random.Random(question.id)) as planted:
        told = assistant.answer(question.question, history=question.history, as_of=question.as_of)
    if not planted:
        return none
    false = planted[0]
    shown = [claim for claim in told.claims if claim.text == false]
    return {"false_sentence_caught": float(not any(claim.support == "supported" for claim in shown))}


@contextmanager
def _false_sentence(rng: random.Random) -> Iterator[list[str]]:
    """Whatever is composed meanwhile has one false sentence, its first; the list gets its text."""
    planted: list[str] = []

    def compose(query: Query, evidence: Sequence[Evidence], citations: Citations) -> Draft:
        draft = genuine(query, evidence, citations)
        for _, sentences in draft.groups:
            for at, sentence in enumerate(sentences):
                false = _falsified(sentence, rng)
                if false and not planted:
                    sentences.insert(at + 1, false)
                    planted.append(false.text)
                    return draft
        return draft

    with patch.object(pipeline, "compose", compose):
        yield planted


def _falsified(sentence: Sentence, rng: random.Random) -> Sentence | None:
    if rng.random() < 1 / 3:
        return Sentence(f"依照{_NO_SUCH_ARTICLE}，", sentence.statement, sentence.citations, sentence.block)
    changed = number(sentence.statement, rng) or negation(sentence.statement, rng)
    return Sentence("", changed, sentence.citations, sentence.block) if changed else None
