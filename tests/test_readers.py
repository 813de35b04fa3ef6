"""Second readers: agreement counted by hand, records that are of nothing refused, and what is stored is what the records say."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals import families
from evals.judge.cases import Labelled, read_labelled
from evals.questions import Question, read_questions
from evals.readers import page
from evals.readers.agreement import LABELS, READINGS, Found, Label, Reading, compare, difference, read
from rag.errors import InvalidInput

_GOLD = (("copyright-law-2020/art-24/p1/i5", "copyright-law-2020/art-24/p2"), ("ai-voice-2024/court-view",))


def asked(identifier: str = "q1", **values: object) -> Question:
    return Question.model_validate({"id": identifier, "category": "c", "question": "问", "gold": _GOLD, **values})


def reading(*places: str, identifier: str = "q1", **values: object) -> Reading:
    told = {"id": identifier, "refusal": None, "places": [[place] for place in places], "fact": "", "doubt": ""}
    return Reading.model_validate({**told, **values})


@pytest.mark.parametrize(
    ("question", "given", "differ_on"),
    [
        (asked(), reading("copyright-law-2020/art-24/p2", "ai-voice-2024/court-view"), ""),
        (asked(), reading("copyright-law-2020/art-24", "ai-voice-2024/court-view/p-2"), ""),  # one within the other
        (asked(), reading("copyright-law-2020/art-24/p1/i6", "ai-voice-2024/court-view"), "place"),
        (asked(), reading("copyright-law-2020/art-2", "ai-voice-2024/court-view"), "article"),
        (asked(), reading("copyright-law-2020/art-24/p2"), "article"),  # one of two requirements
        (asked(), reading(refusal="unclear"), "refusal"),
        (asked(gold=(), refusal="unclear"), reading(), "refusal"),
        (asked(gold=(), refusal="unclear"), reading(refusal="out_of_scope"), "reason"),
        (asked(gold=(), refusal="unclear"), reading(refusal="unclear"), ""),
        (asked(facts=(("500元", "五百元"),)), reading("copyright-law-2020/art-24", "ai-voice-2024/court-view", fact="赔五百元"), ""),
        (asked(facts=(("500元",),)), reading("copyright-law-2020/art-24", "ai-voice-2024/court-view", fact="赔1500元"), "fact"),
        (asked(), reading("x/art-1", gold_before=[["x/art-1"]]), ""),  # the gold as it was met
        (asked(facts=(("甲",),)), reading("x/art-1", fact="乙", gold_before=[["x/art-1"]], facts_before=[["乙"]]), ""),
    ],
)  # fmt: skip
def test_what_gold_and_reader_differ_on(question: Question, given: Reading, differ_on: str) -> None:
    assert difference(question, given) == differ_on


def test_agreement_is_counted_by_category_and_beyond_chance() -> None:
    questions = [
        asked("q1"),
        asked("q2"),
        asked("q3", gold=(), refusal="unclear"),
        asked("q4", gold=(), refusal="unclear"),
    ]
    readings = [
        reading("copyright-law-2020/art-24/p2", "ai-voice-2024/court-view", identifier="q1"),
        reading("copyright-law-2020/art-24/p1/i1", "ai-voice-2024/court-view", identifier="q2"),
        reading(identifier="q3", refusal="out_of_scope"),
        reading("x/art-1", identifier="q4"),
    ]
    cases = [_case("a", "correct", "grounded"), _case("b", "incorrect", "misgrounded")]
    labels = [_label("a", "correct", "grounded"), _label("b", "incomplete", "misgrounded")]
    found = compare(_by_id(questions), _by_id(readings), cases, _by_id(labels))
    assert found.refusals == {"refuse/refuse": 1, "refuse/answer": 1, "answer/refuse": 0, "answer/answer": 2}
    assert found.refusal_kappa == 0.5  # (3/4 - 1/2) / (1 - 1/2)
    assert found.reasons == 0
    assert found.rows["c"].model_dump() == {"answered": 2, "article": 2, "place": 1, "fact": 2}
    assert found.differences == {"q2": "place", "q3": "reason", "q4": "refusal"}
    assert (found.correctness, found.grounding, found.label_differences) == (1, 2, ["b"])
    assert found.correctness_kappa == 0.3333  # (1/2 - 1/4) / (1 - 1/4)
    assert found.grounding_kappa == 1


def test_a_record_of_nothing_and_a_broken_line_are_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="q9"):
        compare({}, {"q9": reading("x/art-1", identifier="q9")}, [], {})
    broken = tmp_path / "readings.jsonl"
    broken.write_text('{"id": "q1"}\n', "utf-8")
    with pytest.raises(InvalidInput, match="readings"):
        read(broken, Reading)
    with pytest.raises(InvalidInput, match="none"):
        read(tmp_path / "none.jsonl", Label)


def test_what_is_stored_is_what_the_records_say() -> None:
    questions, readings = {q.id: q for q in read_questions()}, read(READINGS, Reading)
    assert set(readings) == {q for q in questions if int(q.strip("q")) >= families.FIRST}
    labelled, labels = read_labelled(), read(LABELS, Label)
    assert set(labels) == {case.id for case in labelled}
    stored = Found.model_validate_json((Path(page.__file__).parents[1] / "results" / page.FILE).read_text("utf-8"))
    assert stored == compare(questions, readings, labelled, labels)
    assert [name for name in stored.differences if not readings[name].outcome] == []  # each was looked into


def _by_id(rows: list) -> dict:  # type: ignore[type-arg]
    return {row.id: row for row in rows}


def _case(identifier: str, correctness: str, grounding: str) -> Labelled:
    told = {"id": identifier, "question": "问", "reference": "", "answer": "答", "origin": "", "why": ""}
    return Labelled.model_validate({**told, "correctness": correctness, "grounding": grounding})


def _label(identifier: str, correctness: str, grounding: str) -> Label:
    told = {"id": identifier, "why": "", "doubt": ""}
    return Label.model_validate({**told, "correctness": correctness, "grounding": grounding})
