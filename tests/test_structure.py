"""Legal structure to passages to citable units: what is cut where, under which id, and what stays outside a span."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.split import MAX_PASSAGE, article_slug, split
from ingest.structure import parse
from rag.pinpoint import paragraph_count, paragraph_label, units
from rag.types import Document, DocumentMeta, Kind, Passage


def document(text: str, kind: Kind = Kind.LAW) -> Document:
    return Document(meta=DocumentMeta(id="d", title="某法", kind=kind), text=text)


def piece(source: Document, identifier: str, text: str, **fields: object) -> Passage:
    """The passage expected for ``text``, which stands in the source exactly once."""
    assert source.text.count(text) == 1
    start = source.text.index(text)
    passage = Passage(id=f"d/{identifier}", document_id="d", text=text, start=start, end=start + len(text))
    return replace(passage, **fields)  # type: ignore[arg-type]


def places(passage: Passage) -> list[tuple[int | None, str | None, str]]:
    return [(unit.paragraph, unit.item_label, unit.text) for unit in units(passage)]


# --- articles ---

STATUTE = """# 某法

2020年1月1日 通过

## 第一编 总则

### 第一章 一般规定

#### 第一条 〔目的〕

为了保护作者。

鼓励创作：

（一）传播作品；

（二）发展科学。

注：编者甲。

注：编者乙。

问法：保护谁；为什么立法; why

## 第二编 分则

第二条 作品包括文字。
音乐也是作品。
"""


def test_statute_becomes_its_articles_with_headings_topic_questions_and_note() -> None:
    source = document(STATUTE)
    first = "第一条 〔目的〕\n\n为了保护作者。\n\n鼓励创作：\n\n（一）传播作品；\n\n（二）发展科学。"
    assert split(source) == [
        piece(
            source,
            "art-1",
            first,
            headings=("第一编 总则", "第一章 一般规定"),
            article="第一条",
            topic="目的",
            lay_questions=("保护谁", "为什么立法", "why"),
            note="编者甲。\n编者乙。",
        ),
        piece(
            source,
            "art-2",
            "第二条 作品包括文字。\n音乐也是作品。",
            headings=("第二编 分则",),
            article="第二条",
        ),
    ]


@pytest.mark.parametrize(
    ("lines", "headings"),
    [
        pytest.param(
            "# 法\n## 第一编 甲\n### 第一分编 乙\n#### 第一章 丙\n##### 第一节 丁",
            ("第一编 甲", "第一分编 乙", "第一章 丙", "第一节 丁"),
            id="all-four-levels",
        ),
        pytest.param("## 第一章 甲\n## 第一节 乙", ("第一章 甲", "第一节 乙"), id="level-by-name-not-by-marks"),
        pytest.param("## 第一章 甲\n### 第一节 乙\n## 第二章 丙", ("第二章 丙",), id="chapter-closes-section"),
        pytest.param("# 第一编 甲\n## 第一章 乙\n# 法二\n## 第二章 丙", ("第二章 丙",), id="title-closes-all"),
        pytest.param("## 第一章 甲\n### 第一节 乙\n### 第二节 丙", ("第一章 甲", "第二节 丙"), id="next-section"),
    ],
)
def test_headings_of_an_article_follow_the_divisions(lines: str, headings: tuple[str, ...]) -> None:
    *_, last = split(document(f"第一条 甲。\n{lines}\n第二条 乙。"))
    assert (last.id, last.headings) == ("d/art-2", headings)


@pytest.mark.parametrize(
    ("line", "article", "topic"),
    [
        pytest.param("第七条 甲。", "第七条", None, id="space"),
        pytest.param("第七条　甲。", "第七条", None, id="ideographic-space"),
        pytest.param("第七条\t甲。", "第七条", None, id="tab"),
        pytest.param("### 第七条 〔题〕", "第七条", "题", id="heading-with-topic"),
        pytest.param("第七条【题】甲。", "第七条", "题", id="square-topic-without-space"),
        pytest.param("第一百三十三条之一 甲。", "第一百三十三条之一", None, id="inserted-article"),
        pytest.param("第一百〇三条 甲。", "第一百〇三条", None, id="zero-as-circle"),
        pytest.param("第七条", "第七条", None, id="number-alone"),
        pytest.param("第七条规定了复制权。", None, None, id="running-text"),
        pytest.param("第七条、第八条不适用。", None, None, id="list-of-articles"),
        pytest.param("依照第七条 处理。", None, None, id="not-at-the-start"),
    ],
)
def test_an_article_begins_only_at_its_own_line(line: str, article: str | None, topic: str | None) -> None:
    block = parse(f"第一条 甲。\n\n第二条 乙。\n\n{line}\n\n丙。")[-1]
    assert (block.article, block.topic) == ((article, topic) if article else ("第二条", None))


@pytest.mark.parametrize("space", ["\u2003", "\xa0"], ids=["em-space", "no-break-space"])
def test_article_number_may_be_followed_by_any_unicode_space(space: str) -> None:
    assert [p.id for p in split(document(f"第一条{space}甲。\n\n第二条{space}乙。"))] == ["d/art-1", "d/art-2"]


@pytest.mark.parametrize(
    ("article", "slug"),
    [
        ("第一条", "art-1"),
        ("第十条", "art-10"),
        ("第二十四条", "art-24"),
        ("第一百〇三条", "art-103"),
        ("第一百零三条", "art-103"),
        ("第一百一十条", "art-110"),
        ("第一百三十三条之一", "art-133-1"),
        ("第一千二百六十条", "art-1260"),
    ],
)
def test_article_slug_is_the_arabic_number(article: str, slug: str) -> None:
    assert article_slug(article) == slug


def test_one_mention_of_an_article_does_not_make_an_instrument() -> None:
    source = document("第一条 甲。\n\n另一段话。", Kind.PAPER)
    assert split(source) == [piece(source, "text/p-1", "第一条 甲。\n\n另一段话。")]


def test_articles_counted_anew_in_an_annex_keep_both_ids() -> None:
    passages = split(document("第一条 甲。\n\n第二条 乙。\n\n# 附件\n\n第一条 丙。\n\n第一条 丁。"))
    assert [(p.id, p.text) for p in passages] == [
        ("d/art-1", "第一条 甲。"),
        ("d/art-2", "第二条 乙。"),
        ("d/art-1~2", "第一条 丙。"),
        ("d/art-1~3", "第一条 丁。"),
    ]


def test_what_stands_before_the_info_marker_is_not_cited() -> None:
    passages = split(document("# 法\n\n2020年 通过\n\n<!-- INFO END -->\n\n第一条 甲。\n\n第二条 乙。"))
    assert [p.text for p in passages] == ["第一条 甲。", "第二条 乙。"]


def test_a_comment_inside_an_article_loses_nothing_of_it() -> None:
    passages = split(document("第一条 甲。\n\n<!-- 待核 -->\n\n乙。\n\n第二条 丙。"))
    found = [(p.article, unit.text) for p in passages for unit in units(p)]
    assert found == [("第一条", "甲。"), ("第一条", "乙。"), ("第二条", "丙。")]


def test_a_judgment_that_appends_the_articles_applied_keeps_its_sections() -> None:
    text = (
        "## 法院认为\n\n法院认为甲侵权。\n\n## 裁判结果\n\n赔偿500元。\n\n## 附：法律条文\n\n"
        "第十条 著作权包括复制权。\n\n第十一条 著作权属于作者。"
    )
    found = {p.id: p.text for p in split(document(text, Kind.JUDGMENT))}
    assert found["d/court-view"] == "法院认为甲侵权。"
    assert found["d/disposition"] == "赔偿500元。"


# --- sections of judgments and papers ---


def test_judgment_sections_have_english_ids_and_stay_whole() -> None:
    names = ["当事人", "案情", "原告主张", "被告抗辩", "争议焦点", "法院认为", "裁判结果", "后续"]
    text = "\n\n".join(f"## {name}\n\n{name}一。\n\n{name}二。\n\n问法：a；b；c" for name in names)
    source = document(text, Kind.JUDGMENT)
    slugs = ["parties", "facts", "claims", "defence", "issues", "court-view", "disposition", "aftermath"]
    assert split(source) == [
        piece(
            source,
            slug,
            f"{name}一。\n\n{name}二。",
            headings=(name,),
            section=name,
            lay_questions=("a", "b", "c"),
        )
        for slug, name in zip(slugs, names, strict=True)
    ]


def test_paper_is_cut_by_paragraph_under_its_own_section_numbers() -> None:
    text = (
        "## 摘要\n\n摘。\n\n## Abstract\n\nAbs.\n\n## 2. 现状\n\n### 2.1 〔突增〕\n\n一。\n\n二。\n\n"
        "[^1]: 注释。\n\n### 表1 〔要素〕\n\n表 1. 要素\n\n| a | b |\n| - | - |\n| 1 | 2 |"
    )
    source = document(text, Kind.PAPER)
    two = {"headings": ("2. 现状", "2.1 〔突增〕"), "section": "2.1", "topic": "突增"}
    table = {"headings": ("2. 现状", "表1 〔要素〕"), "section": "表1", "topic": "要素"}
    assert split(source) == [
        piece(source, "s-abstract/p-1", "摘。", headings=("摘要",), section="摘要"),
        piece(source, "s-abstract-en/p-1", "Abs.", headings=("Abstract",), section="Abstract"),
        piece(source, "s-2.1/p-1", "一。", **two),
        piece(source, "s-2.1/p-2", "二。", **two),
        piece(source, "s-2.1/p-3", "[^1]: 注释。", **two),
        piece(source, "s-table-1/p-1", "表 1. 要素", **table),
        piece(source, "s-table-1/p-2", "| a | b |\n| - | - |\n| 1 | 2 |", **table),
    ]


def test_a_table_whose_rows_end_in_blanks_stays_whole() -> None:
    text = "## 1. 表\n\n| 案件 | 判赔 |  \n| --- | --- |  \n| 甲 | 500 |"
    assert [p.text for p in split(document(text, Kind.PAPER))] == ["| 案件 | 判赔 |  \n| --- | --- |  \n| 甲 | 500 |"]


def test_text_without_headings_is_grouped_up_to_the_limit() -> None:
    # Two paragraphs and the blank line between them make exactly the limit; a third one does not fit any more.
    first, second, third = "甲" * 600, "乙" * (MAX_PASSAGE - 602), "丙" * 10
    source = document(f"{first}\n\n{second}\n\n{third}", Kind.PAPER)
    assert split(source) == [
        piece(source, "text/p-1", f"{first}\n\n{second}"),
        piece(source, "text/p-2", third),
    ]


def test_a_paragraph_longer_than_the_limit_is_never_cut() -> None:
    long = "甲" * (MAX_PASSAGE + 1)
    source = document(f"乙。\n\n{long}\n\n丙。", Kind.PAPER)
    assert [p.text for p in split(source)] == ["乙。", long, "丙。"]


# --- stable ids ---


def contents(text: str) -> dict[str, Passage]:
    return {p.id: replace(p, start=0, end=0) for p in split(document(text))}


def test_editing_one_article_changes_exactly_its_passage() -> None:
    before, after = contents(STATUTE), contents(STATUTE.replace("为了保护作者。", "为了保护作者和读者的利益。"))
    assert before.keys() == after.keys()
    assert [i for i in before if before[i] != after[i]] == ["d/art-1"]


def test_inserting_an_article_changes_no_other_passage() -> None:
    inserted = STATUTE.replace("## 第二编", "第一条之一 新增。\n\n## 第二编")
    before, after = contents(STATUTE), contents(inserted)
    assert after.keys() - before.keys() == {"d/art-1-1"}
    assert {i: after[i] for i in before} == before


# --- 款 and 项 ---


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("第一条 甲。乙。", [(1, None, "甲。"), (1, None, "乙。")], id="two-sentences-one-paragraph"),
        pytest.param("第一条 甲。\n\n乙。", [(1, None, "甲。"), (2, None, "乙。")], id="two-paragraphs"),
        pytest.param("第一条 〔题〕\n\n甲。\n乙。", [(1, None, "甲。"), (2, None, "乙。")], id="topic-is-no-text"),
        pytest.param("第一条 〔题〕", [], id="number-and-topic-alone"),
        pytest.param(
            "第一条 包括：\n（一）甲。乙；\n（二）丙。\n\n前款所称丁。",
            [
                (1, None, "包括："),
                (1, "第（一）项", "（一）甲。乙；"),
                (1, "第（二）项", "（二）丙。"),
                (2, None, "前款所称丁。"),
            ],
            id="items-then-second-paragraph",
        ),
        pytest.param(
            "第一条 甲。\n\n包括：\n\n（十三）乙。",
            [(1, None, "甲。"), (2, None, "包括："), (2, "第（十三）项", "（十三）乙。")],
            id="items-of-the-second-paragraph",
        ),
        pytest.param("第一条\n\n（一）甲；", [(1, "第（一）项", "（一）甲；")], id="items-without-introduction"),
        pytest.param(
            "第二条 适用于：\n（a）甲；\n（ba）乙；\n(60) 丙。",
            [
                (1, None, "适用于："),
                (1, "第（a）项", "（a）甲；"),
                (1, "第（ba）项", "（ba）乙；"),
                (1, "第（60）项", "(60) 丙。"),
            ],
            id="european-points",
        ),
        pytest.param(
            "第一条 他说：“甲。”乙（丙。）丁！戊？",
            [(1, None, "他说：“甲。”"), (1, None, "乙（丙。）"), (1, None, "丁！"), (1, None, "戊？")],
            id="closing-marks-stay-with-their-sentence",
        ),
        pytest.param("第一条 500.5元，第3.1节。", [(1, None, "500.5元，第3.1节。")], id="decimal-point-is-no-end"),
    ],
)
def test_units_know_their_paragraph_and_item(text: str, expected: list[tuple[int, str | None, str]]) -> None:
    source = document(f"{text}\n\n第九条 末。")
    passage = split(source)[0]
    assert places(passage) == expected


def test_item_carries_number_and_the_sentence_that_introduces_it() -> None:
    source = document("第一条 先说一句。权利包括：\n（十二）传播权；\n（b）其他。\n\n第二条 末。")
    *_, twelfth, last = units(split(source)[0])
    assert (twelfth.item, twelfth.stem, last.item, last.stem) == (12, "权利包括：", 2, "权利包括：")


def test_paragraph_is_named_only_where_there_are_two() -> None:
    one, two = split(document("第一条 甲。乙。\n\n第二条 丙：\n（一）丁。\n\n戊。"))
    assert [paragraph_label(one, unit) for unit in units(one)] == [None, None]
    assert [paragraph_label(two, unit) for unit in units(two)] == ["第一款", "第一款", "第二款"]
    assert (paragraph_count(one), paragraph_count(two)) == (1, 2)


def test_a_table_is_one_unit_of_its_passage() -> None:
    text = "第一条 见表：\n\n| a | b |\n| - | - |\n| 1。2 | 3 |\n\n表后。\n\n第二条 末。"
    assert places(split(document(text))[0]) == [
        (1, None, "见表："),
        (None, None, "| a | b |\n| - | - |\n| 1。2 | 3 |"),
        (2, None, "表后。"),
    ]


def test_outside_articles_brackets_at_the_start_are_no_items_and_footnotes_are_one_unit() -> None:
    text = "## 1. 论\n\n（一）甲。乙。\n\n[^1]: 参见甲。乙。\n\n## Abstract\n\nOne is art. 3 here. Two."
    found = [places(p) for p in split(document(text, Kind.PAPER))]
    assert found == [
        [(None, None, "（一）甲。"), (None, None, "乙。")],
        [(None, None, "[^1]: 参见甲。乙。")],
        [(None, None, "One is art. 3 here."), (None, None, "Two.")],
    ]


def test_a_sentence_that_begins_with_an_article_number_keeps_it_outside_articles() -> None:
    sentence = "第十五条规定，提供者应当建立投诉机制。"
    passage = split(document(f"## 法院认为\n\n{sentence}", Kind.JUDGMENT))[0]
    assert [unit.text for unit in units(passage)] == [sentence]


def test_point_ab_of_a_european_act_is_an_item() -> None:
    passage = split(document("第一条 适用于：\n（aa）甲；\n（ab）乙。\n\n第二条 末。"))[0]
    assert [unit.item_label for unit in units(passage)] == [None, "第（aa）项", "第（ab）项"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("第一条 甲。\n\xa0\n乙。", [(1, None, "甲。"), (2, None, "乙。")], id="blank-line-of-nbsp"),
        pytest.param("第一条 甲。\n\u2003\n乙。", [(1, None, "甲。"), (2, None, "乙。")], id="blank-line-of-em-space"),
        pytest.param(
            "第一条 包括：\n\xa0\xa0（一）甲；",
            [(1, None, "包括："), (1, "第（一）项", "（一）甲；")],
            id="item-indented-by-nbsp",
        ),
    ],
)
def test_unicode_spaces_do_not_shift_paragraphs(text: str, expected: list[tuple[int, str | None, str]]) -> None:
    assert places(split(document(f"{text}\n\n第二条 末。"))[0]) == expected


@pytest.mark.parametrize("aside", ["注：编者。", "问法：一；二；三", "<!-- 待核 -->"])
def test_a_paragraph_after_an_aside_keeps_its_number(aside: str) -> None:
    passages = split(document(f"第一条 甲。\n\n{aside}\n\n乙。\n\n第二条 丙。"))
    found = [(p.article, unit.paragraph, unit.text) for p in passages for unit in units(p)]
    assert found[:2] == [("第一条", 1, "甲。"), ("第一条", 2, "乙。")]


# --- properties ---

_WORDS = st.text(alphabet="甲乙丙款项条 　，。：；！？”“（）()|a.1\t\u2028\u3000é𠀀", min_size=1, max_size=12)
_LINES = st.one_of(
    _WORDS,
    st.sampled_from(
        [
            "",
            "# 题",
            "## 第一章 甲",
            "### 第一节 乙",
            "## 法院认为",
            "### 2.1 〔论〕",
            "第一条 甲。",
            "第二条",
            "### 第三条 〔题〕",
            "第三条之一　乙：",
            "（一）甲；",
            "（a）乙。丙。",
            "（十二） 丁",
            "| a | b |",
            "| - | - |",
            "问法：一；二；三",
            "注：编者",
            "[^1]: 参见。",
            "<!-- INFO END -->",
            "问法：",
            "  缩进。",
        ]
    ),
)
_TEXTS = st.lists(st.tuples(_LINES, st.sampled_from(["\n", "\n\n", "\r\n", " \n"])), max_size=25).map(
    lambda lines: "".join(line + end for line, end in lines)
)
_KINDS = st.sampled_from([Kind.LAW, Kind.JUDGMENT, Kind.PAPER, Kind.JUDICIAL_DOCUMENT])
_ASIDE = re.compile(r"^(?:问法|注)[:：].*\S", re.MULTILINE)


@given(_TEXTS, _KINDS)
@settings(max_examples=250, deadline=None)
def test_passages_are_exact_disjoint_ordered_and_free_of_asides(text: str, kind: Kind) -> None:
    passages = split(document(text, kind))
    assert [text[p.start : p.end] for p in passages] == [p.text for p in passages]
    assert len({p.id for p in passages}) == len(passages)
    ends = [0, *(p.end for p in passages)]
    assert all(end <= p.start < p.end for end, p in zip(ends, passages, strict=False))
    assert [p.id for p in passages if _ASIDE.search(p.text)] == []


@given(_TEXTS, _KINDS)
@settings(max_examples=250, deadline=None)
def test_units_are_exact_inside_their_passage_and_never_overlap(text: str, kind: Kind) -> None:
    for passage in split(document(text, kind)):
        end = passage.start
        for unit in units(passage):
            assert text[unit.start : unit.end] == unit.text != ""
            assert end <= unit.start < unit.end <= passage.end
            end = unit.end


@given(_TEXTS)
@settings(max_examples=150, deadline=None)
def test_units_of_an_article_leave_out_nothing_but_its_number_and_topic(text: str) -> None:
    for passage in split(document(text)):
        if passage.article and passage.text.startswith(passage.article):
            rest = passage.text.removeprefix(passage.article).lstrip(" \t　").removeprefix("〔题〕")
            assert "".join("".join(u.text for u in units(passage)).split()) == "".join(rest.split())


@given(st.lists(st.sampled_from(["## 甲", "段一。", "段二。", "| a |", "问法：x；y", "注：z"]), max_size=20), _KINDS)
@settings(max_examples=150, deadline=None)
def test_no_paragraph_of_a_text_without_articles_is_lost(lines: list[str], kind: Kind) -> None:
    passages = split(document("\n\n".join(lines), kind))
    wanted = [line for line in lines if not line.startswith(("#", "问法", "注"))]
    assert [line for p in passages for line in p.text.split("\n\n")] == wanted
