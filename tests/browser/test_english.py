"""The English interface in a browser: what is neither a source, a title nor the answer's own body is English."""

from __future__ import annotations

import re
from typing import Any

import pytest

pytestmark = pytest.mark.browser

_HAN = re.compile(r"[\u4e00-\u9fff]")
_SHOWN = """() => {
  const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (element && element.getClientRects().length && !["SCRIPT", "STYLE"].includes(element.tagName)
        && !element.closest(LEFT_OUT)) found.push(walker.currentNode.textContent);
  }
  for (const element of document.querySelectorAll("[aria-label], [placeholder]"))
    if (!element.closest(LEFT_OUT)) found.push(element.ariaLabel || element.placeholder || "");
  return found;
}"""


def chinese(page: Any, *left_out: str) -> list[str]:
    """Texts with Chinese in them outside of the places left out."""
    page.locator('[data-test-script-state="notRunning"]').wait_for()
    places = ", ".join((".nothing", *left_out))
    return [text for text in page.evaluate(_SHOWN.replace("LEFT_OUT", repr(places))) if _HAN.search(text)]


def in_english(page: Any, address: str) -> None:
    page.goto(f"{address}/settings")
    page.locator(".st-key-language-choice").get_by_text("English", exact=True).click()
    page.get_by_role("heading", name="Settings").wait_for()
    page.goto(address)
    page.get_by_text("I understand").click()
    page.get_by_text("You could ask").wait_for()


def ask(page: Any, question: str, turn: int) -> None:
    box = page.get_by_test_id("stChatInputTextArea")
    box.fill(question)
    box.press("Enter")
    page.locator(f".st-key-actions-{turn}").wait_for()


def test_welcome_badges_source_and_refusal_are_english(page: Any, address: str) -> None:
    in_english(page, address)
    assert chinese(page) == []

    ask(page, "Who owns the copyright in an AI-generated image in China?", 0)
    badges = page.locator('[class*="st-key-citation-0-"] .stMarkdownBadge').all_inner_texts()
    assert {"law", "judgment", "in force since 2021-06-01", "digest"} <= set(badges)
    assert [badge for badge in badges if _HAN.search(badge)] == []
    page.locator('a[href="#cite-0-2"]').first.click()
    page.locator(".document mark").first.wait_for()
    assert "decided 2023-11-27" in page.locator(".head .badges").inner_text()
    assert _HAN.search(page.locator(".head .badges").inner_text()) is None

    ask(page, "著作权法第二百条规定了什么？", 1)
    refusal = page.locator(".st-key-refusal-1")
    assert "has no 第二百条: the text in force has" in refusal.inner_text()
    ask(page, "???", 2)
    assert page.locator(".st-key-failure-2").inner_text().startswith("There are no words in the question.")
    body = (
        "stChatMessageContent",
        "stExpander",
    )  # questions and answers; the conversation's name is its first question
    assert chinese(page, ".view", *(f'[data-testid="{name}"]' for name in body)) == []


def test_library_is_english_around_its_titles(page: Any, address: str) -> None:
    in_english(page, address)
    page.goto(f"{address}/library")
    page.locator('.stVerticalBlock[class*="st-key-library-row-"]').first.wait_for()
    badges = page.locator('[class*="st-key-library-row-"] .stMarkdownBadge').all_inner_texts()
    assert (len(badges) > 20, [badge for badge in badges if _HAN.search(badge)]) == (True, [])
    page.locator(".st-key-library-view").get_by_text("Disputed issues", exact=True).click()
    page.locator(".st-key-library-issue-chart .mark-symbol path").first.wait_for()
    words = page.locator(".st-key-library-issue-chart svg text").all_text_contents()
    assert "Can AI-generated content be a work?" in words
    assert [word for word in words if _HAN.search(word)] == []
    page.locator(".st-key-library-view").get_by_text("Timeline", exact=True).click()
    page.locator(".st-key-library-timeline .mark-symbol path").first.wait_for()
    lanes = " ".join(
        page.locator(".st-key-library-timeline .role-axis-label").last.locator("tspan").all_text_contents()
    )
    legend = page.locator(".legend").inner_text()
    assert ("judicial interpretation" in lanes, "no longer in force" in legend) == (True, True)
    assert _HAN.search(lanes + legend) is None
