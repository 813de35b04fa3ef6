"""The chat with a language model: its sentences come one by one, each checked; what its source does not carry is marked, and its own words are kept harmless."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rag.pipeline import open_assistant
from rag.settings import Settings
from tests.browser.conftest import serving
from tests.browser.test_chat import ULTRAMAN, answer_of, ask
from tests.scripted_model import Reply, ScriptedModel
from tests.test_generate import FAULT, GOOD, INVENTED, MECHANISM
from tests.writing import writes
from ui.words import say

pytestmark = pytest.mark.browser


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedModel]:
    scripted = ScriptedModel(Reply("好。"))
    monkeypatch.setenv("OPENAI_BASE_URL", scripted.url)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")
    monkeypatch.setenv("AIGC_LAW_MODEL", "openai:scripted")
    monkeypatch.setenv("AIGC_LAW_MODEL_REPAIR", "false")
    yield scripted
    scripted.close()


def test_sentences_come_one_by_one_and_are_marked(page: Any, index: Path, tmp_path: Path, model: ScriptedModel) -> None:
    write = writes(open_assistant(Settings(index=index)), [*GOOD, (INVENTED, None)])
    model.script(Reply(lambda request: _with_a_pause(write(request))))  # type: ignore[arg-type, return-value]
    with serving(index, tmp_path / "log.txt") as address:
        page.goto(address)
        ask(page, ULTRAMAN)
        page.get_by_text(FAULT).first.wait_for()
        assert page.get_by_text(MECHANISM).count() == 0  # the model has not written it yet
        answer = answer_of(page, 0)
        text = answer.inner_text()
        assert FAULT in text
        assert MECHANISM in text
        badge = say("labels.support_unsupported")
        assert text.count(badge) == 1
        assert "〔" not in text.partition("依据")[0]
        assert text.index(INVENTED) < text.index(badge)
        answer.locator('a[href="#cite-0-2"]').first.click()
        page.locator(".document mark").first.wait_for()


def test_a_model_that_fails_leaves_an_answer_and_the_reason(
    page: Any, index: Path, tmp_path: Path, model: ScriptedModel
) -> None:
    model.script(Reply(status=401))
    with serving(index, tmp_path / "log.txt") as address:
        page.goto(address)
        ask(page, ULTRAMAN)
        text = answer_of(page, 0).inner_text()
    assert "密钥未被接受" in text
    assert "(2024)粤0192民初113号" in text


def test_an_answer_that_is_being_written_can_be_stopped(
    page: Any, index: Path, tmp_path: Path, model: ScriptedModel
) -> None:
    _writes_slowly(model, index)
    with serving(index, tmp_path / "log.txt") as address:
        page.goto(address)
        ask(page, ULTRAMAN)
        page.get_by_text(FAULT).first.wait_for()
        page.get_by_role("button", name="停止").click()
        page.get_by_text("已停止").wait_for()
        assert page.locator(".st-key-turn-0").count() == 0
        ask(page, ULTRAMAN)  # the next question is answered as ever
        assert MECHANISM in answer_of(page, 0).inner_text()


def test_an_answer_that_was_there_stays_where_its_successor_is_stopped(
    page: Any, index: Path, tmp_path: Path, model: ScriptedModel
) -> None:
    _writes_slowly(model, index)
    with serving(index, tmp_path / "log.txt") as address:
        page.goto(address)
        ask(page, ULTRAMAN)
        answer_of(page, 0)
        page.locator(".st-key-ask_again-0 button").first.click()
        page.get_by_role("button", name="停止").click()
        page.get_by_text("已停止").wait_for()
        assert MECHANISM in answer_of(page, 0).inner_text()


def _writes_slowly(model: ScriptedModel, index: Path) -> None:
    write = writes(open_assistant(Settings(index=index)), GOOD)
    model.script(Reply(lambda request: _with_a_pause(write(request))))  # type: ignore[arg-type, return-value]


def _with_a_pause(text: str) -> list[str | float]:
    first, rest = text.split("]", 1)
    return [f"{first}]", 3.0, rest]
