"""English questions on Chinese sources: the Chinese legal terms that an English question stands for."""

from __future__ import annotations

import re
from functools import lru_cache

from rag.data import word_list

_LATIN = re.compile(r"[A-Za-z]")
_HAN = re.compile(r"[\u4e00-\u9fff]")


def is_english(text: str) -> bool:
    """Whether a text is written in English, names in Chinese aside."""
    latin, han = len(_LATIN.findall(text)), len(_HAN.findall(text))
    return latin >= 8 and latin > 4 * han


def chinese_terms(text: str) -> str:
    """The Chinese terms of all mapped phrases of ``text``, longest phrase first at each place; plurals count as singular."""
    pattern, terms = _map()
    found: dict[str, None] = {}
    for match in pattern.finditer(text.lower()):
        found.update(dict.fromkeys(terms[match[1]]))
    return " ".join(found)


@lru_cache(maxsize=1)
def _map() -> tuple[re.Pattern[str], dict[str, tuple[str, ...]]]:
    terms: dict[str, tuple[str, ...]] = {}
    for line in word_list("english_terms"):
        phrase, _, chinese = line.partition("=")
        terms[phrase.strip()] = tuple(chinese.split())
    alternatives = "|".join(sorted((re.escape(phrase) for phrase in terms), key=len, reverse=True))
    return re.compile(rf"(?<![a-z])({alternatives})(?:e?s)?(?![a-z])"), terms
