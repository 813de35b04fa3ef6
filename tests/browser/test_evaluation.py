"""The evaluation page in a real browser: charts, a filter, a failed question that is read and asked, a narrow window."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.browser


def open_page(page: Any, address: str) -> Any:
    page.goto(f"{address}/evaluation")
    page.locator(".st-key-failing-filter").wait_for()
    return page.locator('[class*="st-key-failed-"]')


def choose_category(page: Any, name: str) -> None:
    """A list that is opened while charts above it still find their height is closed again by that: it is opened until it stays."""
    option = page.get_by_role("option", name=name)
    for _ in range(10):
        page.locator(".st-key-failing-category").get_by_role("combobox").click()
        page.wait_for_timeout(700)
        if option.count():
            option.click()
            return
        page.keyboard.press("Escape")
    raise AssertionError(f"the list of categories does not stay open, or lacks {name}")


def test_figures_charts_and_a_failed_question(page: Any, address: str) -> None:
    failed = open_page(page, address)
    assert page.locator(".tiles > li").count() >= 7
    page.locator('[data-testid="stVegaLiteChart"] canvas, [data-testid="stVegaLiteChart"] svg').first.wait_for()
    page.locator(".st-key-failing-more").wait_for()  # the first lot is there as a whole
    before = failed.count()

    choose_category(page, "查法条")
    page.wait_for_function(f"document.querySelectorAll('[class*=\"st-key-failed-\"]').length < {before}")
    failed.first.locator("summary").click()
    body = failed.first.locator('[data-testid="stExpanderDetails"]')
    body.get_by_text("问题出在").wait_for()
    assert "查法条" in body.inner_text()
    assert "第" in body.inner_text()

    question = failed.first.locator("summary").inner_text()
    body.get_by_role("button", name="问一问").click()
    turn = page.locator(".st-key-turn-0")
    turn.wait_for()
    assert question.strip()[-8:] in turn.inner_text()


def test_nothing_is_wider_than_a_narrow_window(page: Any, address: str) -> None:
    page.set_viewport_size({"width": 375, "height": 800})
    open_page(page, address)
    page.wait_for_timeout(1500)
    assert page.evaluate("document.querySelector('.stMain').scrollWidth") <= 375
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
