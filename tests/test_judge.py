"""The judge: what it is asked, how strictly it is read, and that its agreement comes before its scores."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from evals.__main__ import main
from evals.judge.agreement import agreement, kappa, pairs
from evals.judge.ask import prefer, rate
from evals.judge.cases import Case, Labelled, Source, read_labelled
from evals.judge.command import measured
from evals.judge.verdicts import Failure, Preference, Rating, read
from evals.questions import read_questions
from rag.errors import InvalidInput
from rag.generate.chat_models import load_chat_model
from rag.settings import Settings
from tests.scripted_model import Reply, Request, ScriptedModel, scripted

SOURCE = Source(n=1, label="《著作权法》第五十四条第二款", text="给予五百元以上五百万元以下的赔偿。")
RIGHT = Case(
    id="a", question="法定赔偿多少", reference="五百元至五百万元", answer="五百元至五百万元。[1]", sources=(SOURCE,)
)
WRONG = RIGHT.model_copy(update={"id": "b", "answer": "上限五十万元。", "sources": ()})
GOOD = '{"reason": "相符", "correctness": "correct", "grounding": "grounded"}'
BAD = '{"reason": "不符", "correctness": "incorrect", "grounding": "ungrounded"}'


@pytest.fixture
def judge(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedModel]:
    with scripted() as model:
        monkeypatch.setenv("OPENAI_BASE_URL", model.url)
        monkeypatch.setenv("OPENAI_API_KEY", "k")
        monkeypatch.setenv("AIGC_LAW_MODEL", "openai:scripted")
        yield model


@pytest.fixture
def chat(judge: ScriptedModel) -> Any:
    del judge
    return load_chat_model(Settings(model="openai:scripted"))


def _prompt(request: Request) -> str:
    return str(request["messages"][-1]["content"])


def _prefers(better: Callable[[str], str]) -> Reply:
    def say(request: Request) -> str:
        return json.dumps({"reason": "理由", "better": better(_prompt(request))}, ensure_ascii=False)

    return Reply(say)


def test_the_judge_sees_question_reference_answer_and_sources(judge: ScriptedModel, chat: Any) -> None:
    judge.script(Reply(GOOD))
    assert rate(chat, RIGHT) == Rating(reason="相符", correctness="correct", grounding="grounded")
    (request,) = judge.requests
    for part in (
        RIGHT.question,
        RIGHT.reference,
        RIGHT.answer,
        "[1] 《著作权法》第五十四条第二款：给予五百元以上五百万元以下的赔偿。",
    ):
        assert part in _prompt(request)


@pytest.mark.parametrize(
    "reply",
    [
        "相符",
        f"好的：{GOOD}",
        GOOD.replace("correct", "mostly correct", 1),
        '{"correctness": "correct", "grounding": "grounded"}',
        GOOD.replace("}", ', "score": 5}'),
        GOOD + GOOD,
        f"[{GOOD}]",
        GOOD.replace('"相符"', "1"),
    ],
)
def test_anything_but_the_verdict_asked_for_is_a_failure(judge: ScriptedModel, chat: Any, reply: str) -> None:
    judge.script(Reply(reply))
    verdict = rate(chat, RIGHT)
    assert isinstance(verdict, Failure)
    assert "不合格式" in verdict.why
    assert len(judge.requests) == 2


def test_a_fence_is_allowed_and_a_second_reading_is_asked_for(judge: ScriptedModel, chat: Any) -> None:
    assert read(f"```json\n{GOOD}\n```", Rating).correctness == "correct"
    with pytest.raises(ValidationError):
        read(f"```json\n{GOOD}\n```", Preference)
    judge.script(Reply("嗯"), Reply(BAD))
    assert rate(chat, WRONG) == Rating(reason="不符", correctness="incorrect", grounding="ungrounded")


def test_a_judge_that_cannot_be_reached_is_a_failure(judge: ScriptedModel, chat: Any) -> None:
    judge.script(Reply(status=401))
    verdict = rate(chat, RIGHT)
    assert isinstance(verdict, Failure)
    assert "密钥" in verdict.why


def test_a_preference_must_survive_the_swap(judge: ScriptedModel, chat: Any) -> None:
    by_content = _prefers(lambda prompt: "A" if f"<回答A>\n{RIGHT.answer}" in prompt else "B")
    judge.script(by_content)
    assert (prefer(chat, RIGHT, WRONG), prefer(chat, WRONG, RIGHT)) == ("A", "B")
    judge.script(_prefers(lambda _: "A"))
    assert prefer(chat, RIGHT, WRONG) == "tie"
    judge.script(_prefers(lambda _: "tie"))
    assert prefer(chat, RIGHT, WRONG) == "tie"
    judge.script(Reply("A"))
    assert isinstance(prefer(chat, RIGHT, WRONG), Failure)


def test_kappa_is_agreement_beyond_chance() -> None:
    pytest.importorskip("sklearn")
    # Agreement 3/4; by chance 3/4·2/4 + 1/4·2/4 = 1/2; (3/4 - 1/2) / (1 - 1/2) = 1/2.
    assert kappa([("a", "a"), ("a", "a"), ("a", "b"), ("b", "b")]) == 0.5
    assert kappa([("a", "a")]) is None
    assert kappa([]) is None


def _labelled(case: Case, correctness: Any, grounding: Any) -> Labelled:
    return Labelled(**case.model_dump(), correctness=correctness, grounding=grounding, origin="手写", why="算过")


def test_agreement_counts_verdicts_and_failures_apart(judge: ScriptedModel, chat: Any) -> None:
    pytest.importorskip("sklearn")
    labelled = [
        _labelled(RIGHT, "correct", "grounded"),
        _labelled(WRONG, "incorrect", "ungrounded"),
        _labelled(
            RIGHT.model_copy(update={"id": "c", "question": "另一题", "answer": "坏答复"}), "incomplete", "grounded"
        ),
    ]

    def say(request: Request) -> str:
        prompt = _prompt(request)
        if "坏答复" in prompt:
            return "无可奉告"
        if "<回答A>" in prompt:
            better = "A" if f"<回答A>\n{RIGHT.answer}" in prompt else "B"
            return json.dumps({"reason": "理由", "better": better})
        return GOOD  # also of the wrong one

    judge.script(Reply(say))
    found = agreement(chat, "openai:scripted", labelled, "f")
    assert (found.n, found.failures, found.correctness, found.grounding) == (2, 1, 0.5, 0.5)
    assert (found.correctness_kappa, found.grounding_kappa) == (0.0, 0.0)
    assert (found.pairs, found.pairs_n, found.pairs_failures) == (1.0, 1, 0)


def test_pairs_are_answers_to_one_question_of_which_one_is_better() -> None:
    best = _labelled(RIGHT, "correct", "grounded")
    worst = _labelled(WRONG, "incorrect", "ungrounded")
    mixed = _labelled(RIGHT.model_copy(update={"id": "m"}), "incorrect", "grounded")
    other = _labelled(RIGHT.model_copy(update={"id": "o", "question": "另一题"}), "incorrect", "ungrounded")
    uncited = _labelled(RIGHT.model_copy(update={"id": "u"}), "correct", "ungrounded")
    found = [(a.id, b.id, better) for a, b, better in pairs([worst, best, mixed, other, uncited])]
    # mixed against uncited is neither's.
    assert found == [
        ("b", "a", "B"),
        ("b", "m", "B"),
        ("b", "u", "B"),
        ("a", "m", "A"),
        ("a", "u", "A"),
    ]


def test_the_labelled_set_is_sound() -> None:
    labelled = read_labelled()
    assert len(labelled) >= 40
    assert len({case.id for case in labelled}) == len(labelled)
    asked = {question.question for question in read_questions()}
    assert [case.id for case in labelled if case.question in asked] == []
    assert {case.correctness for case in labelled} == {"correct", "incomplete", "incorrect"}
    assert {case.grounding for case in labelled} == {"grounded", "misgrounded", "ungrounded"}
    # An answer without sources has nothing to be grounded in, and the other way round.
    assert [case.id for case in labelled if (case.grounding == "ungrounded") != (not case.sources)] == []
    assert [case.id for case in labelled if not case.reference or not case.why] == []
    assert len(pairs(labelled)) == 20


def test_no_score_before_agreement(
    judge: ScriptedModel, index_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("sklearn")
    questions = tmp_path / "q.jsonl"
    questions.write_text('{"id": "a", "category": "c", "question": "法定赔偿多少", "facts": [["五百万元"]]}\n', "utf-8")
    answers = tmp_path / "a.jsonl"
    answers.write_text('{"id": "a", "answer": "最高五百万元。"}\n', "utf-8")
    labelled = tmp_path / "labelled.jsonl"
    rows = [_labelled(RIGHT, "correct", "grounded"), _labelled(WRONG, "incorrect", "ungrounded")]
    labelled.write_text("".join(row.model_dump_json() + "\n" for row in rows), "utf-8")
    kept, out = tmp_path / "kept" / "judge.json", tmp_path / "out.json"
    common = ["--labelled", str(labelled), "--agreement", str(kept), "--index", str(index_dir)]
    ask = ["judge", str(answers), "--questions", str(questions), "--out", str(out), *common]

    judge.script(Reply(GOOD))
    assert main(ask) == 2
    assert "还没有测过一致性" in capsys.readouterr().err
    assert (judge.requests, out.exists()) == ([], False)

    def say(request: Request) -> str:
        prompt = _prompt(request)
        if "<回答A>" in prompt:
            return json.dumps({"reason": "理由", "better": "A" if f"<回答A>\n{RIGHT.answer}" in prompt else "B"})
        return GOOD if RIGHT.answer in prompt else BAD

    judge.script(Reply(say))
    assert main(["judge", *common]) == 0
    assert "对错 100%（κ=1.00），依据 100%（κ=1.00）；两两比较 100%（n=1" in capsys.readouterr().out
    assert main(ask) == 0
    shown = capsys.readouterr().out
    assert shown.index("一致性") < shown.index("评定 1 题，裁判失败 0 题")
    assert json.loads(out.read_text("utf-8"))["ratings"]["a"]["correctness"] == "incorrect"
    assert main(["judge", str(answers), str(answers), "--questions", str(questions), *common]) == 0
    assert "平 1" in capsys.readouterr().out

    labelled.write_text(rows[0].model_dump_json() + "\n", "utf-8")
    assert main(ask) == 2
    with pytest.raises(InvalidInput, match="没有测过"):
        measured(kept, "openai:another", "")


def test_without_a_model_the_command_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("AIGC_LAW_MODEL", raising=False)
    assert main(["judge"]) == 2
    assert "AIGC_LAW_MODEL" in capsys.readouterr().err
    (tmp_path / "l.jsonl").write_text('{"id": 1}\n', "utf-8")
    with pytest.raises(InvalidInput, match="第 1 行"):
        read_labelled(tmp_path / "l.jsonl")
