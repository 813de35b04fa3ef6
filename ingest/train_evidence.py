"""Train what chooses the sentences of an answer: logistic regression over ``rag.sentence_features``.

Two sets of our own questions, none of them one of the evaluation:

- ``ingest/training/answers.jsonl`` gives the places that answer a question and the words that a right answer has: a sentence is right that stands
  in such a place and has such words.
- ``ingest/training/in_scope.jsonl`` gives the passage alone. Its likeliest sentence, by a model of the first set, counts as right, all sentences
  of other passages as wrong, and the rest of the passage does not count (multiple-instance learning).

The figures are five-fold by question: how often a right sentence is among the first k, or one of the right passage where only that is known.

``python -m ingest.train_evidence --index .index``
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ingest.answer_questions import AnswerQuestion, read_answer_questions, states
from ingest.split import article_slug
from ingest.training_pairs import OwnQuestion, read_own
from rag.embed import Vectors
from rag.evidence import MODEL_PATH, SentenceModel
from rag.index import Index, open_index
from rag.names import Names
from rag.retrieve import retrieve
from rag.sentence_features import FEATURES, Candidate, candidates, features
from rag.settings import Settings, load_settings
from rag.understand import Query, known_names, understand

TRAINING = Path(__file__).parent / "training"
PASSAGES = 12
KS = (3, 5, 8, 12)
FOLDS = 5
SHRINKAGE = 0.1
"""Inverse strength of the L2 penalty on standardised features."""


@dataclass(frozen=True)
class Example:
    """The sentences of the passages found for one question: ``rows`` of features, which are ``right``, which stand in a right ``place``, which
    count at all; arrays of shape ``(sentences,)``, rows ``(sentences, features)``."""

    rows: Vectors
    right: npt.NDArray[np.bool_]
    place: npt.NDArray[np.bool_]
    counts: npt.NDArray[np.bool_]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m ingest.train_evidence", description=__doc__.split("\n")[0])
    parser.add_argument("--index", type=Path)
    parser.add_argument("--answers", type=Path, default=TRAINING / "answers.jsonl")
    parser.add_argument("--places", type=Path, default=TRAINING / "in_scope.jsonl")
    arguments = parser.parse_args()
    settings = load_settings(index=arguments.index)
    index = open_index(settings)
    names = known_names(index.catalog.metas.values())
    asked = [question for question in read_answer_questions(arguments.answers) if question.gold]
    answers = [_of_answers(question, index, names, settings) for question in asked]
    places = [_of_places(question, index, names, settings) for question in read_own(arguments.places)]
    likelihoods = _cross_validated(answers, places)
    for name, examples, right in (
        ("answers", answers, [example.right for example in answers]),
        ("places", places, [example.place for example in places]),
    ):
        found = ", ".join(f"@{k} {_found(likelihoods[name], right, k):.3f}" for k in KS)
        print(f"{name}: {len(examples)} questions; a right sentence among the first k, five-fold: {found}")
    model = _fit([*answers, *_likeliest(places, _fit(answers))])
    stored = {
        "embedder": index.embedder.fingerprint,
        "intercept": round(model.intercept, 6),
        "weights": {name: round(float(weight), 6) for name, weight in zip(FEATURES, model.weights, strict=True)},
    }
    MODEL_PATH.write_text(json.dumps(stored, indent=1) + "\n", "utf-8")


def _cross_validated(answers: Sequence[Example], places: Sequence[Example]) -> dict[str, list[Vectors]]:
    """The likelihoods of every question's sentences by a model that has not seen it, by set."""
    found: dict[str, list[Vectors]] = {"answers": [np.empty(0)] * len(answers), "places": [np.empty(0)] * len(places)}
    for fold in range(FOLDS):
        seen = [example for number, example in enumerate(answers) if number % FOLDS != fold]
        others = [example for number, example in enumerate(places) if number % FOLDS != fold]
        model = _fit([*seen, *_likeliest(others, _fit(seen))])
        for name, examples in (("answers", answers), ("places", places)):
            for number in range(fold, len(examples), FOLDS):
                found[name][number] = model.probability(examples[number].rows)
    return found


def _fit(examples: Sequence[Example]) -> SentenceModel:
    from sklearn.linear_model import LogisticRegression

    rows = np.vstack([example.rows[example.counts] for example in examples])
    right = np.concatenate([example.right[example.counts] for example in examples])
    mean, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-9
    fitted = LogisticRegression(C=SHRINKAGE, max_iter=3000).fit((rows - mean) / spread, right)
    weights = fitted.coef_[0] / spread
    return SentenceModel(weights.astype(np.float32), float(fitted.intercept_[0] - weights @ mean))


def _likeliest(places: Sequence[Example], model: SentenceModel) -> list[Example]:
    """The examples with the likeliest sentence of the right place as the right one, its others not counted."""
    found = []
    for example in places:
        right = np.zeros(len(example.place), dtype=bool)
        if example.place.any():
            right[int(np.argmax(np.where(example.place, model.probability(example.rows), -1.0)))] = True
        found.append(replace(example, right=right, counts=right | ~example.place))
    return found


def _of_answers(question: AnswerQuestion, index: Index, names: Names, settings: Settings) -> Example:
    query = understand(question.question, names, settings, history=question.history, as_of=question.as_of)
    found, rows = _sentences(query, index, settings)
    there = np.asarray([question.is_gold(_place(candidate)) for candidate in found], dtype=bool)
    stated = np.asarray([states(candidate.unit.text, question.facts) for candidate in found], dtype=bool)
    # Where no single sentence of the right place has the words, the place alone must do.
    right = there & stated if (there & stated).any() else there
    return Example(rows, right, there, np.ones(len(found), dtype=bool))


def _of_places(question: OwnQuestion, index: Index, names: Names, settings: Settings) -> Example:
    found, rows = _sentences(understand(question.question, names, settings), index, settings)
    there = np.asarray([candidate.hit.passage.id in question.gold for candidate in found], dtype=bool)
    return Example(rows, there, there, np.ones(len(found), dtype=bool))


def _sentences(query: Query, index: Index, settings: Settings) -> tuple[list[Candidate], Vectors]:
    found = candidates(retrieve(query, index, settings, k=PASSAGES).hits)
    return found, features(query, found, index.embedder)[0]


def _place(candidate: Candidate) -> str:
    passage, unit = candidate.hit.passage, candidate.unit
    if not passage.article:
        return passage.id
    item = f"/i{unit.item}" if unit.item else ""
    return f"{passage.document_id}/{article_slug(passage.article)}/p{unit.paragraph}{item}"


def _found(likelihoods: Sequence[Vectors], right: Sequence[npt.NDArray[np.bool_]], k: int) -> float:
    """Share of the questions with a right sentence among the ``k`` likeliest."""
    return float(
        np.mean([labels[np.argsort(-likely)[:k]].any() for likely, labels in zip(likelihoods, right, strict=True)])
    )


if __name__ == "__main__":
    main()
