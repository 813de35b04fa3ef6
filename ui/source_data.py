"""What the source view shows of a place: head, text, contents with their citations and relations. All of it escaped HTML or plain text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from html import escape

from rag import Document, Kind
from rag.citation_style import legal_citation
from rag.pipeline import Assistant
from rag.types import DocumentMeta
from ui.document_html import document_html, locate
from ui.labels import authority, evidence_name, finality_name, text_status_name, validity
from ui.outline import Entry, entry_at, outline
from ui.related import Related, related_to
from ui.state import Place
from ui.words import language, say


@dataclass(frozen=True, slots=True)
class Stop:
    """An article or section in the contents: ``at`` is its ``data-at`` in the text, ``citation`` what copying gives, ``related`` HTML."""

    label: str
    group: str
    at: int
    citation: str
    related: str


@dataclass(frozen=True, slots=True)
class View:
    """The data of the view.

    ``current`` is the stop that the place lies in and ``at`` the line it begins on, -1 for none; ``citation``, ``quoted`` (with the quote) and
    ``related`` are those of the place.
    """

    head: str
    text: str
    stops: tuple[Stop, ...]
    current: int
    at: int
    citation: str
    quoted: str
    related: str

    def data(self) -> dict[str, object]:
        return asdict(self)


def view_of(place: Place, assistant: Assistant) -> View | None:
    """None where the index does not hold the document."""
    document = assistant.document(place.document_id)
    if document is None:
        return None
    entries, stops, whole = _contents(assistant, document)
    span = _span(place, document)
    start, end = span or (0, 0)
    is_place = bool(span and (start or end))
    current = entry_at(entries, start) if is_place else None
    entry = None if current is None else entries[current]
    line = document.text.rfind("\n", 0, start) + 1
    return View(
        head=head_html(place, document.meta, moved=span is None),
        text=document_html(document.text, start, end, {line, *(entry.at for entry in entries)}),
        stops=stops,
        current=-1 if current is None else current,
        at=line if is_place else -1,
        citation=_citation(place, document.meta, entry),
        quoted=_citation(place, document.meta, entry, with_quote=True) if _quote(place) else "",
        related=whole if current is None else stops[current].related,
    )


def place_of(target: str, assistant: Assistant) -> Place | None:
    """The place of a document or passage id; None where the index holds no such thing."""
    document, _, rest = target.partition("/")
    if assistant.index.catalog.metas.get(document) is None:
        return None
    if not rest:
        return Place(document)
    passage = assistant.index.catalog.passage(target)
    return Place(document, passage.start, passage.start) if passage else None


def head_html(place: Place, meta: DocumentMeta, *, moved: bool) -> str:
    """Title, what is cited, badges, facts, and what kind of text it is."""
    note = escape(say("source.own" if meta.kind is Kind.OWN else f"source.{meta.text_status}"))
    if meta.url and meta.url.startswith(("https://", "http://")):
        page = escape(say("source.official_page"))
        note += f' <a href="{escape(meta.url)}" target="_blank" rel="noopener noreferrer">{page}</a>'
    known = (
        meta.number,
        meta.court or _first(meta.issuer),
        say("source.checked", day=meta.checked) if meta.checked else "",
    )
    facts = " · ".join(f"<span>{escape(part)}</span>" for part in known if part)
    lines = [
        title_html(meta.title, place),
        f'<p class="badges">{"".join(_badges(place, meta))}</p>',
        f'<p class="facts">{facts}</p>' if facts else "",
        f'<p class="meaning">{note}</p>',
        f'<p class="moved">{escape(say("source.moved"))}</p>' if moved else "",
    ]
    return "".join(lines)


def title_html(title: str, place: Place) -> str:
    cited = place.citation
    label = f'<p class="label">[{cited.n}] {escape(cited.label)}</p>' if cited else ""
    return f'<p class="title">{escape(title)}</p>{label}'


def _first(issuers: str | None) -> str | None:
    """国家互联网信息办公室等 for a list of seven."""
    first, more, _ = (issuers or "").partition("、")
    return say("labels.and_others", first=first) if more else first or None


def _badges(place: Place, meta: DocumentMeta) -> list[str]:
    """Authority, dates in force on the day of the answer (else today), kind of text, finality, evidence."""
    in_force = place.citation.in_force if place.citation else meta.in_force(dt.date.today())
    evidence = place.citation.evidence if place.citation else meta.evidence
    is_authority = meta.jurisdiction == "CN" and meta.kind not in (Kind.PAPER, Kind.OWN)
    found = [("authority" if is_authority else "plain", authority(meta.kind, meta.jurisdiction))]
    if dated := validity(meta.kind, meta.dated, meta.repealed, in_force):
        found.append(("plain" if in_force else "warn", dated))
    if meta.kind is not Kind.OWN:
        found.append(("plain", text_status_name(meta.text_status)))
    if meta.finality:
        found.append(("plain" if meta.finality == "final" else "warn", finality_name(meta.finality)))
    if doubt := evidence_name(evidence):
        found.append(("warn", doubt))
    return [f'<span class="badge {tone}">{escape(text)}</span>' for tone, text in found]


def related_html(groups: Sequence[Related]) -> str:
    return "".join(
        f"<h4>{escape(group.heading)}</h4><ul>"
        + "".join(
            f'<li><button type="button" data-open="{escape(link.target)}">{escape(link.text)}</button></li>'
            for link in group.links
        )
        + "</ul>"
        for group in groups
    )


def _span(place: Place, document: Document) -> tuple[int, int] | None:
    """Where the place is now; None where its quote is nowhere to be found."""
    if quote := _quote(place):
        return locate(document.text, quote, place.start, place.end)
    inside = 0 <= place.start <= place.end <= len(document.text)
    return (place.start, place.end) if inside else (0, 0)


def _quote(place: Place) -> str:
    return place.quote or (place.citation.quote if place.citation else "")


Contents = tuple[tuple[Entry, ...], tuple[Stop, ...], str]
"""The entries of a document, what is shown of each, and the relations of the whole."""


def _contents(assistant: Assistant, document: Document) -> Contents:
    """Kept for documents of the corpus, which are drawn again with every run of the page; nothing of a visitor's own documents is."""
    if document.meta.kind is Kind.OWN:
        return _made_contents(assistant, document.id, language())
    return _kept_contents(assistant, document.id, language())


def _made_contents(assistant: Assistant, identifier: str, _language: str) -> Contents:
    catalog = assistant.index.catalog
    document = catalog.document(identifier)
    if document is None:
        return (), (), ""
    meta, is_own = document.meta, document.meta.kind is Kind.OWN
    whole = "" if is_own else related_html(related_to(identifier, assistant))
    entries = outline(document.text, catalog.passages_of(identifier))
    stops = tuple(
        Stop(
            label=entry.label,
            group=entry.group,
            at=entry.at,
            citation=legal_citation(meta, article=entry.article, section=entry.section),
            # Of an article its own links; of anything else those of its document, which a judgment has as a whole.
            related=related_html(related_to(entry.passage_id, assistant)) if entry.article and not is_own else whole,
        )
        for entry in entries
    )
    return entries, stops, whole


_kept_contents = lru_cache(maxsize=32)(_made_contents)


def _citation(place: Place, meta: DocumentMeta, entry: Entry | None, *, with_quote: bool = False) -> str:
    cited, quote = place.citation, _quote(place) if with_quote else ""
    if cited:
        return legal_citation(
            meta, article=cited.article, paragraph=cited.paragraph, item=cited.item, section=cited.section, quote=quote
        )
    if entry:
        return legal_citation(meta, article=entry.article, section=entry.section, quote=quote)
    return legal_citation(meta, quote=quote)
