"""Names of sources written with a character that sounds the same or with two in the wrong order: 奥特漫案, 深度合城规定, 奥曼特案."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rag.fold import fold
from rag.mentions import mentions
from rag.names import Names
from rag.types import Warning, values_of

_COMMON = 150
"""A character in more names than this does not lead to one."""
_SHORTEST = 3
_HAN = re.compile(r"[\u4e00-\u9fff]")
_CASE_OR_TITLE = re.compile(r"(?:案|法|条例|规定|办法|解释|意见|标准|草案|论文)$")
# Sounds that speakers of many dialects and users of pinyin keyboards do not tell apart.
_ALIKE = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ang", "an"), ("eng", "en"), ("ing", "in"), ("l", "n"))


@dataclass(frozen=True, slots=True)
class Respelt:
    """What was written, and the name that it is taken for."""

    written: str
    name: str


class Spellings:
    """The names of an index, to be found when one character of them is wrong."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._by_character: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for key in names.present():
            if len(key) >= _SHORTEST and _CASE_OR_TITLE.search(key):
                for position, character in enumerate(key):
                    if _HAN.match(character):
                        self._by_character[character].append((key, position))

    def respelt(self, text: str) -> tuple[str, tuple[Respelt, ...]]:
        """``text`` with misspelt names put right, and what was put right; names that are right, or inside others, stay."""
        folded = fold(text)
        taken = [(mention.start, mention.end) for mention in mentions(folded, self._names, foreign=True)]
        found: list[tuple[int, str]] = []
        for start, name in sorted(self._candidates(folded), key=lambda entry: (-len(entry[1]), entry[0])):
            end = start + len(name)
            if all(end <= a or b <= start for a, b in taken) and _sounds_like(folded[start:end], name):
                taken.append((start, end))
                found.append((start, name))
        changes = tuple(Respelt(folded[start : start + len(name)], name) for start, name in sorted(found))
        for change in changes:
            source = text if change.written in text else folded
            text = source.replace(change.written, change.name)
        return text, changes

    def _candidates(self, folded: str) -> set[tuple[int, str]]:
        """Places where all characters of a name but one or two stand."""
        found: set[tuple[int, str]] = set()
        for at, character in enumerate(folded):
            holders = self._by_character.get(character, ())
            if len(holders) > _COMMON:
                continue
            for name, position in holders:
                start = at - position
                written = folded[start : start + len(name)] if start >= 0 else ""
                if len(written) == len(name) and 0 < _differing(written, name) <= 2:
                    found.add((start, name))
        return found


@lru_cache(maxsize=4)
def spellings(names: Names) -> Spellings:
    """The spellings of ``names``, made once for an index."""
    return Spellings(names)


def _differing(one: str, other: str) -> int:
    return sum(a != b for a, b in zip(one, other, strict=True))


def _sounds_like(written: str, name: str) -> bool:
    """One character another of the same sound, two of them in long names; or two neighbours that have changed places."""
    pairs = [(at, a, b) for at, (a, b) in enumerate(zip(written, name, strict=True)) if a != b]
    if len(pairs) == 2 and sorted(written) == sorted(name) and pairs[1][0] == pairs[0][0] + 1:
        return len(name) > _SHORTEST
    if len(pairs) > (1 if len(name) < 6 else 2):
        return False
    return all(bool(_HAN.match(a)) and bool(_HAN.match(b)) and bool(_sounds(a) & _sounds(b)) for _, a, b in pairs)


@lru_cache(maxsize=2048)
def _sounds(character: str) -> frozenset[str]:
    """The ways to say a character, without tones, those that are easily mixed up being one."""
    os.environ.setdefault(
        "PYPINYIN_NO_PHRASES", "true"
    )  # single characters need no dictionary of phrases, which takes 0.3 s to load
    from pypinyin import Style, pinyin

    return frozenset(map(_one_of_alike, pinyin(character, style=Style.NORMAL, heteronym=True)[0]))


def _one_of_alike(sound: str) -> str:
    for one, other in _ALIKE:
        if sound.startswith(one) and not sound.startswith(other * 2) and len(one) <= 2:
            sound = other + sound.removeprefix(one)
        elif sound.endswith(one):
            sound = sound.removesuffix(one) + other
    return sound


def respelt_warnings(changes: Sequence[Respelt]) -> list[Warning]:
    """That a name was taken for another one, said to the reader."""
    return [
        Warning(
            kind="respelt", message=f"“{change.written}”按“{change.name}”理解。", code="respelt",
            values=values_of(written=change.written, name=change.name),
        )
        for change in changes
    ]  # fmt: skip
