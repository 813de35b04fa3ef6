"""The linter of a corpus: what would make an answer wrong, a citation lead nowhere, or a relation point into the void."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ingest.compare import compare
from ingest.official import FOLDER
from ingest.read import load
from ingest.rules import RULES, Corpus, File
from ingest.sources import corpus_files
from ingest.split import article_slug, split
from rag.errors import DocumentRefused, InvalidInput
from rag.types import DocumentMeta, Kind, Passage


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong in a file: the rule, the place, what to do. A ``notice`` is a gap that is known and allowed."""

    path: str
    place: str
    rule: str
    message: str
    level: str = "error"


def check(folder: Path, *, official: Path | None = None) -> list[Finding]:
    """Every finding in the corpus at ``folder``, by file. ``official``: where official texts are, beside those in ``folder``/official.

    Raises:
        InvalidInput: the folder does not exist, or holds no document.
    """
    if not folder.is_dir():
        raise InvalidInput(f"文件夹不存在：{folder}。", next_step="检查路径；不带参数时检查 corpus/。")
    if official and not official.is_dir():
        raise InvalidInput(f"文件夹不存在：{official}。", next_step="检查 --official 的路径。")
    corpus, unreadable = _read(folder)
    if not corpus.files and not unreadable:
        raise InvalidInput(f"文件夹里没有语料：{folder}。", next_step="检查路径；格式见 corpus/README.md。")
    found = [*unreadable, *_collisions(corpus)]
    for file in corpus.files:
        path = str(file.path.relative_to(folder))
        found.extend(
            Finding(path, place, rule.__name__.strip("_"), *rest)
            for rule in RULES
            for place, *rest in rule(file, corpus)
        )
    found.extend(_against_official(corpus, official))
    return sorted(found, key=lambda finding: (finding.path, finding.place, finding.rule))


def _read(folder: Path) -> tuple[Corpus, list[Finding]]:
    files: list[File] = []
    findings: list[Finding] = []
    for path in corpus_files(folder):
        if path.relative_to(folder).parts[0] == FOLDER:
            continue
        try:
            document = load(path, root=folder)
        except DocumentRefused as error:
            findings.append(Finding(str(path.relative_to(folder)), "", "schema", str(error)))
            continue
        files.append(File(path, document, tuple(split(document))))
    return Corpus(folder, files), findings


def _collisions(corpus: Corpus) -> Iterator[Finding]:
    """Ids, names and lay questions that two documents or passages share; versions of one instrument share their names."""
    ids = Counter(file.meta.id for file in corpus.files)
    names: dict[str, list[DocumentMeta]] = {}
    asked: dict[str, list[str]] = {}
    for file in corpus.files:
        path = str(file.path.relative_to(corpus.folder))
        if ids[file.meta.id] > 1:
            yield Finding(path, "id", "collisions", f"id 重复：{file.meta.id}")
        for name in {file.meta.title, *file.meta.aliases}:
            names.setdefault(name.casefold(), []).append(file.meta)
        for passage in file.passages:
            for question in passage.lay_questions:
                asked.setdefault(question.casefold(), []).append(_section_of(passage))
    paths = {file.meta.id: str(file.path.relative_to(corpus.folder)) for file in corpus.files}
    for name, metas in names.items():
        if len({meta.id if meta.kind is Kind.JUDGMENT else meta.title for meta in metas}) > 1:
            others = "、".join(meta.id for meta in metas)
            yield Finding(paths[metas[0].id], "aliases", "collisions", f"别名“{name}”同时指 {others}")
    for question, places in asked.items():
        first, *rest = dict.fromkeys(places)
        if rest:
            path = paths[first.partition("/")[0]]
            yield Finding(path, first, "collisions", f"问法“{question}”也在 {'、'.join(rest)}")


def _section_of(passage: Passage) -> str:
    """``aigc-paper/s-5.1`` for its second paragraph: the 问法 of a section are those of all its paragraphs."""
    return re.sub(r"/p-\d+$", "", passage.id)


def _against_official(corpus: Corpus, extra: Path | None) -> Iterator[Finding]:
    """Digests against the official texts at hand: copied sentences are errors, other differences are for a reader."""
    by_id = {file.meta.id: file for file in corpus.files}
    for folder in filter(None, (corpus.folder / FOLDER, extra)):
        for path in corpus_files(folder) if folder.is_dir() else []:
            try:
                official = load(path, root=folder)
            except DocumentRefused as error:
                yield Finding(f"{folder.name}/{path.relative_to(folder)}", "", "schema", str(error))
                continue
            file = by_id.get(official.id)
            if file is None:
                continue
            for difference in compare(file.document, official):
                level = "error" if difference.kind == "copied" else "notice"
                place = article_slug(difference.article)
                where = str(file.path.relative_to(corpus.folder))
                yield Finding(where, place, difference.kind, f"与官方文本比对：{difference.detail}", level)
