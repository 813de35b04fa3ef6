"""What was understood of a visitor's own document, in words."""

from __future__ import annotations

from ingest.own import Report
from ingest.upload import Understood
from ui.told import error_told
from ui.words import say


def facts(document: Understood) -> str:
    """3 页 · 1,204 字 · 12 条 · 可引用的段落 14 个; what there is none of is left out."""
    counted = (
        ("pages", document.pages),
        ("characters", document.characters),
        ("articles", document.articles),
        ("sections", document.sections),
        ("passages", document.passages),
    )
    return " · ".join(say(f"documents.{name}", n=f"{number:,}") for name, number in counted if number)


def refusals(report: Report) -> list[tuple[str, str]]:
    """Name and reason of every file that was not taken."""
    return [
        (refused.path, str(error_told(error))) for refused, error in zip(report.refused, report.errors, strict=True)
    ]
