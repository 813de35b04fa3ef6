"""The chat as a visitor meets it: ask, open the source, ask on, be refused, be told why."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from ui.feedback import feedback_file

from tests.browser.conftest import serving
from ui.labels import EXAMPLES

pytestmark = pytest.mark.browser

ULTRAMAN = "广州奥特曼案里，平台为什么要承担赔偿责任？"
DOCKET = "(2024)粤0192民初113号"


def ask(page: Any, question: str) -> None:
    box = page.get_by_test_id("stChatInputTextArea")
    box.fill(question)
    box.press("Enter")


def answer_of(page: Any, turn: int) -> Any:
    """The finished answer of a turn: it has its citations."""
    page.locator(f".st-key-citation-{turn}-1").wait_for()
    return page.locator(f".st-key-turn-{turn}")


def highlighted(page: Any) -> str:
    page.locator(".document mark").first.wait_for()
    return "".join(page.locator(".document mark").all_text_contents())


def is_in_sight(page: Any) -> bool:
    """Whether the highlighted place lies inside the visible part of the source's text."""
    mark = page.locator(".document mark").first.bounding_box()
    text = page.locator(".document").bounding_box()
    return bool(text["y"] <= mark["y"] <= text["y"] + text["height"])


def test_citation_leads_to_its_exact_place(page: Any, address: str) -> None:
    page.goto(address)
    ask(page, ULTRAMAN)
    answer = answer_of(page, 0)
    assert DOCKET in answer.inner_text()
    assert f"按 {dt.date.today()} 施行的法律回答" in answer.inner_text()

    quote = page.locator(".st-key-quote-0-1").inner_text().strip()
    answer.locator('a[href="#cite-0-1"]').first.click()
    assert highlighted(page) == quote
    view = page.locator(".st-key-source")
    assert DOCKET in view.locator(".head").inner_text()
    assert "问法：" not in view.locator(".document").inner_text()
    assert is_in_sight(page)

    view.get_by_role("button", name="关闭").click()
    view.wait_for(state="detached")


def test_newest_question_comes_to_the_top(page: Any, address: str) -> None:
    page.goto(address)
    for turn in range(2):
        ask(page, ULTRAMAN)
        answer_of(page, turn)
        page.wait_for_timeout(1500)  # Streamlit's own scrolling has had its time
        assert 0 <= page.locator(f".st-key-turn-{turn}").bounding_box()["y"] < 200


def test_every_citation_opens_its_own_quote(page: Any, address: str) -> None:
    page.goto(address)
    ask(page, "服务提供者要怎样标识 AI 生成的图片和视频？")
    answer = answer_of(page, 0)
    numbers = [text.strip("[]") for text in page.locator('[class*="st-key-citation-0-"] a').all_inner_texts()]
    assert len(numbers) >= 2
    for n in numbers:
        quote = page.locator(f".st-key-quote-0-{n}").inner_text().strip()
        answer.locator(f'a[href="#cite-0-{n}"]').first.click()
        page.locator(".st-key-source .label", has_text=f"[{n}]").wait_for()
        assert highlighted(page) == quote
        assert is_in_sight(page)


def test_follow_up_refusal_and_unreadable_question(page: Any, address: str) -> None:
    page.goto(address)
    ask(page, ULTRAMAN)
    answer_of(page, 0)
    ask(page, "那原告要求删除训练数据，法院支持了吗？")
    assert DOCKET in answer_of(page, 1).inner_text()

    ask(page, "著作权法第八十八条怎么规定？")
    refusal = page.locator(".st-key-refusal-2")
    refusal.wait_for()
    assert "第八十八条" in refusal.inner_text()
    assert page.locator('[class*="st-key-citation-2-"]').count() == 0

    ask(page, "😀😀😀")
    failure = page.locator(".st-key-failure-3")
    failure.wait_for()
    assert "没有文字" in failure.inner_text()

    page.locator(".st-key-new button").click()
    page.get_by_text("可以这样问").wait_for()
    assert page.locator('[class*="st-key-turn-"]').count() == 0


def test_example_question_is_answered(page: Any, address: str) -> None:
    page.goto(address)
    page.get_by_role("button", name=EXAMPLES[0]).click()
    assert DOCKET in answer_of(page, 0).inner_text()


def test_filter_keeps_other_sources_out(page: Any, address: str) -> None:
    page.goto(address)
    page.get_by_text("可以这样问").wait_for()
    page.get_by_test_id("stSidebar").get_by_role("button", name="论文").click()
    ask(page, "AI 生成物的著作权应当归谁？")
    answer_of(page, 0)
    authorities = {
        badges.split("\n")[0]
        for badges in page.locator('[class*="st-key-citation-0-"] .stMarkdownBadge:first-of-type').all_inner_texts()
    }
    assert authorities == {"论文"}


def test_question_is_shown_as_it_was_typed(page: Any, address: str) -> None:
    typed = "著作权法第八十八条 **粗** $x$ <b>b</b> ![图](http://example.com/a.png) :smile: 怎么规定"
    page.goto(address)
    ask(page, typed)
    page.locator(".st-key-refusal-0").wait_for()
    assert page.locator("[data-testid=stChatMessage] p").first.inner_text() == typed


def test_narrow_window_shows_the_source_over_the_chat(page: Any, address: str) -> None:
    page.set_viewport_size({"width": 480, "height": 850})
    page.goto(address)
    ask(page, ULTRAMAN)
    answer_of(page, 0).locator('a[href="#cite-0-1"]').first.click()
    highlighted(page)
    box = page.locator(".st-key-source").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 480
    assert box["width"] > 400
    assert page.evaluate("document.documentElement.scrollWidth") <= 480
    page.get_by_role("button", name="关闭").click()
    page.locator(".st-key-source").wait_for(state="detached")


def test_complaint_is_stored_where_the_page_says(page: Any, address: str, index: Path) -> None:
    page.goto(address)
    page.get_by_text("投诉与反馈").click()
    page.get_by_role("textbox", name="内容", exact=True).fill("第[1]句引用不准确")
    page.get_by_role("button", name="提交").click()
    page.get_by_text("已记下").wait_for()
    assert str(feedback_file(index)) in page.get_by_test_id("stSidebar").inner_text()
    stored = [json.loads(line) for line in feedback_file(index).read_text(encoding="utf-8").splitlines()]
    assert [(entry["topic"], entry["text"], entry["question"]) for entry in stored] == [
        ("回答有误", "第[1]句引用不准确", None)
    ]


def test_missing_index_is_said_calmly(page: Any, tmp_path: Path) -> None:
    with serving(tmp_path / "none", tmp_path / "log.txt") as address:
        page.goto(address)
        ask(page, ULTRAMAN)
        failure = page.locator(".st-key-failure-0")
        failure.wait_for()
        assert "python -m ingest" in failure.inner_text()
