"""The words that the page uses for what ``rag`` says."""

from __future__ import annotations

from rag import Citation, Kind
from rag.labels import EVIDENCE, REFUSALS, TEXT_STATUS, authority, validity

__all__ = [
    "REFUSALS", "SUPPORT", "authority", "badges", "validity",
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
