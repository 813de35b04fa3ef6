"""Train what chooses the sentences of an answer: logistic regression over ``rag.sentence_features``.

Questions of our own with the places that answer them and the words that a right answer has (``ingest/training/answers.jsonl``, in the format of
evaluation questions, none of them one): a sentence is right that stands in such a place and has such words. The figures are five-fold by
question: how often a right sentence is among the first k.

``python -m ingest.train_evidence --index .index``
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ingest.answer_questions import AnswerQuestion, read_answer_questions, states
from ingest.split import article_slug
from rag.embed import Vectors
from rag.evidence import MODEL_PATH
from rag.index import Index, open_index
from rag.names import Names
from rag.retrieve import retrieve
from rag.sentence_features import FEATURES, Candidate, candidates, features
from rag.settings import Settings, load_settings
from rag.understand import known_names, understand

TRAINING = Path(__file__).parent / "training" / "answers.jsonl"
PASSAGES = 12
KS = (3, 5, 8, 12)
SHRINKAGE = 0.1
"""Inverse strength of the L2 penalty on standardised features."""


def main() -> None:
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GroupKFold

    parser = argparse.ArgumentParser(prog="python -m ingest.train_evidence", description=__doc__.split("\n")[0])
    parser.add_argument("--index", type=Path)
    parser.add_argument("--questions", type=Path, default=TRAINING)
    arguments = parser.parse_args()
    settings = load_settings(index=arguments.index)
    index = open_index(settings)
    names = known_names(index.catalog.metas.values())
    asked = [question for question in read_answer_questions(arguments.questions) if question.gold]
    parts = [_examples(question, index, names, settings) for question in asked]
    rows = np.vstack([part[0] for part in parts])
    labels = np.concatenate([part[1] for part in parts])
    groups = np.concatenate([np.full(len(part[1]), number) for number, part in enumerate(parts)])
    mean, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-9
    scaled = (rows - mean) / spread
    scores = np.zeros(len(labels))
    for train, test in GroupKFold(5).split(scaled, labels, groups):
        fold = LogisticRegression(C=SHRINKAGE, max_iter=3000).fit(scaled[train], labels[train])
        scores[test] = fold.decision_function(scaled[test])
    print(
        f"{len(asked)} questions, {len(labels)} sentences, {int(labels.sum())} right; a right one among the first k, five-fold:"
    )
    print(", ".join(f"@{k} {_found(scores, labels, groups, k):.3f}" for k in KS))
    model = LogisticRegression(C=SHRINKAGE, max_iter=3000).fit(scaled, labels)
    weights = model.coef_[0] / spread
    stored = {
        "embedder": index.embedder.fingerprint,
        "intercept": round(float(model.intercept_[0] - weights @ mean), 6),
        "weights": {name: round(float(weight), 6) for name, weight in zip(FEATURES, weights, strict=True)},
    }
    MODEL_PATH.write_text(json.dumps(stored, indent=1) + "\n", "utf-8")


def _examples(
    question: AnswerQuestion, index: Index, names: Names, settings: Settings
) -> tuple[Vectors, npt.NDArray[np.bool_]]:
    """Rows and labels of every sentence of the passages found for one question."""
    query = understand(question.question, names, settings, history=question.history, as_of=question.as_of)
    found = candidates(retrieve(query, index, settings, k=PASSAGES).hits)
    rows, _ = features(query, found, index.embedder)
    there = np.asarray([question.is_gold(_place(candidate)) for candidate in found], dtype=bool)
    stated = np.asarray([states(candidate.unit.text, question.facts) for candidate in found], dtype=bool)
    # Where no single sentence of the right place has the words, the place alone must do.
    return rows, there & stated if (there & stated).any() else there


def _place(candidate: Candidate) -> str:
    passage, unit = candidate.hit.passage, candidate.unit
    if not passage.article:
        return passage.id
    item = f"/i{unit.item}" if unit.item else ""
    return f"{passage.document_id}/{article_slug(passage.article)}/p{unit.paragraph}{item}"


def _found(
    scores: npt.NDArray[np.float64], labels: npt.NDArray[np.bool_], groups: npt.NDArray[np.int64], k: int
) -> float:
    """Share of the questions with a right sentence among the ``k`` best."""
    hits = []
    for group in np.unique(groups):
        rows = np.flatnonzero(groups == group)
        hits.append(labels[rows[np.argsort(-scores[rows])[:k]]].any())
    return float(np.mean(hits))


if __name__ == "__main__":
    main()
