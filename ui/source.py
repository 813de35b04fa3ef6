"""The source view: the stored document around a citation, its quote highlighted at the exact place."""

from __future__ import annotations

import streamlit as st

from rag import AigcLawError, Citation, Document, document
from ui import state
from ui.document_html import document_html, locate
from ui.labels import TEXT_STATUS, TEXT_STATUS_MEANING, authority, facts
from ui.markup import literal
from ui.style import document_text


def show_source(turn: int, citation: Citation) -> None:
    with st.container(key="source"):
        heading, close = st.columns([5, 1], wrap=False, vertical_alignment="center")
        heading.caption(f"出处 [{citation.n}]")
        close.button("关闭", key="close-source", on_click=state.close_citation, type="tertiary")
        try:
            found = document(citation.document_id)
        except AigcLawError as error:
            st.markdown(literal(str(error)))
            return
        if found is None:
            st.markdown("索引更新后，这份文件已不在其中。可以重新提问。")
            return
        _show_head(citation, found)
        _show_text(turn, citation, found)


def show_hint() -> None:
    with st.container(key="source-hint"):
        st.caption("点击回答里的 [1]、[2] 等编号，出处会在这里打开，被引用的原句高亮显示。")


def _show_head(citation: Citation, found: Document) -> None:
    meta = found.meta
    st.markdown(f"**{literal(meta.title)}**")
    status = f":gray-badge[{TEXT_STATUS[meta.text_status]}]"
    st.markdown(f":blue-badge[{authority(meta.kind, meta.jurisdiction)}] {status} {literal(citation.label)}")
    st.caption(literal(facts(found)))
    note = TEXT_STATUS_MEANING[meta.text_status]
    if meta.url and meta.url.startswith(("https://", "http://")):
        note += f" [官方页面]({meta.url})"
    st.caption(note)


def _show_text(turn: int, citation: Citation, found: Document) -> None:
    place = locate(found.text, citation.quote, citation.start, citation.end)
    if place is None:
        st.markdown("索引更新后，这句话已不在原来的位置，下面是文件现在的全文。")
    start, end = place or (0, 0)
    document_text(
        key="document",
        data={
            "html": document_html(found.text, start, end),
            "place": f"{turn}-{citation.n}-{found.id}-{start}",
        },
    )
