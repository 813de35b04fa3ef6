"""BM25 by fields over Chinese character uni- and bigrams and Latin words: search that needs no word segmentation."""

from __future__ import annotations

import json
import re
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rag.text import normalise

LEXICAL_VERSION = "3"
"""Part of the index fingerprint: raise it when the same text would give other terms."""

K1 = 1.2

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


@dataclass(frozen=True, slots=True)
class Field:
    """How much a field counts, and how far its length is held against a term in it (BM25's b)."""

    weight: float
    b: float


FIELDS = {
    "title": Field(1.0, 0.4),
    "headings": Field(1.0, 0.4),
    "text": Field(1.0, 0.75),
    "questions": Field(1.0, 0.75),
}
"""Chosen on our own tuning questions; equal weights were as good as any."""


class LexicalIndex:
    """A BM25 index, memory-mapped; scores come in the order in which passages were added.

    The finished weight of every (term, passage) pair is stored by term, so that a query is a sum of columns.
    """

    def __init__(self, folder: Path) -> None:
        self._weights, self._passages, self._starts, self._highest = (
            np.asarray(np.load(folder / f"{name}.npy", mmap_mode="r"))
            for name in ("weights", "passages", "starts", "highest")
        )
        self._vocabulary: dict[str, int] = json.loads((folder / "vocabulary.json").read_text("utf-8"))
        facts = json.loads((folder / "facts.json").read_text("utf-8"))
        self._count, self._rare = int(facts["passages"]), float(facts["rare"])

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

    def commonest(self, query: str) -> int:
        """In how many passages that bigram or word of the query stands which stands in most; 0 where none occurs anywhere."""
        known = [self._vocabulary[term] for term in query_terms(query) if len(term) > 1 and term in self._vocabulary]
        return max((int(self._starts[term + 1] - self._starts[term]) for term in known), default=0)

    def _known(self, query: str) -> list[int]:
        return sorted(self._vocabulary[term] for term in query_terms(query) if term in self._vocabulary)


def build_lexical(passages: Sequence[Mapping[str, str]], folder: Path) -> None:
    """Index passages, each by its fields (those of ``FIELDS``), in their order, and write the index to ``folder``.

    BM25F (Robertson, Zaragoza & Taylor, 2004): a term's frequency is the sum over fields of its count there, weighted and normalised by
    the field's length, saturated once; idf is Lucene's.
    """
    folder.mkdir(exist_ok=True)
    vocabulary: dict[str, int] = {}
    counted = [_field(name, [passage[name] for passage in passages], vocabulary) for name in FIELDS]
    keys, frequencies = (np.concatenate(parts) for parts in zip(*counted, strict=True))
    del counted  # the largest of all that is in memory here, as are those below
    order = np.argsort(keys, kind="stable")
    keys, frequencies = keys[order], frequencies[order]
    del order
    first = np.flatnonzero(np.diff(keys, prepend=-1))
    tf = np.add.reduceat(frequencies, first) if len(first) else frequencies
    terms_of, passages_of = np.divmod(keys[first], max(len(passages), 1))
    del keys, frequencies
    documents = np.bincount(terms_of, minlength=len(vocabulary))
    idf = np.log1p((len(passages) - documents + 0.5) / (documents + 0.5))
    weights = (idf[terms_of] * tf / (K1 + tf)).astype(np.float32)
    starts = np.concatenate([[0], np.cumsum(documents)])
    highest = np.maximum.reduceat(weights, starts[:-1]) if len(weights) else weights
    arrays = {"weights": weights, "passages": passages_of.astype(np.int32), "starts": starts, "highest": highest}
    for name, values in arrays.items():
        np.save(folder / f"{name}.npy", values)
    (folder / "vocabulary.json").write_text(json.dumps(vocabulary, ensure_ascii=False), "utf-8")
    facts = {"passages": len(passages), "rare": float(np.median(highest)) if len(highest) else 1.0}
    (folder / "facts.json").write_text(json.dumps(facts), "utf-8")


def _field(
    name: str, texts: Sequence[str], vocabulary: dict[str, int]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """(term · passages + passage, weighted count) of every term of every passage in one field; new terms join the vocabulary."""
    ids = [array("i", (vocabulary.setdefault(t, len(vocabulary)) for t in terms.__wrapped__(text))) for text in texts]
    lengths = np.asarray([len(found) for found in ids], dtype=np.float64)
    filled = lengths > 0
    average = lengths[filled].mean() if filled.any() else 1.0
    field = FIELDS[name]
    norms = field.weight / (1 - field.b + field.b * lengths / average)
    keys, frequencies = [np.empty(0, np.int64)], [np.empty(0, np.float32)]
    for number, found in enumerate(ids):
        distinct, counts = np.unique(np.frombuffer(found, dtype=np.int32), return_counts=True)
        keys.append(distinct.astype(np.int64) * len(texts) + number)
        frequencies.append((counts * norms[number]).astype(np.float32))
    return np.concatenate(keys), np.concatenate(frequencies)
