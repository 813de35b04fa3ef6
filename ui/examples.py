"""Questions for a first visit, by who asks."""

from __future__ import annotations

from ui.words import say

ASKERS = ("creator", "platform", "lawyer", "student")


def examples(asker: str) -> list[str]:
    """In the visitor's language."""
    return say(f"examples.{asker}").splitlines()
