"""The source view in a browser: copy, jump, follow what is related, come back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.conftest import offline_page

pytestmark = pytest.mark.browser

ULTRAMAN = "广州奥特曼案里，平台为什么要承担赔偿责任？"
CITED = "广州互联网法院(2024)粤0192民初113号民事判决书，“法院认为”部分"


@pytest.fixture
def view(browser: Any, address: str) -> Iterator[Any]:
    """A page with the source of an answer's first citation; it may use the clipboard."""
    with offline_page(browser, permissions=["clipboard-read", "clipboard-write"]) as page:
        page.set_default_timeout(60_000)  # the first visitor of a server waits for what it loads
        page.goto(address)
        box = page.get_by_test_id("stChatInputTextArea")
        box.fill(ULTRAMAN)
        box.press("Enter")
        page.locator(".st-key-citation-0-1").wait_for()
        page.locator('a[href="#cite-0-1"]').first.click()
        page.locator(".document mark").first.wait_for()
        yield page


def clipboard(page: Any) -> str:
    page.locator(".copied").wait_for()
    return str(page.evaluate("navigator.clipboard.readText()"))


def in_sight(page: Any, selector: str) -> bool:
    """Whether the first such element begins inside the visible part of the document."""
    one, text = page.locator(selector).first.bounding_box(), page.locator(".document").bounding_box()
    return bool(text["y"] - 1 <= one["y"] <= text["y"] + text["height"])


def title(page: Any) -> str:
    return str(page.locator(".head .title").inner_text())


def test_the_head_says_what_the_source_is(view: Any) -> None:
    badges = view.locator(".head .badge").all_inner_texts()
    assert badges == ["判决", "2024-02-08 判决", "摘要", "是否生效未查明"]
    assert "不是官方原文" in view.locator(".head .meaning").inner_text()


def test_copied_citation_is_on_the_clipboard(view: Any) -> None:
    view.locator(".copy").click()
    assert clipboard(view) == CITED
    assert view.locator(".copied").inner_text() == f"已复制：{CITED}"
    quote = "".join(view.locator(".document mark").all_text_contents())
    view.locator(".copy-quote").click()
    view.wait_for_function("e => e.textContent.includes('：“')", arg=view.locator(".copied").element_handle())
    assert clipboard(view) == f"{CITED}：“{quote}”（据本项目摘要，非官方原文）"


def test_without_a_clipboard_copying_still_works(view: Any) -> None:
    view.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    view.evaluate("document.addEventListener('copy', () => { window.copiedText = document.activeElement.value; })")
    view.locator(".copy").click()
    view.locator(".copied").wait_for()
    assert view.evaluate("window.copiedText") == CITED
    assert view.locator(".copied").inner_text().startswith("已复制：")


def test_jump_to_another_section_by_keyboard_costs_no_run(view: Any) -> None:
    contents = view.locator(".contents")
    assert contents.locator("option:checked").inner_text() == "法院认为"
    view.locator('[data-test-script-state="notRunning"]').wait_for()  # the run that opened the view has ended
    view.evaluate(
        "window.runs = 0; new MutationObserver(() => window.runs++).observe(document.body, "
        "{subtree: true, attributes: true, attributeFilter: ['data-test-script-state']})"
    )
    contents.focus()
    view.keyboard.press("ArrowDown")
    view.locator(".document .here", has_text="裁判结果").wait_for()
    assert in_sight(view, ".document .here")
    assert contents.locator("option:checked").inner_text() == "裁判结果"
    view.locator(".copy").click()
    assert clipboard(view) == CITED.replace("法院认为", "裁判结果")
    view.locator(".previous").click()
    assert contents.locator("option:checked").inner_text() == "法院认为"
    assert view.evaluate("window.runs") == 0


def test_from_a_judgment_to_an_article_and_back(view: Any) -> None:
    judgment = title(view)
    view.locator(".related summary").click()
    view.locator(".links button", has_text="《生成式人工智能服务管理暂行办法》第四条").click()
    view.locator(".head .title", has_text="生成式人工智能服务管理暂行办法").wait_for()
    view.locator(".document .here", has_text="第四条").wait_for()
    assert in_sight(view, ".document .here")
    assert view.locator(".head a", has_text="官方页面").get_attribute("href").startswith("https://")

    # The article knows the judgment that applies it, and a second link leads one step further.
    view.locator(".related summary").click()
    view.locator(".links button", has_text="广州奥特曼案").click()
    view.locator(".head .title", has_text=judgment).wait_for()
    view.locator(".back").click()
    view.locator(".head .title", has_text="生成式人工智能服务管理暂行办法").wait_for()
    view.locator(".back").click()
    view.locator(".head .label", has_text="[1]").wait_for()
    assert title(view) == judgment
    assert in_sight(view, ".document mark")
    assert not view.locator(".back").is_visible()


def test_escape_closes_the_view(view: Any) -> None:
    view.locator(".document").focus()
    view.keyboard.press("Escape")
    view.locator(".st-key-source").wait_for(state="detached")
