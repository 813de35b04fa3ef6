"""The scope card: what a corpus holds and lacks, the same from its files and from its index, and its page."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

import rag
from ingest.__main__ import main
from ingest.build import ingest
from ingest.scope_page import PAGE, card_of_files, page_of
from rag.card import DocumentScope, KindScope, ScopeCard, card_of
from rag.errors import InvalidInput
from rag.settings import Settings
from rag.types import DocumentMeta, Kind, Passage
from tests.conftest import CORPUS
from tests.test_check import CASE, CASE_TEXT, LAW, OFFICIAL, OFFICIAL_TEXT, OLD, PAPER, add, sound_corpus, sub

GIVEN: dict[str, object] = {"id": "some-law", "title": "中华人民共和国影像法", "kind": "law", "checked": "2024-01-02"}
JUDGMENT: dict[str, object] = {
    "kind": "judgment",
    "title": "影像案",
    "number": "(2022)京0491民初1号",
    "finality": "final",
}


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return sound_corpus(tmp_path / "corpus")


@pytest.fixture
def card(corpus: Path) -> ScopeCard:
    return card_of_files(corpus)


def meta(**fields: object) -> DocumentMeta:
    return DocumentMeta.model_validate(GIVEN | fields)


def passage(place: str, article: str | None = None) -> Passage:
    return Passage(f"some-law/{place}", "some-law", "文字", 0, 2, article=article)


def gaps(document: DocumentMeta, *others: DocumentMeta, given: int = 0) -> list[str]:
    passages = [passage(f"art-{n}", f"第{n}条") for n in range(given)]
    return list(card_of([(document, passages), *((other, []) for other in others)]).gaps)


# --- counts ----------------------------------------------------------------------------------------------------------


def test_totals_are_those_of_the_files(card: ScopeCard) -> None:
    assert (card.documents, card.passages, card.articles, card.sections) == (4, 16, 6, 10)
    # Three under each article and section, two under the paper's first section.
    assert card.lay_questions == 3 * (6 + 8) + 2
    # One article applied, one position, three articles renumbered, one version superseded.
    assert card.relations == 1 + 1 + 3 + 1


@pytest.mark.parametrize(
    ("fields", "counted"),
    [
        ({}, 0),
        ({"applies": ["a/art-1", "a/art-2"]}, 2),
        ({"implements": [{"of": "a"}, {"of": "b"}]}, 2),
        ({"positions": [{"issue": "i", "position": "p", "passage": "text", "anchor": "x"}]}, 1),
        ({"supersedes": "a"}, 1),
        ({"supersedes": "a", "renumbered": {"art-1": "art-2", "art-2": None}}, 3),
    ],
)
def test_relations_are_counted_one_by_one(fields: dict[str, object], counted: int) -> None:
    assert card_of([(meta(**fields), [])]).relations == counted


def test_kinds_are_counted_apart_by_kind_and_place(card: ScopeCard) -> None:
    assert [
        (k.kind, k.jurisdiction, k.documents, k.passages, k.verified, k.single_source, k.official, str(k.earliest), str(k.latest))
        for k in card.kinds
    ] == [
        (Kind.LAW, "CN", 2, 6, 2, 0, 0, "2015-03-01", "2020-06-01"),
        (Kind.JUDGMENT, "CN", 1, 8, 1, 0, 0, "2022-05-06", "2022-05-06"),
        (Kind.PAPER, "CN", 1, 2, 1, 0, 0, "None", "None"),
    ]  # fmt: skip


def test_own_law_comes_before_foreign_law_then_higher_authority_then_the_newer() -> None:
    metas = [
        meta(id="us-case", jurisdiction="US", **JUDGMENT | {"number": None}),
        meta(id="eu-law", jurisdiction="EU"),
        meta(id="paper", kind="paper"),
        meta(id="undated"),
        meta(id="old", effective="2010-01-01"),
        meta(id="case", **JUDGMENT),
        meta(id="new", effective="2020-01-01"),
    ]
    card = card_of((m, []) for m in metas)
    assert [d.id for d in card.contents] == ["new", "old", "undated", "case", "paper", "eu-law", "us-case"]
    assert [(k.kind, k.jurisdiction, k.documents) for k in card.kinds] == [
        (Kind.LAW, "CN", 3),
        (Kind.JUDGMENT, "CN", 1),
        (Kind.PAPER, "CN", 1),
        (Kind.LAW, "EU", 1),
        (Kind.JUDGMENT, "US", 1),
    ]


def test_evidence_and_checks_of_a_kind_are_its_worst_and_oldest() -> None:
    (kind,) = card_of(
        [
            (meta(id="a", evidence="single_source", checked="2024-03-01"), []),
            (meta(id="b", text_status="official", checked="2024-02-01"), []),
            (meta(id="c", evidence="unverified", checked=None), []),
        ]
    ).kinds
    assert (kind.verified, kind.single_source, kind.official, str(kind.checked)) == (1, 1, 1, "2024-02-01")


def test_a_document_is_described_as_a_reader_looks_for_it(card: ScopeCard) -> None:
    old = next(document for document in card.contents if document.id == "video-law-2015")
    assert old.model_dump(mode="json") == {
        "id": "video-law-2015",
        "title": "中华人民共和国影像法",
        "name": "《影像法》",
        "kind": "law",
        "jurisdiction": "CN",
        "number": "主席令第一号",
        "since": "2015-03-01",
        "until": "2020-06-01",
        "finality": None,
        "articles": 3,
        "of_articles": 3,
        "text_status": "digest",
        "evidence": "verified",
        "checked": "2024-01-02",
    }


def test_an_empty_card_holds_nothing() -> None:
    card = card_of([])
    assert card == ScopeCard(
        documents=0, passages=0, articles=0, sections=0, lay_questions=0, relations=0, kinds=(), contents=(), gaps=()
    )


# --- gaps ------------------------------------------------------------------------------------------------------------

FOREIGN = {"jurisdiction": "US", "number": None}
GAPS: dict[str, tuple[dict[str, object], str]] = {
    "some articles only": ({"partial": True, "articles": 9}, "《影像法》只收录 2 条，全文共 9 条。"),
    "some of what is public": ({"partial": True}, "《影像法》只收录已公开的部分内容。"),
    "earlier version": ({"supersedes": "video-law-2001"}, "《影像法》之前的版本没有收录。"),
    "repealed version": (
        {"partial": True, "repealed": "2020-06-01"},
        "《影像法》（2020-06-01 失效的版本）只收录已公开的部分内容。",
    ),
    "no decision yet": (JUDGMENT | {"finality": "pending"}, "影像案尚无裁判结果。"),
    "finality not known": (JUDGMENT | {"finality": "unknown"}, "影像案是否生效、有无后续程序没有查明。"),
    "not final": (JUDGMENT | {"finality": "not_final"}, "影像案的裁判尚未确定。"),
    "no docket number": (JUDGMENT | {"number": None}, "影像案的案号没有查到。"),
    "one source": ({"evidence": "single_source"}, "《影像法》主要依据一个公开来源。"),
}


@pytest.mark.parametrize(("fields", "says"), GAPS.values(), ids=GAPS)
def test_gap_is_named(fields: dict[str, object], says: str) -> None:
    assert gaps(meta(**fields), given=2) == [says]


NO_GAPS: dict[str, dict[str, object]] = {
    "law": {"articles": 9},
    "paper of one source": {"kind": "paper", "evidence": "single_source"},
    "final judgment": JUDGMENT,
    "foreign judgment without a number": JUDGMENT | FOREIGN,
    "instrument without a number": {"number": None},
}


@pytest.mark.parametrize("fields", NO_GAPS.values(), ids=NO_GAPS)
def test_what_is_no_gap_is_not_named(fields: dict[str, object]) -> None:
    assert gaps(meta(**fields), given=2) == []


def test_earlier_version_that_is_there_is_no_gap() -> None:
    assert gaps(meta(supersedes="older"), meta(id="older", repealed="2020-06-01")) == []


def test_every_gap_of_a_document_is_named() -> None:
    pending = meta(**JUDGMENT | {"number": None, "finality": "pending", "evidence": "single_source"})
    assert gaps(pending) == ["影像案尚无裁判结果。", "影像案的案号没有查到。", "影像案主要依据一个公开来源。"]


def test_sections_are_no_articles_given() -> None:
    entry = (meta(partial=True, articles=9), [passage("art-1", "第一条"), passage("s-annex")])
    assert card_of([entry]).gaps == ("《影像法》只收录 1 条，全文共 9 条。",)


# --- files and index -------------------------------------------------------------------------------------------------


def test_card_of_the_index_is_the_card_of_the_files(corpus: Path, tmp_path: Path) -> None:
    settings = Settings(index=tmp_path / "index")
    assert ingest([corpus], settings).refused == []
    assert rag.scope_card(settings=settings) == card_of_files(corpus)


def test_official_texts_count_in_the_index_but_not_in_the_card_of_the_files(corpus: Path, tmp_path: Path) -> None:
    before = card_of_files(corpus)
    add(OFFICIAL, OFFICIAL_TEXT)(corpus)
    assert card_of_files(corpus) == before
    settings = Settings(index=tmp_path / "index")
    ingest([corpus], settings)
    assert [kind.official for kind in rag.scope_card(settings=settings).kinds] == [1, 0, 0]


def test_what_a_user_puts_into_the_folder_of_official_texts_is_not_shipped(corpus: Path) -> None:
    before = card_of_files(corpus)
    add("official/影像法.txt", OFFICIAL_TEXT.rpartition("---\n")[2])(corpus)
    assert card_of_files(corpus) == before


def test_folder_must_exist_and_its_files_be_readable(corpus: Path) -> None:
    with pytest.raises(InvalidInput, match="文件夹不存在"):
        card_of_files(corpus / "missing")
    sub(CASE, "kind: judgment", "kind: verdict")(corpus)
    with pytest.raises(InvalidInput, match=r"有 1 个文件不能读取.*first-case-2022\.md.*ingest check"):
        card_of_files(corpus)


# --- the page --------------------------------------------------------------------------------------------------------


def tables(page: str) -> dict[str, list[list[str]]]:
    """Cells of the rows under each heading, without the head of the table."""
    found: dict[str, list[list[str]]] = {}
    for heading, body in re.findall(r"^## (.+)\n\n((?:\|.*\n)+)", page, re.MULTILINE):
        found[heading] = [line[2:-2].split(" | ") for line in body.splitlines()[2:]]
    return found


def test_page_says_what_the_card_holds(card: ScopeCard) -> None:
    found = tables(page_of(card))
    assert [len(rows) for rows in found.values()] == [len(card.kinds), 2, 1]
    kinds, instruments, judgments = found.values()
    assert [row[2:5] for row in kinds] == [
        ["2", "6", "2015-03-01 至 2020-06-01"],
        ["1", "8", "2022-05-06 至 2022-05-06"],
        ["1", "2", "不详 至 不详"],
    ]
    assert [row[:5] for row in instruments] == [
        ["《影像法》", "主席令第二号", "2020-06-01", "", "3/3 条"],
        ["《影像法》", "主席令第一号", "2015-03-01", "2020-06-01", "3/3 条"],
    ]
    assert judgments[0][:4] == ["影像第一案", "中国", "(2022)京0491民初100号", "2022-05-06"]
    assert judgments[0][-1] == "2024-01-02"


def test_page_lists_every_gap(corpus: Path) -> None:
    sub(CASE, "finality: final", "finality: unknown")(corpus)
    sub(LAW, "kind: law", "kind: law\nevidence: single_source")(corpus)
    card = card_of_files(corpus)
    listed = page_of(card).split("## ")[-1].splitlines()
    assert [line.removeprefix("- ") for line in listed if line.startswith("- ")] == list(card.gaps)
    assert len(card.gaps) == 2


def test_page_is_the_same_for_the_same_files_wherever_they_lie_and_whenever_they_came(
    corpus: Path, tmp_path: Path
) -> None:
    other = tmp_path / "elsewhere" / "other"
    for name in (PAPER, CASE, LAW, OLD):  # another order of creation
        (other / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(corpus / name, other / name)
    page = page_of(card_of_files(corpus))
    assert page == page_of(card_of_files(corpus)) == page_of(card_of_files(other))
    assert str(tmp_path) not in page


def test_page_changes_with_the_corpus(corpus: Path) -> None:
    before = page_of(card_of_files(corpus))
    sub(LAW, "checked: 2024-01-02", "checked: 2024-01-03")(corpus)
    assert page_of(card_of_files(corpus)) != before


def test_bars_in_cells_do_not_break_the_table(corpus: Path) -> None:
    sub(CASE, "aliases: [影像第一案]", 'aliases: ["影|像|案"]')(corpus)
    sub(LAW, "number: 主席令第二号", "number: 主席令|第二号")(corpus)
    found = tables(page_of(card_of_files(corpus)))
    assert {len(row) for row in found["裁判"]} == {7}
    assert found["裁判"][0][0] == "影｜像｜案"
    instruments = next(rows for heading, rows in found.items() if heading.startswith("法规"))
    assert {len(row) for row in instruments} == {8}
    assert instruments[0][1] == "主席令｜第二号"


def test_line_breaks_in_cells_do_not_break_the_table(corpus: Path) -> None:
    sub(CASE, "aliases: [影像第一案]", 'aliases: ["影像\\n第一案"]')(corpus)
    (row,) = tables(page_of(card_of_files(corpus)))["裁判"]
    assert len(row) == 7


@pytest.mark.parametrize("kind", Kind)
def test_page_has_a_word_for_every_kind(kind: Kind) -> None:
    document = meta(kind=kind, title="题", number=None)
    page = page_of(card_of([(document, [passage("text")])]))
    assert f"| {kind.value} |" not in page
    assert len(tables(page)["按种类"]) == 1


@pytest.mark.parametrize("finality", ["final", "not_final", "pending", "unknown"])
def test_page_has_a_word_for_every_finality(finality: str) -> None:
    page = page_of(card_of([(meta(**JUDGMENT | {"finality": finality}), [])]))
    assert finality not in page
    assert tables(page)["裁判"][0][4]


@pytest.mark.skipif(
    not (CORPUS / PAGE).exists(), reason="corpus/SCOPE.md is not written yet: python -m ingest scope --write"
)
def test_shipped_page_is_that_of_the_shipped_corpus() -> None:
    assert (CORPUS / PAGE).read_text("utf-8") == page_of(card_of_files(CORPUS))


def test_shipped_places_are_written_out() -> None:
    page = page_of(card_of_files(CORPUS))
    assert [row for row in tables(page)["按种类"] if row[1].isascii()] == []


# --- the command -----------------------------------------------------------------------------------------------------


def test_command_prints_the_page(corpus: Path, card: ScopeCard, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scope", str(corpus)]) == 0
    assert capsys.readouterr().out == page_of(card) + "\n"
    assert not (corpus / PAGE).exists()


def test_command_prints_the_card_as_json(corpus: Path, card: ScopeCard, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scope", str(corpus), "--json"]) == 0
    written = capsys.readouterr().out
    assert ScopeCard.model_validate_json(written) == card
    assert json.loads(written)["kinds"][0]["earliest"] == "2015-03-01"


def test_page_is_written_and_then_checked(corpus: Path, card: ScopeCard, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scope", str(corpus), "--check"]) == 1
    assert "--write" in capsys.readouterr().out
    assert main(["scope", str(corpus), "--write"]) == 0
    assert str(corpus / PAGE) in capsys.readouterr().out
    assert (corpus / PAGE).read_text("utf-8") == page_of(card)
    # The page is no document: writing it changes neither the card nor what the check finds.
    assert main(["scope", str(corpus), "--check"]) == 0
    assert main(["check", str(corpus)]) == 0
    sub(LAW, "checked: 2024-01-02", "checked: 2024-01-03")(corpus)
    page = (corpus / PAGE).read_text("utf-8")
    assert main(["scope", str(corpus), "--check"]) == 1
    assert (corpus / PAGE).read_text("utf-8") == page


def test_command_fails_where_the_corpus_cannot_be_read(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scope", str(corpus / "missing")]) == 2
    assert "文件夹不存在" in capsys.readouterr().err
    add(CASE, CASE_TEXT.replace("finality: final", "finality: over"))(corpus)
    assert main(["scope", str(corpus), "--write"]) == 2
    assert not (corpus / PAGE).exists()


def test_card_survives_json(card: ScopeCard) -> None:
    assert ScopeCard.model_validate_json(card.model_dump_json()) == card
    assert all(isinstance(kind, KindScope) for kind in card.kinds)
    assert all(isinstance(document, DocumentScope) for document in card.contents)
