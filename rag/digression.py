"""Short questions in a dialogue that have nothing to do with it: 谢谢, 今天天气怎么样, 感冒吃什么药. Any other short question asks on.

The bounds were set on some seventy short questions of either kind, written for it.
"""

from __future__ import annotations

import re

from rag.index import Index
from rag.lexical import query_terms
from rag.scope import leaning
from rag.text import normalise
from rag.understand import History

_ASKS_ON = re.compile(r"呢[，,。]|^(?:换成|换作|改成|改为|要是|如果|假如|同样|再|又|也|还)|[审判诉赔罚案]")

_RARE, _COMMON = (10, 0.0075), (60, 0.045)
"""Passages with a word, and their share of all: a word is rare up to both, and common from either."""
_ASIDE, _FAR_ASIDE = 0.2, 0.1
"""``leaning`` below which a question without a word of the corpus, or with one that is not common, is none of ours."""


def is_digression(text: str, history: History, index: Index) -> bool:
    """``text``: what was asked, without what was said before; whoever takes up a word of that asks on."""
    words = [term for term in query_terms(text) if len(term) > 1]
    said = normalise(" ".join(part for turn in history for part in turn))
    if not words or _ASKS_ON.search(text) or any(word in said for word in words):
        return False  # no word at all in 罚多少, 为什么
    leans, found = leaning(text, index.embedder), index.lexical.commonest(text)
    share = found / max(index.manifest.passages, 1)
    if found <= _RARE[0] and share <= _RARE[1]:
        return leans < _ASIDE
    is_common = found >= _COMMON[0] or share >= _COMMON[1]
    return leans < _FAR_ASIDE and not is_common and index.lexical.known_share(text) < 1
