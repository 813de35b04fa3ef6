"""The evaluation's questions: gold that exists, facts that stand there, splits that are apart, a file whose errors are told."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from evals import families
from evals.measures import states
from evals.questions import DEFAULT_QUESTIONS, read_questions
from ingest.read import load
from ingest.sources import IGNORED_NAMES
from ingest.split import split
from rag.errors import InvalidInput
from rag.numerals import item_to_int
from rag.pinpoint import units
from rag.types import Document
from tests.by_hand import question

ROOT = Path(__file__).parents[1]


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
