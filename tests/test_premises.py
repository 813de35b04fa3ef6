"""Names that are misspelt are put right; what a question presupposes of a case is checked against its record; versions and cases side by side."""

from __future__ import annotations

import pytest

from rag.misspelt import spellings
from rag.pipeline import Assistant


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("奥特漫案法院怎么判的", "奥特曼案"),
        ("奥曼特案怎么判", "奥特曼案"),
        ("深度合城规定第十七条怎么说", "深度合成规定"),
        ("著做权法第24条", "著作权法"),
    ],
)
def test_misspelt_name_is_put_right(product: Assistant, text: str, name: str) -> None:
    changed, changes = spellings(product.names).respelt(text)
    assert name in changed
    assert [change.name for change in changes] == [name]
    assert [w.kind for w in product.answer(text).warnings if w.kind == "respelt"] == ["respelt"]


@pytest.mark.parametrize("text", ["奥特曼案怎么判", "我的老板说要把肖像卖给平台", "杭州的案子", "平台要不要担责"])
def test_what_is_right_stays(product: Assistant, text: str) -> None:
    assert spellings(product.names).respelt(text) == (text, ())


@pytest.mark.parametrize(
    ("question", "true"),
    [
        ("二审维持的蝴蝶椅案判了多少钱", "自动撤回上诉"),
        ("最高法院判的Dreamwriter案怎么说", "深圳市南山区人民法院"),
        ("广州奥特曼案判赔30万元的依据是什么", "10,000元"),
        ("为什么蝴蝶椅案认定AI图片构成作品", "不构成作品"),
        ("威科先行案里百度起诉律所，理由是什么", "北京菲林律师事务所"),
    ],
    ids=["instance", "court", "sum", "holding", "parties"],
)
def test_wrong_attribution_is_said_with_what_is_true(product: Assistant, question: str, true: str) -> None:
    answer = product.answer(question)
    assert answer.refusal is not None
    assert answer.refusal.reason == "false_premise"
    assert true in answer.answer


@pytest.mark.parametrize(
    "question",
    [
        "南山法院Dreamwriter案判了什么",
        "蝴蝶椅案二审维持了吗？",
        "广州奥特曼案原告索赔30万元，判了多少？",
        "广州奥特曼案中，AI公司侵害了原告的哪些权利？",
        "江苏高院公布的伴心案是怎么回事",
    ],
)
def test_right_attribution_and_open_question_are_answered(product: Assistant, question: str) -> None:
    assert not product.answer(question).refused


def test_amendment_is_answered_from_both_versions(product: Assistant) -> None:
    answer = product.answer("新旧著作权法在法定赔偿上有什么变化？")
    assert {"copyright-law-2010/art-49", "copyright-law-2020/art-54"} <= {c.passage_id for c in answer.citations}
    assert "| 事项 | 修改前（2010-04-01 至 2021-05-31） | 修改后（2021-06-01 起） |" in answer.answer
    assert "五十万元以下" in answer.answer
    assert "五百元以上五百万元以下" in answer.answer


def test_law_before_an_amendment_is_that_of_its_last_day(product: Assistant) -> None:
    answer = product.answer("修订前的著作权法规定的法定赔偿上限是多少？")
    assert answer.as_of.isoformat() == "2021-05-31"
    assert "copyright-law-2010/art-49" in {citation.passage_id for citation in answer.citations}


def test_comparison_is_a_table_with_every_cell_cited(product: Assistant) -> None:
    answer = product.answer("伴心案和蝴蝶椅案结论为什么不同？").answer
    rows = [line for line in answer.splitlines() if line.startswith("| **")]
    assert [row.split("**")[1] for row in rows] == ["案件事实", "是否构成作品", "侵权与责任", "理由", "裁判结果"]
    assert all("[" in cell or cell.strip() == "来源未涉及" for row in rows for cell in row.strip("| ").split(" | ")[1:])


def test_case_to_be_judged_gets_the_elements_in_order(product: Assistant) -> None:
    answer = product.answer("我把别人的插画喂给AI，生成几乎一样的图拿去卖，算侵权吗？").answer
    rows = [line.split("**")[1] for line in answer.splitlines() if line.startswith("| **")]
    assert rows == ["客体与独创性", "权属", "被诉行为", "接触与实质性相似", "过错与注意义务", "免责", "责任方式"]


def test_several_vague_questions_are_unclear(product: Assistant) -> None:
    for question in ("算不算啊", "那个案子最后判了多少？", "怎么办？？"):
        refusal = product.answer(question).refusal
        assert refusal is not None
        assert refusal.reason == "unclear"
