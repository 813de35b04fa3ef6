"""What the reader (``rag.support.reader``) is trained on: texts, questions with the articles that answer them, claims; cut and numbered as it reads."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ingest.claims import LabelledClaim, corpus_passages, digest_claims, made_claims, read_claims, turned_round
from ingest.read import load
from ingest.sources import corpus_files
from ingest.training_pairs import LayQuestion, Statutes, read_article_questions, read_own, read_questions, short_name
from rag.support.reader import FIRST_CHARACTER, LONGEST, marked, prepared, window_of
from rag.types import Passage

TRAINING = Path(__file__).parent / "training"
MADE, OF_ONE, LEAST_ARTICLES = 150_000, 80, 4
"""Claims made from statutes until there are so many, from so many articles of one at most, and from none with fewer articles."""
CHARACTERS, SEEN = 6_000, 4
"""Characters that the reader knows at most, and how often each of them is to be seen."""
_LEAST_TEXT = 20

Texts = tuple[str, str]
"""A claim or question and what is read of its sources, both ``prepared``."""


@dataclass(frozen=True, slots=True)
class Material:
    """What there is to train on. ``made`` claims are of sources that no ``written`` claim has; ``turned`` are written ones made wrong by rule."""

    texts: tuple[str, ...]
    pairs: tuple[Texts, ...]
    written: tuple[LabelledClaim, ...]
    turned: tuple[LabelledClaim, ...]
    made: tuple[LabelledClaim, ...]


@dataclass(frozen=True, slots=True)
class Numbered:
    """Pairs of texts as the network takes them: ``ids`` of shape ``(pairs, LONGEST)``, 0 past the end, and where the second text begins, shape
    ``(pairs,)``."""

    ids: npt.NDArray[np.int16]
    borders: npt.NDArray[np.int16]


def material(laws: Path, corpus: Path, questions: Path | None = None) -> Material:
    """Everything, from the statutes in a folder, the corpus, our own questions and, where given, the real lay questions.

    What is held out elsewhere to measure retrieval is left out.
    """
    rng = random.Random(5)
    statutes, ours = Statutes(laws), corpus_passages(corpus)
    metas = (load(path, root=corpus).meta for path in corpus_files(corpus))
    titles = {meta.id: meta.title for meta in metas if meta.jurisdiction == "CN"}
    written = read_claims(TRAINING / "claims.jsonl", ours, statutes)
    turned = list(turned_round(written, rng))
    taken = {source for claim in written for source in claim.sources}
    made = claims_elsewhere(statutes.passages, list(ours.values()), taken, rng)
    made += [claim for claim in digest_claims(ours, titles, statutes, rng) if claim.sources[0] not in taken]
    lay = [] if questions is None else read_questions(questions)
    asked = chain(own_pairs(statutes, ours, titles), lay_pairs(statutes, lay))
    texts = tuple(prepared(passage.text) for passage in [*statutes.passages, *ours.values()])
    pairs = tuple(as_read(question, [answer]) for question, answer in asked)
    return Material(texts, pairs, tuple(written), tuple(turned), tuple(made))


def claims_elsewhere(
    statutes: Sequence[Passage], ours: Sequence[Passage], taken: set[str], rng: random.Random
) -> list[LabelledClaim]:
    """Claims made by rule from statutes and from our documents, none of them on a text that is ``taken``."""
    made: list[LabelledClaim] = []
    documents = [found for found in _by_document(statutes, taken) if len(found) >= LEAST_ARTICLES]
    rng.shuffle(documents)
    for passages in documents:
        made += made_claims(rng.sample(passages, min(len(passages), OF_ONE)), rng)
        if len(made) > MADE:
            break
    for passages in _by_document(ours, taken):
        for _ in range(2):
            made += made_claims(passages, rng)
    return made


def _by_document(passages: Sequence[Passage], taken: set[str]) -> list[list[Passage]]:
    found: dict[str, list[Passage]] = defaultdict(list)
    for passage in passages:
        if passage.text not in taken:
            found[passage.document_id].append(passage)
    return list(found.values())


def own_pairs(statutes: Statutes, ours: dict[str, Passage], titles: dict[str, str]) -> Iterator[Texts]:
    """Our own questions with the texts that answer them, and our digests with the official texts."""
    for asked in read_article_questions(TRAINING / "articles.jsonl", statutes):
        if not asked.held_out:
            yield asked.question, statutes.passages[asked.number].text
    for question in read_own(TRAINING / "in_scope.jsonl"):
        if not question.held_out:
            yield from ((question.question, ours[name].text) for name in question.gold if name in ours)
    for passage in ours.values():
        yield from ((question, passage.text) for question in passage.lay_questions)
        if passage.article and passage.document_id in titles:
            official = statutes.find(short_name(titles[passage.document_id]) + passage.article)
            yield from ((passage.text, statutes.passages[number].text) for number in official[:1])


def lay_pairs(statutes: Statutes, questions: Sequence[LayQuestion]) -> Iterator[Texts]:
    """Real lay questions that are not held out, with the lawyer's answer and the articles it rests on."""
    for question in questions:
        if question.held_out:
            continue
        if isinstance(question.answer, str):  # NaN in the file where there is none
            yield question.question, question.answer
        for statute in question.statutes:
            yield from ((question.question, statutes.passages[number].text) for number in statutes.find(statute)[:1])


def as_read(claim: str, sources: Sequence[str]) -> Texts:
    """A claim and its sources cut as ``Reader.read`` cuts them."""
    return window_of(prepared(claim), sorted(prepared(source) for source in sources))


def vocabulary(texts: Sequence[str], pairs: Sequence[Texts]) -> str:
    """The characters to know, the most frequent first: those of ``texts`` and of what is asked and claimed."""
    counts: Counter[str] = Counter()
    for text in chain(texts, (first for first, _ in pairs)):
        counts.update(text)
    known = (character for character, seen in counts.most_common() if seen >= SEEN and not character.isspace())
    return "".join(list(known)[:CHARACTERS])


def characters_of(known: str) -> dict[str, int]:
    return {character: FIRST_CHARACTER + number for number, character in enumerate(known)}


def halves(text: str) -> Iterator[Texts]:
    """A ``prepared`` text in pieces that fit, each cut in two after a third: neighbours are a pair as well."""
    whole = "".join(text.split())
    for start in range(0, len(whole), LONGEST - 3):
        piece = whole[start : start + LONGEST - 3]
        if len(piece) > _LEAST_TEXT:
            yield piece[: len(piece) // 3], piece[len(piece) // 3 :]


def numbered(pairs: Sequence[Texts], characters: dict[str, int]) -> Numbered:
    ids = np.zeros((len(pairs), LONGEST), dtype=np.int16)
    borders = np.zeros(len(pairs), dtype=np.int16)
    for row, (first, second) in enumerate(pairs):
        numbers, borders[row] = marked(first, second, characters)
        ids[row, : len(numbers)] = numbers
    return Numbered(ids, borders)
