"""The scope card on the library page: counts as tiles, the rest behind a fold."""

from __future__ import annotations

import datetime as dt
from html import escape

import streamlit as st

from rag import ScopeCard, scope_card
from rag.card import KindScope
from ui.labels import kind_name, place_name
from ui.told import message_of
from ui.words import say


def show_scope() -> None:
    card = scope_card()
    st.caption(say("library.intro"))
    st.html(_tiles(card))
    with st.expander(say("library.details")):
        st.html(_table(card))
        st.markdown(f"**{say('library.gaps', n=len(card.gaps))}**")
        st.html(
            f'<ul class="library-gaps">{"".join(f"<li>{escape(message_of(gap))}</li>" for gap in card.gaps_told)}</ul>'
        )


def _tiles(card: ScopeCard) -> str:
    own = [(kind_name(scope.kind), scope.documents, _span(scope)) for scope in card.kinds if scope.jurisdiction == "CN"]
    foreign = sum(scope.documents for scope in card.kinds if scope.jurisdiction != "CN")
    # Figures of the whole come first.
    tiles = [
        (say("library.documents"), card.documents, f"{card.articles} {say('library.articles')}"),
        *own,
        *([(say("library.of_foreign"), foreign, "")] if foreign else []),
    ]
    return f'<ul class="library-tiles">{"".join(_tile(*tile) for tile in tiles)}</ul>'


def _tile(name: str, count: int, note: str) -> str:
    return f"<li><b>{count}</b><span>{escape(name)}</span><small>{escape(note)}</small></li>"


def _span(scope: KindScope) -> str:
    """2013–2025, or nothing where no day is known."""
    if scope.earliest is None or scope.latest is None:
        return ""
    years = sorted({scope.earliest.year, scope.latest.year})
    return "–".join(map(str, years))


def _table(card: ScopeCard) -> str:
    columns = ("kind", "documents", "dates", "verified", "single", "official", "checked")
    head = "".join(f'<th scope="col">{escape(say(f"library.col_{column}"))}</th>' for column in columns)
    rows = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in _cells(scope))}</tr>" for scope in card.kinds)
    return f'<div class="library-table"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'


def _cells(scope: KindScope) -> tuple[str, ...]:
    where = place_name(scope.jurisdiction)
    return (
        kind_name(scope.kind) if scope.jurisdiction == "CN" else f"{kind_name(scope.kind)} · {where}",
        str(scope.documents),
        say("library.tile_dates", since=scope.earliest, until=scope.latest) if scope.earliest else "—",
        str(scope.verified),
        str(scope.single_source),
        str(scope.official),
        _day(scope.checked),
    )


def _day(day: dt.date | None) -> str:
    return str(day or "—")
