"""Train the gate that tells questions the corpus can answer from all others.

Positives and negatives are our own questions (``ingest/training``) and those under our passages; real lay questions on other laws join the
negatives where they are given. Logistic regression over retrieval features, the nearest known questions, and the question's vector; the figures are
five-fold and out of sample.

``python -m ingest.train_scope --index .index [--lay FILE]``
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ingest.answer_questions import read_answer_questions
from ingest.training_pairs import read_own, read_questions
from rag.embed import Vectors
from rag.errors import InvalidQuestion
from rag.index import Index, open_index
from rag.retrieve import retrieve
from rag.scope import NEIGHBOURS_PATH, SCOPE_PATH, KnownQuestions, features
from rag.settings import Settings, load_settings
from rag.understand import known_names, understand

OWN = Path(__file__).parent / "training"
RECALL_WANTED = 0.92
"""Share of answerable questions that must pass the gate; the threshold follows from it."""
_KIND_WEIGHT = {"near_miss": 2.0, "answers": 2.0}
_EVERY_ARTICLE = 4
"""One in so many of our questions on other statutes is used, so that they do not outweigh the rest."""
_VECTOR_SHRINKAGE = 0.2
"""Scale of the vector part against the standardised features: the smaller, the less single words decide."""
_FOLDS = 5


@dataclass(frozen=True)
class Example:
    """A question, whether the corpus answers it, its kind, whether the embedder has never seen it, and whether it may be kept as a known question."""

    text: str
    answerable: bool
    kind: str
    fresh: bool
    keep: bool = True


def examples(index: Index, lay: Path | None) -> list[Example]:
    """All questions with their labels."""
    found = [Example(q.question, True, "own", q.held_out) for q in read_own(OWN / "in_scope.jsonl")]
    found += [
        Example(text, True, "lay_questions", False)
        for identifier in index.catalog.metas
        for passage in index.catalog.passages_of(identifier)
        for text in passage.lay_questions
    ]
    for row in map(json.loads, (OWN / "out_of_scope.jsonl").read_text("utf-8").splitlines()):
        if row["kind"] != "absent":
            found.append(Example(row["question"], False, row["kind"], True))
    for question in read_answer_questions(OWN / "answers.jsonl"):
        # Reasons that the gate has no part in are left out.
        if not question.history and question.refusal in (None, "out_of_scope"):
            found.append(Example(question.question, question.refusal is None, "answers", True))
    ours = {meta.short_title.strip("《》") for meta in index.catalog.metas.values()}
    rows = [json.loads(line) for line in (OWN / "articles.jsonl").read_text("utf-8").splitlines()]
    found += [
        Example(row["question"], False, "article", False)
        for row in rows[::_EVERY_ARTICLE]
        if not any(name in row["statute"] for name in ours)
    ]
    if lay:
        found += [Example(q.question, False, "lay", True, keep=False) for q in read_questions(lay) if not q.held_out]
    return found


def main() -> None:
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold

    parser = argparse.ArgumentParser(prog="python -m ingest.train_scope", description=__doc__.split("\n")[0])
    parser.add_argument("--index", type=Path)
    parser.add_argument(
        "--lay", type=Path, help="lay questions on other laws, JSON lines with question, statutes, answer"
    )
    arguments = parser.parse_args()
    settings = load_settings(index=arguments.index)
    index = open_index(settings)
    asked, found, vectors, named = _seen(examples(index, arguments.lay), index, settings)
    labels = np.asarray([example.answerable for example in asked])
    kinds = np.asarray([example.kind for example in asked])
    fresh = np.asarray([example.fresh for example in asked])
    keep = np.asarray([example.keep for example in asked])
    weight = _weights(asked)
    predicted = np.zeros(len(asked))
    for train, test in StratifiedKFold(_FOLDS, shuffle=True, random_state=0).split(vectors, labels):
        rows, scale = _rows(found, vectors, _known(vectors[train][keep[train]], labels[train][keep[train]]))
        mean, spread = rows[train].mean(axis=0), rows[train].std(axis=0) + 1e-9
        fold = LogisticRegression(C=0.3, max_iter=3000)
        fold.fit((rows[train] - mean) / spread * scale, labels[train], sample_weight=weight[train])
        predicted[test] = fold.predict_proba((rows[test] - mean) / spread * scale)[:, 1]
    # Questions that name a source of ours do not come to the gate.
    counted = fresh & ~named
    threshold = float(np.quantile(predicted[labels & counted & (kinds == "own")], 1 - RECALL_WANTED))
    print(f"n={len(labels)}, threshold for {RECALL_WANTED:.0%} of fresh answerable questions: {threshold:.3f}")
    for kind in dict.fromkeys(kinds.tolist()):
        for answerable in (True, False):
            chosen = (kinds == kind) & counted & (labels == answerable)
            if chosen.any():
                print(
                    f"  {kind:10} {answerable!s:5} n={chosen.sum():4} passing {np.mean(predicted[chosen] >= threshold):.3f}"
                )
    known = _known(vectors[keep], labels[keep])
    rows, scale = _rows(found, vectors, known)
    mean, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-9
    model = LogisticRegression(C=0.3, max_iter=3000).fit((rows - mean) / spread * scale, labels, sample_weight=weight)
    coefficients = model.coef_[0] * scale / spread
    # The stored intercept puts the threshold at one half, so that the setting's default means what was measured.
    shift = np.log(threshold / (1 - threshold))
    width = found.shape[1]
    near = rows.shape[1] - width - vectors.shape[1]
    stored = {
        "embedder": index.embedder.fingerprint,
        "intercept": float(model.intercept_[0] - coefficients @ mean - shift),
        "features": [float(c) for c in coefficients[:width]],
        "neighbours": [float(c) for c in coefficients[width : width + near]],
        "vector": [round(float(c), 6) for c in coefficients[width + near :]],
    }
    SCOPE_PATH.write_text(json.dumps(stored) + "\n", "utf-8")
    packed, steps = _packed(vectors[keep])
    np.savez_compressed(NEIGHBOURS_PATH, vectors=packed, answerable=labels[keep], scale=np.float32(steps))


def _seen(asked: list[Example], index: Index, settings: Settings) -> tuple[list[Example], Vectors, Vectors, np.ndarray]:
    """The examples that can be asked at all, their retrieval features and vectors, and whether they name a source."""
    names = known_names(index.catalog.metas.values())
    kept, found, vectors, named = [], [], [], []
    for example in asked:
        try:
            query = understand(example.text, names, settings)
        except InvalidQuestion:
            continue
        kept.append(example)
        found.append(features(query.text, retrieve(query, index, settings, k=8)))
        vectors.append(index.embedder.embed_query(query.text))
        named.append(any(reference.document_ids for reference in query.references))
    return kept, np.asarray(found, dtype=np.float32), np.stack(vectors), np.asarray(named)


def _rows(found: Vectors, vectors: Vectors, known: KnownQuestions) -> tuple[Vectors, Vectors]:
    """All features, and what each column is scaled by once standardised."""
    near = np.asarray([known.neighbours(vector, but_itself=True) for vector in vectors], dtype=np.float32)
    rows = np.hstack([found, near, vectors])
    scale = np.where(np.arange(rows.shape[1]) < rows.shape[1] - vectors.shape[1], 1.0, _VECTOR_SHRINKAGE)
    return rows, scale.astype(np.float32)


def _known(vectors: Vectors, labels: np.ndarray) -> KnownQuestions:
    packed, steps = _packed(vectors)
    return KnownQuestions(packed, labels, steps)


def _packed(vectors: Vectors) -> tuple[np.ndarray, float]:
    steps = float(np.abs(vectors).max()) / 127
    return np.round(vectors / steps).astype(np.int8), steps


def _weights(asked: list[Example]) -> np.ndarray:
    """Kinds count by less than their number; both answers count the same; what the embedder was trained on looks easier than it is."""
    sizes = Counter((example.kind, example.answerable) for example in asked)
    weight = np.asarray(
        [_KIND_WEIGHT.get(e.kind, 1.0) * (1.0 if e.fresh else 0.5) / sizes[e.kind, e.answerable] ** 0.6 for e in asked]
    )
    labels = np.asarray([example.answerable for example in asked])
    for answer in (True, False):
        weight[labels == answer] *= len(asked) / 2 / weight[labels == answer].sum()
    return weight


if __name__ == "__main__":
    main()
