"""BM25 by fields: against the formula written out, and what is and is not a term."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from rag.lexical import FIELDS, K1, Field, LexicalIndex, build_lexical, query_terms, terms

PASSAGES = [
    {"title": "著作权法", "headings": "合理使用", "text": "个人学习可以使用作品。", "questions": "自己看要付钱吗"},
    {"title": "著作权法", "headings": "侵权责任", "text": "侵权的应当赔偿损失，赔偿数额按损失确定。", "questions": ""},
    {"title": "暂行办法", "headings": "", "text": "提供者应当使用合法来源的数据。", "questions": "训练数据 data"},
]


def by_the_formula(passages: list[dict[str, str]], query: str, fields: dict[str, Field]) -> list[float]:
    counts = [{name: list(terms(passage[name])) for name in fields} for passage in passages]
    average = {}
    for name in fields:
        lengths = [len(c[name]) for c in counts if c[name]]
        average[name] = sum(lengths) / len(lengths) if lengths else 1.0
    scores = []
    for c in counts:
        score = 0.0
        for term in query_terms(query):
            having = sum(any(term in other[name] for name in fields) for other in counts)
            tf = sum(
                field.weight * c[name].count(term) / (1 - field.b + field.b * len(c[name]) / average[name])
                for name, field in fields.items()
            )
            score += math.log(1 + (len(passages) - having + 0.5) / (having + 0.5)) * tf / (K1 + tf)
        scores.append(score)
    return scores


@pytest.mark.parametrize("query", ["赔偿损失", "著作权法的合理使用", "训练data要什么", "查无此词", "使用作品要付钱吗"])
def test_scores_are_those_of_the_formula(tmp_path: Path, query: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fields = {
        "title": Field(0.5, 0.3),
        "headings": Field(2.0, 0.4),
        "text": Field(1.0, 0.75),
        "questions": Field(1.5, 0.0),
    }
    for chosen in (FIELDS, fields):
        monkeypatch.setattr("rag.lexical.FIELDS", chosen)
        folder = tmp_path / str(chosen is fields)
        build_lexical(PASSAGES, folder)
        found = LexicalIndex(folder).scores(query)
        np.testing.assert_allclose(found, by_the_formula(PASSAGES, query, chosen), rtol=1e-5)


def test_no_passage_scores_above_the_ceiling_and_unknown_terms_raise_it(tmp_path: Path) -> None:
    build_lexical(PASSAGES, tmp_path / "index")
    index = LexicalIndex(tmp_path / "index")
    for query in ("赔偿损失", "合理使用", "使用数据"):
        assert index.scores(query).max() <= index.ceiling(query) + 1e-6
    assert index.ceiling("赔偿损失和罚款") > index.ceiling("赔偿损失")
    assert index.known_share("赔偿") == 1.0
    assert index.known_share("罚款") == 0.0


@pytest.mark.parametrize("passages", [[], [dict.fromkeys(FIELDS, "")]], ids=["none", "empty"])
def test_an_index_of_nothing_finds_nothing(tmp_path: Path, passages: list[dict[str, str]]) -> None:
    build_lexical(passages, tmp_path / "index")
    index = LexicalIndex(tmp_path / "index")
    assert index.scores("赔偿").tolist() == [0.0] * len(passages)
    assert index.ceiling("赔偿") > 0


def test_terms_are_characters_bigrams_words_and_numbers() -> None:
    assert terms("奥特曼案 113") == ("奥", "特", "曼", "案", "奥特", "特曼", "曼案", "113")
    assert query_terms("请问AI画的图有版权吗？") == query_terms("ai画的图有版权")
