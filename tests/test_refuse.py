"""When the answer is a refusal: which reason, what is missing, and what the reader is told."""

from __future__ import annotations

import datetime as dt

import pytest

from rag.pipeline import Assistant
from rag.scope import load_scope_model
from rag.types import Answer, RefusalReason, Warning
from rag.understand import History


def bug(reason: str) -> pytest.MarkDecorator:
    return pytest.mark.xfail(strict=True, reason=reason)


EU_TITLE = "欧盟《人工智能法》（条例(EU) 2024/1689）"

REFUSED: list[tuple[str, RefusalReason, tuple[str, ...], str]] = [
    # articles, paragraphs and items that do not exist
    ("著作权法第200条规定了什么", "false_premise", ("《著作权法》第二百条",), "现行文本共 67 条"),
    ("著作权法第68条规定了什么", "false_premise", ("《著作权法》第六十八条",), "现行文本共 67 条"),
    ("著作权法第24条之一怎么规定", "false_premise", ("《著作权法》第二十四条之一",), "没有第二十四条之一"),
    ("暂行办法第25条", "false_premise", ("《生成式人工智能服务管理暂行办法》第二十五条",), "现行文本共 24 条"),
    ("深度合成规定第26条", "false_premise", ("《互联网信息服务深度合成管理规定》第二十六条",), "现行文本共 25 条"),
    ("欧盟人工智能法第114条", "false_premise", (f"{EU_TITLE}第一百一十四条",), "现行文本共 113 条"),
    ("著作权法第24条第3款怎么规定", "false_premise", ("《著作权法》第二十四条第三款",), "该条共 2 款"),
    ("著作权法第67条第2款", "false_premise", ("《著作权法》第六十七条第二款",), "该条共 1 款"),
    ("著作权法第24条第1款第14项", "false_premise", ("《著作权法》第二十四条第（十四）项",), "该处共 13 项"),
    ("著作权法第24条第2款第1项", "false_premise", ("《著作权法》第二十四条第（一）项",), "该处不分项"),
    ("著作权法第一条第（一）项", "false_premise", ("《著作权法》第一条第（一）项",), "该处不分项"),
    # dockets that are not in the corpus
    ("(2024)粤0192民初114号判了什么", "false_premise", ("(2024)粤0192民初114号",), "不能确认该案存在"),
    ("（2023）粤0192民初113号判了什么", "false_premise", ("(2023)粤0192民初113号",), "不能确认该案存在"),
    # in the instrument, but not in the corpus
    ("欧盟人工智能法第10条", "not_in_corpus", (f"{EU_TITLE}第十条",), "只收录了它的部分条文"),
    # instruments and cases of this field that the index lacks
    ("民法典第1165条怎么规定", "not_in_corpus", ("民法典",), "《民法典》"),
    ("著作权法实施条例第二条", "not_in_corpus", ("著作权法实施条例",), "《著作权法实施条例》"),
    ("杭州奥特曼案怎么判的", "not_in_corpus", ("杭州奥特曼案",), "“杭州奥特曼案”"),
    ("《量子计算法》第3条怎么规定", "not_in_corpus", ("量子计算法",), "《量子计算法》"),
    # other fields of law
    ("刑法第217条怎么规定", "out_of_scope", ("刑法",), "其他法律领域"),
    ("专利法承认AI发明人吗", "out_of_scope", ("专利法",), "其他法律领域"),
    ("劳动合同法的试用期最长多久", "out_of_scope", ("劳动合同法",), "其他法律领域"),
    ("专利法和商标法哪个保护AI", "out_of_scope", ("专利法", "商标法"), "《专利法》、《商标法》"),
    # one absent source of this field is enough for the corpus to be at fault, not the question
    ("专利法和民法典哪个保护AI", "not_in_corpus", ("专利法", "民法典"), "《专利法》、《民法典》"),
]


def assert_refusal(answer: Answer, reason: RefusalReason, missing: tuple[str, ...], phrase: str) -> None:
    assert answer.refusal is not None
    assert (answer.refused, answer.refusal.reason, answer.refusal.missing) == (True, reason, missing)
    assert phrase in answer.refusal.message
    assert answer.answer == answer.refusal.message
    told = answer.refusal
    assert answer.warnings == (Warning(kind=reason, message=told.message, code=told.code, values=told.values),)
    assert told.code
    assert (answer.claims, answer.citations, answer.conflicts) == ((), (), ())


@pytest.mark.parametrize(
    ("question", "reason", "missing", "phrase"),
    REFUSED,
    ids=[row[0] for row in REFUSED],
)
def test_question_is_refused_with_its_reason_and_what_is_missing(
    assistant: Assistant, question: str, reason: RefusalReason, missing: tuple[str, ...], phrase: str
) -> None:
    assert_refusal(assistant.answer(question), reason, missing, phrase)


@pytest.mark.parametrize(
    ("question", "as_of", "missing", "phrase"),
    [
        ("著作权法第24条", dt.date(2021, 5, 31), ("中华人民共和国著作权法（2021-05-31 版本）",), "2021-06-01 起"),
        ("著作权法第24条", dt.date(2010, 12, 31), ("中华人民共和国著作权法（2010-12-31 版本）",), "2010-12-31"),
        (
            "暂行办法第四条",
            dt.date(2023, 8, 14),
            ("生成式人工智能服务管理暂行办法（2023-08-14 版本）",),
            "2023-08-15 起",
        ),
        (
            "广州奥特曼案判了什么",
            dt.date(2024, 2, 7),
            ("上海新创华文化发展有限公司诉AI公司（化名）著作权侵权纠纷案（广州奥特曼案）",),
            "2024-02-08 才作出",
        ),
    ],
    ids=["day-before-law", "old-law", "day-before-measures", "day-before-judgment"],
)
def test_version_of_that_day_is_refused_by_name_where_the_corpus_lacks_it(
    assistant: Assistant, question: str, as_of: dt.date, missing: tuple[str, ...], phrase: str
) -> None:
    assert_refusal(assistant.answer(question, as_of=as_of), "version_not_in_corpus", missing, phrase)


def test_day_in_the_question_asks_for_a_version_like_the_argument(assistant: Assistant) -> None:
    answer = assistant.answer("2010年的著作权法第22条怎么规定")
    assert answer.as_of == dt.date(2010, 12, 31)
    assert_refusal(answer, "version_not_in_corpus", ("中华人民共和国著作权法（2010-12-31 版本）",), "2010-12-31")


@pytest.mark.parametrize(
    ("question", "as_of"),
    [
        ("著作权法第24条", dt.date(2021, 6, 1)),
        ("暂行办法第四条", dt.date(2023, 8, 15)),
        ("广州奥特曼案判了什么", dt.date(2024, 2, 8)),
    ],
)
def test_first_day_in_force_is_answered(assistant: Assistant, question: str, as_of: dt.date) -> None:
    answer = assistant.answer(question, as_of=as_of)
    assert (answer.refused, answer.as_of) == (False, as_of)


@pytest.mark.parametrize(
    "question",
    [
        "著作权法第67条",
        "著作权法第24条第2款",
        "著作权法第24条第1款第13项",
        "暂行办法第24条",
        "欧盟人工智能法第113条",
        "(2024)粤0192民初113号判了什么",
    ],
)
def test_last_place_that_exists_is_answered(assistant: Assistant, question: str) -> None:
    assert assistant.answer(question).refusal is None


def test_part_of_a_question_that_cannot_be_met_is_a_warning(assistant: Assistant) -> None:
    answer = assistant.answer("著作权法第67条和民法典第1165条")
    assert [warning.kind for warning in answer.warnings] == ["not_in_corpus"]
    assert "《民法典》" in answer.warnings[0].message
    assert {citation.passage_id for citation in answer.citations} == {"copyright-law-2020/art-67"}


@pytest.mark.parametrize(
    ("question", "phrase", "kind"),
    [
        ("著作权法第67条和第200条", "《著作权法》没有第二百条", "no_such_article"),
        ("广州奥特曼案适用了著作权法第200条吗", "《著作权法》没有第二百条", "no_such_article"),
        ("(2024)粤0192民初114号和广州奥特曼案", "不能确认该案存在", "no_such_docket"),
    ],
)
def test_false_part_of_a_question_is_a_warning_that_the_reader_sees(
    assistant: Assistant, question: str, phrase: str, kind: str
) -> None:
    answer = assistant.answer(question)
    assert answer.refusal is None
    assert [warning.kind for warning in answer.warnings if phrase in warning.message] == [kind]
    assert phrase in answer.answer


@pytest.mark.parametrize("question", ["那第二款呢", "为什么？", "这样算侵权吗"])
def test_question_that_points_to_nothing_is_unclear(assistant: Assistant, question: str) -> None:
    refusal = assistant.answer(question).refusal
    assert refusal is not None
    assert (refusal.reason, refusal.missing) == ("unclear", ())


@pytest.mark.parametrize(
    ("question", "history"),
    [
        pytest.param(
            "杭州奥特曼案呢",
            [("广州奥特曼案赔了多少钱？", "10,000元")],
        ),
        pytest.param(
            "那民法典第10条呢",
            [("著作权法第二十四条规定了什么？", "…")],
        ),
    ],
)
def test_absent_source_in_a_follow_up_is_refused_like_a_first_question(
    assistant: Assistant, question: str, history: History
) -> None:
    answer = assistant.answer(question, history=history)
    assert answer.refusal is not None
    assert answer.refusal.reason == "not_in_corpus"


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        pytest.param("著作权法第0条规定了什么", "false_premise"),
        pytest.param("著作权法第24条第0款", "false_premise"),
        pytest.param("第24条怎么规定", "unclear"),
        pytest.param(
            "(2021)最高法民再355号怎么判的",
            "false_premise",
        ),
        pytest.param(
            "《网络预约出租汽车经营服务管理暂行办法》第五条",
            "not_in_corpus",
        ),
    ],
)
def test_place_or_source_that_does_not_exist_is_refused(
    assistant: Assistant, question: str, reason: RefusalReason
) -> None:
    answer = assistant.answer(question)
    assert answer.refusal is not None
    assert answer.refusal.reason == reason


@pytest.mark.parametrize(
    "question",
    [
        pytest.param(
            "公司法务用AI生成合同，著作权归谁？",
        ),
        pytest.param("我用AI画了美杜莎的图片，有著作权吗？"),
        "AI生成内容的著作权法律保护如何？",
    ],
)
def test_question_of_this_field_is_not_refused_for_a_word_that_looks_like_a_source(
    assistant: Assistant, question: str
) -> None:
    assert assistant.answer(question).refusal is None


@bug("undated sources count as in force on every day: 1990 is answered from the paper, which speaks of 2023")
def test_question_about_a_day_before_every_source_is_refused(assistant: Assistant) -> None:
    answer = assistant.answer("AI生成的图片有著作权吗", as_of=dt.date(1990, 1, 1))
    assert answer.refusal is not None
    assert answer.refusal.reason == "version_not_in_corpus"


@pytest.mark.parametrize(
    "question",
    [
        "红烧肉要怎么做才能肥而不腻呢，需要放多少糖？",
        "我和丈夫离婚，房子和存款应当怎么分割？",
        "酒后驾驶机动车被交警查到会怎么处罚？",
    ],
)
@pytest.mark.skipif(
    load_scope_model() is None, reason="no rag/model/scope.json: train with python -m ingest.train_scope"
)
def test_question_of_another_field_is_out_of_scope(assistant: Assistant, question: str) -> None:
    answer = assistant.answer(question)
    assert answer.refusal is not None
    assert answer.refusal.reason == "out_of_scope"
