"""Chinese and Arabic numerals as they number articles, paragraphs and items."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

CHINESE_DIGITS = "〇零一二三四五六七八九十廿卅百千两"
NUMERAL = rf"(?:[{CHINESE_DIGITS}]+|\d+)"
"""A numeral in either writing, as a regular expression for folded text."""

_TOO_LONG = 10**16
_VALID_CHINESE = re.compile(rf"[{CHINESE_DIGITS}万亿]+")


@lru_cache(maxsize=4096)
def to_int(numeral: str) -> int | None:
    """``"二十四"``, ``"24"`` or ``"２４"`` → 24; None when it is not a number."""
    numeral = unicodedata.normalize("NFKC", numeral).strip()
    if numeral.isdecimal():
        return int(numeral)
    if not _VALID_CHINESE.fullmatch(numeral):
        return None
    for written, standard in (("〇", "零"), ("两", "二"), ("廿", "二十"), ("卅", "三十")):
        numeral = numeral.replace(written, standard)
    import cn2an  # reads its tables on import, which takes longer than most answers

    try:
        return int(cn2an.cn2an(numeral, "smart"))
    except (ValueError, KeyError):  # cn2an stumbles over some mixtures of digits and units
        return None


@lru_cache(maxsize=4096)
def to_chinese(number: int) -> str:
    """24 → ``"二十四"``, 110 → ``"一百一十"``: the form used in statutes. Numbers of 17 figures and more stay as they are."""
    import cn2an

    return str(cn2an.an2cn(number, "low")) if number < _TOO_LONG else str(number)


def item_to_int(label: str) -> int | None:
    """Number of an item: 五, 5 or e → 5; None for labels that only order, as (14a) or (ba)."""
    if len(label) == 1 and label.isascii() and label.isalpha():
        return ord(label.lower()) - ord("a") + 1
    return to_int(label)


def article_number(article: str | None) -> int:
    """``第二十四条`` and ``第二十四条之一`` → 24; 0 for what is no article."""
    return to_int((article or "").removeprefix("第").partition("条")[0]) or 0
