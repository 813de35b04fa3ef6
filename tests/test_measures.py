"""ALCE's citation figures, temporal correctness, follow-up success and the two axes, by cases computed by hand."""

from __future__ import annotations

import datetime as dt

import pytest

from evals.alce import Alce, alce, sentences
from evals.axes import axis_values, correctness, groundedness, verdict
from evals.measures import answer_values, temporal_correctness
from evals.questions import Question
from evals.scored import crashed, scored
from rag.types import Answer, Citation, Claim, Document, DocumentMeta, Fingerprints, Kind, Refusal, Timings

TEXT = "第一条 平台应当建立投诉机制。\n\n提供者应当在三日内处理投诉。\n\n第二条 违反规定的，处五万元罚款。[^1]\n\n第三条 当事人可以上诉。\n"
DAY = dt.date(2024, 1, 1)


def law(identifier: str, *, effective: dt.date | None = None, repealed: dt.date | None = None) -> Document:
    meta = DocumentMeta(id=identifier, title="某法", kind=Kind.LAW, effective=effective, repealed=repealed)
    return Document(meta=meta, text=TEXT)


NOW, OLD = law("now", effective=dt.date(2020, 1, 1)), law("old", repealed=dt.date(2020, 1, 1))
DOCUMENTS = {"now": NOW, "old": OLD, "gone": None}


def question(**fields: object) -> Question:
    return Question(**{"id": "q", "category": "c", "question": "问"} | fields)  # type: ignore[arg-type]


def cite(n: int, quote: str, document: str = "now", article: str = "第一条") -> Citation:
    start = TEXT.find(quote)
    return Citation(
        n=n, passage_id=f"{document}/art-1", document_id=document, title="某法", kind=Kind.LAW, jurisdiction="CN",
        number=None, article=article, paragraph=None, item=None, section=None, quote=quote, start=start,
        end=start + len(quote), in_force=True,
        effective=dt.date(2020, 1, 1) if document == "now" else None, repealed=None, text_status="digest",
        evidence="verified", url=None, label="某法",
    )  # fmt: skip


def claim(text: str, *citations: int) -> Claim:
    return Claim(text=text, citations=citations, support="supported", score=1.0)


def answer(claims: tuple[Claim, ...] = (), citations: tuple[Citation, ...] = (), *, refused: bool = False) -> Answer:
    return Answer(
        question="问", as_of=DAY, answer="".join(c.text for c in claims), claims=claims, citations=citations,
        refused=refused, refusal=Refusal(reason="unclear", message="不清楚") if refused else None,
        timings_ms=Timings(total=1.0), fingerprints=Fingerprints(corpus="c", index="i", settings="s"),
    )  # fmt: skip


MECHANISM = cite(1, "平台应当建立投诉机制。")
DAYS = cite(2, "提供者应当在三日内处理投诉。")
FINE = cite(3, "违反规定的，处五万元罚款。", article="第二条")
APPEAL = cite(4, "当事人可以上诉。", article="第三条")
GONE = cite(5, "无", "gone")


@pytest.mark.parametrize(
    ("claims", "carried", "precise", "uncited"),
    [
        pytest.param([claim("《某法》第一条规定：平台应当建立投诉机制。", 1)], [True], [True], 0, id="quoted-after-a-lead"),
        pytest.param([claim("平台应当建立投诉机制。", 1, 4)], [True], [True, False], 0, id="one-of-two-is-idle"),
        pytest.param([claim("平台应当建立投诉机制。", 4)], [False], [False], 0, id="cites-something-else"),
        pytest.param([claim("平台不应当建立投诉机制。", 1)], [False], [False], 0, id="negated"),
        pytest.param([claim("违反规定的，处十万元罚款。", 3)], [False], [False], 0, id="another-amount"),
        pytest.param([claim("平台应当建立投诉机制。")], [False], [], 1, id="cites-nothing"),
        pytest.param([claim("平台应当建立投诉机制。", 5)], [False], [False], 0, id="source-does-not-exist"),
        pytest.param([claim("平台应当建立投诉机制。", 9)], [False], [False], 0, id="number-does-not-exist"),
        pytest.param([claim("平台应当建立投诉机制。提供者应当在三日内处理投诉。", 1, 2)], [True, True], [True, False, False, True], 0, id="a-sentence-each"),
        pytest.param([claim("处十万元罚款。平台应当建立投诉机制。", 1)], [False, True], [False, True], 0, id="invented-before-a-quote"),
        pytest.param([claim("平台应当建立投诉机制。", 1), claim("当事人可以上诉。")], [True, False], [True], 1, id="second-cites-nothing"),
        pytest.param([], [], [], 0, id="nothing-stated"),
    ],
)  # fmt: skip
def test_alce_by_hand(claims: list[Claim], carried: list[bool], precise: list[bool], uncited: int) -> None:
    given = answer(tuple(claims), (MECHANISM, DAYS, FINE, APPEAL, GONE))
    assert alce(given, DOCUMENTS) == Alce(tuple(carried), tuple(precise), uncited)


def test_a_citation_counts_that_the_others_cannot_do_without() -> None:
    both = [claim("平台应当建立投诉机制，提供者应当在三日内处理投诉。", 1, 2)]
    found = alce(answer(tuple(both), (MECHANISM, DAYS)), DOCUMENTS)
    assert (found.carried, found.precise) == ((True,), (True, True))


def test_figures_of_alce_are_shares_of_sentences_and_of_citations() -> None:
    found = Alce(carried=(True, True, False, False), precise=(True, False, True), uncited=1)
    assert (found.recall, found.precision, found.misled) == (0.5, 2 / 3, True)
    assert Alce(carried=(True, False), uncited=1).misled is False
    assert (Alce().recall, Alce().precision) == (None, None)


def test_sentences_are_cut_as_chinese_is() -> None:
    text = "甲说：“乙。”丙！丁？（一）戊；己\n——\nA b. C d."
    assert sentences(text) == ["甲说：“乙。”", "丙！", "丁？", "（一）戊；己", "A b.", "C d."]
    assert sentences("论文（学术观点）：\n\n| 甲 | 乙 |\n| - | - |\n丙。包括：") == [
        "论文（学术观点）：| 甲 | 乙 |\n| - | - |",
        "丙。",
        "包括：",
    ]


# --- dates ---


@pytest.mark.parametrize(
    ("gold", "cited", "expected"),
    [
        pytest.param([["now/art-1"]], ["now", "now"], 1.0, id="version-of-that-day"),
        pytest.param([["now/art-1"]], ["now", "old"], 0.5, id="one-of-two-repealed"),
        pytest.param([["now/art-1"]], ["old"], 0.0, id="other-version"),
        pytest.param([["old/art-1"]], ["old", "now"], 1.0, id="repealed-but-asked-for"),
        pytest.param([["now/art-1"], ["old/art-1"]], ["now", "gone"], 0.5, id="does-not-exist"),
        pytest.param([["now/art-1"]], [], 0.0, id="cites-nothing"),
        pytest.param([], ["now"], None, id="to-be-refused"),
    ],
)
def test_temporal_correctness_by_hand(gold: list[list[str]], cited: list[str], expected: float | None) -> None:
    given = answer((), tuple(cite(n, "当事人可以上诉。", d) for n, d in enumerate(cited, start=1)))
    assert temporal_correctness(question(as_of=DAY, gold=gold), given, DOCUMENTS) == expected
    assert temporal_correctness(question(gold=gold), given, DOCUMENTS) is None


@pytest.mark.parametrize(
    ("fields", "stated", "expected"),
    [
        pytest.param({}, "三日，建立机制", 1.0, id="all-there"),
        pytest.param({}, "建立机制", 0.0, id="fact-missing"),
        pytest.param({"gold": [["now/art-1"], ["now/art-3"]]}, "三日", 0.0, id="citation-missing"),
        pytest.param({"forbidden": ["十日"]}, "三日，不是十日", 0.0, id="forbidden"),
        pytest.param({"facts": []}, "什么都没说", 1.0, id="no-facts-to-state"),
        pytest.param({"history": []}, "三日", None, id="first-question"),
        pytest.param({"gold": []}, "三日", None, id="to-be-refused"),
    ],
)
def test_follow_up_success_by_hand(fields: dict[str, object], stated: str, expected: float | None) -> None:
    asked = question(**{"history": [("问", "答")], "gold": [["now/art-1"]], "facts": [["三日"]]} | fields)
    given = answer((), (MECHANISM,)).model_copy(update={"answer": stated})
    assert answer_values(asked, given, DOCUMENTS)["follow_up_success"] == expected


# --- axes ---

REFUSED = answer(refused=True)
GIVEN = answer((claim("平台应当建立投诉机制。", 1),), (MECHANISM,))


@pytest.mark.parametrize(
    ("given", "refusal", "values", "expected"),
    [
        pytest.param(GIVEN, None, {"fact_recall": 1.0, "forbidden": 0.0}, "correct", id="all-facts"),
        pytest.param(GIVEN, None, {"fact_recall": 0.5}, "incomplete", id="some-facts"),
        pytest.param(GIVEN, None, {"fact_recall": 0.0}, "refusal", id="no-fact-is-no-answer"),
        pytest.param(GIVEN, None, {"fact_recall": 1.0, "forbidden": 1.0}, "incorrect", id="forbidden"),
        pytest.param(GIVEN, "out_of_scope", {}, "incorrect", id="should-have-refused"),
        pytest.param(GIVEN, None, {"fact_recall": None, "citation_recall": 0.5}, "incomplete", id="no-facts-half-the-gold"),
        pytest.param(REFUSED, "out_of_scope", {}, "correct", id="due-refusal"),
        pytest.param(REFUSED, None, {"fact_recall": 0.0}, "refusal", id="undue-refusal"),
    ],
)  # fmt: skip
def test_correctness(given: Answer, refusal: str | None, values: dict[str, float | None], expected: str) -> None:
    assert correctness(question(refusal=refusal), given, values) == expected


SOUND = {"verbatim": 1.0, "existence": 1.0, "in_force_correct": 1.0}


@pytest.mark.parametrize(
    ("cited", "values", "expected"),
    [
        pytest.param(Alce((True,), (True,)), SOUND, "grounded", id="carried"),
        pytest.param(Alce((True, False), (True, False)), SOUND, "misgrounded", id="one-not-carried"),
        pytest.param(Alce((True, False), (True,), 1), SOUND, "ungrounded", id="one-without-citation"),
        pytest.param(Alce((False, False), (False,), 1), SOUND, "misgrounded", id="both-kinds"),
        pytest.param(Alce(), dict.fromkeys(SOUND), "ungrounded", id="states-nothing"),
        *(pytest.param(Alce((True,), (True,)), SOUND | {name: 0.5}, "misgrounded", id=name) for name in SOUND),
    ],
)
def test_groundedness(cited: Alce, values: dict[str, float | None], expected: str) -> None:
    assert groundedness(GIVEN, cited, values) == expected
    assert groundedness(REFUSED, cited, values) is None


@pytest.mark.parametrize(
    ("correct", "grounded", "expected"),
    [
        ("correct", "grounded", "accurate"),
        ("correct", None, "accurate"),
        ("correct", "ungrounded", "incomplete"),
        ("correct", "misgrounded", "hallucinated"),
        ("incomplete", "grounded", "incomplete"),
        ("incomplete", "misgrounded", "hallucinated"),
        ("incorrect", "grounded", "hallucinated"),
        ("refusal", None, "incomplete"),
        ("refusal", "grounded", "incomplete"),
    ],
)
def test_verdicts(correct: str, grounded: str | None, expected: str) -> None:
    assert verdict(correct, grounded) == expected  # type: ignore[arg-type]
    assert sum(value or 0 for value in axis_values(expected).values()) == 1  # type: ignore[arg-type]


def test_a_whole_answer_on_the_axes() -> None:
    asked = question(gold=[["now/art-1"]], facts=[["投诉机制"]])
    assert scored(asked, GIVEN, DOCUMENTS).values["accurate"] == 1.0
    negated = answer((claim("平台不应当建立投诉机制。", 1),), (MECHANISM,))
    found = scored(asked, negated, DOCUMENTS)
    assert (found.correctness, found.groundedness, found.values["hallucinated"]) == ("correct", "misgrounded", 1.0)
    assert (found.values["alce_recall"], found.values["alce_precision"]) == (0.0, 0.0)


def test_a_crash_scores_nothing_of_what_it_should_have_given() -> None:
    dated = question(as_of=DAY, history=[("问", "答")], gold=[["now/art-1"]], facts=[["甲"]])
    nothing = crashed(dated)
    given = scored(dated, GIVEN, DOCUMENTS).values
    due = {"answered_rightly", "citation_recall", "pinpoint_recall", "alce_recall", "temporal_correctness", "follow_up_recall"}  # fmt: skip
    due |= {"follow_up_success", "fact_recall"}
    assert {name for name, value in nothing.values.items() if value == 0} == due | {"accurate", "hallucinated"}
    assert due <= given.keys()
    assert (nothing.correctness, nothing.values["incomplete"]) == ("refusal", 1.0)
    assert crashed(question(refusal="unclear")).values["refused_rightly"] == 0.0
