"""Measures of a ranking against figures computed by hand."""

from __future__ import annotations

import math

import pytest

from evals.measures import retrieval_values
from tests.by_hand import question

LOG3, LOG6, LOG7, LOG11 = (1 / math.log2(rank + 1) for rank in (2, 5, 6, 10))
"""What a relevant document is worth at rank 2, 5, 6 and 10, where it is worth 1 at rank 1."""


@pytest.mark.parametrize(
    ("gold", "found", "expected"),
    [
        pytest.param([["a/art-1"]], ["a/art-1"], (1.0, 1.0, 1.0, 1.0, 1.0), id="first"),
        pytest.param([["a/art-1/p2/i3"]], ["x", "a/art-1"], (0.0, 1.0, 1.0, 0.5, LOG3), id="second-at-article-level"),
        pytest.param([["a/art-1"], ["b/art-2"]], ["x", "b/art-2", "x", "x", "a/art-1"], (0.0, 1.0, 1.0, 0.5, (LOG3 + LOG6) / (1 + LOG3)), id="two-needed"),
        pytest.param([["a/art-1"], ["b/art-2"]], ["a/art-1", *"xxxx", "b/art-2"], (0.5, 0.5, 1.0, 1.0, (1 + LOG7) / (1 + LOG3)), id="second-beyond-five"),
        pytest.param([["a/art-1", "b/art-2"]], ["x", "x", "b/art-2"], (0.0, 1.0, 1.0, 1 / 3, 0.5), id="either-will-do"),
        pytest.param([["a/art-1"]], [*"xxxxxxxxx", "a/art-1"], (0.0, 0.0, 1.0, 0.1, LOG11), id="tenth"),
        pytest.param([["a/art-1"]], [*"xxxxxxxxxx", "a/art-1"], (0.0, 0.0, 0.0, 0.0, 0.0), id="eleventh"),
        pytest.param([["a/art-1/p1"], ["a/art-1/p2"]], ["a/art-1"], (1.0, 1.0, 1.0, 1.0, 1.0), id="one-passage-for-both"),
        pytest.param([["a/art-1"]], [], (0.0, 0.0, 0.0, 0.0, 0.0), id="nothing-found"),
        pytest.param([], ["a/art-1"], (None, None, None, None, None), id="no-gold"),
    ],
)  # fmt: skip
def test_recall_reciprocal_rank_and_ndcg(
    gold: list[list[str]], found: list[str], expected: tuple[float | None, ...]
) -> None:
    names = ("recall@1", "recall@5", "recall@10", "rr@10", "ndcg@10")
    found_values = retrieval_values(question(gold=gold), found)
    assert found_values == pytest.approx(dict(zip(names, expected, strict=True)))
