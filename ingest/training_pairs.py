"""What the built-in models are trained on: statutes, lay questions about them, and the questions under our own corpus."""

from __future__ import annotations

import hashlib
import json
import random
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ingest.read import load
from ingest.sources import corpus_files
from ingest.split import split
from rag.indexed import passage_context, passage_text
from rag.types import Passage

Pair = tuple[str, str, int]
"""Query, text that answers it, and the number of the article behind the text (equal numbers are never negatives)."""


@dataclass(frozen=True)
class LayQuestion:
    id: int
    question: str
    statutes: tuple[str, ...]
    answer: str

    @property
    def held_out(self) -> bool:
        """One in five, by a hash of the id: never trained on, the development split of every figure."""
        return int(hashlib.sha256(f"lay-{self.id}".encode()).hexdigest(), 16) % 5 == 0


def read_questions(path: Path) -> list[LayQuestion]:
    rows = (json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip())
    return [LayQuestion(row["id"], row["question"], tuple(row["statutes"]), row["answer"]) for row in rows]


class Statutes:
    """All articles of a folder of statutes, found by names such as ``著作权法第二十四条``."""

    def __init__(self, folder: Path) -> None:
        self.titles: list[str] = []
        self.passages: list[Passage] = []
        self._by_name: dict[str, list[int]] = defaultdict(list)
        for path in sorted(folder.rglob("*.md")):
            document = load(path, root=folder)
            title = document.meta.title
            for passage in split(document):
                number = len(self.passages)
                self.passages.append(passage)
                self.titles.append(title)
                if passage.article:
                    self._by_name[short_name(title) + passage.article].append(number)

    def find(self, statute: str) -> list[int]:
        name, article = re.fullmatch(r"(.+?)(第[^第]+条(?:之[一二三四五六七八九十]+)?)", statute).groups()  # type: ignore[union-attr]
        return self._by_name.get(short_name(name) + article, [])

    def text(self, number: int) -> str:
        return passage_text(self.titles[number], self.passages[number])

    def context(self, number: int) -> str:
        return passage_context(self.titles[number], self.passages[number])


def short_name(title: str) -> str:
    return re.sub(r"《中华人民共和国|〈中华人民共和国", "《", title).removeprefix("中华人民共和国")


@dataclass(frozen=True)
class ArticleQuestion:
    """A lay question of our own on an article of the statutes, and the article's number there."""

    question: str
    statute: str
    number: int

    @property
    def held_out(self) -> bool:
        """One article in twenty, by a hash of its name: its questions are never trained on."""
        return int(hashlib.sha256(f"article-{self.statute}".encode()).hexdigest(), 16) % 20 == 0


def read_article_questions(path: Path, statutes: Statutes) -> list[ArticleQuestion]:
    """Our own lay questions on articles of all statutes; those on articles that are not there are left out."""
    rows = (json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip())
    found = ((row["question"], row["statute"], statutes.find(row["statute"])) for row in rows)
    return [ArticleQuestion(question, statute, numbers[0]) for question, statute, numbers in found if numbers]


def statute_pairs(statutes: Statutes, rng: random.Random) -> Iterator[Pair]:
    """Law and headings → article; one sentence → law, headings and the rest of its article."""
    for number, passage in enumerate(statutes.passages):
        body = passage.text
        yield statutes.context(number), body, number
        sentences = [piece for piece in re.split(r"(?<=[。；])", body) if len(piece) > 8]
        if len(sentences) > 1:
            chosen = rng.choice(sentences)
            yield chosen, statutes.context(number) + " " + body.replace(chosen, " ", 1), number


def lay_pairs(statutes: Statutes, questions: list[LayQuestion]) -> Iterator[tuple[Pair, float]]:
    """Lay questions that are not held out → their articles and the lawyer's answer, the answer → the articles; with a weight each."""
    for question in questions:
        if question.held_out:
            continue
        for number in (n for statute in question.statutes for n in statutes.find(statute)):
            yield (question.question, statutes.text(number), number), 1.0
            yield (question.answer, statutes.text(number), number), 0.3
        yield (question.question, question.answer, -1 - question.id), 1.0


@dataclass(frozen=True)
class OwnQuestion:
    """A question of our own with the ids of the passages that answer it; one in four is held out for tuning."""

    question: str
    gold: tuple[str, ...]

    @property
    def held_out(self) -> bool:
        return int(hashlib.sha256(self.question.encode()).hexdigest(), 16) % 4 == 0


def read_own(path: Path) -> list[OwnQuestion]:
    rows = (json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip())
    return [OwnQuestion(row["question"], tuple(row["gold"])) for row in rows]


def corpus_pairs(folder: Path, own: list[OwnQuestion], first_number: int, rng: random.Random) -> list[Pair]:
    """Lay and own questions → the passages that answer them, and → other questions that these answer."""
    found: list[Pair] = []
    asked: dict[str, list[str]] = defaultdict(list)
    for question in own:
        if not question.held_out:
            for identifier in question.gold:
                asked[identifier].append(question.question)
    number = first_number
    for path in corpus_files(folder):
        document = load(path, root=folder)
        if document.meta.text_status == "official":
            continue
        for passage in split(document):
            text = passage_text(document.meta.title, passage)
            own_here = [
                q
                for key, questions in asked.items()
                if passage.id == key or passage.id.startswith(key + "/")
                for q in questions
            ]
            queries = [*passage.lay_questions, *own_here]
            found.extend((query, text, number) for query in queries)
            found.extend(
                (query, rng.choice(passage.lay_questions), number) for query in own_here if passage.lay_questions
            )
            if len(passage.lay_questions) > 1:
                found.append((*rng.sample(passage.lay_questions, 2), number))  # type: ignore[arg-type]
            number += 1
    return found
