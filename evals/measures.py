"""What is measured, question by question. Names and definitions are the field's.

* recall@k, reciprocal rank: of the passages found, before any answer is written.
* citation recall: share of the gold requirements that a citation of the answer meets; citation precision: share of the cited places
  that meet some gold requirement (Gao et al., 2023, ALCE, with gold places instead of an entailment model).
* verbatim: every quote stands at its span in the stored document; existence: every cited document is in the index.
* decisive-fact recall: share of the facts that the answer states; forbidden: whether it states something only a wrong answer would.
* refusal precision and recall: over all questions, as a detector of what must be refused.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from evals.pinpoints import meets, meets_article, of_citation
from evals.questions import Question
from rag.types import Answer, Document

KS = (1, 5, 10)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One question's figures; None where a measure does not apply to it."""

    id: str
    category: str
    split: str
    refused: bool
    refusal_expected: bool
    error: str | None = None
    values: dict[str, float | None] = field(default_factory=dict)
    missed: tuple[str, ...] = ()


def retrieval_values(question: Question, found: Sequence[str]) -> dict[str, float | None]:
    """recall@k and reciprocal rank of ranked passage ids, at article level."""
    if not question.gold:
        return dict.fromkeys((*(f"recall@{k}" for k in KS), "rr@10"))
    values: dict[str, float | None] = {}
    for k in KS:
        met = [
            any(meets_article(place, gold) for gold in alternatives for place in found[:k])
            for alternatives in question.gold
        ]
        values[f"recall@{k}"] = sum(met) / len(met)
    ranks = [
        rank
        for rank, place in enumerate(found[:10], start=1)
        if any(meets_article(place, g) for alt in question.gold for g in alt)
    ]
    values["rr@10"] = 1 / ranks[0] if ranks else 0.0
    return values


def answer_values(question: Question, answer: Answer, documents: dict[str, Document | None]) -> dict[str, float | None]:
    """Everything that is measured of an answer; an answer that refuses what it should answer scores 0 on what it should have cited."""
    places = [of_citation(citation) for citation in answer.citations]
    values: dict[str, float | None] = {
        "citation_recall": None,
        "pinpoint_recall": None,
        "citation_precision": None,
    }
    if question.gold:
        golds = [gold for alternatives in question.gold for gold in alternatives]
        met = [any(meets_article(p, g) for g in alternatives for p in places) for alternatives in question.gold]
        deep = [any(meets(p, g) for g in alternatives for p in places) for alternatives in question.gold]
        values["citation_recall"] = sum(met) / len(met)
        values["pinpoint_recall"] = sum(deep) / len(deep)
        distinct = sorted(
            {
                (c.document_id, c.article or c.passage_id): p for c, p in zip(answer.citations, places, strict=True)
            }.values()
        )
        if distinct:
            values["citation_precision"] = sum(any(meets_article(p, g) for g in golds) for p in distinct) / len(
                distinct
            )
    values["verbatim"] = _share(
        [_is_verbatim(c.quote, c.start, c.end, documents.get(c.document_id)) for c in answer.citations if c.quote]
    )
    values["existence"] = _share([documents.get(c.document_id) is not None for c in answer.citations])
    values["claim_support"] = _share([claim.support == "supported" for claim in answer.claims])
    values["fact_recall"] = (
        _share([any(states(answer.answer, f) for f in fact) for fact in question.facts]) if question.facts else None
    )
    values["forbidden"] = (
        float(any(states(answer.answer, text) for text in question.forbidden)) if question.forbidden else None
    )
    values["latency_ms"] = answer.timings_ms.total or None  # an outside system need not say
    return values


def states(text: str, fact: str) -> bool:
    """Whether ``fact`` stands in ``text``, whatever the width of characters, spaces, and separators inside numbers."""
    wanted = _plain(fact)
    # 500元 is not stated by 1500元.
    before, after = (r"(?<![\d.])" if wanted[:1].isdigit() else ""), (r"(?![\d.])" if wanted[-1:].isdigit() else "")
    return re.search(before + re.escape(wanted) + after, _plain(text)) is not None


def _plain(text: str) -> str:
    folded = re.sub(r"\[\d+\]", "", unicodedata.normalize("NFKC", text).lower())
    return re.sub(r"(?<=\d),(?=\d)|\s", "", folded)


def _is_verbatim(quote: str, start: int, end: int, document: Document | None) -> bool:
    return document is not None and document.text[start:end] == quote


def _share(met: Sequence[bool]) -> float | None:
    return sum(met) / len(met) if met else None
