"""Whether a source carries a claim: verbatim yes; another number, a flipped negation, another modality no."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.pinpoint import units
from rag.pipeline import Assistant
from rag.support import support
from rag.support.model import support_model
from rag.types import Verdict

CUT = support_model().score_from
COMPLAINTS = "提供者应当建立健全投诉、举报机制，公布处理的流程和反馈的时限。"
FREE_USE = "使用作品可以不经著作权人许可，可以不向著作权人支付报酬。"
FAULT = "被告没有尽到合理注意义务，主观上有过错，应当承担赔偿责任。"
TERM = "保护期为作者终生及其死亡后五十年。"
FINE = "罚款可以处违法经营额一倍以上五倍以下。"
AWARD = "法院判决被告AI公司赔偿原告10,000元，该数额已包含合理开支。"


@pytest.mark.parametrize(
    "claim",
    [
        COMPLAINTS,
        FREE_USE,
        FAULT,
        TERM,
        AWARD,
        "2023年8月15日起施行。",
        "未经许可使用作品，构成侵权。",
        "The court held that the platform is not liable.",
    ],
)
def test_verbatim_claim_is_fully_supported(claim: str) -> None:
    assert support(claim, [claim]) == Verdict(support="supported", score=1.0)


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("提供者应当建立健全投诉、举报机制。", COMPLAINTS),
        ("被告应当承担赔偿责任。", FAULT),
        ("保护期为作者终生及其死亡后50年。", TERM),
        ("依照第24条的规定承担责任。", "依照第二十四条的规定承担责任。"),
        ("可以处违法经营额1倍以上5倍以下的罚款", FINE),
        ("法院判决被告赔偿原告10,000元。", AWARD),
        ("赔偿３０万元", "赔偿30万元"),
        pytest.param("法院判决被告赔偿原告一万元。", AWARD),
        pytest.param("法院判决被告赔偿原告10000元。", AWARD),
    ],
)
def test_same_statement_in_part_or_in_other_numerals_is_supported(claim: str, source: str) -> None:
    assert support(claim, [source]).support == "supported"


CONTRADICTED = [
    ("negation added", "提供者不应当建立健全投诉、举报机制。", COMPLAINTS),
    ("negation added by 无须", "提供者无须建立健全投诉、举报机制。", COMPLAINTS),
    ("negation removed", "使用作品可以经著作权人许可", FREE_USE),
    ("negation removed, 没有", "被告已尽到合理注意义务", FAULT),
    ("negation added to a holding", "被告不承担赔偿责任。", FAULT),
    ("negation added to the verb", "平台不侵权", "平台侵权"),
    ("negation removed from the verb", "构成侵权", "不构成侵权"),
    ("未 dropped", "经许可使用作品构成侵权", "未经许可使用作品构成侵权"),
    ("非 dropped", "该内容是作品", "该内容非作品"),
    ("dismissed made upheld", "法院支持原告的其他诉讼请求。", "法院驳回原告的其他诉讼请求。"),
    ("one clause of three flipped", "被告没有尽到合理注意义务，主观上没有过错，应当承担赔偿责任。", FAULT),
    ("duty made option", COMPLAINTS.replace("应当", "可以"), COMPLAINTS),
    ("duty made prohibition", COMPLAINTS.replace("应当", "不得"), COMPLAINTS),
    ("option made duty", "使用作品应当不经著作权人许可", FREE_USE),
    ("years", "保护期为作者终生及其死亡后七十年。", TERM),
    ("years in figures", "保护期为作者终生及其死亡后70年。", TERM),
    ("multiple", "罚款可以处违法经营额一倍以上十倍以下。", FINE),
    ("article", "依照第二十五条的规定承担责任。", "依照第二十四条的规定承担责任。"),
    ("date", "2024年8月15日起施行", "2023年8月15日起施行"),
    ("amount", "法院判决被告赔偿原告20,000元。", AWARD),
]


@pytest.mark.parametrize(("claim", "source"), [row[1:] for row in CONTRADICTED], ids=[row[0] for row in CONTRADICTED])
def test_opposite_statement_is_contradicted_with_a_low_score(claim: str, source: str) -> None:
    verdict = support(claim, [source])
    assert (verdict.support, verdict.score < CUT) == ("contradicted", True)


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        pytest.param("赔偿经济损失560元。", "赔偿经济损失1,560元。"),
        pytest.param("罚款30元。", "罚款30万元。"),
        pytest.param(
            "The platform is liable for infringement.",
            "The platform is not liable for infringement.",
        ),
        pytest.param("法院判决原告赔偿被告10,000元。", "法院判决被告赔偿原告10,000元。"),
        pytest.param(
            "法院判决被告赔偿原告30万元。",
            "法院判决被告赔偿原告1万元；原告的索赔额为30万元。",
            marks=pytest.mark.xfail(strict=True, reason="a number of the next clause, said of something else"),
        ),
    ],
    ids=["thousands", "unit", "english", "roles", "claimed-for-awarded"],
)
def test_false_statement_in_nearly_the_same_words_is_not_supported(claim: str, source: str) -> None:
    assert support(claim, [source]).support in ("unsupported", "contradicted")


@pytest.mark.parametrize(
    ("claim", "sources"),
    [
        ("", [COMPLAINTS]),
        ("。，；", [COMPLAINTS]),
        ("   \n", [COMPLAINTS]),
        (COMPLAINTS, []),
        (COMPLAINTS, [""]),
        (COMPLAINTS, ["", "。"]),
        ("", []),
        ("今天天气很好。", [COMPLAINTS]),
    ],
    ids=["empty", "punctuation", "blank", "no-source", "empty-source", "empty-sources", "nothing", "unrelated"],
)
def test_nothing_in_common_is_unsupported_with_score_0(claim: str, sources: list[str]) -> None:
    assert support(claim, sources) == Verdict(support="unsupported", score=0.0)


def test_sources_are_taken_together() -> None:
    first, second = "平台应当建立投诉举报机制", "平台应当对生成内容进行标识"
    both = f"{first}，{second}"
    together = support(both, [first, second])
    assert (together.support, support(both, [second, first])) == ("supported", together)
    assert support(both, [first]).score < together.score
    assert support(both, [first]).support != "supported"


def test_clause_without_support_lowers_the_score_of_the_whole() -> None:
    source = "平台应当建立投诉举报机制"
    whole = support("平台应当建立投诉举报机制，月球由奶酪构成", [source])
    assert (whole.support == "supported", whole.score < CUT) == (False, True)


def test_every_citable_sentence_of_the_corpus_supports_itself(assistant: Assistant) -> None:
    catalog = assistant.index.catalog
    sentences = [u.text for i in catalog.metas for p in catalog.passages_of(i) for u in units(p)]
    assert len(sentences) > 800
    assert [s for s in sentences if support(s, [s]) != Verdict(support="supported", score=1.0)] == []


HAN = st.text(
    alphabet="作品著权平台用户提供者应当可以不得未没有承担责任侵权赔偿许可生成内容标识法院第条款元年",
    min_size=2,
    max_size=30,
)
NUMBERED = st.tuples(HAN, st.integers(0, 9999), HAN).map(lambda parts: f"{parts[0]}{parts[1]}{parts[2]}")


@settings(max_examples=200, deadline=None)
@given(st.one_of(HAN, NUMBERED))
def test_any_sentence_supports_itself(sentence: str) -> None:
    assert support(sentence, [sentence]) == Verdict(support="supported", score=1.0)


@settings(max_examples=150, deadline=None)
@given(HAN, st.lists(HAN, max_size=3))
def test_score_is_a_share_and_agrees_with_the_label(claim: str, sources: list[str]) -> None:
    verdict = support(claim, sources)
    assert 0.0 <= verdict.score <= 1.0
    assert (verdict.support == "supported") == (verdict.score >= CUT)


def test_sentence_with_a_rule_and_its_opposite_supports_itself() -> None:
    sentence = "不构成作品的，不受保护；构成作品的，应当保护。"
    assert support(sentence, [sentence]) == Verdict(support="supported", score=1.0)
