"""Asked by its number, is an article found? A question of the evaluator's own for every gold article, so that n is not that of the questions that
happen to name one."""

from __future__ import annotations

import re

from evals.pinpoints import article_level
from evals.questions import Question
from rag.numerals import to_chinese
from rag.pipeline import Assistant

_ARTICLE = re.compile(r"/art-(?P<main>\d+)(?:-(?P<sub>\d+))?$")


def lookup_values(question: Question, assistant: Assistant) -> dict[str, float | None]:
    """``named_article_found``: 1 where 《title》第N条, for the first gold article, comes back first; None for gold that is no article."""
    gold = next((article_level(alternatives[0]) for alternatives in question.gold), "")
    place, document = _ARTICLE.search(gold), assistant.document(gold.split("/")[0]) if gold else None
    if place is None or document is None:
        return {"named_article_found": None}
    sub = f"之{to_chinese(int(place['sub']))}" if place["sub"] else ""
    asked = f"《{document.meta.title}》第{to_chinese(int(place['main']))}条{sub}怎么规定的"
    found = assistant.search(asked, k=1, as_of=document.meta.effective if document.meta.repealed else None).hits
    return {"named_article_found": float(bool(found) and found[0].passage_id.split("~")[0] == gold)}
