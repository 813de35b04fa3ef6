"""What a question asks: the day, the sources, the kind of answer, and what the history adds."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from rag.errors import InvalidQuestion
from rag.pipeline import Assistant
from rag.references import Reference
from rag.settings import Settings
from rag.understand import Ask, History, Query, understand

LAW = ("copyright-law-2020",)
MEASURES = ("aigc-interim-measures-2023",)
ULTRAMAN = ("guangzhou-ultraman-2024",)


def read(assistant: Assistant, question: str, *, history: History = (), as_of: dt.date | None = None) -> Query:
    return understand(question, assistant.names, assistant.settings, history=history, as_of=as_of)


@pytest.mark.parametrize(
    ("question", "day"),
    [
        ("2019年时，著作权法第24条怎么规定", dt.date(2019, 12, 31)),
        ("2010年的著作权法第22条", dt.date(2010, 12, 31)),
        ("2023年底，暂行办法有效吗", dt.date(2023, 12, 31)),
        ("2023年初有没有暂行办法", dt.date(2023, 1, 1)),
        ("2020年以前的规定", dt.date(2020, 1, 1)),
        ("2023年8月初的时候", dt.date(2023, 8, 1)),
        ("2023年7月的时候", dt.date(2023, 7, 31)),
        ("2023年12月时的规定", dt.date(2023, 12, 31)),
        ("2024年2月的规定", dt.date(2024, 2, 29)),
        ("2023年2月的规定", dt.date(2023, 2, 28)),
        ("2023年8月15日时的规定", dt.date(2023, 8, 15)),
        ("2023年8月15号当时怎么规定", dt.date(2023, 8, 15)),
        ("2021年6月1日施行的著作权法", dt.date(2021, 6, 1)),
        ("2020 年 5 月 的时候", dt.date(2020, 5, 31)),
        ("２０２０年５月的时候", dt.date(2020, 5, 31)),
        ("2024-02-29 的规定", dt.date(2024, 2, 29)),
        ("按1999-12-31的法律", dt.date(1999, 12, 31)),
        pytest.param("2022年的暂行办法第四条", dt.date(2022, 12, 31)),
        pytest.param("2010年版著作权法第22条", dt.date(2010, 12, 31)),
        pytest.param("二〇一〇年的著作权法第22条", dt.date(2010, 12, 31)),
        pytest.param("2020/5/1的规定", dt.date(2020, 5, 1)),
    ],
)
def test_day_named_in_a_question_is_the_day_asked_about(assistant: Assistant, question: str, day: dt.date) -> None:
    query = read(assistant, question)
    assert (query.as_of, query.as_of_given) == (day, True)


@pytest.mark.parametrize(
    "question",
    [
        "AI图片有著作权吗",
        "2024年奥特曼案判了什么",
        "(2024)粤0192民初113号判了什么",
        "GB 45438-2025 第4.2条",
        "生成2024年新年海报侵权吗",
        "1889年的规定",
        pytest.param(
            "2022年发布的深度合成规定第十七条规定了什么",
        ),
        pytest.param("2020年11月11日发布的著作权法第24条"),
        pytest.param("2019年中国第一例AI写作案判了什么"),
    ],
)
def test_number_that_is_no_day_asked_about_leaves_the_day_open(assistant: Assistant, question: str) -> None:
    assert read(assistant, question).as_of_given is False


@pytest.mark.parametrize(
    ("question", "history", "incomplete"),
    [
        ("那第二款呢", (), True),
        ("这样算侵权吗", (), True),
        ("为什么？", (), True),
        ("那第二款呢", [("著作权法第24条", "…")], False),
        ("著作权法第24条第2款呢", (), False),
        ("AI图片有著作权吗", (), False),
    ],
)
def test_question_that_points_to_nothing_said_before_is_incomplete(
    assistant: Assistant, question: str, history: History, incomplete: bool
) -> None:
    assert read(assistant, question, history=history).incomplete is incomplete


def test_day_given_by_the_caller_wins_over_the_question(assistant: Assistant) -> None:
    query = read(assistant, "2019年时，著作权法第24条怎么规定", as_of=dt.date(2022, 3, 4))
    assert (query.as_of, query.as_of_given) == (dt.date(2022, 3, 4), True)


@pytest.mark.parametrize("question", ["2024年13月的规定", "2023年0月的规定", "2024年2月30日的规定", "2024-02-30的规定"])
def test_impossible_day_does_not_break_a_question(assistant: Assistant, question: str) -> None:
    assert read(assistant, question).as_of_given is False


@pytest.mark.parametrize(
    ("question", "ask"),
    [
        ("著作权法第24条", Ask.ARTICLE_TEXT),
        ("著作权法第24条怎么规定的", Ask.ARTICLE_TEXT),
        ("广州奥特曼案赔了多少钱", Ask.AMOUNT),
        ("侵权最多赔多少", Ask.AMOUNT),
        ("how much damages were awarded", Ask.AMOUNT),
        ("著作权保护期多久", Ask.TIME),
        ("暂行办法什么时候施行", Ask.TIME),
        ("When did the measures take effect", Ask.TIME),
        ("复制权之外还有哪些权利", Ask.LIST),
        ("平台要担责吗", Ask.LIABILITY),
        ("Is the platform liable", Ask.LIABILITY),
        ("广州奥特曼案和AI声音案有什么区别", Ask.COMPARISON),
        ("What is the difference between the two cases", Ask.COMPARISON),
        ("论文怎么看避风港", Ask.PAPER),
        ("AI图片有著作权吗", Ask.GENERAL),
        # The first that fits counts: comparison before paper before amount before time before list before liability.
        ("论文和判决有什么不同", Ask.COMPARISON),
        ("论文里赔了多少钱", Ask.PAPER),
        ("哪些责任", Ask.LIST),
        ("著作权法第24条有哪些情形", Ask.LIST),
    ],
)
def test_kind_of_answer_that_a_question_wants(assistant: Assistant, question: str, ask: Ask) -> None:
    assert read(assistant, question).ask is ask


ABOUT_ULTRAMAN: History = [("广州奥特曼案赔了多少钱？", "法院判决赔偿10,000元[1]")]
ABOUT_ARTICLE: History = [("著作权法第二十四条规定了什么？", "《著作权法》第二十四条规定：…[1]")]
ABOUT_BOTH: History = [*ABOUT_ULTRAMAN, *ABOUT_ARTICLE]


@pytest.mark.parametrize(
    ("question", "history", "references"),
    [
        ("那平台为什么要赔？", ABOUT_ULTRAMAN, [Reference("广州奥特曼案", ULTRAMAN)]),
        ("它的案号是多少", ABOUT_ULTRAMAN, [Reference("广州奥特曼案", ULTRAMAN)]),
        ("那AI声音案呢？", ABOUT_ULTRAMAN, [Reference("ai声音案", ("ai-voice-2024",))]),
        ("那第五十二条呢？", ABOUT_ARTICLE, [Reference("著作权法", LAW, "第五十二条")]),
        ("第五十二条第（六）项呢？", ABOUT_ARTICLE, [Reference("著作权法", LAW, "第五十二条", None, 6)]),
        ("还有呢", ABOUT_ARTICLE, [Reference("著作权法", LAW, "第二十四条")]),
        ("暂行办法第四条呢", ABOUT_ARTICLE, [Reference("暂行办法", MEASURES, "第四条")]),
        ("为什么？", ABOUT_BOTH, [Reference("著作权法", LAW, "第二十四条")]),
        ("为什么？", list(reversed(ABOUT_BOTH)), [Reference("广州奥特曼案", ULTRAMAN)]),
        # The last turn names nothing: its answer does.
        (
            "为什么？",
            [("AI画的画有版权吗", "依《著作权法》第三条[1]，另见广州奥特曼案[2]和暂行办法第四条[3]")],
            [Reference("著作权法", LAW, "第三条"), Reference("广州奥特曼案", ULTRAMAN)],
        ),
        ("为什么？", [*ABOUT_ULTRAMAN, ("谢谢", "不客气")], [Reference("广州奥特曼案", ULTRAMAN)]),
        ("为什么？", [("你好", "你好")], []),
        ("为什么？", [("", "")], []),
        ("第（六）项呢", ABOUT_ARTICLE, [Reference("著作权法", LAW, "第二十四条", None, 6)]),
        ("第二款呢", ABOUT_ARTICLE, [Reference("著作权法", LAW, "第二十四条", 2)]),
        ("第一款第六项呢", ABOUT_ARTICLE, [Reference("著作权法", LAW, "第二十四条", 1, 6)]),
        pytest.param(
            "杭州奥特曼案呢",
            ABOUT_ULTRAMAN,
            [Reference("杭州奥特曼案", ())],
        ),
        pytest.param(
            "那民法典第1165条呢",
            ABOUT_ARTICLE,
            [Reference("民法典", (), "第一千一百六十五条")],
        ),
        pytest.param(
            "那(2024)粤0192民初114号呢",
            ABOUT_ARTICLE,
            [Reference("(2024)粤0192民初114号", (), docket="(2024)粤0192民初114号")],
        ),
    ],
)
def test_follow_up_takes_what_it_leaves_out_from_the_history(
    assistant: Assistant, question: str, history: History, references: list[Reference]
) -> None:
    query = read(assistant, question, history=history)
    assert (list(query.references), query.carried_over) == (references, True)


@pytest.mark.parametrize(
    "question",
    ["AI生成图片的著作权归谁所有，需要什么条件？", "红烧肉怎么做，需要放多少糖和酱油才好吃"],
)
def test_question_that_stands_alone_takes_nothing_from_the_history(assistant: Assistant, question: str) -> None:
    alone = read(assistant, question)
    assert read(assistant, question, history=ABOUT_ULTRAMAN) == replace(alone, in_dialogue=True)


def test_follow_up_is_searched_together_with_the_question_before(assistant: Assistant) -> None:
    query = read(assistant, "那平台为什么要赔？", history=[("广州奥特曼案里平台赔了多少钱？", "一万元")])
    assert (query.question, query.text) == ("那平台为什么要赔？", "广州奥特曼案里平台赔了多少钱? 那平台为什么要赔?")


def test_follow_up_about_another_day_keeps_the_article(assistant: Assistant) -> None:
    query = read(assistant, "2019年时呢", history=ABOUT_ARTICLE)
    assert (query.as_of, query.references) == (dt.date(2019, 12, 31), (Reference("著作权法", LAW, "第二十四条"),))


@pytest.mark.parametrize(
    ("question", "absent"),
    [
        ("民法典第1165条怎么规定", ("民法典",)),
        ("《著作权法》和《量子法》哪个优先", ("量子法",)),
        ("民法典和民法典第1165条、杭州奥特曼案", ("民法典", "杭州奥特曼案")),
        ("(2024)粤0192民初114号判了什么", ()),
        ("著作权法第24条", ()),
    ],
)
def test_sources_that_the_index_lacks_are_listed_once(
    assistant: Assistant, question: str, absent: tuple[str, ...]
) -> None:
    assert read(assistant, question).absent == absent


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ("", "问题是空的"),
        ("  \n\t ", "问题是空的"),
        ("\u200b\u2060", "问题是空的"),
        ("\x00\x07", "问题是空的"),
        ("😀😀🎉", "没有文字"),
        ("？！…", "没有文字"),
        ("2023", "没有文字"),
        ("①②", "没有文字"),
    ],
    ids=["empty", "blank", "zero-width", "control", "emoji", "punctuation", "digits", "circled"],
)
def test_question_without_words_is_refused(assistant: Assistant, question: str, message: str) -> None:
    with pytest.raises(InvalidQuestion, match=message):
        read(assistant, question)


def test_longest_question_allowed_is_read_and_one_character_more_is_refused(assistant: Assistant) -> None:
    short = Settings(index=assistant.settings.index, max_question=20)
    longest = "著" * 20
    assert understand(longest, assistant.names, short).text == longest
    with pytest.raises(InvalidQuestion, match="21 个字符，上限 20"):
        understand(longest + "作", assistant.names, short)


def test_question_is_searched_in_one_line_of_plain_characters(assistant: Assistant) -> None:
    query = read(assistant, "  ＡＩ图片\r\n有\u200b 著作权\x00吗？ ")
    assert query.text == "AI图片 有 著作权 吗?"


def test_name_broken_by_a_zero_width_character_is_still_found(assistant: Assistant) -> None:
    assert read(assistant, "著作\u200b权法第2\u2060条").references == (Reference("著作权法", LAW, "第二条"),)
