"""Over every evaluation question: what is quoted stands where the citation says, and what is named exists."""

from __future__ import annotations

import re

import pytest

from evals.questions import Question, read_questions
from rag.dockets import dockets_in
from rag.pinpoint import paragraph_count, units
from rag.pipeline import Assistant
from rag.references import find_references
from rag.types import Answer, Citation

QUESTIONS = read_questions()


@pytest.fixture(scope="module")
def answers(product: Assistant) -> dict[str, Answer]:
    return {q.id: product.answer(q.question, history=q.history, as_of=q.as_of) for q in QUESTIONS}


def test_most_questions_are_answered_so_the_checks_below_have_something_to_check(answers: dict[str, Answer]) -> None:
    assert sum(bool(answer.citations) for answer in answers.values()) >= 100


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.id)
def test_every_quote_is_verbatim_and_every_place_exists(
    question: Question, answers: dict[str, Answer], product: Assistant
) -> None:
    for citation in answers[question.id].citations:
        document = product.document(citation.document_id)
        assert document is not None
        assert document.text[citation.start : citation.end] == citation.quote
        assert (citation.title, citation.number) == (document.meta.title, document.meta.number)
        assert _stands_in_its_place(citation, product), citation.label


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.id)
def test_every_article_and_docket_number_of_the_answer_is_in_what_it_cites(
    question: Question, answers: dict[str, Answer], product: Assistant
) -> None:
    answer = answers[question.id]
    quoted = "\n".join(citation.quote for citation in answer.citations)
    articles = {c.article for c in answer.citations} | {r.article for r in find_references(quoted, product.names)}
    dockets = set(dockets_in(quoted + "".join(c.number or "" for c in answer.citations)))
    for claim in answer.claims:
        assert {r.article for r in find_references(claim.text, product.names) if r.article} <= articles
        assert set(dockets_in(claim.text)) <= dockets


def _stands_in_its_place(citation: Citation, product: Assistant) -> bool:
    """Whether the quote is the sentence that stands at the 款 and 项 of the citation, read from the passage anew."""
    passage = product.index.catalog.passage(citation.passage_id)
    assert passage is not None
    assert (passage.article, passage.section) == (citation.article, citation.section)
    unit = next(u for u in units(passage) if u.start == citation.start)
    if citation.article is None:
        return citation.paragraph is None and citation.item is None
    several = paragraph_count(passage) > 1
    item = re.sub(r"[第（）项]", "", citation.item) if citation.item else None
    begins_with_item = citation.quote.startswith((f"（{item}）", f"({item})")) if item else unit.item_label is None
    return begins_with_item and (citation.paragraph is not None) == several
