"""The period that the timeline shows: its arithmetic, what room names get in it, and the page's buttons and slider."""

from __future__ import annotations

import datetime as dt

import pytest

from rag.settings import Settings
from rag.types import DocumentMeta, Kind
from ui.library import span as spans
from ui.library.span import Span
from ui.library.timeline import extent, timeline

AppTest = pytest.importorskip("streamlit.testing.v1", reason="the ui extra is not installed").AppTest

TODAY = dt.date(2026, 11, 28)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def span(start: str, end: str) -> Span:
    return Span(day(start), day(end))


BOUNDS = span("2010-04-01", "2026-12-01")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("all", BOUNDS),
        ("five", span("2021-12-01", "2026-12-01")),
        ("two", span("2024-12-01", "2026-12-01")),
        ("one", span("2025-12-01", "2026-12-01")),
    ],
)
def test_presets_end_with_this_month(name: str, expected: Span) -> None:
    assert spans.last_years(spans.PRESETS[name], TODAY, BOUNDS) == expected
    assert spans.preset_of(expected, TODAY, BOUNDS) == name


def test_a_preset_stays_inside_what_there_is() -> None:
    ended = span("2013-03-01", "2019-05-01")
    assert spans.last_years(2, TODAY, ended) == span("2017-05-01", "2019-05-01")
    assert spans.last_years(5, TODAY, span("2018-01-01", "2019-01-01")) == span("2018-01-01", "2019-01-01")


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        (spans.zoomed(span("2020-01-01", "2020-01-31"), 2, BOUNDS), span("2020-01-02", "2020-01-30")),  # 28 days at least
        (spans.zoomed(span("2020-01-01", "2020-04-10"), 2, BOUNDS), span("2020-01-26", "2020-03-16")),
        (spans.zoomed(span("2010-05-01", "2026-11-01"), 0.5, BOUNDS), BOUNDS),
        (spans.zoomed(span("2026-01-01", "2026-12-01"), 0.5, BOUNDS), span("2025-02-01", "2026-12-01")),
        (spans.moved(span("2020-01-01", "2020-04-10"), 1, BOUNDS), span("2020-02-20", "2020-05-30")),
        (spans.moved(span("2020-01-01", "2020-04-10"), -1, BOUNDS), span("2019-11-12", "2020-02-20")),
        (spans.moved(span("2025-12-01", "2026-12-01"), 1, BOUNDS), span("2025-12-01", "2026-12-01")),
    ],
)  # fmt: skip
def test_enlarged_and_moved(changed: Span, expected: Span) -> None:
    assert changed == expected


def test_months_and_what_a_chart_reports() -> None:
    known = spans.months(span("2025-11-01", "2026-02-01"))
    assert known == [day("2025-11-01"), day("2025-12-01"), day("2026-01-01")]
    assert spans.months_of(span("2025-12-15", "2026-01-01"), known) == (day("2025-12-01"), day("2025-12-01"))
    assert spans.months_of(span("2000-01-01", "2030-01-01"), known) == (known[0], known[-1])
    assert spans.from_months(day("2025-12-01"), day("2026-01-01")) == span("2025-12-01", "2026-02-01")
    assert spans.from_moments(1_735_689_600_000, 1_767_225_600_000.4) == span("2025-01-01", "2026-01-01")
    assert spans.from_moments(86_400_000, 86_400_500) is None


def case(name: str, decided: str) -> DocumentMeta:
    return DocumentMeta(id=name, title=name, kind=Kind.JUDGMENT, decided=day(decided))


CASES = (case("a", "2025-01-01"), case("b", "2025-02-01"), case("c", "2025-12-20"))


def test_judgments_have_names_where_there_is_room() -> None:
    """A name takes a fifth of what is seen: 73 days of a year, so that 31 days apart is too near; at the end it stands before its point."""
    near = timeline(CASES, TODAY, span("2025-01-01", "2026-01-01")).marks
    assert [(m.id, m.row, m.named, m.late) for m in near] == [
        ("a", 0.5, True, False),
        ("b", 1.5, True, False),
        ("c", 0.5, True, True),
    ]
    far = timeline(CASES, TODAY, span("2020-01-01", "2026-01-01")).marks
    assert [(m.id, m.row, m.named) for m in far] == [("a", 0.5, False), ("b", 0.5, False), ("c", 0.5, False)]


def test_a_bar_reaches_to_today_or_to_its_repeal() -> None:
    law = DocumentMeta(id="l", title="l", kind=Kind.LAW, effective=day("2020-02-02"), repealed=day("2027-01-01"))
    assert extent([law], TODAY) == span("2020-02-01", "2027-02-01")
    assert extent(CASES, TODAY) == span("2025-01-01", "2026-01-01")


def library() -> None:
    from ui.screens import library

    library.show()


@pytest.fixture
def page(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv("AIGC_LAW_INDEX", str(settings.index))
    opened = AppTest.from_function(library, default_timeout=60)
    opened.session_state["library-view"] = "timeline"
    opened.run()
    assert not opened.exception
    return opened


def slider(page: AppTest) -> tuple[dt.date, dt.date]:
    (found,) = page.select_slider
    return found.value  # type: ignore[no-any-return]


def press(page: AppTest, key: str) -> None:
    page.button(key=key).click().run()
    assert not page.exception


def test_buttons_and_slider_say_the_same_period(page: AppTest) -> None:
    first, last = slider(page)
    assert page.button(key="library-wider").disabled
    page.button_group(key="library-preset").select("two").run()
    assert not page.exception
    assert slider(page)[0] > first
    for _ in range(5):
        if not page.button(key="library-wider").disabled:
            press(page, "library-wider")
    assert slider(page) == (first, last)
    assert page.button_group(key="library-preset").value == "all"

    page.select_slider[0].set_range(day("2020-01-01"), day("2020-12-01")).run()
    assert slider(page) == (day("2020-01-01"), day("2020-12-01"))
    press(page, "library-later")
    assert slider(page) == (day("2020-07-01"), day("2021-07-01"))
    press(page, "library-closer")
    assert slider(page) == (day("2020-10-01"), day("2021-04-01"))
    assert page.button_group(key="library-preset").value in (None, [])


def test_filters_that_leave_less_do_not_break_the_period(page: AppTest) -> None:
    page.select_slider[0].set_range(day("2019-01-01"), day("2019-12-01")).run()
    page.multiselect(key="library-years").set_value([2021]).run()
    assert not page.exception
    assert slider(page)[0] >= day("2021-01-01")
