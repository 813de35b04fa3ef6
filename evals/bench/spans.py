"""Which articles a chunk of a document retrieves, by character spans."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evals.bench.corpora import Article

SHARE = 0.5


def articles_of_chunk(start: int, end: int, articles: Sequence[Article]) -> list[str]:
    """Ids of the articles that the chunk ``[start, end)`` counts for, in document order; ``articles`` are sorted by span.

    A chunk counts for an article when it holds at least half of the article's text, or when the article makes up at least half of the
    chunk: without the second rule an article longer than two chunks could never be found.
    """
    found = []
    for article in articles[max(0, bisect_left(articles, start, key=lambda article: article.end)) :]:
        if article.start >= end:
            break
        shared = min(end, article.end) - max(start, article.start)
        if shared > 0 and shared >= SHARE * min(article.end - article.start, end - start):
            found.append(article.id)
    return found


def first_appearances(groups: Iterable[Sequence[str]], k: int) -> list[str]:
    """The first ``k`` distinct articles of ranked chunks, each where it first appears."""
    return list(dict.fromkeys(identifier for group in groups for identifier in group))[:k]
