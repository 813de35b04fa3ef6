"""Three views of the library: the list, the map of disputed issues, the search."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import streamlit as st

from rag import DocumentMeta, Kind, SearchHit, disputed_issues, search, stances
from ui import state
from ui.labels import document_badges
from ui.library.charts import PICK, issue_chart
from ui.library.entries import byline
from ui.library.issue_map import Answered, IssueRow, issue_rows
from ui.library_filters import show_filters
from ui.library_picks import chart_key, paint, picked
from ui.markup import literal
from ui.sidebar import options
from ui.state import Place
from ui.words import say

_PAGE = 20
"""Documents listed at a time."""
_EXCERPT = 180


def show_list(metas: Sequence[DocumentMeta], today: dt.date) -> None:
    found = show_filters(metas)
    if not found:
        return
    shown = st.session_state.get("library-shown", _PAGE)
    for meta in found[:shown]:
        with st.container(key=f"library-row-{meta.id}"):
            st.button(
                literal(meta.short_title if meta.kind is Kind.JUDGMENT else meta.title), type="tertiary",
                key=f"library-open-{meta.id}", on_click=state.open_place, args=(Place(meta.id),),
            )  # fmt: skip
            st.markdown(f"{literal(byline(meta))}  \n{document_badges(meta, today)}")
    if (left := len(found) - shown) > 0:
        st.button(say("library.more", n=min(left, _PAGE)), key="library-more", on_click=_show_more, args=(shown,))


def show_issues(metas: Sequence[DocumentMeta], today: dt.date) -> None:
    rows = issue_rows(disputed_issues(), stances(), metas)
    contested = st.toggle(say("library.contested"), value=True, key="library-contested")
    drawn = [row for row in rows if row.contested or not contested]
    if not drawn:
        st.caption(say("library.none"))
        return
    key = chart_key("issues")
    with st.container(key="library-issue-map"):
        st.caption(say("library.issues_how"))
        with st.container(key="library-issue-chart"):
            st.altair_chart(
                issue_chart(drawn, paint(), today), width="stretch", key=key, selection_mode=PICK,
                on_select=lambda: _open_stance(key, drawn), alt=say("library.issues_alt", n=len(drawn)),
            )  # fmt: skip
    _show_one_issue(drawn)


def show_search(metas: Sequence[DocumentMeta], today: dt.date) -> None:
    with st.form("library-search", border=False):
        words = st.text_input(
            say("library.search_words"), placeholder=say("library.search_placeholder"), key="library-query"
        )
        with st.container(horizontal=True, vertical_alignment="bottom"):
            k = st.selectbox(say("library.search_k"), (5, 10, 20), index=1, key="library-k", width=120)
            st.form_submit_button(say("library.search_go"), type="primary", icon=":material/search:")
    st.caption(say("library.search_how"))
    if not words.strip():
        return
    asked = options()
    hits = search(words, k=k, as_of=asked.as_of, kinds=asked.kinds or None)
    if not hits:
        st.caption(say("library.search_none"))
        return
    st.caption(say("library.search_found", n=len(hits), day=asked.as_of or today))
    known = {meta.id: meta for meta in metas}
    for hit in hits:
        _show_hit(hit, known[hit.document_id], asked.as_of or today)


def _show_more(shown: int) -> None:
    st.session_state["library-shown"] = shown + _PAGE


def _asked(row: IssueRow) -> str:
    """The question, and whether it is contested."""
    return (
        say("labels.aside", what=row.question, aside=say("library.contested_mark")) if row.contested else row.question
    )


def _show_one_issue(rows: Sequence[IssueRow]) -> None:
    names = {row.id: _asked(row) for row in rows}
    chosen = st.selectbox(say("library.one_issue"), list(names), format_func=names.__getitem__, key="library-one-issue")
    row = next(row for row in rows if row.id == chosen)
    with st.container(key="library-sides"):
        for column, side in zip(st.columns(len(row.sides)), row.sides, strict=True):
            with column, st.container(key=f"library-side-{side.position}"):
                st.markdown(f"**{literal(side.label)}**")
                for answered in side.answered:
                    _show_answered(answered)


def _show_answered(answered: Answered) -> None:
    st.button(
        literal(answered.document.short_title), key=f"library-stance-{answered.key}", type="tertiary",
        on_click=state.open_place, args=(_place(answered),),
    )  # fmt: skip
    facts = " · ".join(part for part in (str(answered.document.dated or ""), answered.stance.why) if part)
    st.caption(literal(facts))


def _show_hit(hit: SearchHit, meta: DocumentMeta, day: dt.date) -> None:
    label = f"{meta.short_title}{hit.article or ''}" + (f" · {hit.section}" if hit.section else "")
    place = Place(hit.document_id, hit.start, hit.end, hit.text)
    text = hit.text if len(hit.text) <= _EXCERPT else f"{hit.text[:_EXCERPT]}…"
    with st.container(key=f"library-hit-{hit.rank}"):
        st.button(
            f"{hit.rank}\\. {literal(label)}", key=f"library-hit-open-{hit.passage_id}", type="tertiary",
            on_click=state.open_place, args=(place,),
        )  # fmt: skip
        st.markdown(f"{literal(text)}  \n{document_badges(meta, day)}")


def _place(answered: Answered) -> Place:
    stance = answered.stance
    return Place(stance.document_id, stance.start, stance.end, stance.quote)


def _open_stance(key: str, rows: Sequence[IssueRow]) -> None:
    clicked = picked(key, "key")
    for answered in (a for row in rows for side in row.sides for a in side.answered):
        if answered.key == clicked:
            state.open_place(_place(answered))
            st.session_state["library-from-chart"] = True
