"""Train the gate that tells questions the corpus can answer from all others.

Positives and negatives are our own questions (``ingest/training``); real lay questions on other laws join the negatives where they are
given. Logistic regression over retrieval features and the question's vector; the figures are five-fold and out of sample.

``python -m ingest.train_scope --index .index [--lay FILE]``
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path

import numpy as np

from ingest.training_pairs import read_own, read_questions
from rag.index import open_index
from rag.retrieve import retrieve
from rag.scope import SCOPE_PATH, features
from rag.settings import load_settings
from rag.understand import known_names, understand

OWN = Path(__file__).parent / "training"
RECALL_WANTED = 0.92
"""Share of answerable questions that must pass the gate; the threshold follows from it."""
_KIND_WEIGHT = {"near_miss": 1.5}
_VECTOR_SHRINKAGE = 0.2
"""Scale of the vector part against the standardised features: the smaller, the less single words decide."""


def _on_other_law(ours: set[str]) -> list[tuple[str, str]]:
    """Our own lay questions on statutes that the corpus does not have: every third, so that they do not outweigh the rest."""
    rows = [json.loads(line) for line in (OWN / "articles.jsonl").read_text("utf-8").splitlines()]
    return [(row["question"], "article") for row in rows[::3] if not any(name in row["statute"] for name in ours)]


def main() -> None:
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    parser = argparse.ArgumentParser(prog="python -m ingest.train_scope", description=__doc__.split("\n")[0])
    parser.add_argument("--index", type=Path)
    parser.add_argument(
        "--lay", type=Path, help="lay questions on other laws, JSON lines with question, statutes, answer"
    )
    arguments = parser.parse_args()
    settings = load_settings(index=arguments.index)
    index = open_index(settings)
    names = known_names(index.catalog.metas.values())

    own = read_own(OWN / "in_scope.jsonl")
    outside = [json.loads(line) for line in (OWN / "out_of_scope.jsonl").read_text("utf-8").splitlines()]
    negatives = [(row["question"], row["kind"]) for row in outside if row["kind"] != "absent"]
    negatives += _on_other_law({meta.short_title.strip("《》") for meta in index.catalog.metas.values()})
    if arguments.lay:
        negatives += [(q.question, "lay") for q in read_questions(arguments.lay) if not q.held_out]
    rows, labels, held, kinds = [], [], [], []
    for text, label, fresh, kind in [(q.question, 1, q.held_out, "own") for q in own] + [
        (t, 0, True, k) for t, k in negatives
    ]:
        query = understand(text, names, settings)
        found = retrieve(query, index, settings, k=8)
        rows.append(np.concatenate([features(query.text, found), index.embedder.embed_query(query.text)]))
        labels.append(label)
        held.append(fresh)
        kinds.append(kind)
    x, y, fresh_rows = np.stack(rows), np.asarray(labels), np.asarray(held)
    width = len(features("", retrieve(query, index, settings, k=8)))
    mean, spread = x[fresh_rows].mean(axis=0), x[fresh_rows].std(axis=0) + 1e-9
    scale = np.where(np.arange(x.shape[1]) < width, 1.0, _VECTOR_SHRINKAGE)
    z = (x - mean) / spread * scale
    # Questions that the embedder was trained on look easier than they are: they count less.
    sizes = Counter(kinds)
    weight = np.where(fresh_rows, 1.0, 0.3) * np.asarray(
        [_KIND_WEIGHT.get(kind, 1.0) / sizes[kind] ** 0.75 for kind in kinds]
    )
    model = LogisticRegression(C=0.3, class_weight="balanced", max_iter=5000)
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    predicted = cross_val_predict(model, z, y, cv=folds, method="predict_proba", params={"sample_weight": weight})[:, 1]
    threshold = float(np.quantile(predicted[(y == 1) & fresh_rows], 1 - RECALL_WANTED))
    print(f"n={len(y)}, threshold for {RECALL_WANTED:.0%} of held-out answerable questions: {threshold:.3f}")
    for kind in dict.fromkeys(kinds):
        chosen = np.asarray([k == kind for k in kinds]) & fresh_rows
        print(
            f"  {kind:10} n={chosen.sum():4} passing {np.mean(predicted[chosen] >= threshold):.3f}, at 0.5 {np.mean(predicted[chosen] >= 0.5):.3f}"
        )
    model.fit(z, y, sample_weight=weight)
    coefficients = model.coef_[0] * scale / spread
    # The stored intercept puts the threshold at one half, so that the setting's default means what was measured.
    shift = np.log(threshold / (1 - threshold))
    stored = {
        "embedder": index.embedder.fingerprint,
        "intercept": float(model.intercept_[0] - coefficients @ mean - shift),
        "features": [float(c) for c in coefficients[:width]],
        "vector": [round(float(c), 6) for c in coefficients[width:]],
    }
    SCOPE_PATH.write_text(json.dumps(stored) + "\n", "utf-8")


if __name__ == "__main__":
    main()
