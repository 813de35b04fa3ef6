"""The words that the page uses for what ``rag`` says."""

from __future__ import annotations

import datetime as dt

from rag import Citation, DocumentMeta, Kind
from rag.labels import EVIDENCE, FINALITY, REFUSALS, TEXT_STATUS, authority, validity

__all__ = [
    "REFUSALS", "SUPPORT", "authority", "badges", "document_badges", "validity",
]  # fmt: skip

SUPPORT = {
    "partial": ":orange-badge[来源只支持一部分]",
    "unsupported": ":red-badge[来源不支持]",
    "contradicted": ":red-badge[与来源矛盾]",
}


def badges(citation: Citation) -> str:
    """A citation's badges as Streamlit Markdown: authority, dates, kind of text, evidence."""
    colour = "gray" if citation.jurisdiction != "CN" or citation.kind is Kind.PAPER else "blue"
    found = [f":{colour}-badge[{authority(citation.kind, citation.jurisdiction)}]"]
    if text := validity(citation.kind, citation.effective, citation.repealed, citation.in_force):
        dated = citation.kind in (Kind.JUDGMENT, Kind.PAPER)
        found.append(f":{'red' if not citation.in_force else 'gray' if dated else 'green'}-badge[{text}]")
    colour = "green" if citation.text_status == "official" else "gray"
    found.append(f":{colour}-badge[{TEXT_STATUS[citation.text_status]}]")
    if citation.evidence in EVIDENCE:
        found.append(f":orange-badge[{EVIDENCE[citation.evidence]}]")
    return " ".join(found)


def document_badges(meta: DocumentMeta, day: dt.date) -> str:
    """A document's badges: authority, dates, whether a judgment is final, kind of text, evidence."""
    in_force = meta.in_force(day)
    is_own_law = meta.jurisdiction == "CN" and meta.kind is not Kind.PAPER
    found = [f":{'blue' if is_own_law else 'gray'}-badge[{authority(meta.kind, meta.jurisdiction)}]"]
    if text := validity(meta.kind, meta.dated, meta.repealed, in_force):
        dated = meta.kind in (Kind.JUDGMENT, Kind.PAPER)
        found.append(f":{'gray' if dated else 'green' if in_force else 'red'}-badge[{text}]")
    if meta.finality:
        found.append(f":{'green' if meta.finality == 'final' else 'orange'}-badge[{FINALITY[meta.finality]}]")
    found.append(f":{'green' if meta.text_status == 'official' else 'gray'}-badge[{TEXT_STATUS[meta.text_status]}]")
    if meta.evidence in EVIDENCE:
        found.append(f":orange-badge[{EVIDENCE[meta.evidence]}]")
    return " ".join(found)
