"""``python -m tests.browser.speed``: how long a reader waits, in a real browser on this machine.

* page: from opening the address to the place where a question can be typed, for the first visitor of a server and for later ones.
* first, whole: from Enter to the first words of the answer, and to the answer with its citations. By the browser's own clock.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import TimeoutError, sync_playwright

from tests.browser.conftest import CHROMIUM, ROOT, serving

QUESTIONS = (
    "广州奥特曼案里，平台为什么要承担赔偿责任？",
    "AI 生成的图片是否构成作品，各地法院看法一致吗？",
    "著作权法第二十四条规定了什么？",
    "AI 换脸视频要贴什么标识？",
)
_INPUT = '[data-testid="stChatInput"] textarea'

_WATCH = """
(turn) => {
  const seen = window.seen = { turn };
  const look = () => {
    if (!seen.first && document.querySelector(`.st-key-turn-${turn} [data-testid="stChatMessageContent"] sup, .st-key-turn-${turn} a[href^="#cite"], .st-key-turn-${turn} em`))
      seen.first = performance.now() - seen.enter;
    if (!seen.whole && document.querySelector(`.st-key-answer-${turn}`) && document.querySelector(`.st-key-citation-${turn}-1`))
      seen.whole = performance.now() - seen.enter;
  };
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true, characterData: true });
  document.addEventListener("keydown", (event) => { if (event.key === "Enter") seen.enter ??= performance.now(); }, true);
}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--servers", type=int, default=3, help="servers started, one after the other")
    arguments = parser.parse_args()
    pages: dict[str, list[float]] = {"started": [], "page, first visitor": [], "page, later": []}
    answers: dict[str, list[float]] = {
        "first words, first question": [],
        "whole, first question": [],
        "first words": [],
        "whole": [],
    }
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        for _ in range(arguments.servers):
            started = time.perf_counter()
            with tempfile.TemporaryDirectory() as folder, serving(ROOT / ".index", Path(folder) / "log.txt") as address:
                pages["started"].append(time.perf_counter() - started)
                for visit in ("first visitor", "later", "later"):
                    browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=flags)
                    page = browser.new_page(viewport={"width": 1440, "height": 900}, locale="zh-CN")
                    pages[f"page, {visit}"].append(_opened(page, address))
                    for turn, question in enumerate(QUESTIONS):
                        first, whole = _asked(page, turn, question)
                        late = ", first question" if turn == 0 and visit == "first visitor" else ""
                        answers[f"first words{late}"].append(first)
                        answers[f"whole{late}"].append(whole)
                    browser.close()
    for name, seconds in {**pages, **answers}.items():
        print(f"{name:32} n={len(seconds):3}  median {statistics.median(seconds):6.3f} s  worst {max(seconds):6.3f} s")


def _opened(page: Any, address: str) -> float:
    began = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.locator(_INPUT).wait_for(timeout=60_000)
    return time.perf_counter() - began


def _asked(page: Any, turn: int, question: str) -> tuple[float, float]:
    page.locator(_INPUT).fill(question)
    page.wait_for_timeout(700)
    page.evaluate(_WATCH, turn)
    page.locator(_INPUT).press("Enter")
    try:
        page.wait_for_function("() => window.seen.whole", timeout=60_000)
    except TimeoutError as error:
        raise RuntimeError(f"no answer to {question!r}; the page says:\n{page.locator('body').inner_text()}") from error
    seen = page.evaluate("() => window.seen")
    page.wait_for_timeout(700)
    return seen["first"] / 1000, seen["whole"] / 1000


if __name__ == "__main__":
    main()
