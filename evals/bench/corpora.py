"""What is searched and what is asked: folders of documents, and questions with the articles that answer them.

An *article* is a passage of our splitter: an article of an instrument, a section of a judgment, a paragraph of a paper. All systems
are given the same files; those that search articles are given the same text of each (``article_text``).
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from evals.pinpoints import article_level
from evals.questions import read_questions
from ingest.read import load
from ingest.sources import corpus_files
from ingest.split import split
from ingest.training_pairs import Statutes, read_own
from ingest.training_pairs import read_questions as read_lay
from rag.errors import DocumentRefused
from rag.indexed import passage_text
from rag.types import Passage

SHIPPED = ("papers", "judgments", "regulations")
IP_TITLES = re.compile("著作权|版权|知识产权|商标|专利|计算机软件|网络|不正当竞争")
"""A statute belongs to the small legal corpus when its title has one of these."""
SIZES = (1_000, 3_000, 10_000, 30_000)
"""Articles of the corpora on which cost against size is measured; the whole folder comes last."""


@dataclass(frozen=True, slots=True)
class Article:
    """``text`` is what is indexed; ``start`` and ``end`` are where the article stands in its document."""

    id: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Source:
    """A document: its text, and its articles in the order in which they stand there."""

    id: str
    text: str
    articles: tuple[Article, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question; ``gold``: requirements, each met by any of its alternatives (passage ids, or prefixes of them)."""

    id: str
    question: str
    gold: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Corpus:
    """Documents in a folder of their own, and sets of questions by name (without gold where only cost is measured)."""

    name: str
    folder: Path
    documents: int
    articles: int
    fingerprint: str
    questions: dict[str, tuple[Asked, ...]] = field(default_factory=dict)

    @property
    def asked(self) -> list[Asked]:
        return [question for group in self.questions.values() for question in group]


def read_sources(folder: Path) -> list[Source]:
    """The documents that an ingestion of ``folder`` would take: refused files and second files of one id left out."""
    found: dict[str, Source] = {}
    for path in corpus_files(folder):
        try:
            document = load(path, root=folder)
        except DocumentRefused:
            continue
        passages = sorted(split(document), key=lambda passage: passage.start)
        if passages and document.id not in found:
            found[document.id] = Source(
                document.id, document.text, tuple(_article(document.meta.title, p) for p in passages)
            )
    return list(found.values())


def article_text(title: str, passage: Passage) -> str:
    """Title, headings, topic and text of a passage, and the ways of asking for it (问法) where the document gives them."""
    return " ".join(filter(None, (passage_text(title, passage), passage.topic, *passage.lay_questions)))


def _article(title: str, passage: Passage) -> Article:
    return Article(passage.id, article_text(title, passage), passage.start, passage.end)


def corpus_of(name: str, folder: Path, questions: dict[str, tuple[Asked, ...]] | None = None) -> Corpus:
    sources = read_sources(folder)
    digest = hashlib.sha256()
    for source in sources:
        digest.update(json.dumps(asdict(source), ensure_ascii=False).encode())
    articles = sum(len(source.articles) for source in sources)
    return Corpus(name, folder, len(sources), articles, digest.hexdigest()[:16], questions or {})


def questions_fingerprint(questions: Sequence[Asked]) -> str:
    rows = json.dumps([asdict(question) for question in questions], ensure_ascii=False)
    return hashlib.sha256(rows.encode()).hexdigest()[:16]


def copy_files(files: Iterable[Path], root: Path, target: Path) -> Path:
    """Copy ``files`` to ``target`` with their paths under ``root``, so that documents keep their ids."""
    for path in files:
        place = target / path.relative_to(root)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, place)
    return target


def shipped_corpus(root: Path, work: Path) -> Corpus:
    """The corpus of the repository, without official texts that this machine has beside it, and both sets of our own questions."""
    files = [path for kind in SHIPPED for path in corpus_files(root / "corpus" / kind)]
    folder = copy_files(files, root / "corpus", work / "shipped")
    own = own_questions(root / "ingest" / "training" / "in_scope.jsonl")
    return corpus_of("shipped", folder, {"own": own, "suite": suite_questions()})


def law_corpora(laws: Path, questions: Path, work: Path) -> list[Corpus]:
    """From small to large: the statutes on intellectual property and networks, slices of all statutes, all statutes."""
    files = corpus_files(laws)
    everything = copy_files(files, laws, work / "statutes")
    asked = lay_questions(questions, everything)
    timing = tuple(replace(question, gold=()) for question in asked)
    ip = copy_files(ip_files(laws), laws, work / "ip")
    found = [corpus_of("ip", ip, {"ip-lay": lay_questions(questions, ip)})]
    for size in SIZES:
        chosen = slice_of(files, laws, size)
        if 0 < len(chosen) < len(files):
            name = f"size-{size}"
            found.append(corpus_of(name, copy_files(chosen, laws, work / name), {"timing": timing}))
    return [*found, corpus_of("statutes", everything, {"statutes-lay": asked})]


def ip_files(laws: Path) -> list[Path]:
    """Files whose document is a statute on intellectual property or networks, by ``IP_TITLES``."""
    found = []
    for path in corpus_files(laws):
        try:
            if IP_TITLES.search(load(path, root=laws).meta.title):
                found.append(path)
        except DocumentRefused:
            continue
    return found


def slice_of(files: Sequence[Path], root: Path, size: int) -> list[Path]:
    """Whole files in an order fixed by a hash of their path, up to ``size`` articles; empty where all files together have fewer."""
    chosen, articles = [], 0
    for path in sorted(files, key=lambda path: hashlib.sha256(path.relative_to(root).as_posix().encode()).digest()):
        try:
            articles += len(split(load(path, root=root)))
        except DocumentRefused:
            continue
        chosen.append(path)
        if articles >= size:
            return chosen
    return []


def own_questions(path: Path) -> tuple[Asked, ...]:
    """Our own questions that no model was trained on (``OwnQuestion.held_out``); settings were chosen on them."""
    return tuple(
        Asked(f"own-{number}", question.question, tuple((place,) for place in dict.fromkeys(question.gold)))
        for number, question in enumerate(read_own(path), start=1)
        if question.held_out
    )


def suite_questions() -> tuple[Asked, ...]:
    """The evaluation suite's questions with gold; those with a date or a history, which the peers cannot use, left out."""
    return tuple(
        Asked(question.id, question.question, tuple(dict.fromkeys(_at_article_level(question.gold))))
        for question in read_questions()
        if question.gold and not question.history and question.as_of is None
    )


def _at_article_level(gold: Iterable[Sequence[str]]) -> Iterator[tuple[str, ...]]:
    for alternatives in gold:
        yield tuple(dict.fromkeys(map(article_level, alternatives)))


def lay_questions(path: Path, folder: Path) -> tuple[Asked, ...]:
    """Held-out lay questions (``LayQuestion.held_out``: never trained on, the development split) all of whose statutes are in ``folder``.

    A statute that the folder has in several versions or copies is met by the article of any of them.
    """
    statutes = Statutes(folder)
    asked = []
    for question in read_lay(path):
        gold = [tuple(statutes.passages[number].id for number in statutes.find(name)) for name in question.statutes]
        if question.held_out and gold and all(gold):
            asked.append(Asked(f"lay-{question.id}", question.question, tuple(dict.fromkeys(gold))))
    return tuple(asked)
