"""An answer explains itself: what was understood, found, chosen and left out, with the reasons, without becoming another answer."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

import rag
from rag import pipeline
from rag.evidence import Evidence
from rag.explanation import as_text
from rag.pipeline import MORE_PASSAGES, PASSAGES, Assistant
from rag.settings import Settings
from rag.trace import ChosenSentence, FoundPassage, LeftOut, NamedSource, Trace, Understood
from rag.types import Kind
from rag.understand import Ask, Query
from tests.test_cli import Shell, shell, stable

__all__ = ["shell"]

ULTRAMAN = "广州奥特曼案里，平台为什么要承担赔偿责任？"
PARAGRAPH = "著作权法第24条第2款"
IMAGES = "AI生成的图片有著作权吗？"
ASKED: list[tuple[str, list[tuple[str, str]], dt.date | None, list[Kind] | None]] = [
    (ULTRAMAN, [], None, None),
    (PARAGRAPH, [], dt.date(2022, 1, 1), None),
    (IMAGES, [], None, [Kind.JUDGMENT]),
    ("那第五十二条呢？", [("著作权法第二十四条规定了什么？", "…")], None, None),
    ("菲林案和AI文生图案有什么区别？", [], None, None),
    ("红烧肉怎么做才不腻", [], None, None),
]


def passages(trace: Trace) -> dict[str, FoundPassage]:
    return {passage.passage_id: passage for passage in trace.found}


@pytest.mark.parametrize(("question", "history", "as_of", "kinds"), ASKED, ids=[row[0] for row in ASKED])
def test_explaining_gives_the_same_answer_with_its_own_figures(
    assistant: Assistant,
    question: str,
    history: list[tuple[str, str]],
    as_of: dt.date | None,
    kinds: list[Kind] | None,
) -> None:
    plain = assistant.answer(question, history=history, as_of=as_of, kinds=kinds, identifier="7")
    answer, trace = assistant.explain(question, history=history, as_of=as_of, kinds=kinds, identifier="7")
    assert answer.model_dump(exclude={"timings_ms"}) == plain.model_dump(exclude={"timings_ms"})
    assert (trace.timings_ms, trace.fingerprints) == (answer.timings_ms, assistant.fingerprints)
    assert Trace.model_validate_json(trace.model_dump_json()) == trace


def test_understood_has_everything_that_was_read_from_the_question(assistant: Assistant) -> None:
    _, trace = assistant.explain("广州奥特漫案里，著作权法第24条第1款第(五)项在2022-03-01怎么规定？")
    law, case = (
        NamedSource(
            name=name, document_ids=(identifier,), article=article, paragraph=1 if article else None, item=5 if article else None
        )
        for name, identifier, article in (
            ("著作权法", "copyright-law-2020", "第二十四条"),
            ("广州奥特曼案", "guangzhou-ultraman-2024", None),
        )
    )  # fmt: skip
    assert trace.understood == Understood(
        text="广州奥特曼案里,著作权法第24条第1款第(五)项在2022-03-01怎么规定?",
        focus=trace.understood.focus,
        ask=Ask.ARTICLE_TEXT,
        as_of=dt.date(2022, 3, 1),
        as_of_from="question",
        references=(case, law),
        carried_over=False,
        incomplete=False,
        absent=(),
        sections=(),
        parts=(),
        respelt=(("广州奥特漫案", "广州奥特曼案"),),
    )
    assert "奥特曼" not in trace.understood.focus


@pytest.mark.parametrize(
    ("question", "as_of", "expected"),
    [
        (PARAGRAPH, dt.date(2022, 1, 1), ("given", dt.date(2022, 1, 1))),
        ("2022-03-01著作权法第24条怎么规定", None, ("question", dt.date(2022, 3, 1))),
        ("2022-03-01著作权法第24条怎么规定", dt.date(2023, 1, 1), ("given", dt.date(2023, 1, 1))),
        (PARAGRAPH, None, ("today", dt.date.today())),
    ],
    ids=["argument", "question", "argument before question", "neither"],
)
def test_the_day_says_where_it_comes_from(
    assistant: Assistant, question: str, as_of: dt.date | None, expected: tuple[str, dt.date]
) -> None:
    understood = assistant.explain(question, as_of=as_of)[1].understood
    assert (understood.as_of_from, understood.as_of) == expected


def test_a_follow_up_says_that_it_was_carried_over(assistant: Assistant) -> None:
    _, trace = assistant.explain("那第五十二条呢？", history=[("著作权法第二十四条规定了什么？", "…")])
    assert trace.understood.carried_over
    assert [(r.document_ids, r.article) for r in trace.understood.references] == [
        (("copyright-law-2020",), "第五十二条")
    ]


def test_hits_are_those_of_the_search_in_its_order(assistant: Assistant) -> None:
    _, trace = assistant.explain(IMAGES)
    hits = assistant.search(IMAGES, k=MORE_PASSAGES).hits  # a question that a checklist answers
    found = [(passage.rank, passage.passage_id, passage.score) for passage in trace.found]
    assert found == [(hit.rank, hit.passage_id, hit.score) for hit in hits]
    for passage in trace.found:
        assert (passage.why_not == "ranked_low") == (passage.rank > PASSAGES and not passage.used)
        assert {"dense", "lexical", "fused"} <= passage.parts.keys()
        assert [value for value in passage.parts.values() if value != round(value, 4)] == []


@pytest.mark.parametrize("question", [row[0] for row in ASKED])
def test_a_passage_is_used_or_says_why_not(assistant: Assistant, question: str) -> None:
    _, trace = assistant.explain(question)
    used = [sentence.passage_id for sentence in trace.chosen]
    for passage in trace.found:
        assert passage.used == used.count(passage.passage_id)
        assert (passage.used > 0) == (passage.why_not is None)


def test_what_is_cited_was_chosen_and_what_was_chosen_is_cited(assistant: Assistant) -> None:
    answer, trace = assistant.explain(ULTRAMAN)
    chosen = [(sentence.passage_id, sentence.start, sentence.end) for sentence in trace.chosen]
    assert sorted(chosen) == sorted((c.passage_id, c.start, c.end) for c in answer.citations)
    scored = [s.score for s in trace.chosen if s.score is not None and s.passage_id in passages(trace)]
    assert scored
    assert all(0 < score <= 1 for score in scored)


def test_an_article_that_is_named_leaves_the_others_out_for_that_reason(assistant: Assistant) -> None:
    answer, trace = assistant.explain(PARAGRAPH)
    (citation,) = answer.citations
    assert trace.chosen == (
        ChosenSentence(passage_id=citation.passage_id, start=citation.start, end=citation.end, score=2.0),
    )
    assert {p.why_not for p in trace.found if p.passage_id != citation.passage_id} == {"not_asked"}


def test_reasons_of_passages_without_a_sentence(assistant: Assistant) -> None:
    case = passages(assistant.explain(ULTRAMAN)[1])
    sections = {name: case[f"guangzhou-ultraman-2024/{name}"] for name in ("facts", "claims", "defence")}
    assert {name: (p.why_not, p.best) for name, p in sections.items()} == dict.fromkeys(
        sections, ("other_section", None)
    )


def test_passages_far_below_the_best_sentence_are_told_from_those_that_came_too_late(assistant: Assistant) -> None:
    low, late = [], []
    for question in ("平台没有设置投诉举报机制会怎样？", IMAGES, "深度合成内容要怎么标识？", "AI声音案赔了多少钱？"):
        _, trace = assistant.explain(question)
        best = max(sentence.score for sentence in trace.chosen if sentence.score is not None and sentence.score <= 1)
        shares = {p.passage_id: (p.why_not, p.best / best) for p in trace.found if p.why_not and p.best is not None}
        low += [share for why, share in shares.values() if why == "below_threshold"]
        late += [share for why, share in shares.values() if why == "no_sentence_chosen"]
    assert max(low) < 0.0151
    assert 0.01 < min(late) < 0.03  # a provision that a sentence rests on may score above the best sentence


def test_a_refusal_by_the_gate_says_what_it_saw_and_chose_nothing(assistant: Assistant) -> None:
    answer, trace = assistant.explain("红烧肉怎么做才不腻")
    assert answer.refused
    assert trace.in_scope is not None
    assert trace.in_scope < 0.5
    assert trace.scope_threshold == assistant.settings.scope_threshold
    assert (trace.chosen, trace.removed, trace.leads) == ((), (), ())
    assert {passage.why_not for passage in trace.found} == {"refused"}


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        (IMAGES, True),
        (ULTRAMAN, False),
        ("著作权法第200条", False),
        ("民法典关于肖像权的规定", False),
        ("这个呢", False),
    ],
    ids=["open question", "named source", "no such article", "absent source", "unclear"],
)
def test_the_gate_has_figures_where_it_was_asked_and_only_there(
    assistant: Assistant, question: str, asked: bool
) -> None:
    _, trace = assistant.explain(question)
    assert (trace.in_scope is not None, trace.scope_threshold is not None) == (asked, asked)


def test_sentences_that_verification_removes_are_told_with_its_reason(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = pipeline.evidence_for

    def with_a_shifted_one(query: Query, *rest: object, **options: object) -> list[Evidence]:
        evidence = real(query, *rest, **options)  # type: ignore[arg-type]
        unit = evidence[-1].unit
        moved = type(unit)(text=unit.text + "另有规定", start=unit.start, end=unit.end)
        return [*evidence[:-1], Evidence(evidence[-1].hit, moved, evidence[-1].score)]

    monkeypatch.setattr(pipeline, "evidence_for", with_a_shifted_one)
    answer, trace = assistant.explain("暂行办法第十五条、第十二条")
    (removed,) = trace.removed
    assert removed == LeftOut(text=removed.text, why="引文不在所标位置，或者当日不施行")
    assert removed.text.endswith("另有规定")
    assert "另有规定" not in answer.answer
    assert len(trace.leads) == len(answer.claims)


@pytest.mark.parametrize("question", [ULTRAMAN, PARAGRAPH, IMAGES, "菲林案和AI文生图案有什么区别？"])
def test_every_claim_begins_with_its_lead(assistant: Assistant, question: str) -> None:
    answer, trace = assistant.explain(question)
    assert len(trace.leads) == len(answer.claims) > 0
    starts = [claim.text.startswith(lead) for claim, lead in zip(answer.claims, trace.leads, strict=True)]
    assert all(starts)
    assert any(trace.leads)


def test_models_are_named(assistant: Assistant) -> None:
    models = assistant.explain(PARAGRAPH)[1].models
    assert (models.embedder, models.embedder_fingerprint) == ("builtin", assistant.index.manifest.embedder_fingerprint)
    assert models.reranker is None
    assert all(digest and len(digest) == 16 for digest in (models.scope, models.sentences, models.support))


def test_python_door(assistant: Assistant, settings: Settings) -> None:
    answer, trace = rag.explain(PARAGRAPH, as_of=dt.date(2022, 1, 1), settings=settings)
    expected, expected_trace = assistant.explain(PARAGRAPH, as_of=dt.date(2022, 1, 1))
    assert answer.model_dump(exclude={"timings_ms"}) == expected.model_dump(exclude={"timings_ms"})
    assert trace.model_dump(exclude={"timings_ms"}) == expected_trace.model_dump(exclude={"timings_ms"})


def test_explanation_for_people(assistant: Assistant) -> None:
    _, trace = assistant.explain("广州奥特漫案里，平台为什么要赔偿？", as_of=dt.date(2025, 1, 2))
    text = as_text(trace)
    lines = [line.strip() for line in text.splitlines()]
    assert [line for line in lines if line in ("说明", "理解", "检索", "取舍", "依据")] == [
        "说明",
        "理解",
        "检索",
        "取舍",
        "依据",
    ]
    assert "问题类型：责任；按 2025-01-02 施行的法律（指定）" in lines
    assert "改字：广州奥特漫案 → 广州奥特曼案" in lines
    assert "指名：广州奥特曼案 → guangzhou-ultraman-2024" in lines
    first = trace.found[0]
    assert f"1. {first.score:.3f}  {first.passage_id}  ✓ 选 {first.used} 句" in lines
    assert any("所选句子依据的条文" in line for line in lines)
    assert assistant.fingerprints.corpus in text
    refused = as_text(assistant.explain("红烧肉怎么做才不腻")[1])
    assert "没有选句" in refused
    assert "（至少 0.4）" in refused


# --- command line ----------------------------------------------------------------------------------------------------


def test_explain_adds_the_trace_to_the_json(shell: Shell, assistant: Assistant, index_dir: Path) -> None:
    answer, trace = assistant.explain(PARAGRAPH)
    run = shell("ask", PARAGRAPH, "--explain", "--json", "--index", index_dir)
    (record,) = run.records
    told = record.pop("trace")
    assert (run.code, stable(record)) == (0, stable(answer.model_dump(mode="json")))
    assert isinstance(told, dict)
    assert stable(told) == stable(trace.model_dump(mode="json"))


def test_explain_follows_the_readable_answer(shell: Shell, index_dir: Path) -> None:
    plain = shell("ask", PARAGRAPH, "--index", index_dir)
    told = shell("ask", PARAGRAPH, "--explain", "--index", index_dir)
    assert told.out.startswith(plain.out)
    assert told.out[len(plain.out) :].startswith("\n说明\n  理解\n")
    assert "说明" not in plain.out


def test_explain_in_a_batch_adds_a_trace_to_every_answer(shell: Shell, index_dir: Path) -> None:
    batch = shell.file("q.jsonl", {"id": 1, "question": PARAGRAPH}, {"id": 2}, {"id": 3, "question": "红烧肉怎么做"})
    run = shell("ask", "--batch", batch, "--explain", "--index", index_dir)
    assert run.code == 2
    assert [(record["id"], "trace" in record, "error" in record) for record in run.records] == [
        (1, True, False),
        (2, False, True),
        (3, True, False),
    ]
    assert json.dumps(run.records[0]["trace"]).startswith('{"understood"')
