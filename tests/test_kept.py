"""A run that keeps its answers: asks nothing twice, goes on after a cut, takes no other system's answers, and keeps its pace."""

from __future__ import annotations

import datetime as dt
import json
import time
from contextlib import closing
from pathlib import Path

import pytest

from evals.__main__ import main
from evals.questions import Question
from evals.run import commit, run
from evals.systems.kept import Kept, turns
from rag.errors import InvalidInput
from rag.types import Answer, Document, Fingerprints, Timings

PRINTS = Fingerprints(corpus="c", index="i", settings="s")
QUESTIONS = [Question(id=f"q{n}", category="c", question=f"问{n}") for n in range(6)]


class Counting:
    """Answers with the number of times it was asked; fails on ``broken``."""

    def __init__(self, name: str = "counting", broken: str = "") -> None:
        self.name, self.broken = name, broken
        self.asked: list[str] = []

    def answer(self, question: Question) -> Answer:
        self.asked.append(question.id)
        if question.id == self.broken:
            raise TimeoutError("太慢")
        return Answer(
            question=question.question, as_of=question.as_of or dt.date(2026, 1, 1), answer=f"答{question.id}",
            timings_ms=Timings(total=1.0), fingerprints=PRINTS,
        )  # fmt: skip

    def retrieve(self, question: Question, k: int) -> list[str] | None:
        del question, k
        return None

    def document(self, identifier: str) -> Document | None:
        del identifier
        return None


def test_answers_are_kept_as_they_come_and_not_asked_again(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "answers.jsonl"
    first = Counting(broken="q3")
    with closing(Kept(first, path, PRINTS)) as system:
        result = run(QUESTIONS, system, quiet=True, workers=3)
    assert sorted(first.asked) == ["q0", "q1", "q2", "q3", "q4", "q5"]
    assert [q["id"] for q in result["questions"] if q["error"]] == ["q3"]
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert sorted((line["id"], line["answer"], line["system"]) for line in lines) == [
        (f"q{n}", f"答q{n}", "counting") for n in (0, 1, 2, 4, 5)
    ]
    second = Counting()
    with closing(Kept(second, path, PRINTS)) as system:
        assert len(system) == 5
        again = run(QUESTIONS, system, quiet=True)
    assert second.asked == ["q3"]
    assert [q["error"] for q in again["questions"]] == [None] * 6


def test_a_line_that_was_cut_off_is_asked_again_and_harms_no_other(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    with closing(Kept(Counting(), path, PRINTS)) as system:
        system.answer(QUESTIONS[0])
        system.answer(QUESTIONS[1])
    path.write_bytes(path.read_bytes()[:-30])
    for asked in (["q1"], []):
        system_asked = Counting()
        with closing(Kept(system_asked, path, PRINTS)) as system:
            assert [system.answer(q).answer for q in QUESTIONS[:2]] == ["答q0", "答q1"]
        assert system_asked.asked == asked


def test_an_edited_question_is_asked_again(tmp_path: Path) -> None:
    path, system_asked = tmp_path / "answers.jsonl", Counting()
    with closing(Kept(system_asked, path, PRINTS)) as system:
        system.answer(QUESTIONS[0])
        system.answer(QUESTIONS[0].model_copy(update={"question": "另一个问题"}))
        system.answer(QUESTIONS[0].model_copy(update={"as_of": dt.date(2020, 1, 1)}))
    assert system_asked.asked == ["q0"] * 3


@pytest.mark.parametrize(
    ("name", "prints", "why"),
    [
        ("another", PRINTS, "是“counting”的答案，现在评测的是“another”"),
        ("counting", Fingerprints(corpus="c", index="i", settings="other"), "答案出自另外的语料、索引或设置"),
    ],
)
def test_answers_of_something_else_are_not_taken(tmp_path: Path, name: str, prints: Fingerprints, why: str) -> None:
    path = tmp_path / "answers.jsonl"
    with closing(Kept(Counting(), path, PRINTS)) as system:
        system.answer(QUESTIONS[0])
    with pytest.raises(InvalidInput) as caught:
        Kept(Counting(name), path, prints)
    assert (caught.value.why, caught.value.what) == (why, f"不能接着用 {path} 第 1 行的答案。")


def test_questions_are_asked_no_faster_than_told() -> None:
    turn, began = turns(600), time.monotonic()  # one in 0.1 seconds
    for _ in range(5):
        turn()
    assert time.monotonic() - began >= 0.4


@pytest.mark.parametrize(
    "options",
    [["--workers", "0"], ["--per-minute", "0"], ["--system", "bm25", "--endpoint", "http://127.0.0.1/"]],
)
def test_options_that_make_no_sense_are_refused(capsys: pytest.CaptureFixture[str], options: list[str]) -> None:
    assert main(["run", *options]) == 2
    assert capsys.readouterr().err.startswith("错误：--")


def test_run_keeps_answers_of_a_named_system(
    index_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = Question(
        id="a", category="c", question="著作权法第二十四条规定了什么？", gold=(("copyright-law-2020/art-24",),)
    )
    (tmp_path / "q.jsonl").write_text(asked.model_dump_json(), "utf-8")
    common = ["--questions", str(tmp_path / "q.jsonl"), "--index", str(index_dir), "--out", str(tmp_path / "out.json")]
    kept = ["--system", "extractive", "--answers", str(tmp_path / "a.jsonl")]
    for there in (0, 1):
        assert main(["run", *common, *kept]) == 0
        assert f"已有 {there} 个答案" in capsys.readouterr().out
    result = json.loads((tmp_path / "out.json").read_text("utf-8"))
    assert (result["system"], result["summary"]["citation_recall"]["mean"]) == ("aigc-law-qa extractive", 1.0)
    assert result.keys() >= {"seconds", "commit"}
    # The kept answers are a file of answers like any other.
    assert main(["score", str(tmp_path / "a.jsonl"), *common]) == 0
    assert json.loads((tmp_path / "out.json").read_text("utf-8"))["summary"]["citation_recall"]["mean"] == 1.0


def test_a_run_outside_a_repository_has_no_commit(tmp_path: Path) -> None:
    assert commit(tmp_path) is None


def test_a_missing_package_is_named_before_anything_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evals.extras.find_spec", lambda name: None if name == "ir_measures" else name)
    system = Counting()
    with pytest.raises(InvalidInput, match=r"ir_measures.*aigc-law-qa\[eval\]"):
        run(QUESTIONS, system, quiet=True)
    assert system.asked == []
