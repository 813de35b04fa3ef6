"""A question, a source, a citation and an answer made by hand, for measures whose figures are computed by hand."""

from __future__ import annotations

import datetime as dt

from evals.questions import Question
from rag.types import Answer, Citation, Claim, Document, DocumentMeta, Fingerprints, Kind, Timings

PRINTS = Fingerprints(corpus="c", index="i", settings="s")
TEXT = "第一条 甲。\n\n乙：\n（一）丙；\n\n第二条 丁。\n"
LAW = Document(meta=DocumentMeta(id="law", title="某法", kind=Kind.LAW), text=TEXT)


def question(**fields: object) -> Question:
    return Question(**{"id": "q", "category": "c", "question": "问"} | fields)  # type: ignore[arg-type]


def citation(quote: str, n: int = 1, **fields: object) -> Citation:
    """A citation of ``LAW`` at the place of ``quote``, with everything that a case does not say left empty."""
    start = TEXT.find(quote)
    values: dict[str, object] = {
        "n": n, "passage_id": "law/art-1", "document_id": "law", "title": "某法", "kind": Kind.LAW, "jurisdiction": "CN",
        "number": None, "article": "第一条", "paragraph": None, "item": None, "section": None, "quote": quote,
        "start": start, "end": start + len(quote), "in_force": True, "effective": None, "repealed": None,
        "text_status": "digest", "evidence": "verified", "url": None, "label": "某法",
    }  # fmt: skip
    return Citation(**values | fields)  # type: ignore[arg-type]


def answer(text: str, *citations: Citation, claims: tuple[Claim, ...] = ()) -> Answer:
    return Answer(
        question="问", as_of=dt.date(2026, 11, 22), answer=text, citations=citations, claims=claims,
        timings_ms=Timings(total=12.5), fingerprints=PRINTS,
    )  # fmt: skip
