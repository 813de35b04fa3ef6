"""What stays on the machine: conversations, complaints, files that are taken along; each visitor sees only what is theirs."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import docx
import frontmatter
import pypdf
import pytest

from rag.export import VISIBLE
from tests.browser.test_chat import DOCKET, ULTRAMAN, answer_of, ask
from ui.keep import Reports, open_database

pytestmark = pytest.mark.browser


def kept_titles(page: Any) -> list[str]:
    if not page.get_by_label("搜索历史对话").is_visible():
        page.get_by_text("历史对话", exact=True).click()
    page.get_by_label("搜索历史对话").wait_for()
    page.wait_for_timeout(500)
    found: list[str] = page.locator('[class*="st-key-reopen-"]').all_inner_texts()
    return found


def test_conversation_is_found_again_renamed_searched_and_deleted(page: Any, address: str) -> None:
    page.goto(address)
    ask(page, ULTRAMAN)
    answer_of(page, 0)
    page.goto(address)  # a new session of the same browser
    page.get_by_text("可以这样问").wait_for()
    assert kept_titles(page) == [ULTRAMAN]
    page.locator('[class*="st-key-reopen-"] button').click()
    assert DOCKET in answer_of(page, 0).inner_text()
    ask(page, "那原告要求删除训练数据，法院支持了吗？")
    assert DOCKET in answer_of(page, 1).inner_text()

    page.locator('[class*="st-key-more-"] button').first.click()
    page.get_by_role("dialog").get_by_label("名称").fill("平台责任")
    page.get_by_role("dialog").get_by_role("button", name="改名").click()
    page.get_by_role("dialog").wait_for(state="detached")
    assert kept_titles(page) == ["平台责任"]
    search = page.get_by_label("搜索历史对话")
    search.fill("没有这样的话")
    search.press("Enter")
    page.get_by_text("没有找到").wait_for()
    search.fill("训练数据")
    search.press("Enter")
    page.get_by_text("没有找到").wait_for(state="detached")
    assert kept_titles(page) == ["平台责任"]
    search.fill("")
    search.press("Enter")

    page.locator('[class*="st-key-more-"] button').first.click()
    page.get_by_role("dialog").get_by_role("button", name="删除").click()
    page.get_by_text("还没有保存的对话").wait_for()


def test_two_visitors_do_not_see_each_other(browser: Any, address: str) -> None:
    first, second = browser.new_context(locale="zh-CN"), browser.new_context(locale="zh-CN")
    one, two = first.new_page(), second.new_page()
    for page in (one, two):
        page.set_default_timeout(60_000)
        page.goto(address)
    ask(one, ULTRAMAN)
    ask(two, "著作权法第二十四条第一款第一项")
    answer_of(one, 0)
    answer_of(two, 0)
    assert kept_titles(one) == [ULTRAMAN]
    assert kept_titles(two) == ["著作权法第二十四条第一款第一项"]
    assert ULTRAMAN not in two.locator("body").inner_text()
    first.close()
    second.close()


@pytest.mark.parametrize("form", ["Markdown", "Word", "PDF"])
def test_exported_file_carries_its_labels(page: Any, address: str, form: str) -> None:
    page.goto(address)
    ask(page, ULTRAMAN)
    answer_of(page, 0)
    page.locator(".st-key-export-0 button").first.click()
    with page.expect_download() as loading:
        page.get_by_role("button", name=f"下载 {form}").click()
    content = Path(loading.value.path()).read_bytes()
    label, text = READ[form](content)
    assert label["Label"] == "1"
    assert VISIBLE in text
    assert DOCKET in text.replace("\n", "")


def _markdown(content: bytes) -> tuple[Any, str]:
    post = frontmatter.loads(content.decode())
    return post["AIGC"], post.content


def _docx(content: bytes) -> tuple[Any, str]:
    document = docx.Document(io.BytesIO(content))
    (custom,) = (part for part in document.part.package.iter_parts() if part.partname.endswith("custom.xml"))
    (stored,) = ElementTree.fromstring(custom.blob)
    return json.loads(stored[0].text or ""), "\n".join(p.text for p in document.paragraphs)


def _pdf(content: bytes) -> tuple[Any, str]:
    reader = pypdf.PdfReader(io.BytesIO(content))
    return json.loads((reader.metadata or {})["/AIGC"]), "".join(p.extract_text() for p in reader.pages)


READ = {"Markdown": _markdown, "Word": _docx, "PDF": _pdf}


def test_complaint_is_kept_with_its_answer_and_its_outcome_is_shown(
    page: Any, address: str, server_folder: Path
) -> None:
    page.goto(address)
    ask(page, ULTRAMAN)
    answer_of(page, 0)
    page.locator(".st-key-report-0 button").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("内容").fill("第[1]句引用不准确")
    dialog.get_by_label("内容").press("Tab")
    dialog.get_by_role("button", name="提交").click()
    dialog.get_by_text("已记下").wait_for()

    reports = Reports(open_database(server_folder / "keep" / "kept.sqlite3"))
    report = next(r for r in reports.all() if r.text == "第[1]句引用不准确")
    assert (report.kind, report.topic) == ("complaint", "回答有误")
    assert report.answer is not None
    assert report.answer["question"] == ULTRAMAN
    assert report.bundle is not None
    reports.handle(report.id, "已核对并更正")
    page.keyboard.press("Escape")
    page.get_by_test_id("stSidebarNav").get_by_text("设置").click()
    page.get_by_text("已处理：已核对并更正").wait_for()


def test_rating_is_kept_with_its_reason(page: Any, address: str, server_folder: Path) -> None:
    page.goto(address)
    ask(page, ULTRAMAN)
    answer_of(page, 0)
    page.locator(".st-key-good-0 button").first.click()
    page.get_by_text("已记下").wait_for()
    page.locator(".st-key-bad-0 button").first.click()
    page.get_by_role("dialog").get_by_label("原因").fill("太长")
    page.get_by_role("dialog").get_by_role("button", name="提交").click()
    page.get_by_role("dialog").wait_for(state="detached")
    votes = [
        (report.vote, report.text)
        for report in Reports(open_database(server_folder / "keep" / "kept.sqlite3")).all(kinds=["feedback"])
    ]
    assert votes == [("down", "太长"), ("up", "")]
