"""The library's plain data: filters, the rows of the timeline, the map of disputed issues, and the doors of ``rag`` behind them."""

from __future__ import annotations

import datetime as dt

import pytest

from rag.issues import issues
from rag.pipeline import Assistant
from rag.types import DocumentMeta, Kind
from ui.library.entries import Filters, dates, filtered, in_order, sources_of
from ui.library.issue_map import issue_rows
from ui.library.timeline import timeline

TODAY = dt.date(2026, 11, 28)
LAW = DocumentMeta(
    id="law", title="中华人民共和国影像法", kind=Kind.LAW, issuer="全国人大", effective=dt.date(2021, 6, 1)
)
OLD = DocumentMeta(
    id="old", title="影像办法", kind=Kind.LAW, effective=dt.date(2010, 1, 1), repealed=dt.date(2021, 6, 1),
    issuer="甲部、乙部（牵头）",
)  # fmt: skip
CASE = DocumentMeta(
    id="case", title="甲诉乙", aliases=("影像案",), kind=Kind.JUDGMENT, number="(2022)京0491民初1号", finality="not_final",
    court="北京互联网法院", decided=dt.date(2023, 3, 4),
)  # fmt: skip
FOREIGN = DocumentMeta(
    id="us",
    title="A v. B",
    kind=Kind.JUDGMENT,
    jurisdiction="US",
    court="某法院（Court）",
    decided=dt.date(2023, 3, 20),
)
PAPER = DocumentMeta(id="paper", title="论影像", kind=Kind.PAPER)
ALL = (FOREIGN, PAPER, CASE, OLD, LAW)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(), ["us", "paper", "case", "old", "law"]),
        (Filters(words="影像案"), ["case"]),
        (Filters(words="（2022）京0491民初1号"), ["case"]),
        (Filters(words="影像 办法"), ["old"]),
        (Filters(words="影像论"), []),
        (Filters(kinds=(Kind.LAW,)), ["old", "law"]),
        (Filters(sources=("乙部", "某法院")), ["us", "old"]),
        (Filters(years=(2023,), kinds=(Kind.JUDGMENT,)), ["us", "case"]),
        (Filters(issues=("authorship",)), []),
    ],
)  # fmt: skip
def test_filters(filters: Filters, expected: list[str]) -> None:
    assert [meta.id for meta in filtered(ALL, filters)] == expected


def test_order_and_facts() -> None:
    assert [meta.id for meta in in_order(ALL)] == ["law", "old", "case", "paper", "us"]
    assert sources_of(OLD) == ("甲部", "乙部")
    assert dates(CASE) == "2023-03-04 判决，未生效"
    assert dates(OLD) == "2010-01-01 起施行，2021-06-01 起失效"


def test_timeline_has_bars_points_and_lanes() -> None:
    drawn = timeline(ALL, TODAY)
    assert [(lane.name, lane.top, lane.bottom) for lane in drawn.lanes] == [
        ("法律", 0.0, 2.0),
        ("判决", 2.8, 3.8),
        ("境外判决", 4.6, 5.6),
    ]
    assert [(m.id, m.start.year, m.end, m.is_point, m.state) for m in drawn.marks] == [
        ("old", 2010, dt.date(2021, 6, 1), False, "ended"),
        ("law", 2021, TODAY, False, "in_force"),
        ("case", 2023, dt.date(2023, 3, 4), True, "not_final"),
        ("us", 2023, dt.date(2023, 3, 20), True, "unknown"),
    ]
    assert drawn.undated == (PAPER,)


def test_points_that_would_touch_get_rows_of_their_own() -> None:
    near = CASE.model_copy(update={"id": "near", "decided": dt.date(2023, 3, 20)})
    later = CASE.model_copy(update={"id": "later", "decided": dt.date(2023, 9, 1)})
    rows = {mark.id: mark.row for mark in timeline((CASE, near, later), TODAY).marks}
    assert rows == {"case": 0.5, "near": 1.5, "later": 0.5}


def test_stances_stand_where_they_say(assistant: Assistant) -> None:
    found = assistant.stances()
    assert {stance.document_id for stance in found} >= {"text-to-image-2023", "wolters-feilin-2019"}
    for stance in found:
        document = assistant.document(stance.document_id)
        assert document
        assert document.text[stance.start : stance.end] == stance.quote


def test_issue_map_has_the_sides_of_the_small_corpus(assistant: Assistant) -> None:
    rows = issue_rows(issues().values(), assistant.stances(), assistant.documents())
    first = next(row for row in rows if row.id == "copyrightability")
    assert first.contested
    assert [row.contested for row in rows] == sorted((row.contested for row in rows), reverse=True)
    assert {side.position: [a.document.id for a in side.answered] for side in first.sides} == {
        "protected": ["dreamwriter-2019", "text-to-image-2023"],
        "not_protected": ["wolters-feilin-2019"],
    }
