"""Places: from a citation to its pinpoint, and whether that meets the gold."""

from __future__ import annotations

import pytest

from evals.pinpoints import article_level, meets, meets_article, of_citation
from tests.by_hand import citation


@pytest.mark.parametrize(
    ("pinpoint", "level"),
    [
        ("law/art-24/p1/i5", "law/art-24"),
        ("law/art-24/p1", "law/art-24"),
        ("law/art-133-1/p2", "law/art-133-1"),
        ("law/art-24", "law/art-24"),
        ("case/court-view", "case/court-view"),
        ("paper/s-2.1/p-1", "paper/s-2.1/p-1"),
        ("paper/p1", "paper/p1"),
    ],
)
def test_article_level_cuts_paragraph_and_item_only(pinpoint: str, level: str) -> None:
    assert article_level(pinpoint) == level


@pytest.mark.parametrize(
    ("fields", "pinpoint"),
    [
        pytest.param({"article": "第二十四条", "paragraph": "第一款", "item": "第（五）项"}, "law/art-24/p1/i5", id="item"),
        pytest.param({"article": "第十条", "paragraph": "第十二款"}, "law/art-10/p12", id="paragraph"),
        pytest.param({"article": "第三条"}, "law/art-3/p1", id="single-paragraph-is-the-first"),
        pytest.param({"article": "第三条", "item": "第（十二）项"}, "law/art-3/p1/i12", id="item-of-a-single-paragraph"),
        pytest.param({"article": "第一百三十三条之一", "paragraph": "第二款"}, "law/art-133-1/p2", id="inserted-article"),
        pytest.param({"article": "第二条", "item": "第（c）项"}, "law/art-2/p1/i3", id="european-letter"),
        pytest.param({"article": "第二条", "item": "第（60）项"}, "law/art-2/p1/i60", id="european-number"),
        pytest.param({"article": "第二条", "item": "第（ba）项"}, "law/art-2/p1", id="label-without-number"),
        pytest.param({"article": None, "passage_id": "case/court-view"}, "case/court-view", id="section-of-a-judgment"),
    ],
)  # fmt: skip
def test_citation_becomes_its_pinpoint(fields: dict[str, object], pinpoint: str) -> None:
    assert of_citation(citation("甲。").model_copy(update=fields)) == pinpoint


@pytest.mark.parametrize(
    ("found", "gold", "exact", "article"),
    [
        ("law/art-24/p1/i5", "law/art-24/p1/i5", True, True),
        ("law/art-24/p1/i5", "law/art-24/p1", True, True),
        ("law/art-24/p1/i5", "law/art-24", True, True),
        ("law/art-24/p1", "law/art-24/p1/i5", False, True),
        ("law/art-24/p1/i15", "law/art-24/p1/i1", False, True),
        ("law/art-2/p1", "law/art-24/p1", False, False),
        ("law/art-24", "law/art-2", False, False),
        ("paper/s-2.1/p-1", "paper/s-2.1", True, True),
        ("paper/s-2.1/p-1", "paper/s-2", False, False),
        ("case/court-view", "case/disposition", False, False),
    ],
)
def test_a_place_meets_the_gold_it_is_or_lies_in(found: str, gold: str, exact: bool, article: bool) -> None:
    assert (meets(found, gold), meets_article(found, gold)) == (exact, article)
