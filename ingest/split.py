"""Cut a document into passages along its legal structure: never through an article, a table or a sentence."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from ingest.structure import Block, is_instrument, parse
from rag.numerals import to_int
from rag.pinpoint import paragraph_count
from rag.types import Document, Kind, Passage

SPLITTER_VERSION = "5"
"""Part of the index fingerprint: raise it when the same text would be cut in another way."""

MAX_PASSAGE = 1200
"""Characters after which running text (no articles) is cut at the next paragraph."""

JUDGMENT_SECTIONS = {
    "当事人": "parties",
    "案情": "facts",
    "原告主张": "claims",
    "被告抗辩": "defence",
    "争议焦点": "issues",
    "法院认为": "court-view",
    "裁判结果": "disposition",
    "后续": "aftermath",
}
_WITHOUT_ARTICLES = (Kind.JUDGMENT, Kind.PAPER)
_NUMBERED = re.compile(r"^(?P<number>\d+(?:\.\d+)*)[.、\s]*")
_TABLE = re.compile(r"^表\s*(?P<number>\d+)")


def split(document: Document) -> list[Passage]:
    """Passages of ``document`` in reading order, with stable ids such as ``copyright-law-2020/art-24``."""
    blocks = parse(document.text, instrument=document.meta.kind not in _WITHOUT_ARTICLES)
    instrument = is_instrument(blocks)
    passages: list[Passage] = []
    for block in blocks:
        if instrument and not block.article:
            continue  # title lines and the history of the instrument: kept in the document, not cited
        pieces = list(_block_passages(document, block))
        if block.continues and block.article and passages:
            counted = paragraph_count(passages[-1])
            pieces = [replace(piece, paragraph_offset=counted) for piece in pieces]
        passages.extend(pieces)
    return list(_with_unique_ids(passages))


def _block_passages(document: Document, block: Block) -> Iterator[Passage]:
    section = None if block.article else _section_name(document, block)
    whole = Passage(
        id=f"{document.id}/{_slug(document, block, section)}",
        document_id=document.id,
        text=document.text[block.start : block.end],
        start=block.start,
        end=block.end,
        headings=block.headings,
        article=block.article,
        section=section,
        topic=block.topic,
        lay_questions=block.lay_questions,
        note=block.note,
    )
    if block.article or document.meta.kind is Kind.JUDGMENT:
        yield whole
        return
    for number, (start, end) in enumerate(_paragraph_groups(document, block), start=1):
        yield replace(whole, id=f"{whole.id}/p-{number}", start=start, end=end, text=document.text[start:end])


def _paragraph_groups(document: Document, block: Block) -> Iterator[tuple[int, int]]:
    """Paragraphs of a paper one by one; of texts without structure, short paragraphs together up to ``MAX_PASSAGE``."""
    if document.meta.kind is Kind.PAPER and block.headings:
        yield from block.paragraphs
        return
    group: tuple[int, int] | None = None
    for start, end in block.paragraphs:
        if group and end - group[0] > MAX_PASSAGE:
            yield group
            group = None
        group = (group[0] if group else start, end)
    if group:
        yield group


def _section_name(document: Document, block: Block) -> str | None:
    if not block.headings:
        return None
    title = re.sub(r"〔[^〕]*〕", "", block.headings[-1]).strip()
    if document.meta.kind is Kind.PAPER and (found := _NUMBERED.match(title)):
        return found["number"]
    return title or block.topic


def _slug(document: Document, block: Block, section: str | None) -> str:
    if block.article:
        return article_slug(block.article)
    if section is None:
        return "text"
    if document.meta.kind is Kind.JUDGMENT and section in JUDGMENT_SECTIONS:
        return JUDGMENT_SECTIONS[section]
    if found := _TABLE.match(section):
        return f"s-table-{found['number']}"
    plain = {"摘要": "abstract", "Abstract": "abstract-en"}.get(section, section)
    return "s-" + re.sub(r"\s+", "-", plain.strip().lower())


def article_slug(article: str) -> str:
    """``第二十四条`` → ``art-24``; ``第一百三十三条之一`` → ``art-133-1``."""
    main, _, sub = article.removeprefix("第").partition("条")
    numbers = [to_int(main), to_int(sub.removeprefix("之"))] if sub else [to_int(main)]
    return "art-" + "-".join(str(number) for number in numbers)


def _with_unique_ids(passages: Iterable[Passage]) -> Iterator[Passage]:
    """A text that has two articles of one number (an annex that counts anew) keeps both: art-3, art-3~2."""
    seen: Counter[str] = Counter()
    for passage in passages:
        seen[passage.id] += 1
        yield passage if seen[passage.id] == 1 else replace(passage, id=f"{passage.id}~{seen[passage.id]}")
