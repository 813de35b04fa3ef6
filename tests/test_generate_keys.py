"""Keys read back in any brackets, and a text cut into sentences however it arrives."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.generate.budget import fit, tokens
from rag.generate.keys import KeyRing, Resolved, new_keys
from rag.generate.notes import is_note, is_refusal
from rag.generate.prompts import REFUSAL, REFUSAL_EN
from rag.generate.sentences import SentenceReader
from rag.generate.thoughts import WithoutThoughts
from rag.pipeline import Assistant
from rag.retrieve import retrieve
from rag.understand import understand

RING = KeyRing(["k2bc", "k2bcd", "m7xz"])


@pytest.mark.parametrize(
    ("raw", "text", "keys", "unknown"),
    [
        ("应当标识。[k2bc]", "应当标识。", ("k2bc",), ()),
        ("应当标识（k2bc）。", "应当标识。", ("k2bc",), ()),
        ("应当标识【k2bc】。", "应当标识。", ("k2bc",), ()),
        ("应当标识〔来源：k2bc〕。", "应当标识。", ("k2bc",), ()),
        ("应当标识。(source: m7xz)", "应当标识。", ("m7xz",), ()),
        ("应当标识（k2bc]。", "应当标识。", ("k2bc",), ()),
        ("应当标识。【[k2bc]】", "应当标识。", ("k2bc",), ()),
        ("应当标识。（来源：k2bc、[m7xz]）", "应当标识。", ("m7xz", "k2bc"), ()),
        ("应当标识。[k2bc, m7xz]", "应当标识。", ("k2bc", "m7xz"), ()),
        ("应当标识。[k2bc；m7xz]", "应当标识。", ("k2bc", "m7xz"), ()),
        ("应当标识。[k2bc m7xz]", "应当标识。", ("k2bc", "m7xz"), ()),
        ("应当标识。[k2bc][k2bcd]", "应当标识。", ("k2bc", "k2bcd"), ()),
        ("应当标识。[k2bcd]", "应当标识。", ("k2bcd",), ()),
        ("应当标识。[K2BC]", "应当标识。", ("k2bc",), ()),
        ("应当标识。[ｋ２ｂｃ]", "应当标识。", ("k2bc",), ()),
        ("应当标识 m7xz。", "应当标识。", ("m7xz",), ()),
        ("根据来源m7xz，应当标识。", "应当标识。", ("m7xz",), ()),
        ("应当标识。[q9zz]", "应当标识。", (), ("q9zz",)),
        ("应当标识。[1]", "应当标识。", (), ("1",)),
        ("应当标识。[k2bc、zz99]", "应当标识。", ("k2bc",), ("zz99",)),
        ("应当标识（k2b", "应当标识", (), ()),
        ("(2024)粤0192民初113号判决（一）项", "(2024)粤0192民初113号判决（一）项", (), ()),
        ("第（二）项和〔2025〕2号", "第（二）项和〔2025〕2号", (), ()),
    ],
)
def test_citations_are_taken_out_whatever_brackets_they_are_in(
    raw: str, text: str, keys: tuple[str, ...], unknown: tuple[str, ...]
) -> None:
    assert RING.resolve(raw) == Resolved(text, keys, unknown)


TEXT = (
    "综上，应当标识（k2bc）。平台须删除。【来源：k2bcd、[m7xz]】[k2bc] （2024）粤0192民初113号判决认为甲；\n- 乙（一）项[q9zz]。"
    "丙法院说“甲。乙。”[m7xz]。See Art. 15 (m7xz). Next one. [k2bc]甲[k2bc]；乙[m7xz]。1. 丁。[k2bc]\n没有句号"
)
SENTENCES = [
    ("综上，应当标识。", ("k2bc",)),
    ("平台须删除。", ("m7xz", "k2bcd", "k2bc")),
    ("（2024）粤0192民初113号判决认为甲；", ()),
    ("- 乙（一）项。", ()),
    ("丙法院说“甲。乙。”。", ("m7xz",)),
    ("See Art. 15.", ("m7xz",)),
    ("Next one.", ("k2bc",)),
    ("甲；", ("k2bc",)),
    ("乙。", ("m7xz",)),
    ("1. 丁。", ("k2bc",)),
    ("没有句号", ()),
]


def cut(pieces: list[str]) -> list[tuple[str, frozenset[str]]]:
    reader = SentenceReader(RING)
    found = [sentence for piece in pieces for sentence in reader.feed(piece)] + reader.rest()
    resolved = [RING.resolve(sentence) for sentence in found]
    return [(r.text, frozenset(r.keys)) for r in resolved if r.text]


def test_every_sentence_has_the_citations_that_follow_it() -> None:
    assert cut([TEXT]) == [(text, frozenset(keys)) for text, keys in SENTENCES]


@given(st.lists(st.integers(1, 9), min_size=1, max_size=80))
def test_how_the_text_is_cut_into_tokens_does_not_matter(sizes: list[int]) -> None:
    pieces, at = [], 0
    for size in sizes:
        pieces.append(TEXT[at : at + size])
        at += size
    assert cut([*pieces, TEXT[at:]]) == cut([TEXT])


def test_in_a_pause_only_a_sentence_with_its_citation_is_finished() -> None:
    reader = SentenceReader(RING)
    assert reader.feed("应当标识。") == []
    assert reader.cited() == []
    assert reader.feed("[k2bc") == []
    assert reader.cited() == []
    assert reader.feed("]") == []
    assert reader.cited() == ["应当标识。[k2bc]"]
    assert reader.rest() == []


def test_a_text_without_full_stops_is_cut_all_the_same() -> None:
    reader = SentenceReader(RING)
    found = [sentence for _ in range(300) for sentence in reader.feed("平台应当承担责任，")]
    assert len(found) == 3
    assert {len(sentence) for sentence in found} == {800}


def test_keys_are_distinct_and_new_each_time() -> None:
    one, other = new_keys(16), new_keys(16)
    assert len(set(one)) == 16
    assert one != other


@pytest.mark.parametrize(
    "text", ["综上所述，", "具体如下：", "**法律规定**", "首先，", "依据：", "一、结论", "In summary:"]
)
def test_what_states_nothing_needs_no_source(text: str) -> None:
    assert is_note(text)


@pytest.mark.parametrize(
    "text",
    ["综上，平台不承担责任。", "结论：侵权。", "AI生成物没有著作权", "首先，应当赔偿。", "In summary, it is legal."],
)
def test_a_claim_behind_a_connective_is_a_claim(text: str) -> None:
    assert not is_note(text)


def test_the_refusal_is_known_in_both_languages() -> None:
    assert is_refusal(REFUSAL)
    assert is_refusal(f" {REFUSAL_EN.lower()} ")
    assert not is_refusal("所给来源足以回答这个问题。")


@pytest.mark.parametrize("size", [1, 3, 100])
@pytest.mark.parametrize(
    ("raw", "answer"),
    [
        ("<think>平台不承担责任。</think>\n好。", "好。"),
        ("好。<think>", "好。<think>"),
        ("<b>好", "<b>好"),
        ("  好", "  好"),
    ],
)
def test_thoughts_before_the_answer_are_no_part_of_it(raw: str, answer: str, size: int) -> None:
    filtered = WithoutThoughts()
    assert "".join(filtered.feed(raw[i : i + size]) for i in range(0, len(raw), size)).strip() == answer.strip()


def test_a_tight_budget_keeps_the_highest_authorities_and_what_is_named(assistant: Assistant) -> None:
    query = understand("平台对生成内容有什么责任", assistant.names, assistant.settings)
    hits = retrieve(query, assistant.index, assistant.settings, k=12).hits
    cost = {hit.passage.id: tokens(hit.passage.text) + 60 for hit in hits}
    kept = fit(hits, sum(cost.values()) // 2)
    assert 0 < len(kept) < len(hits)
    assert sum(cost[hit.passage.id] for hit in kept) <= sum(cost.values()) // 2
    kinds = [
        list(type(hit.document.kind)).index(hit.document.kind) for hit in kept if hit.document.jurisdiction == "CN"
    ]
    assert kinds == sorted(kinds)
    left = [hit for hit in hits if hit not in kept]
    assert {hit.document.kind.value for hit in left} & {"judgment", "paper"}
    assert len(fit(hits, 70)) == 1
    assert hits[0].passage.text.startswith(fit(hits[:1], 70)[0].passage.text)
