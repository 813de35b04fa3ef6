"""A claim and its sources, cut into sentences and clauses, each with the terms and token vectors it is compared by."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from rag.embed import StaticEmbedder, Vectors
from rag.english import chinese_terms, is_english
from rag.lexical import terms
from rag.text import normalise

SENTENCE = re.compile(r"(?<=[。！？!?；;\n])|(?<=\.)\s+(?=[a-zA-Z])")
"""Between two sentences."""
_CLAUSE = re.compile(r"[，,。；;！!？?\n：:]+")
_MARKER = re.compile(r"\[\d+\]")
_THOUSANDS = re.compile(r"(?<=\d)[,，](?=\d{3}(?!\d))")
MAX_SENTENCES = 12
"""Sentences of the sources that a claim is compared with in depth: those that share most with it."""
# Ways of writing that mean the same in law; what follows compares the right-hand forms.
_SAME: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), standard)
    for pattern, standard in (
        (r"无须|无需|不必|不需要|不用(?!作|于|户)|毋须|毋需", "无须"),
        (r"不可以|不能够|不许|不准|禁止|严禁|不允许|不应当?(?=[^有])", "不得"),
        (r"有权利?|允许|准许|能够", "可以"),
        (r"必须|务必|有义务|有责任(?=[^的])|应该|需要(?!的)|理应", "应当"),
        (r"没有(?=(?:经|取得|获得|得到|尽到|履行|侵|构成|违反))|并未|尚未|从未|未曾|未能", "未"),
        (r"并不|并非是?|不再", "不"),
        (r"版权", "著作权"),
        (r"人工智能", "ai"),
    )
)


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause in canonical wording, with its bigrams."""

    text: str
    bigrams: frozenset[str]


@dataclass(frozen=True)
class Statement:
    """A sentence in canonical wording."""

    text: str

    @cached_property
    def clauses(self) -> tuple[Clause, ...]:
        pieces = (piece.strip() for piece in _CLAUSE.split(self.text))
        found = tuple(Clause(piece, bigrams(piece)) for piece in pieces if len(piece) > 1)
        return found or (Clause(self.text, bigrams(self.text)),)

    @cached_property
    def bigrams(self) -> frozenset[str]:
        return bigrams(self.text)

    @cached_property
    def tokens(self) -> tuple[Vectors, Vectors]:
        """Unit vectors of the distinct tokens, shape ``(tokens, dimension)``, and what each weighs, shape ``(tokens,)``."""
        return token_vectors(self.text)


def canonical(text: str) -> str:
    """NFKC, lower case, without citation markers and thousands separators; legal synonyms in one form."""
    text = _THOUSANDS.sub("", normalise(_MARKER.sub("", text)))
    for pattern, standard in _SAME:
        text = pattern.sub(standard, text)
    return text.strip()


@lru_cache(maxsize=2048)
def claim_statement(claim: str) -> Statement:
    """The claim as one statement; one in English is compared by its Chinese terms as well."""
    text = canonical(claim)
    if is_english(text):
        text = f"{text} {chinese_terms(text)}"
    return Statement(text)


def statements(sources: Sequence[str]) -> list[Statement]:
    """The sentences of all sources."""
    return [statement for source in sources for statement in _statements(source)]


@lru_cache(maxsize=2048)
def _statements(source: str) -> tuple[Statement, ...]:
    pieces = (piece.strip() for piece in SENTENCE.split(canonical(source)))
    return tuple(Statement(piece) for piece in pieces if len(piece) > 1)


def bigrams(text: str) -> frozenset[str]:
    return frozenset(term for term in terms(text) if len(term) > 1)


@lru_cache(maxsize=8192)
def token_vectors(text: str) -> tuple[Vectors, Vectors]:
    return embedder().token_vectors(text)


@lru_cache(maxsize=1)
def embedder() -> StaticEmbedder:
    """The built-in token vectors, whatever embedder the search uses: the model was trained with them."""
    return StaticEmbedder()


def aligned(claim: tuple[Vectors, Vectors], source: tuple[Vectors, Vectors]) -> Vectors:
    """For every token of the claim the cosine of the nearest token of the source; shape ``(tokens,)``, zeros without a source."""
    if not len(claim[0]) or not len(source[0]):
        return np.zeros(len(claim[0]), dtype=np.float32)
    best: Vectors = (claim[0] @ source[0].T).max(axis=1)
    return best
