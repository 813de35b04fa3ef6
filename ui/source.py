"""The source view: the stored document around a citation, its quote highlighted at the exact place."""

from __future__ import annotations

from html import escape

import streamlit as st

from rag import AigcLawError, Citation, Document, document
from rag.labels import TEXT_STATUS
from ui import state
from ui.components import source_view
from ui.document_html import document_html, locate
from ui.labels import TEXT_STATUS_MEANING, authority, facts

_GONE = "索引更新后，这份文件已不在其中。可以重新提问。"
_MOVED = "索引更新后，这句话已不在原来的位置，下面是文件现在的全文。"


def show_source(turn: int, citation: Citation) -> None:
    """The view of one citation; documents that are gone or have changed since are said to be so."""
    try:
        found = document(citation.document_id)
    except AigcLawError as error:
        found, problem = None, str(error)
    else:
        problem = "" if found else _GONE
    head, text = _view(citation, found) if found else (_title(citation, citation.title), f"<p>{escape(problem)}</p>")
    with st.container(key="source"):
        source_view(
            key="source-view",
            data={"head": head, "text": text, "place": f"{turn}-{citation.n}-{hash(text)}"},
            on_closed_change=state.close_citation,
        )


def show_hint() -> None:
    with st.container(key="source-hint"):
        st.caption("点击回答里的编号，出处会在这里打开，被引用的原句高亮显示。")


def _view(citation: Citation, found: Document) -> tuple[str, str]:
    """The head and the text of the view, as HTML."""
    meta = found.meta
    place = locate(found.text, citation.quote, citation.start, citation.end)
    note = escape(TEXT_STATUS_MEANING[meta.text_status])
    if meta.url and meta.url.startswith(("https://", "http://")):
        note += f' <a href="{escape(meta.url)}" target="_blank" rel="noopener noreferrer">官方页面</a>'
    kind = f"{authority(meta.kind, meta.jurisdiction)} · {TEXT_STATUS[meta.text_status]}"
    head = f"{_title(citation, meta.title)}<p>{escape(kind)} · {escape(facts(found))}</p><p>{note}</p>"
    if place is None:
        head += f"<p>{_MOVED}</p>"
    return head, document_html(found.text, *(place or (0, 0)))


def _title(citation: Citation, title: str) -> str:
    return f'<p class="title">{escape(title)}</p><p class="label">[{citation.n}] {escape(citation.label)}</p>'
