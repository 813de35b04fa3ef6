"""Short questions in a dialogue: what asks on is answered from what was spoken of, what has nothing to do with it is refused."""

from __future__ import annotations

import pytest

from rag.pipeline import Assistant

FIRST = "广州奥特曼案里，平台为什么要承担赔偿责任？"

# Written after the bounds of rag/digression.py were set.
ELSEWHERE = [
    "多谢", "晚上吃什么", "明天会下雨吗", "你几岁了", "唱首歌", "iPhone多少钱", "孩子发烧怎么办", "怎么学吉他", "国足赢了吗", "地铁几点停",
    "遗产怎么分", "驾照扣分",
]  # fmt: skip
ASKING_ON = [
    "赔偿多少钱", "原告要多少", "被告怎么说", "有上诉吗", "怎么认定的", "依据是哪条", "过错在哪", "什么法院判的", "是哪个法院", "案号是什么",
    "谁起诉的", "停止侵权了吗", "训练数据删了吗", "为什么这么少", "显著标识要吗", "改编权也算吗", "投诉机制呢", "换成音频呢，要标吗",
    "罚多少", "几审",
]  # fmt: skip


@pytest.fixture(scope="module")
def said(assistant: Assistant) -> list[tuple[str, str]]:
    return [(FIRST, assistant.answer(FIRST).answer)]


@pytest.mark.parametrize("question", ELSEWHERE)
def test_what_has_nothing_to_do_with_the_dialogue_is_refused(
    assistant: Assistant, said: list[tuple[str, str]], question: str
) -> None:
    answer = assistant.answer(question, history=said)
    assert answer.refused, answer.answer


@pytest.mark.parametrize("question", ASKING_ON)
def test_what_asks_on_is_answered_from_what_was_spoken_of(
    assistant: Assistant, said: list[tuple[str, str]], question: str
) -> None:
    answer = assistant.answer(question, history=said)
    assert not answer.refused
    assert "guangzhou-ultraman-2024" in {citation.document_id for citation in answer.citations}
