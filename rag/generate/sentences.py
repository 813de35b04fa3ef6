"""A model's text as it arrives, cut into finished sentences: each with the citations that follow its full stop."""

from __future__ import annotations

import re

from rag.generate.keys import CLOSING, OPENING, KeyRing

_ENDS, _CLOSERS, _QUOTES = "。！？!?", "”’」』", {"“": "”", "「": "」", "『": "』"}
_LONGEST_GROUP, _LONGEST_SENTENCE = 200, 800
"""Characters between two brackets, and of a sentence, at most: a text without full stops is cut all the same."""
_ABBREVIATION = re.compile(
    r"(?:^\s*\d+|\b(?:art|arts|no|nos|v|vs|para|inc|ltd|co|corp|e\.g|i\.e|u\.s|cf|sec))$", re.IGNORECASE
)
_WORD = re.compile(r"[0-9A-Za-z]+")


class SentenceReader:
    """Feed it pieces of a text, however they are cut; it gives back each sentence once, as soon as it is known to be finished."""

    def __init__(self, ring: KeyRing) -> None:
        self._ring, self._text = ring, ""

    def feed(self, piece: str) -> list[str]:
        self._text += piece
        return self._take(final=False)

    def cited(self) -> list[str]:
        """For a pause in the stream: a sentence that has its full stop and a citation needs no more."""
        end = self._end(final=True)
        if end == len(self._text) and self._ring.resolve(self._text).keys and self._is_closed():
            return self._take(final=True)
        return []

    def rest(self) -> list[str]:
        """What is left at the end of the stream."""
        found = self._take(final=True)
        left, self._text = self._text, ""
        return [*found, left] if left.strip() else found

    def _take(self, *, final: bool) -> list[str]:
        found = []
        while (end := self._end(final=final)) is not None:
            sentence, self._text = self._text[:end], self._text[end:]
            if sentence.strip():
                found.append(sentence)
        return found

    def _is_closed(self) -> bool:
        last = self._text.rstrip()[-1:]
        return bool(last) and last in _ENDS + CLOSING

    def _end(self, *, final: bool) -> int | None:
        """Where the first sentence ends; None while more text could still belong to it."""
        text, at, until = self._text, 0, ""
        while at < len(text):
            character = text[at]
            if character == "\n" and text[:at].strip():
                return at + 1
            if character in OPENING:
                close = _close(text, at)
                if close is None and len(text) - at < _LONGEST_GROUP and "\n" not in text[at:]:
                    return None
                at = close or at + 1
                continue
            if character in _QUOTES and not until:
                until = _QUOTES[character]
            elif character == until:
                until = ""
            ends = not until and (character in _ENDS or self._ends_here(at, final))
            # 。” closes a quote and with it the sentence.
            if ends or (until and character in _ENDS and text[at + 1 : at + 2] == until):
                return self._after(at + 1, final)
            at += 1
        return _LONGEST_SENTENCE if len(text) > _LONGEST_SENTENCE else None

    def _ends_here(self, at: int, final: bool) -> bool:
        """A semicolon behind a citation; a Latin full stop before a space."""
        text = self._text
        if text[at] in "；;":
            return bool(self._ring.resolve(text[:at]).keys)
        following = text[at + 1 : at + 2]
        blank = following.isspace() or following in OPENING or (final and not following)
        return text[at] == "." and blank and bool(text[:at].strip()) and not _ABBREVIATION.search(text[:at])

    def _after(self, at: int, final: bool) -> int | None:
        """The end of the citations that follow a full stop."""
        text, cited = self._text, False
        while at < len(text) and text[at] in _CLOSERS + _ENDS:
            at += 1
        while True:
            following = at
            while following < len(text) and text[following] in " \t":
                following += 1
            if following == len(text):
                return following if final else None
            if cited and text[following] in _ENDS:  # “……。”[key]。
                at = following + 1
                continue
            if text[following] in OPENING:
                close = _close(text, following)
                if close is None and not final and len(text) - following < _LONGEST_GROUP:
                    return None
                if close is None or not self._ring.is_citation(text[following:close]):
                    return at
                at, cited = close, True
                continue
            word = _WORD.match(text, following)
            if word and word.end() == len(text) and len(word[0]) < 9 and not final:
                return None
            if not word or not self._ring.is_citation(word[0]):
                return at
            at, cited = word.end(), True


def _close(text: str, at: int) -> int | None:
    """The end of the group that opens at ``at``; brackets of all sorts close each other."""
    depth = 0
    for position in range(at, min(len(text), at + _LONGEST_GROUP)):
        depth += (text[position] in OPENING) - (text[position] in CLOSING)
        if depth == 0:
            return position + 1
    return None
