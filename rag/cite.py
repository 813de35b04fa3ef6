"""Citations: labels as lawyers write them, numbers, and quotes with their exact place."""

from __future__ import annotations

import datetime as dt

from rag.pinpoint import paragraph_label
from rag.types import Citation, DocumentMeta, Hit, Kind, Unit


class Citations:
    """Numbers citations in the order in which an answer first uses them; the same place keeps its number."""

    def __init__(self, as_of: dt.date) -> None:
        self.as_of = as_of
        self._numbers: dict[tuple[str, int, int], int] = {}
        self.all: list[Citation] = []

    def cite(self, hit: Hit, unit: Unit) -> Citation:
        key = (hit.document.id, unit.start, unit.end)
        if key not in self._numbers:
            self._numbers[key] = len(self.all) + 1
            self.all.append(citation(hit, unit, len(self.all) + 1, self.as_of))
        return self.all[self._numbers[key] - 1]


def citation(hit: Hit, unit: Unit, n: int, as_of: dt.date) -> Citation:
    meta, passage = hit.document, hit.passage
    paragraph = paragraph_label(passage, unit) if passage.article else None
    return Citation(
        n=n,
        passage_id=passage.id,
        document_id=meta.id,
        title=meta.title,
        kind=meta.kind,
        jurisdiction=meta.jurisdiction,
        number=meta.number,
        article=passage.article,
        paragraph=paragraph,
        item=unit.item_label,
        section=passage.section,
        quote=unit.text,
        start=unit.start,
        end=unit.end,
        in_force=meta.in_force(as_of),
        effective=meta.dated,
        repealed=meta.repealed,
        finality=meta.finality,
        text_status=meta.text_status,
        evidence="single_source" if "单一来源" in unit.text else meta.evidence,
        url=meta.url,
        label=label(meta, passage.article, paragraph, unit.item_label, passage.section),
    )


def label(meta: DocumentMeta, article: str | None, paragraph: str | None, item: str | None, section: str | None) -> str:
    """《著作权法》第二十四条第一款第（五）项 · 广州奥特曼案，(2024)粤0192民初113号，法院认为 · 论文第4.2节."""
    if article:
        return f"{meta.short_title}{article}{paragraph or ''}{item or ''}"
    parts = [meta.short_title, *([meta.number] if meta.number else [])]
    if section:
        is_numbered = meta.kind is Kind.PAPER and section[0].isdigit()
        parts.append(f"第{section}节" if is_numbered else section)
    return "，".join(parts)
