"""Refusals, warnings and errors in the visitor's language: by their codes, of which each has its words and is given what they speak of."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.upload import Upload, understand_upload
from rag import AigcLawError
from rag.errors import DocumentRefused, IndexUnavailable, InvalidQuestion
from rag.generate.failure import _WORDS, Failure
from rag.pipeline import Assistant
from rag.types import Refusal, Warning, values_of
from ui.told import Told, error_told, message_of
from ui.words import catalogue

_HAN = re.compile(r"[\u4e00-\u9fff]")
_ROOT = Path(__file__).resolve().parents[1]
_OWN_WORDS = frozenset({"code", "kind", "message", "reason", "missing", "why", "next_step", "values"})
_COMPUTED = frozenset({"earlier_version_not_held", "no_version_that_day", "model_removed", "model_unsupported", "citation_mended",
                       "citation_dropped", "unknown_key", "model_cut_short", "in_chinese"})  # fmt: skip
"""Codes that are chosen where they are used, and what stands around a text without one."""


@pytest.fixture
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("ui.words", "ui.told"):
        monkeypatch.setattr(f"{module}.language", lambda: "en")


def coded() -> Iterator[tuple[str, set[str]]]:
    """Every code that a call in ``rag``, ``ingest`` or ``ui`` gives, with the names of the values that go with it."""
    for package in ("rag", "ingest", "ui"):
        for file in (_ROOT / package).rglob("*.py"):
            for call in (node for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.Call)):
                given = {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
                code = given.get("code")
                if isinstance(code, ast.Constant):
                    values = given.get("values")
                    named = {k.arg for k in values.keywords if k.arg} if isinstance(values, ast.Call) else set()
                    yield code.value, named | (given.keys() - _OWN_WORDS)  # type: ignore[misc]
                elif isinstance(call.func, ast.Name) and call.func.id in ("_gap", "_warning"):
                    first = next((a.value for a in call.args if isinstance(a, ast.Constant)), None)
                    yield str(first), {"name", *given}


def words() -> dict[str, str]:
    return {key.removeprefix("told."): entry["en"] for key, entry in catalogue().items() if key.startswith("told.")}


def test_every_code_has_words_that_speak_of_what_is_given() -> None:
    english = words()
    for code, given in coded():
        assert code in english, code
        for part in ("", "_why", "_next"):
            needed = set(re.findall(r"{(\w+)}", english.get(f"{code}{part}", "")))
            assert needed <= given, (code, part, needed - given)


def test_no_words_are_left_over() -> None:
    used = {code for code, _ in coded()} | _COMPUTED | {f"model_{what}" for what in _WORDS}
    assert {key for key in words() if key.removesuffix("_why").removesuffix("_next") not in used} == set()


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("著作权法第二百条规定了什么？", "《著作权法》 has no 第二百条: the text in force has 67 articles. Please check the number."),
        ("著作权法第二十四条第九款规定了什么？", "《著作权法》第二十四条 has no paragraph 9: it has 2. Please check."),
        ("（2099）京0491民初1号判了什么？", "The sources hold no judgment with the docket number (2099)京0491民初1号. "
         "Please check the number; whether the case exists cannot be confirmed, nor what it says."),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("english")
def test_refusals_in_english(assistant: Assistant, question: str, expected: str) -> None:
    refusal = assistant.answer(question).refusal
    assert refusal is not None
    assert message_of(refusal) == expected


@pytest.mark.parametrize(
    "question", ["今天天气怎么样？", "怎么做红烧肉？", "2001年的著作权法第二十四条怎么规定？", "商标法怎么规定？"]
)
@pytest.mark.usefixtures("english")
def test_other_refusals_have_english_too(assistant: Assistant, question: str) -> None:
    refusal = assistant.answer(question).refusal
    assert refusal is not None
    told = message_of(refusal)
    for _, value in refusal.values:
        told = told.replace(value, "")
    assert (bool(told), _HAN.search(told)) == (True, None)


def test_in_chinese_it_is_what_rag_says(assistant: Assistant) -> None:
    refusal = assistant.answer("著作权法第二百条规定了什么？").refusal
    assert refusal is not None
    assert message_of(refusal) == refusal.message
    with pytest.raises(InvalidQuestion) as raised:
        assistant.answer("？？？")
    assert str(error_told(raised.value)) == str(raised.value)


@pytest.mark.usefixtures("english")
def test_errors_in_english(assistant: Assistant) -> None:
    with pytest.raises(InvalidQuestion) as raised:
        assistant.answer("长" * 5000)
    assert error_told(raised.value) == Told(
        "The question is too long: 5000 characters, at most 2000.",
        "",
        "Put it into one question; longer material can be uploaded under My documents.",
    )
    with pytest.raises(DocumentRefused) as refused:
        understand_upload(Upload("a.exe", b"MZ"), (), ())
    assert str(error_told(refused.value)) == (
        "This type of file is not supported. Why: The ending '.exe' is none of .pdf, .docx, .md, .txt. "
        "Convert it to one of these and try again."
    )


@pytest.mark.usefixtures("english")
def test_what_another_program_said_stands_and_what_has_no_code_is_said_to_be_chinese() -> None:
    damaged = IndexUnavailable(
        "索引坏了。", why="OSError: disk full", next_step="重建。", code="index_damaged", where="x"
    )
    assert error_told(damaged).why == "OSError: disk full"
    assert error_told(AigcLawError("没有编号的错误。")).what == "(in Chinese) 没有编号的错误。"
    assert message_of(Refusal(reason="unclear", message="请问什么？")) == "(in Chinese) 请问什么？"


@pytest.mark.usefixtures("english")
def test_a_models_failure_in_english() -> None:
    warning = Failure("busy", "RateLimitError，HTTP 429").warning
    assert (warning.kind, warning.code) == ("model_unavailable", "model_busy")
    assert message_of(warning).startswith("The language model's service is busy or the quota is used up")
    told = Warning(kind="removed", message="有 2 句", code="removed", values=values_of(n=2))
    assert message_of(told) == "2 sentences did not stand up to checking and were removed."
