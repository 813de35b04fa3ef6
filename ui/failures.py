"""The questions that failed, in the reader's words: which, in what, and what was expected of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from evals.results_file import QuestionResult
from rag.numerals import to_chinese
from ui.evaluation import named
from ui.labels import refusal_name
from ui.words import say

_FORBIDDEN = "forbidden statement"
_VALUE = re.compile(r"(?P<measure>[\w@]+) (?P<value>\d\.\d+)")
_REFUSALS = {
    "missed_refused": re.compile(r"refused \((?P<reason>\w*)\)"),
    "missed_answered": re.compile(r"answered, should refuse \((?P<reason>\w+)\)"),
    "missed_reason": re.compile(r"refusal reason (?P<found>\w+), expected (?P<expected>\w+)"),
}
"""As ``evals.run`` words it."""
_SECTIONS = {
    "parties": "当事人", "facts": "案情", "claims": "原告主张", "defence": "被告抗辩", "issues": "争议焦点",
    "court-view": "法院认为", "disposition": "裁判结果", "aftermath": "后续",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Filter:
    """Which failed questions are wanted; an empty text is all of them."""

    category: str = ""
    split: str = ""
    measure: str = ""


def kinds_of(question: QuestionResult) -> list[str]:
    """What failed, as measures; ``refusal`` for refusing or its reason, ``error`` for a crash."""
    found = ["error"] if question.error else []
    for missed in question.missed:
        value = _VALUE.fullmatch(missed)
        found.append(value["measure"] if value else "forbidden" if missed == _FORBIDDEN else "refusal")
    return list(dict.fromkeys(found))


def failing(questions: Iterable[QuestionResult], wanted: Filter) -> list[QuestionResult]:
    return [
        question
        for question in questions
        if question.failed
        and wanted.category in ("", question.category)
        and wanted.split in ("", question.split)
        and (not wanted.measure or wanted.measure in kinds_of(question))
    ]


def told(question: QuestionResult) -> list[str]:
    """What the question missed, in words; what another version wrote stays as it is."""
    found = [say("evaluation.missed_error", what=question.error)] if question.error else []
    return found + [_told(missed) for missed in question.missed]


def _told(missed: str) -> str:
    if value := _VALUE.fullmatch(missed):
        share = f"{float(value['value']):.0%}"
        return say("evaluation.missed_measure", name=named("m", value["measure"]), share=share)
    if missed == _FORBIDDEN:
        return say("evaluation.missed_forbidden")
    for key, pattern in _REFUSALS.items():
        if found := pattern.fullmatch(missed):
            return say(f"evaluation.{key}", **{name: reason(word) for name, word in found.groupdict().items()})
    return missed


def reason(word: str) -> str:
    """A reason for refusing, in words."""
    return refusal_name(word)


def gold_label(pinpoint: str, titles: Mapping[str, str]) -> str:
    """``copyright-law-2020/art-24/p1/i5`` → 《著作权法》第二十四条第一款第（五）项; a document that is not in the index keeps its id."""
    document, *places = pinpoint.split("/")
    title = titles.get(document)
    return (f"《{title.strip('《》')}》" if title else document) + "".join(map(_place, places))


def _place(place: str) -> str:
    if found := re.fullmatch(r"art-(\d+)(?:-(\d+))?", place):
        more = f"之{to_chinese(int(found[2]))}" if found[2] else ""
        return f"第{to_chinese(int(found[1]))}条{more}"
    if found := re.fullmatch(r"p(\d+)", place):
        return f"第{to_chinese(int(found[1]))}款"
    if found := re.fullmatch(r"i(\d+)", place):
        return f"第（{to_chinese(int(found[1]))}）项"
    if found := re.fullmatch(r"s-table-(\d+)", place):
        return f" 表 {found[1]}"
    return " " + _SECTIONS.get(place, place.removeprefix("s-"))
