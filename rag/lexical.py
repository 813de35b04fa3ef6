"""BM25 over Chinese character uni- and bigrams and Latin words: search that needs no word segmentation."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rag.text import normalise

LEXICAL_VERSION = "1"
"""Part of the index fingerprint: raise it when the same text would give other terms."""

K1, B = 1.2, 0.75

_RUN = re.compile(r"[\u3400-\u9fff]+|[a-z]+|\d+(?:\.\d+)?")
# Function characters: alone they match everything and say nothing.
_STOP = frozenset("的了是在和与或及等之于以而其为也都就还吗呢吧啊我你他她它们这那个么什怎样哪谁")
# What a question says to be a question; taken out of queries, kept in passages.
_ASKING = re.compile(
    r"请问|想问|一下|什么时候|什么样|什么|怎么办|怎么样|怎么|怎样|如何|多少|能不能|可不可以|可以吗|是不是|有没有|会不会|要不要|算不算|行不行|该不该|为什么|为啥|"
    r"哪些|哪个|哪条|哪种|哪里|是否|能否|吗|呢|吧|啊|呀|嘛|咋|我们|你们|他们|她们|人家|别人|自己|这个|那个|这种|这样|那样|一个|有人|没有|不是|就是|还是|但是|如果|因为|所以"
)
_ENGLISH_STOP = frozenset(
    [
        "a",
        "an",
        "the",
        "of",
        "to",
        "in",
        "on",
        "at",
        "for",
        "from",
        "by",
        "with",
        "as",
        "and",
        "or",
        "not",
        "is",
        "are",
        "was",
        "were",
        "be",
        "been",
        "do",
        "does",
        "did",
        "can",
        "could",
        "may",
        "might",
        "must",
        "shall",
        "should",
        "will",
        "would",
        "i",
        "you",
        "he",
        "she",
        "it",
        "we",
        "they",
        "my",
        "your",
        "his",
        "her",
        "its",
        "our",
        "their",
        "this",
        "that",
        "these",
        "those",
        "what",
        "which",
        "who",
        "whom",
        "whose",
        "when",
        "where",
        "why",
        "how",
        "if",
        "then",
        "than",
        "there",
        "here",
        "have",
        "has",
        "had",
        "me",
        "him",
        "them",
        "us",
        "any",
        "some",
        "no",
        "so",
        "under",
        "about",
        "into",
        "over",
    ]
)


@lru_cache(maxsize=4096)
def query_terms(text: str) -> tuple[str, ...]:
    """The distinct terms of a question, without the words that merely make it one."""
    folded = normalise(text)
    content = _ASKING.sub(" ", folded)
    return tuple(dict.fromkeys(term for term in terms(content) or terms(folded) if term not in _ENGLISH_STOP))


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
    """A BM25 index written by bm25s, memory-mapped; scores come in the order in which passages were added.

    bm25s stores the finished weight of every (term, passage) pair by term, so that a query is a sum of columns: done here with numpy,
    as importing bm25s (and scipy with it) costs more than most questions.
    """

    def __init__(self, folder: Path) -> None:
        self._weights, self._passages, self._starts = (
            np.load(folder / f"{name}.csc.index.npy", mmap_mode="r") for name in ("data", "indices", "indptr")
        )
        self._vocabulary: dict[str, int] = json.loads((folder / "vocab.index.json").read_text("utf-8"))
        self._count: int = json.loads((folder / "params.index.json").read_text("utf-8"))["num_docs"]

    def scores(self, query: str) -> npt.NDArray[np.float32]:
        """BM25 score of every passage, shape ``(passages,)``."""
        scores = np.zeros(self._count, dtype=np.float32)
        for term in self._known(query):
            column = slice(self._starts[term], self._starts[term + 1])
            scores[self._passages[column]] += self._weights[column]
        return scores

    def ceiling(self, query: str) -> float:
        """The score of a passage that had every term of ``query`` at its highest weight; unknown terms weigh as rare ones."""
        known = self._known(query)
        unknown = len(query_terms(query)) - len(known)
        return float(sum(self._highest[i] for i in known)) + unknown * self._rare

    def known_share(self, query: str) -> float:
        """Share of the query's bigrams and words that occur anywhere in the index; 0…1."""
        wanted = [term for term in query_terms(query) if len(term) > 1]
        return sum(term in self._vocabulary for term in wanted) / len(wanted) if wanted else 0.0

    def _known(self, query: str) -> list[int]:
        return sorted(self._vocabulary[term] for term in query_terms(query) if term in self._vocabulary)

    @cached_property
    def _highest(self) -> npt.NDArray[np.float32]:
        """The highest weight of each term in any passage."""
        starts = np.asarray(self._starts)
        filled = starts[:-1] < starts[1:]
        highest = np.zeros(len(starts) - 1, dtype=np.float32)
        highest[filled] = np.maximum.reduceat(np.asarray(self._weights), starts[:-1][filled])
        return highest

    @cached_property
    def _rare(self) -> float:
        return float(np.median(self._highest[self._highest > 0])) if self._highest.any() else 1.0


def build_lexical(texts: Sequence[str], folder: Path) -> None:
    """Index ``texts`` in their order and write the index to ``folder``."""
    import bm25s

    vocabulary: dict[str, int] = {}
    ids = [[vocabulary.setdefault(term, len(vocabulary)) for term in terms.__wrapped__(text)] for text in texts]
    vocabulary.setdefault("", len(vocabulary))
    bm25 = bm25s.BM25(k1=K1, b=B, method="lucene")
    bm25.index((ids, vocabulary), show_progress=False)
    bm25.save(folder, show_progress=False)
