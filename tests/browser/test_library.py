"""The library as a visitor meets it: narrow the list, open from list, chart and search, on a desktop and on a telephone."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.browser


def rows(page: Any) -> Any:
    return page.locator('.stVerticalBlock[class*="st-key-library-row-"]')


def view(page: Any, name: str) -> None:
    page.locator(".st-key-library-view").get_by_text(name, exact=True).click()


def head(page: Any) -> str:
    found = page.locator(".st-key-source .head")
    found.wait_for()
    return str(found.inner_text())


def test_filter_and_open_from_the_list(page: Any, address: str) -> None:
    page.goto(f"{address}/library")
    rows(page).first.wait_for()
    box = page.get_by_label("标题、案号、文号或简称")
    box.fill("0192民初113号")
    box.press("Enter")
    page.get_by_text("1 份文档", exact=True).wait_for()
    rows(page).get_by_role("button", name="广州奥特曼案").click()
    assert "(2024)粤0192民初113号" in head(page)


def test_search_finds_and_opens(page: Any, address: str) -> None:
    page.goto(f"{address}/library")
    view(page, "检索")
    box = page.get_by_label("在正文里查找")
    box.fill("著作权法第二十四条")
    box.press("Enter")
    page.locator(".st-key-library-hit-1").get_by_role("button").click()
    assert "著作权法" in head(page)
    page.locator(".document mark").first.wait_for()


def test_issue_map_opens_the_passage(page: Any, address: str) -> None:
    page.goto(f"{address}/library")
    view(page, "争议地图")
    page.locator(".st-key-library-side-protected").get_by_role("button", name="AI文生图案", exact=True).click()
    head(page)
    assert page.locator(".document mark").first.inner_text()


def test_click_in_the_timeline_opens_the_document(page: Any, address: str) -> None:
    page.goto(f"{address}/library")
    box = page.get_by_label("标题、案号、文号或简称")
    box.fill("0192民初113号")
    box.press("Enter")
    page.get_by_text("1 份文档", exact=True).wait_for()
    view(page, "时间线")
    page.locator(".st-key-library-timeline .mark-symbol.role-mark path").first.click()
    assert "(2024)粤0192民初113号" in head(page)


def thumbs(page: Any) -> list[str]:
    """First and last month that the timeline says it shows."""
    return [str(page.get_by_role("slider").nth(n).get_attribute("aria-valuetext")) for n in (0, 1)]


def settled(page: Any) -> None:
    page.wait_for_timeout(600)  # the chart tells of a gesture when it has ended
    page.locator('[data-test-script-state="notRunning"]').wait_for()
    page.locator(".st-key-library-timeline .mark-symbol path").first.wait_for()


def test_the_timeline_is_moved_and_enlarged_with_the_mouse(page: Any, address: str) -> None:
    page.set_viewport_size({"width": 1440, "height": 1700})
    page.goto(f"{address}/library")
    view(page, "时间线")
    page.locator(".st-key-library-timeline .mark-symbol path").first.wait_for()
    page.get_by_text("近五年", exact=True).click()
    settled(page)
    before = thumbs(page)
    box = page.locator(".st-key-library-timeline svg.marks").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + 100  # on a bar, which a drag must not open

    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 300, y, steps=10)
    page.mouse.up()
    settled(page)
    earlier = thumbs(page)
    assert (earlier[0] < before[0], earlier[1] < before[1]) == (True, True)
    assert page.locator(".st-key-source").count() == 0

    page.mouse.wheel(0, 50)
    settled(page)
    assert thumbs(page) == earlier  # the wheel alone is the page's
    page.mouse.move(x, box["y"] + 100)
    page.keyboard.down("Control")
    page.mouse.wheel(0, -300)
    page.keyboard.up("Control")
    settled(page)
    closer = thumbs(page)
    assert (closer[0] > earlier[0], closer[1] < earlier[1]) == (True, True)


def test_the_timeline_is_moved_with_the_keyboard_and_still_opens(page: Any, address: str) -> None:
    page.goto(f"{address}/library")
    view(page, "时间线")
    page.locator(".st-key-library-timeline .mark-symbol path").first.wait_for()
    page.get_by_text("近两年", exact=True).click()
    settled(page)
    before = thumbs(page)
    page.get_by_role("slider").first.focus()
    page.keyboard.press("ArrowLeft")
    settled(page)
    page.keyboard.press("ArrowLeft")  # the slider has kept the keyboard
    settled(page)
    after = thumbs(page)
    assert (after[0] < before[0], after[1]) == (True, before[1])
    earlier = page.get_by_role("button", name="更早")
    earlier.focus()
    page.keyboard.press("Enter")
    settled(page)
    assert thumbs(page)[1] < before[1]
    page.locator(".st-key-library-timeline .mark-rect path").first.click()  # a bar as well as a point
    head(page)


def test_nothing_is_wider_than_a_telephone(page: Any, address: str) -> None:
    page.set_viewport_size({"width": 375, "height": 800})
    page.goto(f"{address}/library")
    rows(page).first.wait_for()
    for name in ("目录", "时间线", "争议地图", "检索"):
        view(page, name)
        page.wait_for_timeout(700)
        wide = page.evaluate(
            "(() => { const m = document.querySelector('[data-testid=stMain]'); return m.scrollWidth - m.clientWidth })()"
        )
        assert wide <= 0, name
