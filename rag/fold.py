"""The one form in which names and references are compared, whatever form people type them in.

《著作權法》 第２４條 → 著作权法第24条        Li vs. Liu → li v. liu
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from rag.simplify import characters

_WITHOUT_QUOTES = dict.fromkeys(map(ord, "《》〈〉「」『』«»“”‘’\"'`"))
_BLANK_BY_HAN = re.compile(r"^\s+|\s+$|(?<=[\u3000-\u9fff])\s+|\s+(?=[\u3000-\u9fff])|(?<=\s)\s+")
_ACCENTED = re.compile(r"[\u00c0-\u024f]")
_THOUSANDS = re.compile(r"(?<=第\d),(?=\d{3}条)")
_VERSUS = re.compile(r"(?<=\S) (?:vs?|versus)\.? (?=\S)")


def spelled(text: str) -> str:
    """``text`` in one spelling: NFKC, lower case, simplified characters, one kind of dash, no accents; every sign kept."""
    text = unicodedata.normalize("NFKC", text).lower().translate(_one_spelling())
    text = _THOUSANDS.sub("", text)
    text = _ACCENTED.sub(lambda match: unicodedata.normalize("NFD", match[0])[0], text)
    return _VERSUS.sub(" v. ", text)


def fold(text: str) -> str:
    """``text`` in one spelling, without title brackets, quotation marks, and spaces next to Chinese characters."""
    return _BLANK_BY_HAN.sub("", spelled(text).translate(_WITHOUT_QUOTES))


def kept(spelling: str) -> list[int]:
    """Positions of the characters of ``spelled`` text that ``fold`` keeps, rising."""
    positions = [position for position, character in enumerate(spelling) if ord(character) not in _WITHOUT_QUOTES]
    bare = "".join(spelling[position] for position in positions)
    blanks = {at for match in _BLANK_BY_HAN.finditer(bare) for at in range(*match.span())}
    return [position for at, position in enumerate(positions) if at not in blanks] if blanks else positions


@lru_cache(maxsize=1)
def _one_spelling() -> dict[int, str]:
    table = dict.fromkeys("‐‑‒–—―−─", "-") | dict.fromkeys("〜∼", "~") | dict.fromkeys("○◯Ｏ", "〇")
    return characters() | str.maketrans(table)
