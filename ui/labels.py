"""The words that the page uses for the values of ``rag``'s types, in the visitor's language (``words/labels.yaml``)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from rag import Citation, DocumentMeta, Kind
from ui.words import catalogue, say

_WARNED = ("partial", "unsupported", "contradicted")
_EVIDENCE = ("single_source", "unverified")


def kind_name(kind: Kind) -> str:
    return say(f"labels.kind_{kind}")


def finality_name(finality: str) -> str:
    """Of one of ``Finality``."""
    return say(f"labels.finality_{finality}")


def text_status_name(status: str) -> str:
    """Of one of ``TextStatus``."""
    return say(f"labels.text_{status}")


def evidence_name(evidence: str) -> str:
    """What has to be said of the evidence for a document; nothing where it is verified."""
    return say(f"labels.evidence_{evidence}") if evidence in _EVIDENCE else ""


def refusal_name(reason: str) -> str:
    """Of one of ``RefusalReason``; what another version wrote stays as it is."""
    key = f"labels.refusal_{reason}"
    return say(key) if key in catalogue() else reason


def place_name(jurisdiction: str) -> str:
    key = f"labels.place_{jurisdiction}"
    return say(key) if key in catalogue() else jurisdiction


def listed(names: Iterable[str]) -> str:
    """甲、乙 or ``A, B``."""
    return say("labels.listing").join(names)


def support_badge(support: str) -> str:
    """The mark of a claim that its sources do not fully carry, as Streamlit Markdown."""
    colour = "orange" if support == "partial" else "red"
    return f":{colour}-badge[{say(f'labels.support_{support}')}]" if support in _WARNED else ""


def authority(kind: Kind, jurisdiction: str) -> str:
    """法律, judgment, …; foreign sources are named as such, never as authority for Chinese law."""
    if jurisdiction == "CN" or kind is Kind.OWN:
        return kind_name(kind)
    what = {Kind.JUDGMENT: "judgment", Kind.PAPER: "paper"}.get(kind, "law")
    return say("labels.foreign_of", what=say(f"labels.foreign_{what}"), where=place_name(jurisdiction))


def validity(kind: Kind, dated: dt.date | None, repealed: dt.date | None, in_force: bool) -> str:
    """有效，2021-06-01 起施行 · decided 2024-02-08; ``dated`` as in ``DocumentMeta``."""
    if kind is Kind.JUDGMENT:
        return say("labels.decided", day=dated) if dated else say("labels.decided_unknown")
    if kind in (Kind.PAPER, Kind.OWN):
        return say("labels.published", day=dated) if dated and kind is Kind.PAPER else ""
    if in_force and dated:
        return say("labels.in_force_since", day=dated)
    since = say("labels.since", day=dated) if dated else say("labels.since_unknown")
    if in_force:
        return say("labels.in_force", since=since)
    return say("labels.repealed", day=repealed) if repealed else say("labels.not_yet", since=since)


def badges(citation: Citation) -> str:
    """A citation's badges as Streamlit Markdown: authority, dates, kind of text, evidence."""
    colour = "gray" if citation.jurisdiction != "CN" or citation.kind is Kind.PAPER else "blue"
    found = [f":{colour}-badge[{authority(citation.kind, citation.jurisdiction)}]"]
    if text := validity(citation.kind, citation.effective, citation.repealed, citation.in_force):
        dated = citation.kind in (Kind.JUDGMENT, Kind.PAPER)
        found.append(f":{'red' if not citation.in_force else 'gray' if dated else 'green'}-badge[{text}]")
    found += _text_and_evidence(citation.text_status, citation.evidence)
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
        found.append(f":{'green' if meta.finality == 'final' else 'orange'}-badge[{finality_name(meta.finality)}]")
    found += _text_and_evidence(meta.text_status, meta.evidence)
    return " ".join(found)


def _text_and_evidence(text_status: str, evidence: str) -> list[str]:
    found = [f":{'green' if text_status == 'official' else 'gray'}-badge[{text_status_name(text_status)}]"]
    return found + ([f":orange-badge[{named}]"] if (named := evidence_name(evidence)) else [])
