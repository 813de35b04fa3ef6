"""The shipped corpus: format, numbering, references, and digests that keep the structure of the official texts."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from ingest.read import load
from ingest.sources import IGNORED_NAMES
from ingest.split import JUDGMENT_SECTIONS, article_slug, split
from rag.numerals import to_chinese
from rag.pinpoint import paragraph_count, units
from rag.types import Document, Kind, Passage

CORPUS = Path(__file__).parents[1] / "corpus"
SHARED = Path(__file__).parents[1].parent / "shared"
FILES = sorted(path for path in CORPUS.rglob("*.md") if path.name not in IGNORED_NAMES and "official" not in path.parts)
INSTRUMENTS = [path for path in FILES if path.parent.name == "regulations"]
JUDGMENTS = [path for path in FILES if path.parent.name == "judgments"]
PAPERS = [path for path in FILES if path.parent.name == "papers"]
OFFICIAL = {
    "copyright-law-2020": SHARED / "data/laws/民法商法/著作权法(2020-11-11).md",
    "algorithm-recommendation-2022": SHARED / "data/laws/行政法规/互联网信息服务算法推荐管理规定(2021-11-16).md",
}
OFFICIAL_HOSTS = (
    r"gov\.cn", r"chinacourt\.(cn|org)", r"europa\.eu", r"uscourts\.gov", r"copyright\.gov", r"gov\.uk", r"judiciary\.uk", r"go\.jp",
    r"bayern\.de", r"gesetze-bayern\.de", r"bundesgerichtshof\.de", r"openstd\.samr\.gov\.cn",
)  # fmt: skip
"""Sites of legislators, courts and agencies; nothing else is shown to a reader as the source."""
LONGEST_COPY = 40
"""Characters that a digest may share with the official text in one run, names of laws and agencies included."""


def stem(path: Path) -> str:
    return path.stem


every_file = pytest.mark.parametrize("path", FILES, ids=stem)
every_instrument = pytest.mark.parametrize("path", INSTRUMENTS, ids=stem)
every_judgment = pytest.mark.parametrize("path", JUDGMENTS, ids=stem)


@cache
def document(path: Path) -> Document:
    return load(path, root=path.parent)


@cache
def passages(path: Path) -> tuple[Passage, ...]:
    return tuple(split(document(path)))


@cache
def passage_ids() -> frozenset[str]:
    return frozenset(passage.id for path in FILES for passage in passages(path))


def without_blanks(text: str) -> str:
    return re.sub(r"\s", "", text)


# --- format ---


def test_the_first_edition_is_complete() -> None:
    assert {
        "copyright-law-2020",
        "aigc-interim-measures-2023",
        "deep-synthesis-2022",
        "algorithm-recommendation-2022",
    } < {path.stem for path in INSTRUMENTS}
    assert {
        "wolters-feilin-2019",
        "dreamwriter-2019",
        "text-to-image-2023",
        "ai-voice-2024",
        "guangzhou-ultraman-2024",
    } <= {path.stem for path in JUDGMENTS}
    assert [path.stem for path in PAPERS] == ["aigc-paper"]


@every_file
def test_file_is_clean_text_named_after_its_id(path: Path) -> None:
    content = path.read_bytes().decode("utf-8")
    assert re.findall(r"[\r\t\ufeff\u200b\u200e\xa0\ufffd]", content) == []
    assert content.startswith("---\n")
    assert document(path).id == path.stem


@every_file
def test_text_status_and_provenance_are_stated(path: Path) -> None:
    meta = document(path).meta
    assert meta.text_status == ("full_text" if meta.kind is Kind.PAPER else "digest")
    assert meta.evidence in {"verified", "single_source"}
    assert meta.checked is not None
    assert meta.url is None or re.fullmatch(rf"https?://([\w-]+\.)*({'|'.join(OFFICIAL_HOSTS)})(/\S*)?", meta.url)


def test_kinds_are_those_of_their_folders() -> None:
    folders = {document(path).meta.kind: path.parent.name for path in FILES}
    assert folders[Kind.JUDGMENT] == "judgments"
    assert folders[Kind.PAPER] == "papers"
    assert {document(path).meta.kind for path in JUDGMENTS} == {Kind.JUDGMENT}
    assert {document(path).meta.kind for path in INSTRUMENTS}.isdisjoint({Kind.JUDGMENT, Kind.PAPER})


def test_ids_of_documents_and_passages_are_unique() -> None:
    assert len({document(path).id for path in FILES}) == len(FILES)
    every = [passage.id for path in FILES for passage in passages(path)]
    assert len(set(every)) == len(every)
    # A tilde stands for a second passage of one name: an article number given twice, or an article cut by a note.
    assert [identifier for identifier in every if "~" in identifier] == []


def test_a_name_means_one_document_only() -> None:
    owners: dict[str, set[str]] = {}
    for path in FILES:
        meta = document(path).meta
        for name in (meta.title, *meta.aliases):
            # Versions of one instrument share its names: the date tells them apart.
            owners.setdefault(name.lower(), set()).add(meta.title if meta.kind is not Kind.JUDGMENT else meta.id)
    assert {name: titles for name, titles in owners.items() if len(titles) > 1} == {}


# --- instruments ---

WITHOUT_ARTICLES = {Kind.STANDARD, Kind.DEPARTMENTAL_RULE}
"""Standards, reports and guidelines: cited by section."""


@every_instrument
def test_articles_are_numbered_from_one_without_a_gap(path: Path) -> None:
    meta, found = document(path).meta, [passage.article for passage in passages(path)]
    if not any(found):
        assert meta.kind in WITHOUT_ARTICLES or meta.partial
        return
    assert meta.articles or (meta.partial and meta.jurisdiction != "CN")
    if meta.partial:
        numbers = [article_slug(article or "") for article in found]
        assert numbers == sorted(set(numbers), key=lambda slug: [int(part) for part in slug.split("-")[1:]])
        assert meta.articles is None or int(numbers[-1].split("-")[1]) <= meta.articles
    else:
        assert found == [f"第{to_chinese(number)}条" for number in range(1, meta.articles + 1)]


@every_instrument
def test_items_are_numbered_from_one_without_a_gap(path: Path) -> None:
    gaps = []
    for passage in passages(path):
        lists: dict[int | None, list[int]] = {}
        for unit in units(passage):
            if unit.item is not None:
                lists.setdefault(unit.paragraph, []).append(unit.item)
        gaps += [
            (passage.id, items)
            for items in lists.values()
            if document(path).meta.jurisdiction == "CN" and items != list(range(1, len(items) + 1))
        ]
    assert gaps == []  # fmt: skip


@every_instrument
def test_every_article_has_a_topic_text_and_three_to_six_ways_to_ask(path: Path) -> None:
    for passage in passages(path):
        assert passage.topic or passage.section, passage.id
        assert units(passage), passage.id
        assert 3 <= len(passage.lay_questions) <= 6, passage.id
        assert len(set(passage.lay_questions)) == len(passage.lay_questions), passage.id


@every_file
def test_ways_to_ask_and_notes_stand_outside_the_text(path: Path) -> None:
    assert [p.id for p in passages(path) if re.search(r"^\s*(问法|注)\s*[:：]", p.text, re.MULTILINE)] == []


@pytest.mark.parametrize(
    "path",
    FILES,
    ids=stem,
)
def test_every_way_to_ask_leads_to_a_passage(path: Path) -> None:
    written = [line.removeprefix("问法：") for line in document(path).text.split("\n") if line.startswith("问法")]
    indexed = {question for passage in passages(path) for question in passage.lay_questions}
    assert [line for line in written if not set(line.split("；")) <= indexed] == []


@every_instrument
def test_instrument_has_its_number_and_dates(path: Path) -> None:
    meta = document(path).meta
    if meta.number is None:  # some numbers are not to be had from a source that may be relied on
        assert meta.issuer
        return
    forms = {"CN": r"GB(?:/T)? \d+-\d{4}|主席令第[一二三四五六七八九十百〇]+号|国务院令第\d+号|.+令第\d+号|法释〔\d{4}〕\d+号|.+〔\d{4}〕\d+号", "EU": r"\(EU\) \d{4}/\d+"}  # fmt: skip
    assert re.fullmatch(forms.get(meta.jurisdiction, ".+"), meta.number)
    assert meta.issuer
    assert meta.promulgated or meta.jurisdiction != "CN"
    assert meta.effective or meta.jurisdiction != "CN"
    assert meta.effective is None or meta.promulgated is None or meta.promulgated <= meta.effective
    assert meta.repealed is None or meta.effective is None or meta.effective < meta.repealed


@every_instrument
def test_articles_of_the_same_instrument_that_a_text_refers_to_exist(path: Path) -> None:
    meta, missing = document(path).meta, []
    for passage in passages(path):
        # 本法第N条 / 本办法第N条 / 本条例第N条: the reference is to this very instrument.
        for article in re.findall(r"本(?:法|办法|规定|条例)(第[一二三四五六七八九十百]+条)", passage.text):
            number = int(article_slug(article).removeprefix("art-"))
            if number > (meta.articles or 0) or (not meta.partial and f"{meta.id}/art-{number}" not in passage_ids()):
                missing.append((passage.id, article))
    assert missing == []


# --- judgments ---

DOCKET = r"\((?:19|20)\d{2}\)[\u4e00-\u9fff]\d{2,4}知?[民刑][初终]\d+号"


@every_judgment
def test_judgment_has_its_eight_sections_in_order(path: Path) -> None:
    assert [passage.section for passage in passages(path)] == list(JUDGMENT_SECTIONS)
    assert [passage.id for passage in passages(path)] == [f"{path.stem}/{slug}" for slug in JUDGMENT_SECTIONS.values()]


@every_judgment
def test_judgment_has_docket_number_court_date_and_parties(path: Path) -> None:
    meta, text = document(path).meta, document(path).text
    assert meta.court
    assert meta.finality in {"final", "not_final", "pending", "unknown"}
    assert meta.parties
    assert meta.parties.plaintiff
    assert meta.parties.defendant or meta.jurisdiction != "CN"  # a registration has an applicant only
    if meta.finality == "pending":
        assert meta.decided is None or meta.appeal is not None
    if meta.number is None:
        assert re.search(
            r"(案号|编号|docket)[^。]*(未查到|未见|不详|未找到|未公开|没有查到|未披露)|(未查到|未见|没有查到)[^。]*案号",
            text,
        )
    elif meta.jurisdiction == "CN":
        assert re.fullmatch(DOCKET, meta.number)
        assert meta.number in text
        # A case is decided in the year it was registered or soon after.
        assert meta.decided is None or 0 <= meta.decided.year - int(meta.number[1:5]) <= 3
        assert meta.appeal is None or meta.appeal.number is None or re.fullmatch(DOCKET, meta.appeal.number)


@every_judgment
def test_what_a_judgment_applies_is_in_the_corpus(path: Path) -> None:
    assert [place for place in document(path).meta.applies if place not in passage_ids()] == []


@pytest.mark.parametrize("path", JUDGMENTS + PAPERS, ids=stem)
def test_sections_that_list_ways_to_ask_list_three_to_six(path: Path) -> None:
    lines = [line.removeprefix("问法：") for line in document(path).text.split("\n") if line.startswith("问法")]
    assert [line for line in lines if not 3 <= len(line.split("；")) <= 6] == []
    assert lines


# --- the paper and what is wrong in it ---


@pytest.mark.parametrize("path", PAPERS, ids=stem)
def test_errata_quote_the_paper_and_point_into_the_corpus(path: Path) -> None:
    source = document(path)
    body = "\n".join(passage.text for passage in passages(path))
    errata = source.meta.errata
    assert [erratum.no for erratum in errata] == sorted({erratum.no for erratum in errata})
    assert [(e.no, anchor) for e in errata for anchor in e.anchors if anchor not in body] == []
    assert [(e.no, place) for e in errata for place in e.refers_to if place not in passage_ids()] == []
    sections = {passage.section for passage in passages(path)}
    assert [(e.no, section) for e in errata for section in e.section if section not in sections] == []


@pytest.mark.parametrize("path", PAPERS, ids=stem)
def test_every_erratum_has_an_anchor_in_each_section_it_names(path: Path) -> None:
    missing = []
    for erratum in document(path).meta.errata:
        for section in erratum.section:
            body = "\n".join(p.text for p in passages(path) if p.section == section)
            if not any(anchor in body for anchor in erratum.anchors):
                missing.append((erratum.no, section))
    assert missing == []


def _plain_characters(text: str) -> str:
    return re.sub(r"[\s|\-]", "", text)


@pytest.mark.skipif(not (SHARED / "seed/paper.txt").exists(), reason="the paper as supplied is not at hand")
def test_the_paper_stands_character_by_character_as_it_was_supplied() -> None:
    """But for line breaks, hyphens at them, table marks, our headings (###) and 问法, the running footer, and the place of footnotes."""
    supplied = (SHARED / "seed/paper.txt").read_text("utf-8")
    ours = document(PAPERS[0]).text
    footnote = re.compile(r"^ ?(\d)(参见.*?) *$", re.MULTILINE)
    our_footnote = re.compile(r"^\[\^(\d)\]: (.*)$", re.MULTILINE)
    assert our_footnote.findall(ours) == footnote.findall(supplied)
    supplied = re.sub(r"^Open Access$", "", footnote.sub("", supplied), flags=re.MULTILINE)
    ours = our_footnote.sub("", ours)
    ours = re.sub(r"^(问法：.*|### .*|## (?=\S)|\| --- .*)", "", ours, flags=re.MULTILINE)
    ours = re.sub(r"\[\^(\d)\]", r"\1", ours).replace("| 〔要素〕 |", "|")
    assert _plain_characters(ours) == _plain_characters(supplied)


# --- digests against official texts ---


def shape(path: Path) -> dict[str, tuple[int, list[tuple[int | None, int | None]]]]:
    """Article → number of 款, and the (款, 项) of each item."""
    return {
        passage.article or "": (
            paragraph_count(passage),
            [(unit.paragraph, unit.item) for unit in units(passage) if unit.item_label],
        )
        for passage in passages(path)
    }


@pytest.fixture
def official(request: pytest.FixtureRequest) -> tuple[Path, Path]:
    """The digest and the official text of one instrument."""
    path = OFFICIAL[request.param]
    if not path.exists():
        pytest.skip(f"needs {path}")
    return CORPUS / "regulations" / f"{request.param}.md", path


@pytest.mark.parametrize("official", OFFICIAL, indirect=True)
def test_digest_has_every_article_paragraph_and_item_of_the_official_text(official: tuple[Path, Path]) -> None:
    digest, text = official
    assert shape(digest) == shape(text)


@pytest.mark.parametrize("official", OFFICIAL, indirect=True)
def test_digest_has_the_chapters_of_the_official_text(official: tuple[Path, Path]) -> None:
    digest, text = official
    ours, theirs = (
        {p.article: "".join(map(without_blanks, p.headings)) for p in passages(path)} for path in (digest, text)
    )
    # The snapshot of the Copyright Law lacks the heading of its first chapter.
    assert ours == {article: headings or "第一章总则" for article, headings in theirs.items()}


@pytest.mark.parametrize("official", OFFICIAL, indirect=True)
def test_digest_keeps_the_amounts_and_deadlines_of_each_article(official: tuple[Path, Path]) -> None:
    digest, text = official
    number = re.compile(r"[一二三四五六七八九十百千万]+(?:个工作日|个月|日内|年|倍|元)")
    found = [{p.article: set(number.findall(p.text)) for p in passages(path)} for path in (digest, text)]
    assert {
        article: numbers - found[0][article] for article, numbers in found[1].items() if numbers - found[0][article]
    } == {}


@pytest.mark.parametrize(
    "official",
    [
        "copyright-law-2020",
        pytest.param(
            "algorithm-recommendation-2022",
        ),
    ],
    indirect=True,
)
def test_digest_shares_no_long_run_of_characters_with_the_official_text(official: tuple[Path, Path]) -> None:
    digest, text = official
    source = without_blanks("".join(passage.text for passage in passages(text)))
    runs = {source[i : i + LONGEST_COPY + 1] for i in range(len(source) - LONGEST_COPY)}
    copied = []
    for passage in passages(digest):
        body = without_blanks(passage.text)
        windows = [body[i : i + LONGEST_COPY + 1] for i in range(len(body) - LONGEST_COPY)]
        copied += [(passage.article, window) for window in windows if window in runs]
    assert copied == []


def test_every_document_is_in_order_of_its_text() -> None:
    for path in FILES:
        assert all(one.end <= next_one.start for one, next_one in pairwise(passages(path))), path
