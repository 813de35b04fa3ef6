"""The chat as a visitor meets it: ask, open the source, ask on, be refused, be told why."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import serving
from ui.examples import examples
from ui.screens.chat import SHOWN

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


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="what a process has loaded is read from /proc")
def test_first_page_waits_for_no_library_of_tables(page: Any, index: Path, tmp_path: Path) -> None:
    with serving(index, tmp_path / "log.txt") as address:
        page.goto(address)
        page.get_by_test_id("stChatInputTextArea").wait_for()
        page.locator(".st-key-new").wait_for()  # the side comes last
        port = address.rpartition(":")[2]
        commands = {path: path.read_bytes().split(b"\0") for path in Path("/proc").glob("[0-9]*/cmdline")}
        (server,) = (path for path, words in commands.items() if b"ui" in words and port.encode() in words)
        loaded = server.with_name("maps").read_text()
        assert "numpy" in loaded  # what is looked for would be seen
        assert "pandas" not in loaded
        assert "pyarrow" not in loaded


def test_newest_question_comes_to_the_top(page: Any, address: str) -> None:
    page.goto(address)
    for turn in range(2):
        ask(page, ULTRAMAN)
        answer_of(page, turn)
        page.wait_for_timeout(1500)  # Streamlit's own scrolling has had its time
        assert 0 <= page.locator(f".st-key-turn-{turn}").bounding_box()["y"] < 200


def test_earlier_turns_of_a_long_dialogue_are_drawn_when_asked_for(page: Any, address: str) -> None:
    page.goto(address)
    for turn in range(SHOWN + 2):
        ask(page, ULTRAMAN)
        answer_of(page, turn)
    page.locator(".st-key-answer-1").wait_for(state="detached")
    assert page.locator('[class*="st-key-answer-"]').count() == SHOWN
    assert 0 <= page.locator(f".st-key-turn-{SHOWN + 1}").bounding_box()["y"] < 200

    page.get_by_role("button", name="显示更早的 2 个问题").click()
    answer_of(page, 0).locator('a[href="#cite-0-1"]').first.click()
    assert highlighted(page)
    assert page.locator('[class*="st-key-answer-"]').count() == SHOWN + 2


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
    page.get_by_text("平台与企业").click()
    page.get_by_role("button", name=examples("platform")[0]).click()
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


def test_missing_index_is_said_calmly(page: Any, tmp_path: Path) -> None:
    with serving(tmp_path / "none", tmp_path / "log.txt") as address:
        page.goto(address)
        ask(page, ULTRAMAN)
        failure = page.locator(".st-key-failure-0")
        failure.wait_for()
        assert "python -m ingest" in failure.inner_text()


def test_conflicts_stand_side_by_side_and_a_comparison_is_a_table(page: Any, address: str) -> None:
    page.goto(address)
    ask(page, "AI 生成的图片是否构成作品，各地法院看法一致吗？")
    sides = answer_of(page, 0).locator("table").last.locator("th").all_inner_texts()
    assert [side.partition("（")[0] for side in sides] == ["构成作品", "不构成作品"]

    ask(page, "广州奥特曼案和杭州奥特曼案的责任认定和判赔有什么不同？")
    heads = answer_of(page, 1).locator("table").first.locator("th").all_inner_texts()
    assert heads[0] == "要素"
    assert DOCKET in heads[1]
    assert "(2024)浙0192民初1587号" in heads[2]
    answer_of(page, 1).locator("td a").first.click()
    highlighted(page)


def test_another_day_gives_the_law_of_that_day(page: Any, address: str) -> None:
    question = "著作权法规定的法定赔偿上限是多少？"
    page.goto(address)
    ask(page, question)
    assert "五百万元" in answer_of(page, 0).inner_text()
    side = page.get_by_test_id("stSidebar")
    side.get_by_text("指定日期").click()
    day = side.get_by_test_id("stDateInput").locator("input")
    day.fill("2019-05-01")
    day.press("Enter")
    page.wait_for_timeout(500)
    ask(page, question)
    earlier = answer_of(page, 1).inner_text()
    assert "按 2019-05-01 施行的法律回答" in earlier
    assert "五十万元" in earlier
    assert "五百万元" not in earlier

    # The day stays where one page leads to another.
    page.get_by_test_id("stSidebarNav").get_by_text("资料库").click()
    page.get_by_role("heading", name="资料库").wait_for()
    page.locator(".st-key-new button").click()
    page.locator(".st-key-welcome").wait_for()
    assert day.input_value() == "2019-05-01"
    ask(page, question)
    assert "按 2019-05-01 施行的法律回答" in answer_of(page, 0).inner_text()


def test_refusal_offers_the_nearest_sources(page: Any, address: str) -> None:
    page.goto(address)
    ask(page, "著作权法第八十八条怎么规定？")
    page.locator(".st-key-refusal-0").wait_for()
    page.locator(".st-key-nearest-0-1 button").click()
    highlighted(page)
    assert "著作权法" in page.locator(".st-key-source .head").inner_text()


def test_question_can_be_rewritten_and_answered_again(page: Any, address: str) -> None:
    page.goto(address)
    ask(page, ULTRAMAN)
    answer_of(page, 0)
    ask(page, "那判赔多少？")
    answer_of(page, 1)
    assert page.locator(".st-key-ask_again-0").count() == 0  # the turn after it rests on it
    page.locator(".st-key-edit-0 button").first.click()
    editor = page.locator(".st-key-editor-0")
    editor.locator("textarea").fill("用 AI 画的图有著作权吗？")
    editor.get_by_role("button", name="重新提问").click()
    page.locator(".st-key-answer-1").wait_for(state="detached")
    assert "用 AI 画的图有著作权吗" in answer_of(page, 0).inner_text()
    before = answer_of(page, 0).inner_text()
    page.locator(".st-key-ask_again-0 button").first.click()
    page.wait_for_timeout(1500)
    assert answer_of(page, 0).inner_text() == before
    assert page.locator(".st-key-turn-1").count() == 0


def test_markup_in_a_question_does_nothing(page: Any, address: str) -> None:
    page.goto(address)
    ask(page, '<img src=x onerror="window.hurt=1"><script>window.hurt=1</script> 著作权法第八十八条怎么规定？')
    page.locator(".st-key-refusal-0").wait_for()
    assert page.evaluate("window.hurt") is None
    assert page.locator(".stMain img").count() == 0


def test_interface_speaks_english_and_remembers_it(page: Any, address: str) -> None:
    page.goto(address)
    page.get_by_text("知道了").click()
    page.get_by_test_id("stSidebarNav").get_by_text("设置").click()
    page.get_by_text("English").click()
    page.get_by_role("heading", name="Settings").wait_for()
    page.wait_for_timeout(500)
    page.goto(address)
    page.get_by_text("You could ask").wait_for()
    assert page.get_by_text("Before you begin").count() == 0  # the notice was read


def test_dark_is_dark_on_every_page(page: Any, address: str) -> None:
    page.goto(f"{address}/settings")
    page.get_by_text("深色").click()
    dark = "rgb(21, 24, 27)"
    colour = "getComputedStyle(document.querySelector('.stApp')).backgroundColor"
    page.wait_for_function(f"{colour} === '{dark}'")
    page.goto(address)
    page.get_by_text("可以这样问").wait_for()
    assert page.evaluate(colour) == dark
