"""What the page calls the values of rag's types, in both languages, and that nothing of rag is without words."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from rag import labels as chinese
from rag.issues import issues
from rag.types import Kind
from ui import labels
from ui.words import catalogue

_HAN = re.compile(r"[\u4e00-\u9fff]")
FROM, GONE = dt.date(2021, 6, 1), dt.date(2026, 5, 1)


@pytest.fixture
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.words.language", lambda: "en")


def test_the_chinese_is_that_of_rag() -> None:
    words = {
        key.removeprefix("labels."): entry["zh"] for key, entry in catalogue().items() if key.startswith("labels.")
    }
    for prefix, known in (
        ("kind", chinese.KINDS),
        ("place", chinese.JURISDICTIONS),
        ("finality", chinese.FINALITY),
        ("text", chinese.TEXT_STATUS),
        ("evidence", chinese.EVIDENCE),
        ("refusal", chinese.REFUSALS),
    ):
        assert {f"{prefix}_{value}": text for value, text in known.items()} == {  # type: ignore[attr-defined]
            key: text for key, text in words.items() if key.startswith(f"{prefix}_")
        }


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("in_force", [True, False])
@pytest.mark.parametrize(("dated", "repealed"), [(None, None), (FROM, None), (FROM, GONE)])
def test_authority_and_validity_say_in_chinese_what_rag_says(
    kind: Kind, in_force: bool, dated: dt.date | None, repealed: dt.date | None
) -> None:
    assert labels.validity(kind, dated, repealed, in_force) == chinese.validity(kind, dated, repealed, in_force)
    for place in ("CN", "US", "XX"):
        assert labels.authority(kind, place) == chinese.authority(kind, place)


@pytest.mark.usefixtures("english")
def test_in_english_they_are_english() -> None:
    assert labels.validity(Kind.LAW, FROM, None, True) == "in force since 2021-06-01"
    assert labels.validity(Kind.LAW, FROM, GONE, False) == "no longer in force since 2026-05-01"
    assert labels.validity(Kind.LAW, FROM, None, False) == "not yet in force that day · in force from 2021-06-01"
    assert labels.validity(Kind.JUDGMENT, FROM, None, True) == "decided 2021-06-01"
    assert labels.authority(Kind.JUDGMENT, "US") == "foreign judgment · United States"
    assert labels.authority(Kind.ADMINISTRATIVE_REGULATION, "CN") == "administrative regulation"
    assert labels.support_badge("contradicted") == ":red-badge[contradicted by its source]"
    assert labels.refusal_name("false_premise") == "The question rests on something that is not so"
    assert labels.listed(["A", "B"]) == "A, B"


def test_no_english_has_chinese_in_it() -> None:
    """Apart from what is shown as it stands in the sources: an example of a query."""
    allowed = {"library.search_placeholder"}
    assert {key for key, entry in catalogue().items() if _HAN.search(entry["en"])} - allowed == set()


def test_every_issue_and_answer_has_its_english() -> None:
    known = {f"issues.{issue.id}" for issue in issues().values()}
    known |= {f"issues.{issue.id}_{position}" for issue in issues().values() for position in issue.positions}
    assert known == {key for key in catalogue() if key.startswith("issues.")}
