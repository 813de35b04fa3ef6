"""``python -m tests.browser.screenshots``: the pictures of ``docs/``, taken of the real pages in a real browser."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests.browser.conftest import CHROMIUM, ROOT, serving
from tests.browser.test_chat import answer_of, ask, highlighted

DOCS = ROOT / "docs"
_DISPUTED = "AI 生成的图片是否构成作品，各地法院看法一致吗？"
_COMPARED = "广州奥特曼案和杭州奥特曼案的责任认定和判赔有什么不同？"
_WIDE, _NARROW = {"width": 1440, "height": 900}, {"width": 375, "height": 800}


def main() -> None:
    DOCS.mkdir(exist_ok=True)
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(ROOT / ".index", Path(folder) / "log.txt") as address,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=arguments)
        for scheme in ("light", "dark"):
            _chat(browser, address, scheme)
        _mobile(browser, address)
        _pages(browser, address)
        browser.close()


def _open(browser: Any, scheme: str = "light", size: dict[str, int] = _WIDE) -> Any:
    page = browser.new_page(viewport=size, locale="zh-CN", color_scheme=scheme)
    page.set_default_timeout(60_000)
    return page


def _shoot(page: Any, name: str) -> None:
    page.mouse.move(5, 5)
    page.wait_for_timeout(1500)
    page.screenshot(path=DOCS / f"{name}.png")


def _to_top(page: Any, selector: str) -> None:
    """Scroll so that the picture shows this and what is below."""
    page.locator(selector).evaluate("element => { element.style.scrollMarginTop = '5rem'; element.scrollIntoView(); }")


def _chat(browser: Any, address: str, scheme: str) -> None:
    page = _open(browser, scheme)
    page.goto(address)
    page.get_by_text("知道了").click()
    ask(page, _DISPUTED)
    answer_of(page, 0).locator('a[href="#cite-0-2"]').first.click()
    highlighted(page)
    _shoot(page, f"chat-{scheme}")
    page.locator(".st-key-answer-0 table").last.scroll_into_view_if_needed()
    _shoot(page, f"conflict-{scheme}")
    page.close()


def _mobile(browser: Any, address: str) -> None:
    page = _open(browser, size=_NARROW)
    page.goto(address)
    page.get_by_text("知道了").click()
    ask(page, _COMPARED)
    answer_of(page, 0)
    _shoot(page, "mobile")
    answer_of(page, 0).locator('a[href="#cite-0-1"]').first.click()
    highlighted(page)
    _shoot(page, "mobile-source")
    page.close()


def _pages(browser: Any, address: str) -> None:
    page = _open(browser)
    page.goto(f"{address}/library")
    page.get_by_text("时间线", exact=True).first.click()
    page.locator(".mark-symbol path").first.wait_for()
    _to_top(page, ".st-key-library-steps")
    _shoot(page, "library-timeline")
    page.get_by_text("争议地图", exact=True).first.click()
    page.locator(".st-key-library-issue-chart .mark-symbol path").first.wait_for()
    _to_top(page, ".st-key-library-issue-chart")
    _shoot(page, "library-issues")
    page.goto(f"{address}/evaluation")
    page.locator(".mark-symbol path").first.wait_for()
    page.wait_for_timeout(2000)
    _shoot(page, "evaluation")
    page.close()


if __name__ == "__main__":
    os.environ.pop("AIGC_LAW_KEEP", None)
    main()
