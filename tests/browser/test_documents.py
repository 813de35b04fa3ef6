"""A visitor's own documents in a browser: handed in, asked, opened, deleted; what they contain is text and never runs."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.conftest import offline_page

pytestmark = pytest.mark.browser

CONTRACT = """# 海报设计合同

第一条 乙方用人工智能工具为甲方设计海报十张。

第二条 报酬为人民币三万七千元，交付后十日内付清。

第三条 海报的著作权归甲方所有。
"""
HOSTILE = """# 敌意<script>window.ran = 1</script>

第一条 违约金为 <img src=x onerror="window.ran = 1"> 八千八百元，逾期一日加收百分之一。

第二条 说明见 ![图](http://example.com/a.png) 和 <script>window.ran = 1</script> 以及 [链接](javascript:window.ran=1)。
"""
PAY = "海报设计合同里报酬是多少？"


def hand_in(page: Any, *files: dict[str, Any]) -> None:
    box = page.locator('[data-testid="stFileUploaderDropzoneInput"]')
    box.wait_for(state="attached", timeout=60_000)  # the first visitor of a server waits for what it loads
    box.set_input_files(list(files))


def markdown(name: str, text: str) -> dict[str, Any]:
    return {"name": name, "mimeType": "text/markdown", "buffer": text.encode()}


def ask(page: Any, question: str) -> None:
    box = page.get_by_test_id("stChatInputTextArea")
    box.fill(question)
    box.press("Enter")


def to_chat(page: Any) -> None:
    page.locator(".st-key-own-go button").click()
    page.get_by_test_id("stChatInputTextArea").wait_for()


def choose(page: Any, words: str) -> None:
    page.locator(".st-key-own-scope").get_by_text(words, exact=True).click()
    page.locator('[data-test-script-state="notRunning"]').wait_for()


def test_handed_in_asked_opened_and_deleted(page: Any, address: str) -> None:
    page.goto(f"{address}/documents")
    hand_in(page, markdown("合同.md", CONTRACT))
    card = page.locator(".st-key-own-document-0")
    card.wait_for()
    assert "海报设计合同" in card.inner_text()
    assert "3 条" in card.inner_text()
    assert "真实性和效力没有核对" in card.inner_text()

    choose(page, "只问我的文档")
    to_chat(page)
    ask(page, PAY)
    page.locator(".st-key-citation-0-1").wait_for()
    answer = page.locator(".st-key-turn-0").inner_text()
    assert "三万七千元" in answer
    assert "自有文档" in page.locator(".st-key-citation-0-1").inner_text()

    page.locator('a[href="#cite-0-1"]').first.click()
    page.locator(".document mark").first.wait_for()
    assert "三万七千元" in page.locator(".document mark").first.inner_text()
    assert "真实性和效力没有核对" in page.locator(".head .meaning").inner_text()

    page.get_by_test_id("stSidebarNav").get_by_text("我的文档").click()
    page.locator(".st-key-own-delete-all button").click()
    page.get_by_text("已删除").wait_for()
    assert page.locator(".st-key-own-document-0").count() == 0
    page.get_by_test_id("stSidebarNav").get_by_text("问答").click()
    ask(page, PAY)
    page.locator(".st-key-turn-1 [class*='st-key-refusal'], .st-key-citation-1-1").first.wait_for()
    assert "三万七千元" not in page.locator(".st-key-turn-1").inner_text()
    # The answer that quotes it was not kept either, and its source is gone.
    page.locator('a[href="#cite-0-1"]').first.click()
    page.locator(".document", has_text="已经删除").wait_for()


def test_asked_together_with_the_corpus(page: Any, address: str) -> None:
    page.goto(f"{address}/documents")
    hand_in(page, markdown("合同.md", CONTRACT))
    page.locator(".st-key-own-document-0").wait_for()
    to_chat(page)
    ask(page, PAY)
    page.locator(".st-key-citation-0-1").wait_for()
    assert "三万七千元" in page.locator(".st-key-turn-0").inner_text()
    ask(page, "著作权法第三条规定了什么？")
    page.locator(".st-key-citation-1-1").wait_for()
    assert "《著作权法》第三条" in page.locator(".st-key-citation-1-1").inner_text()


def test_the_scope_is_chosen_where_the_question_is_asked(page: Any, address: str) -> None:
    page.set_viewport_size({"width": 375, "height": 800})
    page.goto(address)
    page.get_by_test_id("stChatInputTextArea").wait_for()
    assert page.locator(".st-key-own-scope").count() == 0
    page.goto(f"{address}/documents")
    hand_in(page, markdown("合同.md", CONTRACT))
    page.locator(".st-key-own-document-0").wait_for()
    to_chat(page)
    choose(page, "只问我的文档")
    ask(page, PAY)
    page.locator(".st-key-citation-0-1").wait_for()
    assert "只问我的文档" in page.locator(".st-key-turn-0").inner_text()
    choose(page, "只用资料库")
    ask(page, PAY)
    page.locator(".st-key-turn-1 [class*='st-key-refusal'], .st-key-citation-1-1").first.wait_for()
    assert "三万七千元" not in page.locator(".st-key-turn-1").inner_text()
    choice, field = (
        page.locator(place).bounding_box() for place in (".st-key-own-scope", '[data-testid="stChatInput"]')
    )
    assert choice["x"] + choice["width"] <= 375
    assert choice["y"] + choice["height"] <= field["y"]


def test_a_broken_file_is_refused_kindly_and_the_others_are_taken(page: Any, address: str) -> None:
    page.goto(f"{address}/documents")
    broken = {"name": "坏的.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 broken"}
    hand_in(page, broken, markdown("合同.md", CONTRACT))
    refusal = page.locator(".st-key-refusal-own-0")
    refusal.wait_for()
    assert "坏的.pdf" in refusal.inner_text()
    assert "Traceback" not in refusal.inner_text()
    page.locator(".st-key-own-document-0").wait_for()
    assert page.locator("[class*='st-key-own-document-']").count() == 1


def test_nothing_in_a_document_runs_or_loads(page: Any, address: str) -> None:
    page.goto(f"{address}/documents")
    hand_in(page, markdown("敌意<img src=x onerror=window.ran=1>.md", HOSTILE))
    page.locator(".st-key-own-document-0").wait_for()
    page.locator(".st-key-own-open-0 button").click()
    document = page.locator(".document", has_text="八千八百元")
    document.wait_for()
    assert '<img src=x onerror="window.ran = 1">' in document.inner_text()
    assert "![图](http://example.com/a.png)" in document.inner_text()
    choose(page, "只问我的文档")
    to_chat(page)
    ask(page, "违约金是多少？")
    page.locator(".st-key-citation-0-1").wait_for()
    ask(page, "说明见哪里？")
    page.locator(".st-key-turn-1 [class*='st-key-refusal'], .st-key-citation-1-1").first.wait_for()
    page.wait_for_timeout(500)
    assert page.evaluate("window.ran") is None
    assert page.locator("img[src='x'], img[src*='example.com'], a[href^='javascript']").count() == 0


def test_two_visitors_do_not_see_each_others_documents(browser: Any, page: Any, address: str) -> None:
    page.goto(f"{address}/documents")
    hand_in(page, markdown("合同.md", CONTRACT))
    page.locator(".st-key-own-document-0").wait_for()
    with offline_page(browser) as other:
        other.goto(f"{address}/documents")
        other.get_by_text("还没有文档").wait_for()
        assert "海报设计合同" not in other.locator("body").inner_text()


def test_fits_a_narrow_window(page: Any, address: str) -> None:
    page.set_viewport_size({"width": 375, "height": 800})
    page.goto(f"{address}/documents")
    hand_in(page, markdown("一个名字很长很长很长很长很长很长很长很长很长很长很长很长的合同文件.md", CONTRACT))
    page.locator(".st-key-own-document-0").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    page.locator(".st-key-own-open-0 button").click()
    page.locator(".document", has_text="三万七千元").wait_for()
    box = page.locator(".st-key-source").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 375
    page.get_by_role("button", name="关闭").click()
    page.locator(".st-key-source").wait_for(state="detached")
