"""Article numbers that an amendment moved, and questions that name a version no longer in force."""

from __future__ import annotations

import datetime as dt

import pytest

from rag.pipeline import Assistant


def moved(assistant: Assistant, question: str, as_of: dt.date | None = None) -> list[str]:
    answer = assistant.answer(question, as_of=as_of)
    return [warning.message for warning in answer.warnings if warning.kind == "renumbered"]


@pytest.mark.parametrize(
    ("question", "now"),
    [
        ("著作权法第四十九条的法定赔偿最高是多少", "第五十四条"),
        ("著作权法第二十二条规定的合理使用有哪些", "第二十四条"),
    ],
)
def test_old_number_of_what_is_asked_is_pointed_out(product: Assistant, question: str, now: str) -> None:
    (message,) = moved(product, question)
    assert f"在现行文本中是{now}" in message


@pytest.mark.parametrize(
    "question", ["著作权法第四十九条", "著作权法第五十四条的法定赔偿最高是多少", "法定赔偿最高是多少"]
)
def test_nothing_is_said_where_the_number_is_meant_or_none_is_named(product: Assistant, question: str) -> None:
    assert moved(product, question) == []


@pytest.mark.parametrize("question", ["著作权法第四十九条的法定赔偿是多少", "2010年著作权法第四十九条"])
def test_article_of_an_old_version_is_told_its_present_number(product: Assistant, question: str) -> None:
    day = dt.date(2015, 1, 1) if "2010" not in question else None
    (message,) = moved(product, question, day)
    assert "2021-06-01 失效" in message
    assert "第五十四条" in message


def test_question_that_names_a_repealed_version_is_answered_as_of_its_last_day(product: Assistant) -> None:
    answer = product.answer("2010年著作权法第四十九条")
    assert answer.as_of == dt.date(2021, 5, 31)
    assert {citation.document_id for citation in answer.citations} == {"copyright-law-2010"}


def test_question_that_names_the_law_itself_is_answered_as_of_today(product: Assistant) -> None:
    answer = product.answer("著作权法第五十四条")
    assert answer.as_of == dt.date.today()
    assert {citation.document_id for citation in answer.citations} == {"copyright-law-2020"}
