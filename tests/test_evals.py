"""The evaluation itself: measures against hand-computed figures, gold that exists, a page that cannot drift from its JSON."""

from __future__ import annotations

import datetime as dt
import json
import math
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from evals import families
from evals.__main__ import main
from evals.measures import RETRIEVAL, Outcome, answer_values, retrieval_values, states
from evals.pinpoints import article_level, meets, meets_article, of_citation
from evals.questions import DEFAULT_QUESTIONS, Question, read_questions
from evals.run import refusals, run, run_retrieval, summarise
from ingest.read import load
from ingest.sources import IGNORED_NAMES
from ingest.split import split
from rag.errors import InvalidInput
from rag.numerals import item_to_int
from rag.pinpoint import units
from rag.pipeline import Assistant
from rag.types import Answer, Citation, Claim, Document, DocumentMeta, Fingerprints, Kind, Refusal, Timings

ROOT = Path(__file__).parents[1]
PRINTS = Fingerprints(corpus="c", index="i", settings="s")
TEXT = "第一条 甲。\n\n乙：\n（一）丙；\n\n第二条 丁。\n"
LAW = Document(meta=DocumentMeta(id="law", title="某法", kind=Kind.LAW), text=TEXT)


def question(**fields: object) -> Question:
    return Question(**{"id": "q", "category": "c", "question": "问"} | fields)  # type: ignore[arg-type]


def citation(quote: str, n: int = 1, **fields: object) -> Citation:
    """A citation of ``LAW`` at the place of ``quote``, with everything that a case does not say left empty."""
    start = TEXT.find(quote)
    values: dict[str, object] = {
        "n": n, "passage_id": "law/art-1", "document_id": "law", "title": "某法", "kind": Kind.LAW, "jurisdiction": "CN",
        "number": None, "article": "第一条", "paragraph": None, "item": None, "section": None, "quote": quote,
        "start": start, "end": start + len(quote), "in_force": True, "effective": None, "repealed": None,
        "text_status": "digest", "evidence": "verified", "url": None, "label": "某法",
    }  # fmt: skip
    return Citation(**values | fields)  # type: ignore[arg-type]


def answer(text: str, *citations: Citation, claims: tuple[Claim, ...] = ()) -> Answer:
    return Answer(
        question="问", as_of=dt.date(2026, 11, 22), answer=text, citations=citations, claims=claims,
        timings_ms=Timings(total=12.5), fingerprints=PRINTS,
    )  # fmt: skip


# --- pinpoints ---


@pytest.mark.parametrize(
    ("pinpoint", "level"),
    [
        ("law/art-24/p1/i5", "law/art-24"),
        ("law/art-24/p1", "law/art-24"),
        ("law/art-133-1/p2", "law/art-133-1"),
        ("law/art-24", "law/art-24"),
        ("case/court-view", "case/court-view"),
        ("paper/s-2.1/p-1", "paper/s-2.1/p-1"),
        ("paper/p1", "paper/p1"),
    ],
)
def test_article_level_cuts_paragraph_and_item_only(pinpoint: str, level: str) -> None:
    assert article_level(pinpoint) == level


@pytest.mark.parametrize(
    ("fields", "pinpoint"),
    [
        pytest.param({"article": "第二十四条", "paragraph": "第一款", "item": "第（五）项"}, "law/art-24/p1/i5", id="item"),
        pytest.param({"article": "第十条", "paragraph": "第十二款"}, "law/art-10/p12", id="paragraph"),
        pytest.param({"article": "第三条"}, "law/art-3/p1", id="single-paragraph-is-the-first"),
        pytest.param({"article": "第三条", "item": "第（十二）项"}, "law/art-3/p1/i12", id="item-of-a-single-paragraph"),
        pytest.param({"article": "第一百三十三条之一", "paragraph": "第二款"}, "law/art-133-1/p2", id="inserted-article"),
        pytest.param({"article": "第二条", "item": "第（c）项"}, "law/art-2/p1/i3", id="european-letter"),
        pytest.param({"article": "第二条", "item": "第（60）项"}, "law/art-2/p1/i60", id="european-number"),
        pytest.param({"article": "第二条", "item": "第（ba）项"}, "law/art-2/p1", id="label-without-number"),
        pytest.param({"article": None, "passage_id": "case/court-view"}, "case/court-view", id="section-of-a-judgment"),
    ],
)  # fmt: skip
def test_citation_becomes_its_pinpoint(fields: dict[str, object], pinpoint: str) -> None:
    assert of_citation(citation("甲。").model_copy(update=fields)) == pinpoint


@pytest.mark.parametrize(
    ("found", "gold", "exact", "article"),
    [
        ("law/art-24/p1/i5", "law/art-24/p1/i5", True, True),
        ("law/art-24/p1/i5", "law/art-24/p1", True, True),
        ("law/art-24/p1/i5", "law/art-24", True, True),
        ("law/art-24/p1", "law/art-24/p1/i5", False, True),
        ("law/art-24/p1/i15", "law/art-24/p1/i1", False, True),
        ("law/art-2/p1", "law/art-24/p1", False, False),
        ("law/art-24", "law/art-2", False, False),
        ("paper/s-2.1/p-1", "paper/s-2.1", True, True),
        ("paper/s-2.1/p-1", "paper/s-2", False, False),
        ("case/court-view", "case/disposition", False, False),
    ],
)
def test_a_place_meets_the_gold_it_is_or_lies_in(found: str, gold: str, exact: bool, article: bool) -> None:
    assert (meets(found, gold), meets_article(found, gold)) == (exact, article)


# --- retrieval ---

LOG3, LOG6, LOG7, LOG11 = (1 / math.log2(rank + 1) for rank in (2, 5, 6, 10))
"""What a relevant document is worth at rank 2, 5, 6 and 10, where it is worth 1 at rank 1."""


@pytest.mark.parametrize(
    ("gold", "found", "expected"),
    [
        pytest.param([["a/art-1"]], ["a/art-1"], (1.0, 1.0, 1.0, 1.0, 1.0), id="first"),
        pytest.param([["a/art-1/p2/i3"]], ["x", "a/art-1"], (0.0, 1.0, 1.0, 0.5, LOG3), id="second-at-article-level"),
        pytest.param([["a/art-1"], ["b/art-2"]], ["x", "b/art-2", "x", "x", "a/art-1"], (0.0, 1.0, 1.0, 0.5, (LOG3 + LOG6) / (1 + LOG3)), id="two-needed"),
        pytest.param([["a/art-1"], ["b/art-2"]], ["a/art-1", *"xxxx", "b/art-2"], (0.5, 0.5, 1.0, 1.0, (1 + LOG7) / (1 + LOG3)), id="second-beyond-five"),
        pytest.param([["a/art-1", "b/art-2"]], ["x", "x", "b/art-2"], (0.0, 1.0, 1.0, 1 / 3, 0.5), id="either-will-do"),
        pytest.param([["a/art-1"]], [*"xxxxxxxxx", "a/art-1"], (0.0, 0.0, 1.0, 0.1, LOG11), id="tenth"),
        pytest.param([["a/art-1"]], [*"xxxxxxxxxx", "a/art-1"], (0.0, 0.0, 0.0, 0.0, 0.0), id="eleventh"),
        pytest.param([["a/art-1/p1"], ["a/art-1/p2"]], ["a/art-1"], (1.0, 1.0, 1.0, 1.0, 1.0), id="one-passage-for-both"),
        pytest.param([["a/art-1"]], [], (0.0, 0.0, 0.0, 0.0, 0.0), id="nothing-found"),
        pytest.param([], ["a/art-1"], (None, None, None, None, None), id="no-gold"),
    ],
)  # fmt: skip
def test_recall_reciprocal_rank_and_ndcg(
    gold: list[list[str]], found: list[str], expected: tuple[float | None, ...]
) -> None:
    names = ("recall@1", "recall@5", "recall@10", "rr@10", "ndcg@10")
    found_values = retrieval_values(question(gold=gold), found)
    assert found_values == pytest.approx(dict(zip(names, expected, strict=True)))


# --- answers ---


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


# --- summing up ---


def outcome(identifier: str, **fields: object) -> Outcome:
    values: dict[str, object] = {"category": "c", "split": "dev", "refused": False, "refusal_expected": False}
    return Outcome(identifier, **values | fields)  # type: ignore[arg-type]


def test_summary_is_the_mean_over_the_questions_that_a_measure_applies_to() -> None:
    outcomes = [
        outcome("1", values={"recall": 1.0, "none": None, "constant": 0.5}),
        outcome("2", values={"recall": 0.0, "constant": 0.5}),
        outcome("3", values={"recall": 0.5, "none": None, "constant": 0.5}),
        outcome("4", values={"recall": None, "third": 1 / 3}),
    ]
    assert summarise(outcomes, intervals=False) == {
        "recall": {"mean": 0.5, "n": 3},
        "constant": {"mean": 0.5, "n": 3},
        "third": {"mean": 0.3333, "n": 1},
    }
    summary = summarise(outcomes)
    assert summary["constant"] == {"mean": 0.5, "n": 3, "low": 0.5, "high": 0.5}
    assert summary["third"] == {"mean": 0.3333, "n": 1, "low": 0.3333, "high": 0.3333}
    # One in 27 resamples of (0, ½, 1) is all 0 and one all 1: more than the tails of 2.5 %, so these are the ends.
    assert summary["recall"] == {"mean": 0.5, "n": 3, "low": 0.0, "high": 1.0}
    assert summarise(outcomes) == summary


def test_interval_of_a_proportion_is_that_of_the_binomial() -> None:
    values = [outcome(str(n), values={"m": float(n < 80)}) for n in range(100)]
    figures = summarise(values)["m"]
    # 0.8 ± 1.96 · sqrt(0.8 · 0.2 / 100) = 0.8 ± 0.0784
    assert (figures["mean"], figures["n"]) == (0.8, 100)
    assert figures["low"] == pytest.approx(0.7216, abs=0.011)
    assert figures["high"] == pytest.approx(0.8784, abs=0.011)


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        pytest.param("RR RR R- R- -R --", (0.5, 0.6667, 4, 3), id="two-in-vain-one-missed"),
        pytest.param("-- --", (1.0, 1.0, 0, 0), id="nothing-to-refuse"),
        pytest.param("R- --", (0.0, 1.0, 1, 0), id="refused-in-vain"),
        pytest.param("-R --", (1.0, 0.0, 0, 1), id="never-refused"),
    ],
)
def test_refusing_is_measured_as_detection(pairs: str, expected: tuple[float, float, int, int]) -> None:
    outcomes = [outcome(pair, refused=pair[0] == "R", refusal_expected=pair[1] == "R") for pair in pairs.split()]
    found = refusals(outcomes)
    names = ("precision", "recall", "refused", "expected")
    assert tuple(found[name] for name in names) == expected
    # Of four refused, two in vain: all or none of a resample are in vain once in 16 times, more than the tails of 2.5 %.
    assert found["precision_interval"] == (
        (0.0, 1.0) if expected[2] == 4 else (found["precision"],) * 2 if expected[2] else None
    )


# --- a run over the real index ---

ASKED = [
    question(id="1", category="x", split="dev", question="著作权法第二十四条规定了什么？", gold=[["copyright-law-2020/art-24"]]),
    question(id="2", category="y", split="test", question="今天北京天气怎么样", refusal="out_of_scope"),
    question(id="3", category="x", split="test", question="著作权法第八十八条怎么规定的", refusal="false_premise"),
]  # fmt: skip


def test_a_run_sums_up_its_own_questions(assistant: Assistant) -> None:
    result = run(ASKED, assistant, quiet=True)
    rows = {row["id"]: row for row in result["questions"]}
    assert list(rows) == ["1", "2", "3"]
    assert [(row["refused"], row["refusal_expected"], row["error"]) for row in rows.values()] == [
        (False, False, None),
        (True, True, None),
        (True, True, None),
    ]
    assert result["n"] == 3
    assert result["fingerprints"] == assistant.fingerprints.model_dump()
    assert result["refusals"] == {
        "precision": 1.0,
        "recall": 1.0,
        "refused": 2,
        "expected": 2,
        "precision_interval": (1.0, 1.0),
        "recall_interval": (1.0, 1.0),
    }
    assert {name: summary["latency_ms"]["n"] for name, summary in result["splits"].items()} == {"dev": 1, "test": 2}
    assert {name: summary["latency_ms"]["n"] for name, summary in result["categories"].items()} == {"x": 2, "y": 1}
    first = rows["1"]["values"]
    names = ("recall@1", "citation_recall", "pinpoint_recall", "verbatim", "existence")
    assert {name: first[name] for name in names} == dict.fromkeys(names, 1.0)
    assert {name: result["summary"][name]["mean"] for name in names} == dict.fromkeys(names, 1.0)


def test_retrieval_alone_agrees_with_the_full_run(assistant: Assistant) -> None:
    alone, full = run_retrieval(ASKED, assistant), run(ASKED, assistant, quiet=True)
    assert alone["n"] == 3
    assert alone["summary"] == {name: full["summary"][name] for name in RETRIEVAL}


def test_a_question_that_crashes_is_listed_with_its_error(assistant: Assistant) -> None:
    broken = question(id="9", question="。", gold=[["copyright-law-2020/art-24"]], facts=[["甲"]])
    row = run([broken], assistant, quiet=True)["questions"][0]
    assert row["error"].startswith("InvalidQuestion: ")
    assert (row["values"]["citation_recall"], row["values"]["recall@5"]) == (0.0, 0.0)


def test_a_crash_scores_nothing_on_all_that_it_should_have_given(assistant: Assistant) -> None:
    broken = question(id="9", question="。", gold=[["copyright-law-2020/art-24"]], facts=[["甲"]])
    values = run([broken], assistant, quiet=True)["questions"][0]["values"]
    names = ("recall@1", "recall@5", "recall@10", "rr@10", "citation_recall", "pinpoint_recall", "fact_recall")
    assert {name: values.get(name) for name in names} == dict.fromkeys(names, 0.0)


@pytest.fixture
def asked(tmp_path: Path) -> Path:
    path = tmp_path / "q.jsonl"
    path.write_text("".join(q.model_dump_json() + "\n\n" for q in ASKED), "utf-8")
    return path


def test_run_command_writes_the_result_and_prints_its_summary(index_dir: Path, tmp_path: Path, asked: Path) -> None:
    out = tmp_path / "deep" / "out.json"
    environment = {key: value for key, value in os.environ.items() if not key.startswith("AIGC_LAW_")}
    done = subprocess.run(
        [sys.executable, "-m", "evals", "run", "--questions", asked, "--index", index_dir, "--out", out],
        cwd=ROOT, env=environment | {"PYTHONUTF8": "1"}, capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert [row["id"] for row in json.loads(out.read_text("utf-8"))["questions"]] == ["1", "2", "3"]
    assert "citation_recall      1.000  [1.000, 1.000]  n=1\n" in done.stdout
    assert "refusal precision    1.000  recall 1.000\n" in done.stdout


def test_retrieval_command_prints_its_figures(index_dir: Path, asked: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["retrieval", "--questions", str(asked), "--index", str(index_dir)]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["summary"]["recall@1"] == {"mean": 1.0, "n": 1, "low": 1.0, "high": 1.0}


def test_a_command_without_an_index_ends_with_the_command_that_makes_one(
    tmp_path: Path, asked: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["retrieval", "--questions", str(asked), "--index", str(tmp_path / "none")]) == 2
    assert capsys.readouterr().err.endswith(f"python -m ingest --index {tmp_path / 'none'}\n")


# --- questions ---


@cache
def corpus() -> dict[str, Document]:
    paths = (path for path in (ROOT / "corpus").rglob("*.md") if path.name not in IGNORED_NAMES)
    return {document.id: document for document in (load(path, root=ROOT) for path in paths)}


@cache
def places() -> frozenset[str]:
    """Every place of the corpus that a gold pinpoint can name: sections, articles, 款 and 项."""
    found: set[str] = set()
    for document in corpus().values():
        for passage in split(document):
            found |= {passage.id, re.sub(r"/p-\d+$", "", passage.id)}
            for unit in units(passage) if passage.article else ():
                paragraph = f"{passage.id}/p{unit.paragraph}"
                number = item_to_int(unit.item_label.strip("第（）项")) if unit.item_label else None
                found |= {paragraph, f"{paragraph}/i{number}"} if number else {paragraph}
    return frozenset(found)


def test_every_gold_pinpoint_exists_down_to_paragraph_and_item() -> None:
    gold = [(q.id, place) for q in read_questions() for alternatives in q.gold for place in alternatives]
    assert len(gold) > 100
    assert [(identifier, place) for identifier, place in gold if place not in places()] == []


def test_places_are_told_apart_from_places_that_do_not_exist() -> None:
    real = {
        "copyright-law-2020/art-24/p1/i13",
        "copyright-law-2020/art-24/p2",
        "aigc-paper/s-2.1",
        "ai-voice-2024/facts",
    }
    unreal = {"copyright-law-2020/art-24/p1/i14", "copyright-law-2020/art-24/p3", "copyright-law-2020/art-68"}
    assert real <= places()
    assert unreal.isdisjoint(places())


def test_a_question_has_gold_or_is_to_be_refused() -> None:
    assert [q.id for q in read_questions() if bool(q.gold) == bool(q.refusal)] == []
    assert [q.id for q in read_questions() if q.refusal and (q.facts or any(q.gold))] == []
    assert [q.id for q in read_questions() if any(not alternatives for alternatives in (*q.gold, *q.facts))] == []


def test_every_fact_stands_in_a_document_that_is_gold() -> None:
    missing = []
    for asked in read_questions():
        named = {place.split("/")[0] for alternatives in asked.gold for place in alternatives}
        text = " ".join(f"{corpus()[i].text} {corpus()[i].meta.model_dump_json()}" for i in sorted(named))
        missing += [(asked.id, fact) for fact in asked.facts if not any(states(text, spelling) for spelling in fact)]
    assert missing == []


def test_no_right_fact_contains_what_is_forbidden() -> None:
    clashes = [
        (q.id, spelling, forbidden)
        for q in read_questions()
        for fact in q.facts
        for spelling in fact
        for forbidden in q.forbidden
        if states(spelling, forbidden)
    ]
    assert clashes == []


def test_questions_are_all_different_and_both_splits_are_there() -> None:
    asked = [(" ".join(q.question.split()).lower(), q.as_of, q.history) for q in read_questions()]
    assert len(set(asked)) == len(asked)
    assert {q.split for q in read_questions()} == {"dev", "test"}
    lines = DEFAULT_QUESTIONS.read_text("utf-8").splitlines()
    assert len(read_questions()) == sum(bool(line.strip()) for line in lines)


def test_a_family_of_documents_lies_in_one_split() -> None:
    astray = []
    for asked in read_questions():
        if int(asked.id.strip("q")) >= families.FIRST:
            names = families.families(asked) or {asked.id}
            astray += [(asked.id, name) for name in names if families.split_of(name) != asked.split]
    assert astray == []


@pytest.mark.parametrize(
    ("pinpoint", "family"),
    [
        ("copyright-law-2010/art-49/p2", "copyright-law"),
        ("copyright-interpretation-2026/s-1", "copyright-law"),
        ("copyright-regulation-2013/art-2", "copyright-law"),
        ("gema-v-suno-2026/court-view", "gema-v-suno-2026"),
    ],
)
def test_versions_and_interpretations_are_one_family(pinpoint: str, family: str) -> None:
    assert families.family(pinpoint) == family


GOOD = question(id="a").model_dump_json()


@pytest.mark.parametrize(
    ("lines", "what", "why"),
    [
        pytest.param([GOOD, "", "{"], "第 3 行有误。", ": Invalid JSON", id="no-json"),
        pytest.param([GOOD, '{"id": "b", "category": "c"}'], "第 2 行有误。", "question: Field required", id="no-question"),
        pytest.param([GOOD[:-1] + ', "golden": []}'], "第 1 行有误。", "golden: Extra inputs", id="unknown-field"),
        pytest.param([GOOD.replace('"refusal":null', '"refusal":"rude"')], "第 1 行有误。", "refusal: Input should be", id="unknown-reason"),
        pytest.param([GOOD, GOOD], "第 2 行的 id 重复：a。", "", id="id-twice"),
    ],
)  # fmt: skip
def test_a_malformed_question_is_named_by_its_line(tmp_path: Path, lines: list[str], what: str, why: str) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text("\n".join(lines), "utf-8")
    with pytest.raises(InvalidInput) as caught:
        read_questions(path)
    assert caught.value.what == f"{path} {what}"
    assert caught.value.why.startswith(why)


def test_an_unreadable_question_file_is_reported(tmp_path: Path) -> None:
    (tmp_path / "q.jsonl").write_bytes(b"\xff\xfe")
    for path in (tmp_path / "q.jsonl", tmp_path / "nowhere.jsonl"):
        with pytest.raises(InvalidInput, match="无法读取评测问题"):
            read_questions(path)
