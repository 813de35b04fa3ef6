"""Named forms that people type → exact references. One row a form."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.numerals import to_chinese
from rag.pipeline import Assistant
from rag.references import (
    Names,
    Reference,
    article_label,
    cited_articles,
    dockets_in,
    find_references,
    fold,
    named_articles,
    without_names,
)
from rag.types import DocumentMeta, Kind

LAW = ("copyright-law-2020",)
MEASURES = ("aigc-interim-measures-2023",)
SYNTHESIS = ("deep-synthesis-2022",)
EU = ("eu-ai-act-2024",)
ULTRAMAN = ("guangzhou-ultraman-2024",)
FEILIN = ("wolters-feilin-2019",)
DOCKET = "(2024)粤0192民初113号"
THE_DOCKET = [Reference(DOCKET, ULTRAMAN, docket=DOCKET)]


def law(article: str, paragraph: int | None = None, item: int | None = None, name: str = "著作权法") -> Reference:
    return Reference(name, LAW, article, paragraph, item)


@pytest.fixture(scope="module")
def names(assistant: Assistant) -> Names:
    return assistant.names


FORMS: dict[str, list[Reference]] = {
    # 条、款、项
    "《著作权法》第24条第1款第（五）项": [law("第二十四条", 1, 5)],
    "著作权法第二十四条第一款第五项": [law("第二十四条", 1, 5)],
    "著作权法24条1款5项": [law("第二十四条", 1, 5)],
    "著作权法的第24条的第一款的第五项": [law("第二十四条", 1, 5)],
    "著作权法第24条第(5)项": [law("第二十四条", None, 5)],
    "著作权法第十条第一款第（十七）项": [law("第十条", 1, 17)],
    "著作权法第10条第1款(17)项": [law("第十条", 1, 17)],
    "著作权法第24条第2款": [law("第二十四条", 2)],
    "著作权法二十四条": [law("第二十四条")],
    "《 著作权法 》 第 24 条": [law("第二十四条")],
    "《著作权法》第２４条": [law("第二十四条")],
    "〈著作权法〉第24条": [law("第二十四条")],
    "「著作权法」第24条": [law("第二十四条")],
    "《著作权法》（2020修正）第24条": [law("第二十四条")],
    "著作权法规定的第24条": [law("第二十四条")],
    "著作权法第两百条": [law("第二百条")],
    "第24条，著作权法": [law("第二十四条")],
    # 之一
    "著作权法第24条之一": [law("第二十四条之一")],
    "著作权法第一百二十条之二第一款": [law("第一百二十条之二", 1)],
    # names of instruments
    "《中华人民共和国著作权法》第二十四条": [law("第二十四条", name="中华人民共和国著作权法")],
    "版权法第10条": [law("第十条", name="版权法")],
    "主席令第六十二号": [Reference("主席令第六十二号", LAW)],
    "暂行办法第四条第（三）项": [Reference("暂行办法", MEASURES, "第四条", None, 3)],
    "《生成式人工智能服务管理暂行办法》第22条第2项": [
        Reference("生成式人工智能服务管理暂行办法", MEASURES, "第二十二条", None, 2)
    ],
    "生成式AI暂行办法第七条": [Reference("生成式ai暂行办法", MEASURES, "第七条")],
    "七部门令第15号": [Reference("七部门令第15号", MEASURES)],
    "深度合成规定第17条": [Reference("深度合成规定", SYNTHESIS, "第十七条")],
    "人工智能法案第50条": [Reference("人工智能法案", EU, "第五十条")],
    "EU AI Act 第50条": [Reference("eu ai act", EU, "第五十条")],
    # English
    "copyright law article 24(1)(5)": [law("第二十四条", 1, 5, "copyright law")],
    "Article 24 of the Copyright Law": [law("第二十四条", name="copyright law")],
    "Copyright Law, art. 3": [law("第三条", name="copyright law")],
    "section 10 copyright law": [law("第十条", name="copyright law")],
    "AI Act Article 50(4)": [Reference("ai act", EU, "第五十条", 4)],
    "EU AI Act art. 50 (2)": [Reference("eu ai act", EU, "第五十条", 2)],
    "AI Act Article 5(1)(b)": [Reference("ai act", EU, "第五条", 1, 2)],
    "start 3 copyright law": [Reference("copyright law", LAW)],
    # lists and ranges
    "《著作权法》第三条、第十条和第十一条": [law("第三条"), law("第十条"), law("第十一条")],
    "著作权法第49条到第51条": [law("第四十九条"), law("第五十条"), law("第五十一条")],
    "著作权法第四十九条至第五十一条": [law("第四十九条"), law("第五十条"), law("第五十一条")],
    "著作权法第49-51条": [law("第四十九条"), law("第五十条"), law("第五十一条")],
    "著作权法49至51条": [law("第四十九条"), law("第五十条"), law("第五十一条")],
    "著作权法第51条至第49条": [law("第五十一条"), law("第四十九条")],
    "著作权法第24条和第24条": [law("第二十四条")],
    "生成式AI暂行办法第七条和深度合成规定第十七条": [
        Reference("生成式ai暂行办法", MEASURES, "第七条"),
        Reference("深度合成规定", SYNTHESIS, "第十七条"),
    ],
    "暂行办法第四条第三项和著作权法第十条第一款第五项": [
        Reference("暂行办法", MEASURES, "第四条", None, 3),
        law("第十条", 1, 5),
    ],
    "著作权法第24条、暂行办法、广州奥特曼案": [
        law("第二十四条"),
        Reference("暂行办法", MEASURES),
        Reference("广州奥特曼案", ULTRAMAN),
    ],
    # an article without an instrument
    "第24条和第25条第2款": [Reference(None, (), "第二十四条"), Reference(None, (), "第二十五条", 2)],
    # dockets, in any brackets and spacing
    "(2024)粤0192民初113号": THE_DOCKET,
    "（2024）粤0192民初113号": THE_DOCKET,
    "【2024】粤0192民初113号": THE_DOCKET,
    "〔2024〕粤0192民初113号": THE_DOCKET,
    "[2024]粤0192民初113号": THE_DOCKET,
    "2024粤0192民初113": THE_DOCKET,
    "2024年粤0192民初113号": THE_DOCKET,
    "（2024）粤 0192 民初 113 号": THE_DOCKET,
    "（２０２４）粤０１９２民初１１３号": THE_DOCKET,
    "(2024)粤0192民初00113号": THE_DOCKET,
    "(2024)粤0192民初字第113号": THE_DOCKET,
    "案号(2024)粤0192民初113号和（2019）京73民终2030号": [
        *THE_DOCKET,
        Reference("(2019)京73民终2030号", FEILIN, docket="(2019)京73民终2030号"),
    ],
    # cases
    "广州奥特曼案": [Reference("广州奥特曼案", ULTRAMAN)],
    "奥特曼案": [Reference("奥特曼案", ULTRAMAN)],
    "113号案": [Reference("113号案", ULTRAMAN)],
    "菲林案": [Reference("菲林案", FEILIN)],
    "DREAMWRITER案": [Reference("dreamwriter案", ("dreamwriter-2019",))],
    "Dreamwriter 案": [Reference("dreamwriter案", ("dreamwriter-2019",))],
    "AI 文生图案": [Reference("ai文生图案", ("text-to-image-2023",))],
    "生成式 AI 暂行办法第7条": [Reference("生成式ai暂行办法", MEASURES, "第七条")],
    "Li v. Liu": [Reference("li v. liu", ("text-to-image-2023",))],
    "这篇论文": [Reference("这篇论文", ("aigc-paper",))],
    # nothing is referred to
    "硕士论文查重": [],
    "我有三条建议": [],
    "AI生成的图片有著作权吗": [],
    "party 5 and cart24": [],
    "": [],
    "《》": [],
}


@pytest.mark.parametrize(("text", "expected"), FORMS.items(), ids=[text or "empty" for text in FORMS])
def test_form_is_read_exactly(names: Names, text: str, expected: list[Reference]) -> None:
    assert find_references(text, names) == expected


ABSENT: dict[str, list[Reference]] = {
    "杭州奥特曼案": [Reference("杭州奥特曼案", ())],
    "杭州互联网法院奥特曼案": [Reference("杭州互联网法院奥特曼案", ())],
    "广州奥特曼案和杭州奥特曼案": [Reference("广州奥特曼案", ULTRAMAN), Reference("杭州奥特曼案", ())],
    "民法典": [Reference("民法典", ())],
    "《民法典》第一千一百六十五条第一款": [Reference("民法典", (), "第一千一百六十五条", 1)],
    "民法典第1165条和著作权法第52条": [Reference("民法典", (), "第一千一百六十五条"), law("第五十二条")],
    "《民法典》与《著作权法》第10条": [Reference("民法典", ()), law("第十条")],
    "著作权法实施条例第二条": [Reference("著作权法实施条例", (), "第二条")],
    "反不正当竞争法第2条": [Reference("反不正当竞争法", (), "第二条")],
    "标识办法第4条": [Reference("标识办法", (), "第四条")],
    "人工智能拟人化互动服务管理暂行办法第三条": [Reference("人工智能拟人化互动服务管理暂行办法", (), "第三条")],
    "刑法第二百八十七条之二": [Reference("刑法", (), "第二百八十七条之二")],
    "(2024)粤0192民初114号": [Reference("(2024)粤0192民初114号", (), docket="(2024)粤0192民初114号")],
    "(2023)粤0192民初113号": [Reference("(2023)粤0192民初113号", (), docket="(2023)粤0192民初113号")],
    "(2024)粤0192民终113号": [Reference("(2024)粤0192民终113号", (), docket="(2024)粤0192民终113号")],
}


@pytest.mark.parametrize(("text", "expected"), ABSENT.items(), ids=list(ABSENT))
def test_absent_source_is_never_taken_for_another(names: Names, text: str, expected: list[Reference]) -> None:
    assert find_references(text, names) == expected


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("美国版权法第107条怎么规定", LAW),
        ("日本著作权法第30条", LAW),
        ("《网络预约出租汽车经营服务管理暂行办法》第五条", MEASURES),
        ("上海奥特曼案判了什么", ULTRAMAN),
        ("5113号案判了什么", ULTRAMAN),
        ("section 107 of the US Copyright Law", LAW),
    ],
    ids=["foreign-law", "foreign-law-ja", "other-measures", "other-city", "longer-number", "foreign-law-en"],
)
def test_alias_inside_another_name_is_not_that_document(names: Names, text: str, wrong: tuple[str, ...]) -> None:
    assert wrong not in [reference.document_ids for reference in find_references(text, names)]


@pytest.mark.parametrize(
    "text",
    ["公司法定代表人用AI写稿", "公司法务用AI生成合同", "合同法律关系", "平台的保险法律风险"],
)
def test_words_that_begin_like_an_instrument_name_none(names: Names, text: str) -> None:
    assert find_references(text, names) == []


BROKEN_FORMS: dict[str, list[Reference]] = {
    "著作权法第3、10条": [law("第三条"), law("第十条")],
    "著作权法第24条第1款第5项和第6项": [law("第二十四条", 1, 5), law("第二十四条", 1, 6)],
    "著作权法第二十三条第一款、第二款": [law("第二十三条", 1), law("第二十三条", 2)],
    "刑法第287条之2": [Reference("刑法", (), "第二百八十七条之二")],
    "articles 50 and 53 of the AI Act": [Reference("ai act", EU, "第五十条"), Reference("ai act", EU, "第五十三条")],
    "Article 50 of the AI Act and Article 24 of the Copyright Law": [
        Reference("ai act", EU, "第五十条"),
        law("第二十四条", name="copyright law"),
    ],
    "(2021)最高法民再355号": [Reference("(2021)最高法民再355号", (), docket="(2021)最高法民再355号")],
    "（2022）最高法知民终1234号": [Reference("(2022)最高法知民终1234号", (), docket="(2022)最高法知民终1234号")],
    "根据著作权法，给我3到5条建议": [Reference("著作权法", LAW)],
    "我问了ChatGPT 3条问题": [],
    "法院认定三条理由": [],
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [pytest.param(text, expected) for text, expected in BROKEN_FORMS.items()],
    ids=list(BROKEN_FORMS),
)
def test_form_that_is_not_read_yet(names: Names, text: str, expected: list[Reference]) -> None:
    assert find_references(text, names) == expected


@settings(max_examples=150, deadline=None)
@given(
    article=st.integers(1, 1300),
    paragraph=st.none() | st.integers(1, 20),
    item=st.none() | st.integers(1, 20),
    chinese=st.booleans(),
    ordinal=st.booleans(),
)
def test_any_place_in_any_spelling_is_the_same_place(
    names: Names, article: int, paragraph: int | None, item: int | None, chinese: bool, ordinal: bool
) -> None:
    write, first = (to_chinese if chinese else str), ("第" if ordinal else "")
    text = f"著作权法{first}{write(article)}条"
    text += f"{first}{write(paragraph)}款" if paragraph else ""
    text += f"{first}（{write(item)}）项" if item else ""
    assert find_references(f"请问{text}怎么规定？", names) == [law(f"第{to_chinese(article)}条", paragraph, item)]


@settings(max_examples=100, deadline=None)
@given(
    year=st.integers(1990, 2030),
    court=st.sampled_from(["粤0192", "京0491", "京73", "沪", "浙01", "苏0581"]),
    kind=st.sampled_from(["民初", "民终", "刑初", "知民终", "行初", "民申"]),
    serial=st.integers(1, 99999),
    brackets=st.sampled_from(["()", "（）", "[]", "【】", "〔〕"]),
    space=st.sampled_from(["", " "]),
)
def test_any_docket_is_found_in_its_standard_form(
    names: Names, year: int, court: str, kind: str, serial: int, brackets: str, space: str
) -> None:
    typed = f"{brackets[0]}{year}{brackets[1]}{space}{court}{space}{kind}{space}{serial}{space}号"
    standard = f"({year}){court}{kind}{serial}号"
    assert [reference.docket for reference in find_references(f"请看{typed}判决", names)] == [standard]


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="著作权法第条款项之一二十0123456789()（）《》至到- 案号粤民初articl", max_size=40))
def test_any_mixture_of_reference_characters_is_read_without_repeats(names: Names, text: str) -> None:
    found = find_references(text, names)
    assert len(found) == len(set(found))
    assert find_references(fold(text), names) == find_references(fold(fold(text)), names)


def test_titles_that_name_nothing_known_are_reported_in_order(names: Names) -> None:
    found = find_references("《著作权法》《量子法》和《民法典》《某某条例》", names)
    assert [r.name for r in found if not r.document_ids] == ["民法典", "量子法", "某某条例"]


def test_unknown_title_with_a_known_alias_inside_is_unknown(names: Names) -> None:
    title = "网络预约出租汽车经营服务管理暂行办法"
    assert find_references(f"《{title}》第五条", names) == [Reference(title, ())]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("《著作权法》第24条", "第24条"),
        ("广州奥特曼案里平台为什么赔", "里平台为什么赔"),
        ("AI图片有版权吗", "ai图片有版权吗"),
        ("奥特曼案", ""),
    ],
)
def test_names_are_taken_out_of_what_is_asked(names: Names, text: str, left: str) -> None:
    assert without_names(text, names) == left


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("依照本法第五十四条、第五十三条第一项", [("第五十四条", None, None), ("第五十三条", None, 1)]),
        ("本办法第十七条第二款", [("第十七条", 2, None)]),
        (
            "第二十四条至第二十六条",
            [("第二十四条", None, None), ("第二十五条", None, None), ("第二十六条", None, None)],
        ),
        ("前款规定的三条要求", []),
        ("共十一条", []),
        pytest.param(
            "依照《中华人民共和国网络安全法》第二十条处罚",
            [],
        ),
        pytest.param(
            "指令(EU) 2019/790第4条第3款",
            [],
        ),
    ],
)
def test_articles_cited_inside_a_statute(text: str, expected: list[tuple[str, int | None, int | None]]) -> None:
    assert cited_articles(text) == [Reference(None, (), *place) for place in expected]


def test_only_articles_with_an_instrument_of_the_index_are_named_articles(names: Names) -> None:
    text = "《中华人民共和国著作权法》第十条、《民法典》第一千一百六十七条、暂行办法和第三条"
    assert named_articles(text, names) == [
        law("第十条", name="中华人民共和国著作权法"),
        Reference("暂行办法", MEASURES, "第三条"),
    ]


@pytest.mark.parametrize(
    "typed",
    [
        "（2024）粤0192民初113号",
        "[2024]粤0192民初00113号",
        pytest.param("（2024）粤 0192 民初 113 号"),
    ],
)
def test_dockets_of_a_text_come_in_their_standard_form(typed: str) -> None:
    assert dockets_in(f"参见{typed}，以及第24条") == [DOCKET]


def test_article_label_has_the_form_of_the_statute() -> None:
    assert [article_label(3), article_label(120, 1), article_label(1165)] == [
        "第三条",
        "第一百二十条之一",
        "第一千一百六十五条",
    ]


def test_versions_of_a_name_come_newest_first_and_an_absent_name_never_hides_a_present_one() -> None:
    metas = [
        DocumentMeta(
            id="old", title="试验法", kind=Kind.LAW, effective=dt.date(2010, 1, 1), repealed=dt.date(2021, 1, 1)
        ),
        DocumentMeta(id="new", title="试验法", kind=Kind.LAW, effective=dt.date(2021, 1, 1)),
    ]
    found = find_references("试验法第3条和试验法实施条例第4条", Names(metas, absent=["试验法", "试验法实施条例"]))
    assert found == [
        Reference("试验法", ("new", "old"), "第三条"),
        Reference("试验法实施条例", (), "第四条"),
    ]
