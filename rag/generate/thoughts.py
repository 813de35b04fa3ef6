"""Reasoning models of open servers write their thoughts before the answer, between <think> and </think>: no part of it."""

from __future__ import annotations

_OPEN, _CLOSE = "<think>", "</think>"


class WithoutThoughts:
    """Feed it pieces of a reply; it gives back what is answer."""

    def __init__(self) -> None:
        self._held, self._thinking, self._begun = "", False, False

    def feed(self, piece: str) -> str:
        if self._begun:
            return piece
        self._held += piece
        if not self._thinking:
            start = self._held.lstrip()
            if start.startswith(_OPEN):
                self._thinking = True
            elif _OPEN.startswith(start):
                return ""
            else:
                return self._release(self._held)
        if _CLOSE in self._held:
            return self._release(self._held.partition(_CLOSE)[2])
        return ""

    def _release(self, text: str) -> str:
        self._begun, self._held = True, ""
        return text.lstrip() if self._thinking else text
