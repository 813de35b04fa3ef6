"""What is measured, question by question. Names and definitions are the field's.

* recall@k, reciprocal rank: of the passages found, before any answer is written. recall@k is the share of the gold requirements that the first k
  passages meet; it is computed here, as a requirement may have alternatives and one passage may meet two requirements.
* nDCG@10 by ir-measures: each requirement is one relevant document (a qrel), found where the ranking first meets it; a passage that meets two takes a
  rank for each.
* citation recall: share of the gold requirements that a citation of the answer meets; citation precision: share of the cited articles (or sections)
  that meet some gold requirement. Pinpoint recall and precision: the same down to 款 and 项, where the gold goes as deep. These compare with gold
  places; ``evals.alce`` compares sentences with what they cite.
* verbatim: every quote stands at its span in the stored document; existence: every cited document is in the index.
* decisive-fact recall: share of the facts that the answer states; forbidden: whether it states something only a wrong answer would.
* temporal correctness, of questions that name a day: share of the citations in force that day (or gold although not), 0 where no version that is gold
  is cited.
* follow-up success, of questions with a history: everything needed is cited, every decisive fact stated, nothing forbidden.
* refusal precision and recall: over all questions, as a detector of what must be refused.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from evals.bench.ranks import gold_ranks, values_of
from evals.pinpoints import article_level, meets, meets_article, of_citation
from evals.questions import Question
from rag.types import Answer, Document

KS = (1, 5, 10)
RETRIEVAL = (*(f"recall@{k}" for k in KS), "rr@10", "ndcg@10")
_NDCG = "nDCG@10"


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
    correctness: str | None = None
    groundedness: str | None = None
    """Its place on the axes of ``evals.axes``."""


def retrieval_values(question: Question, found: Sequence[str]) -> dict[str, float | None]:
    """recall@k, reciprocal rank and nDCG@10 of ranked passage ids, at article level."""
    if not question.gold:
        return dict.fromkeys(RETRIEVAL)
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
    wanted = [[article_level(gold) for gold in alternatives] for alternatives in question.gold]
    values["ndcg@10"] = values_of({question.id: gold_ranks(found, wanted)}, [_NDCG])[_NDCG][question.id]
    return values


def answer_values(
    question: Question, answer: Answer, documents: Mapping[str, Document | None]
) -> dict[str, float | None]:
    """Everything that is measured of an answer; an answer that refuses what it should answer scores 0 on what it should have cited."""
    values = _places_values(question, answer)
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
    values["temporal_correctness"] = temporal_correctness(question, answer, documents)
    values["follow_up_success"] = _follow_up_success(question, values)
    values["latency_ms"] = answer.timings_ms.total or None  # an outside system need not say
    return values


def _places_values(question: Question, answer: Answer) -> dict[str, float | None]:
    """Where the citations point, against the gold; each article (or section), and each 款 or 项, counts once for precision."""
    names = ("citation_recall", "pinpoint_recall", "citation_precision", "pinpoint_precision")
    if not question.gold:
        return dict.fromkeys(names)
    places = sorted({of_citation(citation) for citation in answer.citations})
    articles = {article_level(place): place for place in places}.values()
    golds = [gold for alternatives in question.gold for gold in alternatives]
    recalls = [
        _share([any(meet(p, g) for g in alternatives for p in places) for alternatives in question.gold])
        for meet in (meets_article, meets)
    ]
    precisions = [
        _share([any(meets_article(p, g) for g in golds) for p in articles]),
        _share([any(meets(p, g) for g in golds) for p in places]),
    ]
    return dict(zip(names, (*recalls, *precisions), strict=True))


def temporal_correctness(question: Question, answer: Answer, documents: Mapping[str, Document | None]) -> float | None:
    """None for a question that names no day or is to be refused."""
    if question.as_of is None or not question.gold:
        return None
    wanted = {gold.split("/")[0] for alternatives in question.gold for gold in alternatives}
    if not any(c.document_id in wanted for c in answer.citations):
        return 0.0
    day = question.as_of
    return _share(
        [
            c.document_id in wanted or ((d := documents.get(c.document_id)) is not None and d.meta.in_force(day))
            for c in answer.citations
        ]
    )


def _follow_up_success(question: Question, values: Mapping[str, float | None]) -> float | None:
    if not question.history or not question.gold:
        return None
    whole = values["citation_recall"] == 1 and values["fact_recall"] in (1, None)
    return float(whole and not values["forbidden"])


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
