"""The rules that one file of a corpus is held to; each yields places and messages."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

from ingest.fetch import HOSTS_FILE, allowed_hosts
from ingest.split import JUDGMENT_SECTIONS
from rag.errors import InvalidInput
from rag.issues import issues
from rag.names import Names
from rag.numerals import CHINESE_DIGITS, article_number, to_chinese, to_int
from rag.pinpoint import units
from rag.references import named_articles
from rag.types import Document, DocumentMeta, Kind, Passage
from rag.understand import known_names

QUESTIONS = range(3, 7)
"""Number of 问法 under an article or section."""

_FOLDERS = {Kind.JUDGMENT: "judgments", Kind.PAPER: "papers"}
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_DOCKET = re.compile(
    r"\((?P<year>(?:19|20)\d{2})\)[\u4e00-\u9fff]{1,2}\d{0,6}[\u4e00-\u9fff]{1,3}\d+号(?:之[一二三四五])?"
)
_MARKS = ("单一来源", "来源不一")
_MARK = re.compile(r"〔(?P<mark>(?!\d+〕)[^〕]{2,12})〕(?P<after>.?)")  # 〔2026〕 is part of a document number
_SLUG = re.compile(r"art-(?P<number>[1-9]\d*)(?:-\d+)?")
_OWN_ARTICLE = re.compile(rf"本(?:法|条例|规定|办法|解释|意见|批复)第(?P<number>[{CHINESE_DIGITS}]+)条")
_QUESTION_LENGTH = range(3, 61)


@dataclass(frozen=True, slots=True)
class File:
    path: Path
    document: Document
    passages: tuple[Passage, ...]

    @property
    def meta(self) -> DocumentMeta:
        return self.document.meta


class Corpus:
    """The files of a corpus that can be read."""

    def __init__(self, folder: Path, files: Sequence[File]) -> None:
        self.folder, self.files = folder, files

    @cached_property
    def metas(self) -> dict[str, DocumentMeta]:
        return {file.meta.id: file.meta for file in self.files}

    @cached_property
    def passages(self) -> set[str]:
        return {passage.id for file in self.files for passage in file.passages}

    @cached_property
    def names(self) -> Names:
        return known_names(self.metas.values())

    @cached_property
    def hosts(self) -> frozenset[str]:
        try:
            return allowed_hosts(self.folder)
        except InvalidInput:
            return frozenset()

    def has(self, identifier: str) -> bool:
        """Whether a document or passage of this id is in the corpus, or an article that a partial document does not give."""
        if identifier in self.metas or identifier in self.passages:
            return True
        document, _, place = identifier.partition("/")
        meta = self.metas.get(document)
        slug = _SLUG.fullmatch(place)
        return bool(meta and meta.partial and slug and int(slug["number"]) <= (meta.articles or 0))


Problems = Iterator[tuple[str, ...]]
"""(place, message) or (place, message, level)."""


def _identity(file: File, corpus: Corpus) -> Problems:
    meta = file.meta
    if not _ID.fullmatch(meta.id):
        yield "id", f"id 只用小写字母、数字和连字符：{meta.id!r}"
    if meta.id != file.path.stem:
        yield "id", f"id 与文件名不同：{meta.id!r}"
    folder = _FOLDERS.get(meta.kind, "regulations")
    if file.path.relative_to(corpus.folder).parts[0] != folder:
        yield "kind", f"{meta.kind.value} 应放在 {folder}/"
    if meta.kind is Kind.OWN:
        yield "kind", "own 是使用者自己的文档，不进入语料"
    if not file.passages:
        yield "", "没有可以引用的段落"
    if meta.checked is None:
        yield "checked", "没有最近核对的日期"
    if meta.evidence == "unverified":
        yield "evidence", "应为 verified 或 single_source"
    if meta.kind is Kind.JUDGMENT:
        for field in ("court", "finality"):
            if getattr(meta, field) is None:
                yield field, "判决缺少这一项"


def _dates(file: File, corpus: Corpus) -> Problems:
    del corpus
    meta, today = file.meta, dt.datetime.now(tz=dt.UTC).date() + dt.timedelta(days=1)
    appeal = meta.appeal.decided if meta.appeal else None
    ordered = (("promulgated", "effective"), ("effective", "repealed"))
    for first, second in ordered:
        a, b = getattr(meta, first), getattr(meta, second)
        if a and b and b < a:
            yield second, f"{second}（{b}）早于 {first}（{a}）"
    if meta.decided and appeal and appeal < meta.decided:
        yield "appeal", f"二审（{appeal}）早于一审（{meta.decided}）"
    for name, day in (
        ("checked", meta.checked),
        ("decided", meta.decided),
        ("promulgated", meta.promulgated),
        ("appeal", appeal),
    ):
        if day and day > today:
            yield name, f"日期在未来：{day}"
    if meta.kind is Kind.JUDGMENT and meta.finality == "pending" and meta.decided:
        yield "decided", "未决案件不应有裁判日期"


def _numbers(file: File, corpus: Corpus) -> Problems:
    del corpus
    meta = file.meta
    if meta.kind is not Kind.JUDGMENT or meta.jurisdiction != "CN":
        return
    appeal = meta.appeal
    decisions = [("number", meta.number, meta.decided)]
    if appeal:
        decisions.append(("appeal", appeal.number, appeal.decided))
    for field, number, decided in decisions:
        docket = _DOCKET.fullmatch(number or "")
        if number and not docket:
            yield field, f"案号不合格式：{number!r}，应如 (2024)粤0192民初113号"
        elif docket and decided and int(docket["year"]) > decided.year:
            yield field, f"案号年份晚于裁判日期：{number}"


def _links(file: File, corpus: Corpus) -> Problems:
    url = file.meta.url
    if url is None:
        return
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        yield "url", f"不是网址：{url!r}"
    elif parts.hostname not in corpus.hosts:
        yield "url", f"不是 {HOSTS_FILE} 所列的官方网站：{parts.hostname}"


def _structure(file: File, corpus: Corpus) -> Problems:
    del corpus
    meta = file.meta
    for passage in file.passages:
        if "~" in passage.id:
            yield passage.id, "重复的条号或节名"
        yield from _items(passage)
    if meta.kind is Kind.JUDGMENT:
        if [passage.section for passage in file.passages] != list(JUDGMENT_SECTIONS):
            yield "sections", f"应依次有：{'、'.join(JUDGMENT_SECTIONS)}"
        return
    articles = [passage.article for passage in file.passages if passage.article]
    numbers = [article_number(article) for article in articles]
    for article, number in zip(articles, numbers, strict=True):
        if not article.startswith(f"第{to_chinese(number)}条"):
            yield article, f"条号不是规范写法，应为第{to_chinese(number)}条"
    if numbers != sorted(numbers):
        yield "articles", "条文没有按条号排列"
    if articles and not meta.partial:
        missing = sorted(set(range(1, (meta.articles or max(numbers)) + 1)) - set(numbers))
        if missing:
            yield "articles", f"缺少第{to_chinese(missing[0])}条等 {len(missing)} 条；只收录部分条文时写 partial: true"
        if meta.articles is None:
            yield "articles", "没有写明全文条数"
    if meta.articles and numbers and max(numbers) > meta.articles:
        yield "articles", f"第{to_chinese(max(numbers))}条超出全文条数 {meta.articles}"


def _items(passage: Passage) -> Problems:
    """项 of one 款 are numbered from 1 without gaps."""
    lists: dict[int | None, list[int]] = {}
    for unit in units(passage):
        if unit.item:
            lists.setdefault(unit.paragraph, []).append(unit.item)
    for paragraph, numbers in lists.items():
        if numbers != list(range(1, len(numbers) + 1)) and passage.note is None:
            yield passage.id, f"第 {paragraph} 款的项不连续：{numbers}；有意省略时用 注： 说明"


def _questions(file: File, corpus: Corpus) -> Problems:
    del corpus
    for passage in file.passages:
        asked = passage.lay_questions
        if len(asked) not in QUESTIONS and file.meta.kind is not Kind.PAPER:
            yield passage.id, f"问法有 {len(asked)} 条，应有 {QUESTIONS[0]}–{QUESTIONS[-1]} 条"
        if len(set(asked)) < len(asked):
            yield passage.id, "问法重复"
        for question in asked:
            # A word of English counts like a character of Chinese.
            length = len(re.findall(r"[A-Za-z0-9'’-]+|[\u4e00-\u9fff]", question))
            if length not in _QUESTION_LENGTH:
                yield passage.id, f"问法长度不当：{question!r}"
    if file.meta.kind is Kind.PAPER and not any(passage.lay_questions for passage in file.passages):
        yield "", "没有问法"


def _marks(file: File, corpus: Corpus) -> Problems:
    """Marks on sentences of a digest; a paper's own brackets are its own."""
    del corpus
    if file.meta.kind is Kind.PAPER:
        return
    for passage in file.passages:
        for unit in units(passage):
            for match in _MARK.finditer(unit.text):
                if match["mark"] not in _MARKS:
                    yield passage.id, f"不认识的标记：〔{match['mark']}〕，只用 {'、'.join(_MARKS)}"
                elif match.start() == 0 or match["after"] not in ("。", "；", "〔", "：", ""):
                    yield passage.id, f"标记应放在句末标点之前：…{unit.text[max(0, match.start() - 8) : match.end()]}"


def _relations(file: File, corpus: Corpus) -> Problems:
    meta = file.meta
    own = {passage.id.partition("/")[2]: passage for passage in file.passages}
    for identifier in meta.applies:
        if not corpus.has(identifier):
            yield "applies", f"指向不存在的段落：{identifier}"
    for relation in meta.implements:
        if not corpus.has(relation.of):
            yield "implements", f"指向不存在的文档或段落：{relation.of}"
        if relation.passage and relation.passage not in own:
            yield "implements", f"本文件没有这一段：{relation.passage}"
    for erratum in meta.errata:
        for identifier in erratum.refers_to:
            if not corpus.has(identifier):
                yield f"errata {erratum.no}", f"指向不存在的文档或段落：{identifier}"
        for anchor in erratum.anchors:
            if anchor not in file.document.text:
                yield f"errata {erratum.no}", f"正文中没有这段原文：{anchor[:24]}…"
    yield from _versions(file, corpus)
    for position in meta.positions:
        issue = issues().get(position.issue)
        if issue is None or position.position not in issue.positions:
            yield "positions", f"不认识的争点或立场：{position.issue} / {position.position}"
        if position.passage not in own:
            yield "positions", f"本文件没有这一段：{position.passage}"
        elif position.anchor not in own[position.passage].text:
            yield "positions", f"{position.passage} 中没有这段原文：{position.anchor[:24]}…"


def _versions(file: File, corpus: Corpus) -> Problems:
    meta = file.meta
    earlier = corpus.metas.get(meta.supersedes or "")
    if meta.supersedes and earlier is None:
        yield "supersedes", f"前一版本 {meta.supersedes} 未收录", "notice"
    if earlier and meta.effective and earlier.repealed != meta.effective:
        yield "supersedes", f"{earlier.id} 的失效日（{earlier.repealed}）不是本版本的施行日（{meta.effective}）"
    if meta.renumbered and earlier is None:
        yield "renumbered", "条号对照需要 supersedes 指向已收录的前一版本"
    for old, new in meta.renumbered.items():
        slugs = [(old, earlier.articles if earlier else None), *([(new, meta.articles)] if new else [])]
        for slug, total in slugs:
            match = _SLUG.fullmatch(slug)
            if not match or (total and int(match["number"]) > total):
                yield "renumbered", f"没有这一条：{slug}"


def _references(file: File, corpus: Corpus) -> Problems:
    """Articles that the text names: in the instrument itself and in others of the corpus."""
    for passage in file.passages:
        for reference in named_articles(passage.text, corpus.names):
            metas = [corpus.metas[identifier] for identifier in reference.document_ids]
            number = article_number(reference.article)
            totals = [meta.articles for meta in metas if meta.articles]
            if totals and number > max(totals):
                yield passage.id, f"{metas[0].short_title}没有{reference.article}：共 {max(totals)} 条"
        for match in _OWN_ARTICLE.finditer(passage.text) if passage.article and file.meta.articles else ():
            if (to_int(match["number"]) or 0) > (file.meta.articles or 0):
                yield passage.id, f"{match[0]}不存在：共 {file.meta.articles} 条"


RULES = (_identity, _dates, _numbers, _links, _structure, _questions, _marks, _relations, _references)
"""Each yields what is wrong in one file; its name is the rule's."""
