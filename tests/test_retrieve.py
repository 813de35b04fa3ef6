"""What decides the order of passages, each thing by itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import pytest

from ingest.build import ingest
from rag.pipeline import Assistant, open_assistant
from rag.retrieve import Retrieved, retrieve
from rag.settings import Settings
from rag.understand import understand


def corpus_of(folder: Path, documents: Mapping[str, tuple[str, list[str]]]) -> Settings:
    """An index of instruments ``id → (kind, articles)``, all under one title, so that titles tell nothing apart."""
    (folder / "corpus").mkdir()
    for identifier, (kind, articles) in documents.items():
        body = "\n\n".join(f"第{'一二三四五六七八九'[n]}条 {text}" for n, text in enumerate([*articles, LAST]))
        front = f"---\nid: {identifier}\ntitle: 数字内容规范\nkind: {kind}\n---\n\n"
        (folder / "corpus" / f"{identifier}.md").write_text(front + body + "\n", "utf-8")
    settings = Settings(index=folder / "index")
    assert ingest([folder / "corpus"], settings).refused == []
    return settings


def found(settings: Settings, question: str, k: int = 10) -> Retrieved:
    assistant = open_assistant(settings)
    query = understand(question, assistant.names, settings, as_of=dt.date(2026, 1, 1))
    return retrieve(query, assistant.index, settings, k=k)


def ids(retrieved: Retrieved) -> list[str]:
    return [hit.passage.id for hit in retrieved.hits]


LAST = "本规范自公布之日起施行。"
LABEL = "提供者应当在生成的图片上添加显著标识。"
FINE = "违反标识义务的，处一万元以上十万元以下罚款。"


def test_of_equally_relevant_passages_the_higher_authority_comes_first(tmp_path: Path) -> None:
    # Ids in the other order than authority, so that nothing else decides.
    settings = corpus_of(
        tmp_path,
        {"a-standard": ("standard", [LABEL]), "b-rule": ("departmental_rule", [LABEL]), "c-law": ("law", [LABEL])},
    )
    hits = found(settings, "图片要不要加标识").hits
    assert [hit.passage.id for hit in hits[:3]] == ["c-law/art-1", "b-rule/art-1", "a-standard/art-1"]
    assert hits[0].parts["fused"] == hits[2].parts["fused"]


def test_authority_never_outweighs_relevance(tmp_path: Path) -> None:
    settings = corpus_of(
        tmp_path, {"a-law": ("law", ["作者享有署名权和修改权。"]), "b-standard": ("standard", [LABEL])}
    )
    assert ids(found(settings, "图片要不要加标识"))[0] == "b-standard/art-1"


def test_the_document_a_question_is_about_lifts_its_other_articles(tmp_path: Path) -> None:
    settings = corpus_of(tmp_path, {"a-other": ("law", [FINE]), "b-about": ("law", [LABEL, FINE])})
    question = "生成的图片没有添加显著标识，罚款多少"
    with_it = ids(found(settings, question))
    without = ids(found(settings.model_copy(update={"document_weight": 0.0}), question))
    assert with_it.index("b-about/art-2") < with_it.index("a-other/art-1")
    assert without.index("a-other/art-1") < without.index("b-about/art-2")


def test_a_passage_that_only_words_found_counts_as_a_little_farther_than_all_that_vectors_found(
    product: Assistant,
) -> None:
    settings = product.settings.model_copy(update={"dense_candidates": 10})
    query = understand("训练数据来源合法", product.names, settings)
    hits = retrieve(query, product.index, settings, k=1).hits + retrieve(query, product.index, settings, k=60).hits
    assert all(hit.parts["dense"] > 0 for hit in hits)


def test_articles_that_a_named_article_refers_to_come_up(assistant: Assistant) -> None:
    """Article 54 on damages speaks of no other article; article 53 refers to article 52."""
    hits = [hit.passage_id for hit in assistant.search("著作权法第五十三条", k=3).hits]
    assert hits[0] == "copyright-law-2020/art-53"
    assert "copyright-law-2020/art-52" in hits


def test_scores_fall(product: Assistant) -> None:
    for question in ("AI 生成的图片有著作权吗", "著作权法第二十四条和民法典第一千一百九十五条", "广州奥特曼案"):
        scores = [hit.score for hit in product.search(question, k=30).hits]
        assert scores == sorted(scores, reverse=True), question


@pytest.mark.parametrize("k", [1, 3, 40])
def test_as_many_as_wanted_and_none_twice(product: Assistant, k: int) -> None:
    hits = product.search("平台的注意义务", k=k).hits
    assert len({hit.passage_id for hit in hits}) == len(hits) == k
