"""Text in traditional characters as the sources would write it: simplified characters, and the mainland's words for those of Taiwan, Hong Kong and
Macau.

著作權 → 著作权        智慧財產、網路平台 → 知识产权、网络平台        點樣投訴 → 怎么投诉

For comparing only: questions are shown and kept, and sources quoted, as they were written; but a name that nobody has is refused in simplified characters.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from rag.data import word_list

Span = tuple[int, int]

_TITLE = re.compile(r"《[^》]*》")
_AROUND = re.compile(r"\(\?<?![^)]*\)")
"""What may not stand before or behind a word of the list."""


def in_simplified(text: str) -> str:
    """One simplified character for every traditional one; everything else as it is, at the same place."""
    return text.translate(characters())


def simplify(text: str, names: Sequence[Span] = ()) -> str:
    """``text`` in simplified characters and, where it has traditional ones, in the mainland's words.

    A text without a single traditional character stays as it is: 影片 is a film to whoever writes 电影. ``names`` are spans of ``text`` whose words are
    names and stay; so do those of titles in 《》.
    """
    if not _traditional().search(text):  # ten times as fast as to translate; every text that is indexed comes by
        return text
    pattern, meant = _words()
    kept = [*names, *(title.span() for title in _TITLE.finditer(text))]

    def word(match: re.Match[str]) -> str:
        in_name = any(match.start() < end and start < match.end() for start, end in kept)
        return match[0] if in_name else meant[match[0]]

    return in_simplified(pattern.sub(word, text))


@lru_cache(maxsize=1)
def characters() -> dict[int, str]:
    """Traditional characters, and the simplified one that each stands for, as ``str.translate`` takes them."""
    return {ord(pair[0]): pair[1] for line in word_list("traditional") for pair in line.split()}


@lru_cache(maxsize=1)
def _traditional() -> re.Pattern[str]:
    return re.compile(f"[{''.join(map(chr, characters()))}]")


@lru_cache(maxsize=1)
def _words() -> tuple[re.Pattern[str], dict[str, str]]:
    meant: dict[str, str] = {}
    patterns: dict[str, str] = {}
    for line in word_list("words_in_traditional"):
        words, _, standard = line.rpartition("=")
        for entry in words.split():
            word = _AROUND.sub("", entry)
            meant[word], patterns[word] = standard.strip(), entry
    return re.compile("|".join(patterns[word] for word in sorted(meant, key=len, reverse=True))), meant
