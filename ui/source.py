"""The source view: the stored document around a citation, its quote highlighted at the exact place."""

from __future__ import annotations

from html import escape

import streamlit as st

from rag import AigcLawError, Document, document
from rag.labels import TEXT_STATUS
from ui import state
from ui.components import source_view
from ui.document_html import document_html, locate
from ui.labels import TEXT_STATUS_MEANING, authority, facts
from ui.state import Place
from ui.words import say

_GONE = "索引更新后，这份文件已不在其中。可以重新提问。"
_MOVED = "索引更新后，这句话已不在原来的位置，下面是文件现在的全文。"


def show_source(place: Place) -> None:
    """The view of one place; documents that are gone or have changed since are said to be so."""
    try:
        found = document(place.document_id)
    except AigcLawError as error:
        found, problem = None, str(error)
    else:
        problem = "" if found else _GONE
    head, text = _view(place, found) if found else (_title(place, place.document_id), f"<p>{escape(problem)}</p>")
    with st.container(key="source"):
        source_view(
            key="source-view",
            data={"head": head, "text": text, "place": f"{place.document_id}-{place.start}-{place.end}-{hash(text)}"},
            on_closed_change=state.close_place,
        )


def show_hint() -> None:
    with st.container(key="source-hint"):
        st.caption(say("chat.source_hint"))


def _view(place: Place, found: Document) -> tuple[str, str]:
    """The head and the text of the view, as HTML."""
    meta = found.meta
    span = locate(found.text, place.quote, place.start, place.end)
    note = escape(TEXT_STATUS_MEANING[meta.text_status])
    if meta.url and meta.url.startswith(("https://", "http://")):
        note += f' <a href="{escape(meta.url)}" target="_blank" rel="noopener noreferrer">官方页面</a>'
    kind = f"{authority(meta.kind, meta.jurisdiction)} · {TEXT_STATUS[meta.text_status]}"
    head = f"{_title(place, meta.title)}<p>{escape(kind)} · {escape(facts(found))}</p><p>{note}</p>"
    if span is None:
        head += f"<p>{_MOVED}</p>"
    return head, document_html(found.text, *(span or (0, 0)))


def _title(place: Place, title: str) -> str:
    cited = place.citation
    label = f'<p class="label">[{cited.n}] {escape(cited.label)}</p>' if cited else ""
    return f'<p class="title">{escape(title)}</p>{label}'
