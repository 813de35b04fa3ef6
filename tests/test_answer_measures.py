"""Measures of an answer against figures computed by hand, and what counts as stating a fact."""

from __future__ import annotations

import pytest

from evals.measures import answer_values, states
from rag.types import Claim, Refusal
from tests.by_hand import LAW, answer, citation, question


def claim(text: str, support: str) -> Claim:
    return Claim(text=text, citations=(1,), support=support, score=0.5)  # type: ignore[arg-type]


def test_every_measure_of_an_answer_by_hand() -> None:
    asked = question(
        gold=[["law/art-1/p2/i1"], ["law/art-2/p1"], ["case/court-view", "other/art-5"]],
        facts=[["500元", "五百元"], ["独创性"], ["三年"]],
        forbidden=["不构成作品"],
    )
    given = answer(
        "判赔 5 0 0 元[1]，具有独创性。",
        citation("丙；", 1, paragraph="第二款"),  # right article, no item
        citation("甲。", 2, paragraph="第一款"),  # the same article once more
        citation("丁。", 3, article="第二条", passage_id="law/art-2"),
        citation("丁。", 4, article="第九条", start=0, end=2),  # neither asked for nor verbatim
        citation("无", 5, document_id="gone", article=None, passage_id="gone/facts"),
        claims=(claim("a", "supported"), claim("b", "partial"), claim("c", "supported"), claim("d", "unsupported")),
    )
    assert answer_values(asked, given, {"law": LAW, "gone": None}) == {
        "citation_recall": 2 / 3,  # arts. 1 and 2 of three requirements
        "pinpoint_recall": 1 / 3,  # art. 2 alone: art. 1 lacks its 项
        "citation_precision": 2 / 4,  # arts. 1, 2 of the places art. 1, art. 2, art. 9, gone/facts
        "pinpoint_precision": 1 / 5,  # art. 2 of art. 1 款 2, art. 1 款 1, art. 2, art. 9, gone/facts
        "verbatim": 3 / 5,
        "existence": 4 / 5,
        "claim_support": 2 / 4,
        "fact_recall": 2 / 3,
        "forbidden": 0.0,
        "temporal_correctness": None,
        "follow_up_success": None,
        "latency_ms": 12.5,
    }


def test_an_answer_that_refuses_scores_nothing_where_it_should_have_answered() -> None:
    asked = question(gold=[["law/art-1"]], facts=[["甲"]], forbidden=["乙"])
    refused = answer("无法回答。").model_copy(
        update={"refused": True, "refusal": Refusal(reason="out_of_scope", message="无法回答。")}
    )
    assert answer_values(asked, refused, {}) == {
        "citation_recall": 0.0, "pinpoint_recall": 0.0, "citation_precision": None, "pinpoint_precision": None, "verbatim": None, "existence": None,
        "claim_support": None, "fact_recall": 0.0, "forbidden": 0.0, "temporal_correctness": None,
        "follow_up_success": None, "latency_ms": 12.5,
    }  # fmt: skip


def test_what_does_not_apply_to_a_question_is_none() -> None:
    measured = answer_values(question(), answer("甲。", citation("甲。")), {"law": LAW})
    assert measured == {
        "citation_recall": None, "pinpoint_recall": None, "citation_precision": None, "pinpoint_precision": None, "verbatim": 1.0, "existence": 1.0,
        "claim_support": None, "fact_recall": None, "forbidden": None, "temporal_correctness": None,
        "follow_up_success": None, "latency_ms": 12.5,
    }  # fmt: skip


def test_a_forbidden_statement_counts_however_it_is_spaced() -> None:
    asked = question(forbidden=["赔偿10000元"])
    assert answer_values(asked, answer("应当赔偿 10,000 元。"), {})["forbidden"] == 1.0


@pytest.mark.parametrize(
    ("text", "fact", "expected"),
    [
        pytest.param("判赔１，５６０元", "1560元", True, id="full-width-and-separator"),
        pytest.param("判赔1 560 元", "1,560元", True, id="spaces"),
        pytest.param("独创[1]性", "独创性", True, id="citation-mark-inside"),
        pytest.param("Stable Diffusion", "stablediffusion", True, id="case-and-space"),
        pytest.param("(2024)粤0192民初113号", "（2024）粤 0192 民初 113 号", True, id="brackets-of-either-width"),
        pytest.param("判赔五百元", "500元", False, id="chinese-numeral-is-another-spelling"),
        pytest.param("甲，乙", "甲乙", False, id="comma-between-words-stays"),
        pytest.param("", "甲", False, id="empty"),
    ],
)
def test_a_fact_is_stated_whatever_its_width_and_spacing(text: str, fact: str, expected: bool) -> None:
    assert states(text, fact) is expected


@pytest.mark.parametrize(("text", "fact"), [("判赔1,500元", "500元"), ("第2024年", "24年"), ("共计3.5万元", "5万元")])
def test_part_of_a_number_is_not_the_number(text: str, fact: str) -> None:
    assert not states(text, fact)
