"""What goes wrong with a language model, over real sockets: the reader always gets an answer from the sources, the reason, and in time."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from rag import Answer
from rag.errors import InvalidInput
from rag.generate.chat_models import load_chat_model
from rag.generate.marks import REPLACED, RESTARTED
from rag.pipeline import Assistant, open_assistant
from rag.settings import Settings, load_settings
from tests.scripted_model import Reply, ScriptedModel
from tests.test_generate import FAULT, GOOD, MECHANISM, QUESTION, assistant_with
from tests.writing import keys_in, writes

OVERFLOW = (
    '{"error": {"message": "This model\'s maximum context length is 4096 tokens", "code": "context_length_exceeded"}}'
)


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedModel]:
    scripted = ScriptedModel(Reply("好。"))
    monkeypatch.setenv("OPENAI_BASE_URL", scripted.url)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")
    yield scripted
    scripted.close()


def told(answer: Answer) -> str:
    return next(warning.message for warning in answer.warnings if warning.kind == "model_unavailable")


def answers_from_sources(assistant: Assistant, default: Assistant) -> str:
    """Ask; the answer must be the default one but for the warning, which is returned."""
    answer = assistant.answer(QUESTION)
    expected = default.answer(QUESTION)
    assert (answer.mode, answer.claims, answer.citations) == ("extractive", expected.claims, expected.citations)
    message = told(answer)
    assert f"> 提示：{message}" in answer.answer
    assert "sk-very-secret" not in answer.model_dump_json()
    return message


@pytest.mark.parametrize(
    ("reply", "reason", "calls"),
    [
        (Reply(status=401), "密钥未被接受", 1),
        (Reply(status=403), "密钥未被接受", 1),
        (Reply(status=404), "没有这个模型或地址", 1),
        (Reply(status=422), "服务拒绝了请求", 1),
        (Reply(status=500), "服务出错", 3),
        (Reply(status=503), "服务出错", 3),
        (Reply(status=429, headers={"retry-after": "0"}), "服务繁忙或超出限额", 3),
        (Reply(status=429, headers={"retry-after": "3600"}), "服务繁忙或超出限额", 1),
        (Reply(body="{not json"), "内容无法解读", 3),
        (Reply(body="<html>502 Bad Gateway</html>"), "内容无法解读", 3),
        (Reply(""), "没有写出任何内容", 3),
        (Reply(FAULT, finish=None), "回答中途断开", 3),
        (Reply(FAULT * 3, cut_after=4), "回答中途断开", 3),
        (Reply("平台应当承担责任，", endless=True, size=9), "回答没有止境", 1),
        (Reply("平台应当承担责任。", endless=True, size=9), "回答没有止境", 1),
        (Reply(status=400, body=OVERFLOW), "材料超出模型的上下文", 3),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_every_failure_ends_in_an_answer_from_the_sources(
    model: ScriptedModel, index_dir: Path, assistant: Assistant, reply: Reply, reason: str, calls: int
) -> None:
    model.script(reply)
    began = time.monotonic()
    message = answers_from_sources(assistant_with(index_dir, model_max_tokens=100), assistant)
    assert reason in message
    assert "要用模型：" in message
    assert len(model.requests) == calls
    assert time.monotonic() - began < 8
    nothing_runs_on(model)


def nothing_runs_on(model: ScriptedModel) -> None:
    until = time.monotonic() + 3
    while model.answering and time.monotonic() < until:
        time.sleep(0.02)
    assert model.answering == 0


@pytest.mark.parametrize(
    "reply", [Reply(hang=True), Reply(["平台", 30.0, "。"])], ids=["never answers", "stops in the middle"]
)
def test_the_time_of_all_calls_is_bounded_and_the_request_is_ended(
    model: ScriptedModel, index_dir: Path, assistant: Assistant, reply: Reply
) -> None:
    model.script(reply)
    began = time.monotonic()
    assert "没有在时限内答完" in answers_from_sources(assistant_with(index_dir, model_timeout=1.0), assistant)
    assert time.monotonic() - began < 2.5
    assert model.gone.wait(2)


def test_retries_stay_within_the_time(model: ScriptedModel, index_dir: Path, assistant: Assistant) -> None:
    model.script(Reply(status=500))
    began = time.monotonic()
    answers_from_sources(assistant_with(index_dir, model_timeout=0.4), assistant)
    assert time.monotonic() - began < 1.5


def test_retry_after_is_honoured(model: ScriptedModel, index_dir: Path) -> None:
    writing = assistant_with(index_dir)
    model.script(Reply(status=429, headers={"retry-after": "1"}), Reply(writes(writing, GOOD)))
    answer = writing.answer(QUESTION)
    first, second = model.asked
    assert 1.0 <= second - first < 2.0
    assert (answer.mode, answer.model and answer.model.calls) == ("model", 2)


def test_a_stream_that_was_cut_is_begun_again_and_says_so(model: ScriptedModel, index_dir: Path) -> None:
    writing = assistant_with(index_dir)
    write = writes(writing, GOOD)
    model.script(Reply(lambda request: [write(request), 0.3, "……"], cut_after=1), Reply(write))  # type: ignore[arg-type, list-item]
    *pieces, answer = writing.stream(QUESTION)
    assert isinstance(answer, Answer)
    assert pieces[:2] == [f"{FAULT}[1]", f"{MECHANISM}[2]"]
    assert pieces[2:5] == [RESTARTED, f"{FAULT}[1]", f"{MECHANISM}[2]"]
    assert [claim.text for claim in answer.claims] == [FAULT, MECHANISM]


def test_what_was_streamed_before_a_failure_gives_way(model: ScriptedModel, index_dir: Path) -> None:
    writing = assistant_with(index_dir, model_timeout=1.5)
    write = writes(writing, GOOD)
    model.script(Reply(lambda request: [write(request), 30.0, "完。"]))  # type: ignore[arg-type, list-item]
    *pieces, answer = writing.stream(QUESTION)
    assert isinstance(answer, Answer)
    assert pieces[0] == f"{FAULT}[1]"
    assert pieces[-1] == REPLACED + answer.answer
    assert answer.mode == "extractive"


def test_an_overflow_is_met_with_fewer_passages(model: ScriptedModel, index_dir: Path) -> None:
    writing = assistant_with(index_dir)
    model.script(Reply(status=400, body=OVERFLOW), Reply(writes(writing, [GOOD[1]])))
    answer = writing.answer(QUESTION)
    assert answer.mode == "model"
    many, few = (len(keys_in(request)) for request in model.requests)
    assert 0 < few < many


def test_a_reply_that_is_too_long_keeps_its_whole_sentences(model: ScriptedModel, index_dir: Path) -> None:
    writing = assistant_with(index_dir)
    write = writes(writing, GOOD)
    model.script(Reply(lambda request: write(request) + "平台还应当", finish="length"))
    answer = writing.answer(QUESTION)
    assert [claim.text for claim in answer.claims] == [FAULT, MECHANISM]
    assert any(warning.kind == "model_cut_short" for warning in answer.warnings)


def test_a_failed_second_attempt_leaves_the_first(model: ScriptedModel, index_dir: Path) -> None:
    repairing = assistant_with(index_dir, model_repair=True)
    model.script(Reply(writes(repairing, [GOOD[0], ("平台应当缴纳罚款。", None)])), Reply(status=401))
    answer = repairing.answer(QUESTION)
    assert answer.mode == "model"
    assert [claim.support for claim in answer.claims] == ["supported", "unsupported"]


def test_nobody_listens(index_dir: Path, assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    monkeypatch.setenv("OPENAI_BASE_URL", f"http://127.0.0.1:{port}/v1")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")
    assert "连不上服务" in answers_from_sources(assistant_with(index_dir), assistant)


def test_a_missing_key_is_told_without_a_call(
    index_dir: Path, assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_API_BASE"):
        monkeypatch.delenv(name, raising=False)
    message = answers_from_sources(assistant_with(index_dir), assistant)
    assert "OPENAI_API_KEY" in message


@pytest.mark.parametrize(
    ("name", "hint"),
    [("anthropic:claude", "aigc-law-qa[anthropic]"), ("nobody:knows", "openai:模型名")],
)
def test_another_provider_is_told_by_its_extra(index_dir: Path, assistant: Assistant, name: str, hint: str) -> None:
    assert hint in answers_from_sources(assistant_with(index_dir, model=name), assistant)


def test_a_model_without_a_provider_is_refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIGC_LAW_MODEL", "deepseek-chat")
    with pytest.raises(InvalidInput, match="AIGC_LAW_MODEL"):
        load_settings()


def test_ten_questions_at_once(model: ScriptedModel, index_dir: Path) -> None:
    writing = assistant_with(index_dir)
    model.script(Reply(writes(writing, GOOD)))
    answers: list[Answer] = []
    threads = [threading.Thread(target=lambda: answers.append(writing.answer(QUESTION))) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.mode for answer in answers] == ["model"] * 10
    assert {tuple(claim.text for claim in answer.claims) for answer in answers} == {(FAULT, MECHANISM)}


def test_a_key_of_the_settings_is_kept_by_nobody_and_goes_with_its_address(
    index_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-service")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    given = {"index": index_dir, "model": "openai:scripted"}
    own = Settings(**given, model_url="http://127.0.0.1:7/v1", model_key=SecretStr("sk-of-a-visitor"))
    first, second = load_chat_model(own), load_chat_model(own)
    assert first is not second
    assert (first.openai_api_base, first.openai_api_key.get_secret_value()) == (own.model_url, "sk-of-a-visitor")
    assert "sk-of-a-visitor" not in str(own.relevant)

    elsewhere = load_chat_model(Settings(**given, model_url="http://127.0.0.1:7/v1"))
    assert elsewhere.openai_api_key.get_secret_value() == "none"  # never the service's key to a visitor's address

    service = load_chat_model(Settings(**given))
    assert service is load_chat_model(Settings(**given))
    assert service.openai_api_key.get_secret_value() == "sk-of-the-service"


def test_without_a_model_the_settings_of_one_change_nothing(index_dir: Path, assistant: Assistant) -> None:
    off = open_assistant(Settings(index=index_dir, model_timeout=1, strictness="refuse"))
    assert off.answer(QUESTION).claims == assistant.answer(QUESTION).claims
