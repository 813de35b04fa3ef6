"""An answer explains itself, and an audit bundle finds out what no longer holds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rag.audit import AuditBundle, read_bundle, write_bundle
from rag.errors import InvalidInput
from rag.pipeline import Assistant

QUESTION = "广州奥特曼案里，平台为什么要承担赔偿责任？"


@pytest.fixture(scope="module")
def bundle(assistant: Assistant) -> AuditBundle:
    answer, trace = assistant.explain(QUESTION)
    return assistant.bundle(answer, trace)


def test_explaining_does_not_change_the_answer(assistant: Assistant, bundle: AuditBundle) -> None:
    plain = assistant.answer(QUESTION).model_dump(exclude={"timings_ms"})
    assert bundle.answer.model_dump(exclude={"timings_ms"}) == plain


def test_trace_says_what_was_understood_found_and_chosen(assistant: Assistant, bundle: AuditBundle) -> None:
    trace = bundle.trace
    assert [reference.document_ids for reference in trace.understood.references] == [("guangzhou-ultraman-2024",)]
    assert (trace.understood.ask, trace.understood.as_of_given, trace.in_scope) == ("liability", False, None)
    assert [hit.rank for hit in trace.found] == list(range(1, len(trace.found) + 1))
    used = {hit.passage_id for hit in trace.found if hit.used}
    assert used <= {sentence.passage_id for sentence in trace.chosen}
    assert all(hit.used or hit.why_not or hit.passage_id for hit in trace.found)
    for sentence in trace.chosen:
        document = assistant.document(sentence.passage_id.split("/")[0])
        assert document is not None
        assert document.text[sentence.start : sentence.end].strip()


def test_refusal_explains_the_gate(assistant: Assistant) -> None:
    answer, trace = assistant.explain("红烧肉怎么做才不腻")
    assert answer.refused
    assert trace.in_scope is not None
    assert trace.in_scope < trace.scope_threshold
    assert trace.chosen == ()


def test_bundle_survives_its_file_and_holds(assistant: Assistant, bundle: AuditBundle, tmp_path: Path) -> None:
    path = tmp_path / "bundle.json"
    write_bundle(bundle, path)
    again = read_bundle(path)
    assert again == bundle
    report = assistant.audit(again)
    assert report.holds
    assert report.same == {"corpus": True, "index": True, "settings": True}
    assert [p.name for p in tmp_path.iterdir()] == ["bundle.json"]


def _tampered(bundle: AuditBundle, tamper: str) -> AuditBundle:
    stored = bundle.model_dump(mode="json")
    answer = stored["answer"]
    if tamper == "quote":
        answer["citations"][0]["quote"] += "。"
    elif tamper == "span":
        answer["citations"][0]["start"] += 1
    elif tamper == "document":
        stored["documents"][0]["sha256"] = "0" * 64
    elif tamper == "gone":
        stored["documents"][0]["id"] = "no-such-document"
    elif tamper == "article":
        answer["claims"][0]["text"] += "著作权法第九条另有规定。"
    elif tamper == "day":
        answer["as_of"] = "2001-01-01"
    return AuditBundle.model_validate(stored)


@pytest.mark.parametrize(
    ("tamper", "said"),
    [
        ("quote", "引文不在所标位置"),
        ("span", "引文不在所标位置"),
        ("document", "正文已改动"),
        ("gone", "语料中已没有这份文件"),
        ("article", "第九条"),
        ("day", "当日不施行"),
    ],
)
def test_audit_finds_what_no_longer_holds(assistant: Assistant, bundle: AuditBundle, tamper: str, said: str) -> None:
    report = assistant.audit(_tampered(bundle, tamper))
    assert not report.holds
    assert any(said in check.detail for check in report.checks if not check.holds)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "完整 JSON"),
        ("[]", "格式 None"),
        ('{"format": 2}', "格式 2"),
        ('{"format": 1}', "内容有误"),
    ],
)
def test_unusable_bundle_says_what_and_why(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "bundle.json"
    path.write_text(content, "utf-8")
    with pytest.raises(InvalidInput) as error:
        read_bundle(path)
    assert said in str(error.value)


def test_bundle_that_cannot_be_written_says_so(bundle: AuditBundle, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput):
        write_bundle(bundle, tmp_path / "missing" / "bundle.json")
    assert json.loads(bundle.model_dump_json())["format"] == 1
