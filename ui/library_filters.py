"""What the list and the timeline are narrowed by: words, kind, court or issuer, year, disputed issue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import streamlit as st

from rag import DocumentMeta, Kind, disputed_issues
from ui.labels import kind_name
from ui.library.entries import Filters, filtered, in_order, source_counts, years
from ui.library.issue_map import question_of
from ui.words import say

_T = TypeVar("_T")
_FILTERS = ("library-words", "library-kinds", "library-sources", "library-years", "library-issues")


def show_filters(metas: Sequence[DocumentMeta]) -> list[DocumentMeta]:
    """The documents that pass what the visitor chose."""
    kinds = [kind for kind in Kind if any(meta.kind is kind for meta in metas)]
    counts = dict(source_counts(metas))
    questions = {issue.id: question_of(issue) for issue in disputed_issues()}
    words = st.text_input(
        say("library.words"), placeholder=say("library.words"), key="library-words", label_visibility="collapsed"
    )
    with st.container(key="library-filters", horizontal=True):
        chosen = Filters(
            words,
            kinds=tuple(_choose("kind", kinds, {kind: kind_name(kind) for kind in kinds})),
            sources=tuple(
                _choose(
                    "source",
                    list(counts),
                    {name: say("labels.aside", what=name, aside=n) for name, n in counts.items()},
                )
            ),
            years=tuple(_choose("year", years(metas), {}, help=say("library.year_help"))),
            issues=tuple(_choose("issue", list(questions), questions)),
        )
    found = in_order(filtered(metas, chosen))
    with st.container(key="library-found", horizontal=True, vertical_alignment="center"):
        st.caption(say("library.found", n=len(found)) if found else say("library.none"))
        if chosen != Filters():
            st.button(say("library.clear"), key="library-clear", type="tertiary", on_click=_clear_filters)
    return found


def _choose(name: str, values: list[_T], words: dict[_T, str], help: str | None = None) -> list[_T]:
    chosen: list[_T] = st.multiselect(
        say(f"library.{name}"), values, format_func=lambda value: words.get(value, str(value)), help=help,
        placeholder=say("library.any"), key=f"library-{name}s",
    )  # fmt: skip
    return chosen


def _clear_filters() -> None:
    for key in _FILTERS:
        st.session_state[key] = "" if key == "library-words" else []
