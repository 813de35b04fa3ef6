"""Hold a digest against the official text: what it leaves out, adds, or copies, article by article.

Checks what code can: articles, 款 and 项, figures with their units, cross-references, modality. Meaning is for a reader.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from ingest.split import split
from rag.numerals import CHINESE_DIGITS, to_int
from rag.pinpoint import units
from rag.references import cited_articles
from rag.types import Document, Passage

MAX_SHARED_RUN = 40
"""Characters that a digest may share with the official text in one run, quotations and titles aside."""

Pieces = tuple[Passage, ...]

_AMOUNT = re.compile(
    rf"(?:百分之)?(?P<number>[{CHINESE_DIGITS}万亿]+|\d[\d,.]*)\s*(?P<unit>个?(?:工作日|小时|周岁|[元日年月倍岁天%％])|个月)"
)
_SHARE = re.compile(rf"百分之(?P<number>[{CHINESE_DIGITS}]+)")
_MODALITIES = (("不得", "禁止", "不应", "不准"), ("应当", "必须", "应", "须"))
_QUOTED = re.compile(r"[“「『][^”」』]*[”」』]|《[^》]*》")
_NOT_TEXT = re.compile(r"[\s，。；：、（）()“”‘’〔〕《》〈〉\[\]【】—…·]")


@dataclass(frozen=True, slots=True)
class Difference:
    """Where a digest departs from the official text; ``kind`` is articles, paragraphs, items, figures, references, modality or copied."""

    article: str
    kind: str
    detail: str


def compare(digest: Document, official: Document) -> list[Difference]:
    """Differences in the order of the articles; a digest marked ``partial`` may lack articles, never have others."""
    ours, theirs = _articles(digest), _articles(official)
    found = [Difference(article, "articles", "官方文本没有这一条") for article in ours if article not in theirs]
    for article, passage in theirs.items():
        if article in ours:
            found.extend(_differences(article, ours[article], passage))
        elif not digest.meta.partial:
            found.append(Difference(article, "articles", "摘要缺少这一条"))
    return found


def _articles(document: Document) -> dict[str, tuple[Passage, ...]]:
    """Passages by article: one, or several where an aside interrupts it."""
    found: dict[str, tuple[Passage, ...]] = {}
    for passage in split(document):
        if passage.article:
            found[passage.article] = (*found.get(passage.article, ()), passage)
    return found


def _differences(article: str, digest: Pieces, official: Pieces) -> Iterator[Difference]:
    ours, theirs = _shape(digest), _shape(official)
    if len(ours) != len(theirs):
        yield Difference(article, "paragraphs", f"摘要 {len(ours)} 款，官方文本 {len(theirs)} 款")
    else:
        for number, (mine, original) in enumerate(zip(ours, theirs, strict=True), start=1):
            if mine != original:
                yield Difference(article, "items", f"第 {number} 款：摘要 {mine} 项，官方文本 {original} 项")
    missing, added = _figures(official) - _figures(digest), _figures(digest) - _figures(official)
    if missing or added:
        yield Difference(article, "figures", f"缺 {_listed(missing)}，多 {_listed(added)}")
    missing, added = _references(official) - _references(digest), _references(digest) - _references(official)
    if missing or added:
        yield Difference(article, "references", f"缺 {_listed(missing)}，多 {_listed(added)}")
    for words in _MODALITIES:
        if _says(official, words) != _says(digest, words):
            where = "官方文本" if _says(official, words) else "摘要"
            yield Difference(article, "modality", f"只有{where}有“{words[0]}”一类用语")
    run = longest_shared_run(_body(digest), _body(official))
    if len(run) > MAX_SHARED_RUN:
        yield Difference(article, "copied", f"{len(run)} 字相同：{run[:24]}…")


def longest_shared_run(digest: str, official: str) -> str:
    """The longest run of characters, punctuation aside, that both texts have; what the digest marks as a quotation or title does not count."""
    pieces = [_NOT_TEXT.sub("", piece) for piece in _QUOTED.split(digest)]
    whole = _NOT_TEXT.sub("", official)
    best = ""
    for piece in pieces:
        match = SequenceMatcher(None, piece, whole, autojunk=False).find_longest_match()
        if match.size > len(best):
            best = piece[match.a : match.a + match.size]
    return best


def _shape(pieces: Pieces) -> list[int]:
    """Number of 项 in each 款."""
    items: dict[int, set[int | str]] = {}
    for unit in (unit for passage in pieces for unit in units(passage)):
        found = items.setdefault(unit.paragraph or 1, set())
        if unit.item_label:
            found.add(unit.item_label)
    return [len(items[paragraph]) for paragraph in sorted(items)]


def _figures(pieces: Pieces) -> set[str]:
    text = _body(pieces)
    found = {f"{to_int(match['number'])}%" for match in _SHARE.finditer(text)}
    for match in _AMOUNT.finditer(_SHARE.sub("", text)):
        value = to_int(match["number"].replace(",", ""))
        if value is not None:
            found.add(f"{value}{match['unit'].removeprefix('个').replace('％', '%')}")
    return found


def _references(pieces: Pieces) -> set[str]:
    """Articles that it names, of whatever instrument: titles stand in brackets in one text and without in another."""
    named = cited_articles(re.sub(r"[《》〈〉]", "", _body(pieces)))
    return {reference.article for reference in named if reference.article} - {pieces[0].article}


def _says(pieces: Pieces, words: tuple[str, ...]) -> bool:
    return any(word in _body(pieces) for word in words)


def _body(pieces: Pieces) -> str:
    return "\n".join(unit.text for passage in pieces for unit in units(passage))


def _listed(values: set[str]) -> str:
    return "、".join(sorted(values)) or "无"
