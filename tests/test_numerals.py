"""Numbers of articles, paragraphs and items: Chinese and Arabic, both ways."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.numerals import NUMERAL, to_chinese, to_int

WRITTEN = [
    (0, "零"),
    (1, "一"),
    (9, "九"),
    (10, "十"),
    (11, "十一"),
    (19, "十九"),
    (20, "二十"),
    (24, "二十四"),
    (99, "九十九"),
    (100, "一百"),
    (101, "一百零一"),
    (110, "一百一十"),
    (111, "一百一十一"),
    (119, "一百一十九"),
    (120, "一百二十"),
    (200, "二百"),
    (287, "二百八十七"),
    (1000, "一千"),
    (1010, "一千零一十"),
    (1165, "一千一百六十五"),
    (1260, "一千二百六十"),
]


@pytest.mark.parametrize(("number", "chinese"), WRITTEN, ids=[str(number) for number, _ in WRITTEN])
def test_numbers_are_written_as_statutes_write_them(number: int, chinese: str) -> None:
    assert to_chinese(number) == chinese


@pytest.mark.parametrize(
    ("text", "number"),
    [
        *((chinese, number) for number, chinese in WRITTEN),
        ("24", 24),
        ("２４", 24),
        ("1２", 12),
        (" 24 ", 24),
        ("024", 24),
        ("〇", 0),
        ("两百", 200),
        ("一百一", 110),
        ("二四", 24),
        ("一一〇", 110),
        ("廿四", 24),
        ("一百廿四", 124),
        ("卅", 30),
    ],
)
def test_every_written_form_is_read(text: str, number: int) -> None:
    assert to_int(text) == number


@pytest.mark.parametrize(
    "text",
    ["", " ", "abc", "条", "三十条", "第三", "1.5", "-3", "3a", "十十", "百", "百十", "千一百九十五", "(五)"],
    ids=repr,
)
def test_what_is_no_number_is_none(text: str) -> None:
    assert to_int(text) is None


@settings(max_examples=300, deadline=None)
@given(st.integers(min_value=0, max_value=9999))
def test_chinese_and_arabic_forms_of_any_article_number_are_the_same_number(number: int) -> None:
    full_width = str(number).translate({ord("0") + i: ord("０") + i for i in range(10)})
    assert (to_int(to_chinese(number)), to_int(str(number)), to_int(full_width)) == (number, number, number)


@settings(max_examples=200, deadline=None)
@given(st.integers(min_value=1, max_value=9999))
def test_numeral_pattern_takes_the_whole_numeral_and_nothing_after_it(number: int) -> None:
    for written in (to_chinese(number), str(number)):
        found = re.match(NUMERAL, f"{written}条")
        assert found is not None
        assert found[0] == written


@settings(max_examples=200, deadline=None)
@given(st.integers(min_value=1, max_value=9998))
def test_different_numbers_are_written_differently(number: int) -> None:
    assert to_chinese(number) != to_chinese(number + 1)


def test_number_too_long_to_be_written_out_stays_in_figures() -> None:
    assert to_chinese(10**16) == "10000000000000000"


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=12))
def test_any_text_is_read_or_refused_without_an_error(text: str) -> None:
    number = to_int(text)
    assert number is None or number >= 0
