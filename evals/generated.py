"""Pages that are generated from results, and whether they still are what the results say."""

from __future__ import annotations

from pathlib import Path

from rag.errors import InvalidInput

REPORT = "运行：python -m evals report"


def check_page(page: Path, text: str, results: str) -> None:
    """``text``: what the file ``results`` makes of the page.

    Raises:
        InvalidInput: the page is missing or says something else.
    """
    if not page.exists() or page.read_text("utf-8") != text:
        raise stale(page.name, results)


def stale(name: str, results: str) -> InvalidInput:
    """Of a page or figure that is not what the file ``results`` says."""
    return InvalidInput(f"{name} 与 {results} 不一致。", next_step=REPORT)
