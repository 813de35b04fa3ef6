"""BM25 over Chinese character uni- and bigrams and Latin words: search that needs no word segmentation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import bm25s
import numpy as np
import numpy.typing as npt

from rag.embed import normalise

LEXICAL_VERSION = "1"
"""Part of the index fingerprint: raise it when the same text would give other terms."""

K1, B = 1.2, 0.75

_RUN = re.compile(r"[\u3400-\u9fff]+|[a-z]+|\d+(?:\.\d+)?")
# Function characters: alone they match everything and say nothing.
_STOP = frozenset("的了是在和与或及等之于以而其为也都就还吗呢吧啊我你他她它们这那个么什怎样哪谁")


@lru_cache(maxsize=4096)
def terms(text: str) -> tuple[str, ...]:
    """``"奥特曼案 113"`` → 奥, 特, 曼, 案, 奥特, 特曼, 曼案, 113."""
    found: list[str] = []
    for run in _RUN.findall(normalise(text)):
        if run[0] < "\u3400":
            found.append(run)
            continue
        found.extend(character for character in run if character not in _STOP)
        found.extend(run[i : i + 2] for i in range(len(run) - 1))
    return tuple(found)


class LexicalIndex:
    """A persisted BM25 index, memory-mapped on opening; scores come in the order in which passages were added."""

    def __init__(self, folder: Path) -> None:
        self._bm25 = bm25s.BM25.load(folder, mmap=True, load_corpus=False, load_vocab=True)
        self._vocabulary: dict[str, int] = self._bm25.vocab_dict

    def scores(self, query: str) -> npt.NDArray[np.float32]:
        """BM25 score of every passage, shape ``(passages,)``."""
        known = sorted({self._vocabulary[term] for term in terms(query) if term in self._vocabulary})
        if not known:
            return np.zeros(int(self._bm25.scores["num_docs"]), dtype=np.float32)
        scores: npt.NDArray[np.float32] = self._bm25.get_scores_from_ids(known)
        return scores


    def ceiling(self, query: str) -> float:
        """The score of a passage that had every known term of ``query`` at its highest weight."""
        known = {self._vocabulary[term] for term in terms(query) if term in self._vocabulary}
        indptr, data = self._bm25.scores["indptr"], self._bm25.scores["data"]
        return float(sum(data[indptr[i] : indptr[i + 1]].max(initial=0.0) for i in known))


def build_lexical(texts: Sequence[str], folder: Path) -> None:
    vocabulary: dict[str, int] = {}
    ids = [[vocabulary.setdefault(term, len(vocabulary)) for term in terms.__wrapped__(text)] for text in texts]
    vocabulary.setdefault("", len(vocabulary))
    bm25 = bm25s.BM25(k1=K1, b=B, method="lucene")
    bm25.index((ids, vocabulary), show_progress=False)
    bm25.save(folder, show_progress=False)
