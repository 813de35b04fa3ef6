"""Keys by which a model cites passages: short, random for each request, and read back whatever brackets the model puts them in."""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

_LETTERS, _DIGITS = "bcdfghjkmnpqrstvwxz", "23456789"
OPENING, CLOSING = "([{（【［〔｛", ")]}）】］〕｝"
_SQUARE = "[【［〔"
_SHAPE = re.compile(rf"[{_LETTERS}][{_DIGITS}][{_LETTERS}]{{2}}", re.IGNORECASE)
_GROUP = re.compile(
    rf"(?P<open>[{re.escape(OPENING)}])(?P<inside>[^{re.escape(OPENING + CLOSING)}]{{0,160}})[{re.escape(CLOSING)}]"
)
_PREFIX = r"(?:来源|出处|依据|引用|资料|参见|参考|见|段落|sources?|see|refs?|keys?|passages?|citations?)"
_PREFIXED = re.compile(rf"\s*{_PREFIX}\s*[:：]?\s*", re.IGNORECASE)
_SEPARATOR = re.compile(r"[、，,;；/|&+\s和与及]+")
_NAKED = re.compile(
    rf"(?:(?:根据|依据|按照|参见|见|如)?\s*{_PREFIX}\s*[:：]?\s*)?(?<![0-9A-Za-z])(?P<key>[0-9A-Za-z]{{2,8}})(?![0-9A-Za-z])",
    re.IGNORECASE,
)
_WORD = re.compile(r"[0-9A-Za-z]{1,8}")
"""What can only be a misspelt key, beside a true one in the same brackets."""
_TAKEN = "\ue000"
"""Stands where a citation stood until its sentence is read to the end."""
_AROUND = re.compile(rf"[ \t]*{_TAKEN}(?:[、，,;；\s]*{_TAKEN})*")


@dataclass(frozen=True, slots=True)
class Resolved:
    """A sentence without its citations; ``keys`` are those that exist, in the order in which they were read, ``unknown`` what looks like a key and is none."""

    text: str
    keys: tuple[str, ...]
    unknown: tuple[str, ...]


def new_keys(count: int) -> tuple[str, ...]:
    """Distinct keys that nobody can guess who wrote a passage or a question."""
    found: dict[str, None] = {}
    while len(found) < count:
        found[_key()] = None
    return tuple(found)


def _key() -> str:
    return "".join(secrets.choice(among) for among in (_LETTERS, _DIGITS, _LETTERS, _LETTERS))


class KeyRing:
    """The keys of one request."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = {key.lower(): key for key in keys}

    def resolve(self, raw: str) -> Resolved:
        """Take every citation out of a sentence. Groups are read from the innermost outwards, keys as whole words: one may begin another."""
        text, found = raw.replace(_TAKEN, ""), _Found()
        while True:
            changed = _GROUP.sub(lambda match: self._taken(match, found), text)
            if changed == text:
                break
            text = changed
        text = _NAKED.sub(lambda match: self._naked(match, found), text)
        return Resolved(_tidied(text), tuple(found.known), tuple(found.unknown))

    def is_citation(self, group: str) -> bool:
        """Whether a whole bracketed group, or a bare word, cites and says nothing."""
        found = self.resolve(group)
        return bool(found.keys or found.unknown) and not found.text

    def _taken(self, match: re.Match[str], found: _Found) -> str:
        inside = unicodedata.normalize("NFKC", match["inside"])
        prefix = _PREFIXED.match(inside)
        rest = inside[prefix.end() :] if prefix else inside
        words = [word.lstrip("^#@") for word in _SEPARATOR.split(rest.replace(_TAKEN, f" {_TAKEN} ")) if word]
        numbered = bool(prefix) or match["open"] in _SQUARE
        among_keys = any(word.lower() in self._keys for word in words)
        if not words or not all(
            self._is_key(word, numbered) or (among_keys and _WORD.fullmatch(word)) for word in words
        ):
            return match[0]
        return found.take([word for word in words if word != _TAKEN], self._keys)

    def _naked(self, match: re.Match[str], found: _Found) -> str:
        word = match["key"].lower()
        if word in self._keys or _SHAPE.fullmatch(word):
            return found.take([word], self._keys)
        return match[0]

    def _is_key(self, word: str, numbered: bool) -> bool:
        """A key, what has the shape of one, or in square brackets a number or a small word: models number sources of their own accord."""
        if word == _TAKEN or word.lower() in self._keys or _SHAPE.fullmatch(word):
            return True
        return numbered and re.fullmatch(r"\d{1,3}|[a-zA-Z]\d{1,3}|[a-z][a-z0-9]{1,7}", word) is not None


class _Found:
    """The keys read so far."""

    def __init__(self) -> None:
        self.known: dict[str, None] = {}
        self.unknown: list[str] = []

    def take(self, words: Sequence[str], keys: dict[str, str]) -> str:
        for word in words:
            if word.lower() in keys:
                self.known[keys[word.lower()]] = None
            else:
                self.unknown.append(word)
        return _TAKEN


def _tidied(text: str) -> str:
    """Without the marks, and without the brackets and commas that only held citations."""
    text = _AROUND.sub("", text)
    text = re.sub(rf"[{re.escape(OPENING)}][\s0-9A-Za-z、，,]{{0,20}}$", "", text)  # cut off inside a citation
    text = re.sub(r"^\s*[，,、；;]\s*", "", text)
    return re.sub(r"\s+(?=[，。；：、！？,.;:!?])", "", text).strip()
