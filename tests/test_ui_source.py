"""What the source view is made of: contents, relations, heads, and the text with its places; without a browser."""

from __future__ import annotations

import re

import pytest

from rag import Citation
from rag.pipeline import Assistant
from rag.settings import Settings
from rag.types import Passage
from ui.document_html import document_html
from ui.outline import Entry, entry_at, outline
from ui.related import Link, Related, related_to
from ui.source_data import place_of, related_html, view_of
from ui.state import Place
from ui.words import catalogue

LAW = "copyright-law-2020"
CASE = "guangzhou-ultraman-2024"

TEXT = """## 第一章 总则

### 第一条 〔目的〕

为了甲。

第二条 为了乙。

第二款。

## 附件

表的说明。
"""


def passage(text: str, *, article: str | None = None, section: str | None = None, topic: str | None = None) -> Passage:
    start = TEXT.index(text)
    headings = ("第一章 总则",) if article else ("附件 〔说明〕",)
    return Passage(
        id=f"d/{article or section}-{start}", document_id="d", text=text, start=start, end=start + len(text),
        headings=headings, article=article, section=section, topic=topic,
    )  # fmt: skip


PASSAGES = [
    passage("第一条 〔目的〕\n\n为了甲。", article="第一条", topic="目的"),
    passage("第二条 为了乙。", article="第二条"),
    passage("第二款。", article="第二条"),
    passage("表的说明。", section="附件"),
]


def test_contents_begin_at_the_line_of_the_heading() -> None:
    first, second, third = TEXT.index("### 第一条"), TEXT.index("第二条"), TEXT.index("## 附件")
    assert outline(TEXT, PASSAGES) == (
        Entry(PASSAGES[0].id, "第一条 目的", "第一章 总则", first, PASSAGES[0].end, "第一条", None),
        Entry(PASSAGES[1].id, "第二条", "第一章 总则", second, PASSAGES[2].end, "第二条", None),
        Entry(PASSAGES[3].id, "附件 说明", "", third, PASSAGES[3].end, None, "附件"),
    )


def test_an_offset_lies_in_its_entry_or_in_none() -> None:
    entries = outline(TEXT, PASSAGES)
    assert entry_at(entries, TEXT.index("第二款")) == 1
    assert entry_at(entries, TEXT.index("表的")) == 2
    assert entry_at(entries, 0) is None


def test_lines_that_can_be_jumped_to_say_where_they_are() -> None:
    text = "# 甲\n\n乙\n\n| a |\n| - |\n| b |"
    assert document_html(text, 0, 0, {0, 5, text.index("| b")}) == (
        '<h2 data-at="0">甲</h2>\n<p data-at="5">乙</p>\n'
        f'<table data-at="{text.index("| b")}"><tr><th> a </th></tr><tr><td> b </td></tr></table>'
    )
    assert "data-at" not in document_html(text, 0, 1)


def cited(assistant: Assistant, question: str, document_id: str) -> Citation:
    answer = assistant.answer(question)
    return next(citation for citation in answer.citations if citation.document_id == document_id)


def test_view_of_a_citation(product: Assistant) -> None:
    citation = cited(product, "广州奥特曼案里，平台为什么要承担赔偿责任？", CASE)
    place = Place(CASE, citation.start, citation.end, citation.quote, citation)
    view = view_of(place, product)
    assert view is not None
    assert [stop.label for stop in view.stops] == [
        "当事人", "案情", "原告主张", "被告抗辩", "争议焦点", "法院认为", "裁判结果", "后续",
    ]  # fmt: skip
    assert view.stops[view.current].label == citation.section == "法院认为"
    assert view.citation == "广州互联网法院(2024)粤0192民初113号民事判决书，“法院认为”部分"
    assert view.quoted == f"{view.citation}：“{citation.quote}”（据本项目摘要，非官方原文）"
    assert re.findall(r"<mark>([^<]*)</mark>", view.text) == [citation.quote]
    assert [f'data-at="{stop.at}"' in view.text for stop in view.stops] == [True] * 8
    assert view.related.count("<li>") == 5
    assert f"[{citation.n}] 广州奥特曼案" in view.head


def test_every_stop_of_every_document_can_be_jumped_to(product: Assistant) -> None:
    for identifier in product.index.catalog.metas:
        view = view_of(Place(identifier), product)
        assert view is not None
        found = re.findall(r'data-at="(\d+)"', view.text)
        assert [str(stop.at) for stop in view.stops if str(stop.at) not in found] == [], identifier
        assert all(stop.citation for stop in view.stops)
        assert (view.current, view.at) == (-1, -1)


def test_an_articles_stop_has_its_own_citation_and_relations(product: Assistant) -> None:
    view = view_of(Place(LAW), product)
    assert view is not None
    stop = next(stop for stop in view.stops if stop.label.startswith("第十条 "))
    assert stop.citation == "《中华人民共和国著作权法》（2020年修正，自2021年6月1日起施行）第十条"
    assert stop.group == "第二章 著作权 第一节 著作权人及其权利"
    assert f'data-open="{CASE}"' in stop.related
    assert 'data-open="copyright-law-2010/art-10"' in stop.related


def test_relations_have_headings_and_names(product: Assistant) -> None:
    assert related_to("copyright-law-2010/art-10", product)[-1] == Related(
        "后一版本", (Link(f"{LAW}/art-10", "《著作权法》第十条 著作权的内容：人身权和财产权（2021-06-01 起施行）"),)
    )
    applies = related_to(CASE, product)[0]
    assert applies.heading == "本案适用的条文"
    assert applies.links[0].target == f"{LAW}/art-10"
    # A whole law is linked with whole documents.
    assert not any("/" in link.target for group in related_to(LAW, product) for link in group.links)


def test_what_is_not_in_the_index_is_no_link(assistant: Assistant) -> None:
    held = set(assistant.index.catalog.metas)
    for identifier in held:
        for group in related_to(identifier, assistant):
            assert {link.target.partition("/")[0] for link in group.links} <= held


def test_links_lead_to_places(product: Assistant) -> None:
    passage_ = product.index.catalog.passage(f"{LAW}/art-24")
    assert passage_
    assert place_of(f"{LAW}/art-24", product) == Place(LAW, passage_.start, passage_.start)
    assert place_of(LAW, product) == Place(LAW)
    for unknown in ("", "none", f"{LAW}/art-999", "../etc/passwd", '"><script>'):
        assert place_of(unknown, product) is None
    view = view_of(Place(LAW, passage_.start, passage_.start), product)
    assert view is not None
    assert "<mark>" not in view.text
    assert view.stops[view.current].label.startswith("第二十四条")
    assert view.at == view.stops[view.current].at


def test_a_quote_that_moved_is_said_to_have_moved(product: Assistant) -> None:
    view = view_of(Place(LAW, 0, 5, "这句话不在这里"), product)
    assert view is not None
    assert "已不在原来的位置" in view.head
    assert "<mark>" not in view.text
    beyond = view_of(Place(LAW, 10**9, 10**9 + 1), product)
    assert beyond is not None
    assert beyond.current == -1


def test_a_document_that_is_gone_has_no_view(product: Assistant) -> None:
    assert view_of(Place("none"), product) is None


def test_links_and_titles_are_escaped() -> None:
    link = Link('x"><script>', "<b>甲</b>")
    assert related_html((Related("<i>", (link,)),)) == (
        "<h4>&lt;i&gt;</h4><ul><li>"
        '<button type="button" data-open="x&quot;&gt;&lt;script&gt;">&lt;b&gt;甲&lt;/b&gt;</button></li></ul>'
    )


@pytest.mark.parametrize("page", ["source", "documents"])
def test_words_are_there_in_both_languages_with_the_same_blanks(page: str) -> None:
    words = {key: entry for key, entry in catalogue().items() if key.startswith(f"{page}.")}
    assert len(words) > 20
    for key, entry in words.items():
        assert set(entry) == {"zh", "en"}, key
        assert len({frozenset(re.findall(r"{(\w+)}", text)) for text in entry.values()}) == 1, key


def test_other_settings_of_the_answers_keep_the_index(assistant: Assistant) -> None:
    strict = assistant.with_settings(Settings(index="elsewhere", strictness="refuse"))
    assert strict.index is assistant.index
    assert strict.settings == assistant.settings.model_copy(update={"strictness": "refuse"})
    assert assistant.settings.strictness == "mark"
