"""The day that is told of a document, and the one that has to be assumed where none is known."""

from __future__ import annotations

import datetime as dt

import pytest

from rag.types import DocumentMeta, Kind

DAY = dt.date(2024, 2, 8)


@pytest.mark.parametrize(
    ("kind", "days", "dated", "valid_from"),
    [
        (Kind.LAW, {"effective": DAY}, DAY, DAY),
        (Kind.PAPER, {"published": DAY}, DAY, DAY),
        (Kind.JUDGMENT, {"decided": DAY}, DAY, DAY),
        (Kind.JUDGMENT, {"published": DAY}, None, DAY),
        (Kind.JUDGMENT, {}, None, dt.date(2023, 1, 1)),
    ],
)
def test_no_day_is_told_that_is_not_known(
    kind: Kind, days: dict[str, dt.date], dated: dt.date | None, valid_from: dt.date
) -> None:
    meta = DocumentMeta.model_validate(
        {"id": "a", "title": "甲", "kind": kind, "number": "(2023)京0491民初1号", **days}
    )
    assert (meta.dated, meta.valid_from) == (dated, valid_from)
