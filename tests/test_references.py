"""Named forms that people type → exact references. One row a form."""

from __future__ import annotations

import datetime as dt
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.dockets import dockets_in
from rag.fold import fold, kept, spelled
from rag.names import Names
from rag.numerals import to_chinese
from rag.pipeline import Assistant
from rag.place import article_label
from rag.references import (
    Reference,
    cited_articles,
    find_references,
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
    "（2024年）粤0192民初113号": THE_DOCKET,
    "（2024）粤0192民初字113号": THE_DOCKET,
    "（2024）粤0192民初第113号": THE_DOCKET,
    "(2011)民提字第50号": [Reference("(2011)民提50号", (), docket="(2011)民提50号")],
    "(2015)粤知法著民初字第15号": [Reference("(2015)粤知法著民初15号", (), docket="(2015)粤知法著民初15号")],
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
    # other ways to write 条, 款 and 项
    "著作权法24(1)(5)": [law("第二十四条", 1, 5)],
    "著作权法第24条(1)(5)": [law("第二十四条", 1, 5)],
    "著作权法第24条（五）": [law("第二十四条", None, 5)],
    "著作权法第24条第一款（五）": [law("第二十四条", 1, 5)],
    "著作权法第24条第(1)款第(5)项": [law("第二十四条", 1, 5)],
    "著作权法第24条第⑤项": [law("第二十四条", None, 5)],
    "著作权法§24": [law("第二十四条")],
    "著作權法第二十四條第一款第五項": [law("第二十四条", 1, 5)],
    "著作权法第廿四条": [law("第二十四条")],
    "著作权法第一二〇条": [law("第一百二十条")],
    "著作权法第1,195条": [law("第一千一百九十五条")],
    "著作权法第二百八十六之一条": [law("第二百八十六条之一")],
    "著作权法第52条第1项至第3项": [law("第五十二条", None, 1), law("第五十二条", None, 2), law("第五十二条", None, 3)],
    "著作权法第52条（一）至（三）项": [
        law("第五十二条", None, 1),
        law("第五十二条", None, 2),
        law("第五十二条", None, 3),
    ],
    "著作权法第24条第1款第5、6项": [law("第二十四条", 1, 5), law("第二十四条", 1, 6)],
    "著作权法第3条、第10条至第12条": [law("第三条"), law("第十条"), law("第十一条"), law("第十二条")],
    "著作权法第1条至第40条": [law("第一条"), law("第四十条")],
    "著作权法24": [law("第二十四条")],
    "著作权法2020": [Reference("著作权法", LAW)],
    "著作权法3大变化": [Reference("著作权法", LAW)],
    "第4条软件，著作权法第3条": [law("第三条")],
    "著作权法第99999999999999999999条": [Reference("著作权法", LAW, "第99999999999999999999条")],
    "Article 24, paragraph 1, item 5 of the Copyright Law": [law("第二十四条", 1, 5, "copyright law")],
    "Copyright Law art. 30-4": [law("第三十条之四", name="copyright law")],
    "Copyright Law arts. 10-12": [law(f"第{n}条", name="copyright law") for n in ("十", "十一", "十二")],
    "articles 3, 10 and 11 of the Copyright Law": [law(f"第{n}条", name="copyright law") for n in ("三", "十", "十一")],
    "Article 3 and 10 other rules of the Copyright Law": [law("第三条", name="copyright law")],
    "Copyright Law §24(1)": [law("第二十四条", 1, None, "copyright law")],
    "(2024)粤0192民初113号适用的第24条": [*THE_DOCKET, Reference(None, (), "第二十四条")],
    "(2024)粤0192民初113号适用的著作权法第24条": [*THE_DOCKET, law("第二十四条")],
    # document numbers
    "主席令第62号第24条": [law("第二十四条", name="主席令第六十二号")],
    "第62号主席令": [Reference("主席令第六十二号", LAW)],
    "法释〔1999〕1号": [Reference("法释〔1999〕1号", ())],
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


# The short way of naming two cases; alone, 奥特曼 is a figure and 威科先行 a database.
PAIRS: dict[str, list[str]] = {
    "奥特曼和威科先行为什么不一样": ["奥特曼案", "威科先行案"],
    "威科先行与奥特曼案": ["威科先行案", "奥特曼案"],
    "威科先行案跟奥特曼": ["威科先行案", "奥特曼案"],
    "威科先行 vs 奥特曼": ["威科先行案", "奥特曼案"],
    "威科先行vs奥特曼": ["威科先行案", "奥特曼案"],
    "奥特曼和迪迦有什么不同": [],
    "威科先行和菲林": [],
    "AI文生图和威科先行": [],
    "奥特曼和奥特曼的图片": [],
    "生成奥特曼图片": [],
    "奥特曼的图片和威科先行的报告": [],
}


@pytest.mark.parametrize(("text", "expected"), PAIRS.items(), ids=list(PAIRS))
def test_two_cases_beside_each_other_need_no_word_for_case(names: Names, text: str, expected: list[str]) -> None:
    ids = {"奥特曼案": ULTRAMAN, "威科先行案": FEILIN}
    assert find_references(text, names) == [Reference(name, ids[name]) for name in expected]


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


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="著作權法第条 　\t《》「」“'\"Aéß—vs. 1２（）〔", max_size=30))
def test_what_folding_keeps_is_what_it_gives(text: str) -> None:
    spelling = spelled(text)
    assert fold(text) == "".join(spelling[position] for position in kept(spelling))


@pytest.mark.parametrize(
    "piece", ["一", "1、", "第1条、", "articles 1, ", "令", "1-", "《著作权法》第1条", "著作权法", "(2020)民", "第1至"]
)
def test_longest_question_is_read_at_once(names: Names, piece: str) -> None:
    started = time.perf_counter()
    find_references((piece * 2000)[:2000], names)
    assert time.perf_counter() - started < 1


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


INTERPRETATIONS = [
    DocumentMeta(id=identifier, title=title, kind=Kind.JUDICIAL_INTERPRETATION, promulgated=dt.date(year, 1, 1))
    for identifier, title, year in (
        ("company-3", "最高人民法院关于适用《中华人民共和国公司法》若干问题的规定（三）", 2011),
        ("company-4", "最高人民法院关于适用《中华人民共和国公司法》若干问题的规定（四）", 2017),
        ("injury-2020", "最高人民法院关于审理人身损害赔偿案件适用法律若干问题的解释", 2020),
        ("injury-2022", "最高人民法院关于审理人身损害赔偿案件适用法律若干问题的解释", 2022),
        ("ip-crime", "最高人民法院、最高人民检察院关于办理侵犯知识产权刑事案件具体应用法律若干问题的解释", 2004),
        ("hours", "国务院关于职工工作时间的规定", 1995),
        ("procedure", "最高人民法院关于适用《中华人民共和国民事诉讼法》的解释", 2022),
    )
] + [DocumentMeta(id="company", title="中华人民共和国公司法", kind=Kind.LAW, promulgated=dt.date(2023, 12, 29))]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("公司法解释（三）第3条", ("company-3",)),
        ("公司法司法解释三第3条", ("company-3",)),
        ("公司法规定（四）第3条", ("company-4",)),
        ("公司法司法解释第3条", ("company-4", "company-3")),
        ("公司法解释（五）第3条", ()),
        ("公司法规定的第3条", ("company",)),
        ("公司法的规定，第3条", ("company",)),
        ("公司法实施细则第3条", ()),
        ("人身损害赔偿司法解释第3条", ("injury-2022", "injury-2020")),
        ("人身损害赔偿案件的解释第3条", ("injury-2022", "injury-2020")),
        ("2020年人身损害赔偿司法解释第3条", ("injury-2020",)),
        ("旧人身损害赔偿解释第3条", ("injury-2020",)),
        ("知识产权刑事解释第3条", ("ip-crime",)),
        ("职工工作时间规定第3条", ("hours",)),
        ("民诉法解释第3条", ("procedure",)),
        ("民诉法第3条", ()),
        ("最高法关于适用《民事诉讼法》的解释第3条", ("procedure",)),
    ],
)
def test_short_name_follows_from_a_title(text: str, ids: tuple[str, ...]) -> None:
    names = Names(INTERPRETATIONS, ["民事诉讼法"], [("民事诉讼法", "民诉法")])
    assert [(r.document_ids, r.article) for r in find_references(text, names)] == [(ids, "第三条")]


@pytest.mark.parametrize(
    "text", ["法律对职工工作时间规定了上限", "请对人身损害赔偿解释一下", "知识产权民事解释第3条", "工作时间规定"]
)
def test_words_on_a_topic_do_not_name_what_is_about_it(text: str) -> None:
    assert [r.document_ids for r in find_references(text, Names(INTERPRETATIONS)) if r.name] == []
