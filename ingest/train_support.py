"""Train the claim check (``rag.support``): does a source carry a claim?

Claims written for this purpose (``ingest/training/claims.jsonl``; their sources are named, not copied) and claims made by rule from statutes and
our digests (``ingest.claims``). Two models are averaged: boosted trees see light edits best, a linear one paraphrases. The figures are five-fold; no
source stands on both sides of a fold.

``python -m ingest.train_support --laws DIR [--corpus corpus/]``
"""

from __future__ import annotations

import argparse
import random
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ingest.claims import (
    LabelledClaim,
    corpus_passages,
    digest_claims,
    made_claims,
    read_claims,
    turned_round,
)
from ingest.read import load
from ingest.sources import corpus_files
from ingest.training_pairs import Statutes
from rag.support.features import as_row, features
from rag.support.model import LABELS, Linear, SupportModel, Trees, save
from rag.types import Passage

CLAIMS = Path(__file__).parent / "training" / "claims.jsonl"
DOCUMENTS, OF_ONE, OF_OURS = 250, 12, 20
"""Statutes that claims are made from, and articles of one of them and passages of one of our documents at most."""
WRITTEN_IN_TREES, WRITTEN_IN_LINEAR = 12.0, 20.0
"""What a written claim weighs against one made by rule."""
KEPT = 0.83
"""Share of the supported claims that are to keep that label, on written and made claims alike: the threshold follows from it."""
_TREES: dict[str, Any] = {
    "max_iter": 150,
    "learning_rate": 0.06,
    "max_leaf_nodes": 10,
    "min_samples_leaf": 25,
    "l2_regularization": 2.0,
    "random_state": 0,
}
_SHRINKAGE = 0.05
_FOLDS = 5

Matrix = npt.NDArray[np.float32]


def main() -> None:
    from sklearn.linear_model import LogisticRegression

    parser = argparse.ArgumentParser(prog="python -m ingest.train_support", description=__doc__.split("\n")[0])
    parser.add_argument("--laws", type=Path, required=True, help="folder of statutes as Markdown")
    parser.add_argument("--corpus", type=Path, default=Path("corpus"))
    arguments = parser.parse_args()
    claims = all_claims(arguments.laws, arguments.corpus)
    rows, labels, written = tabled(claims)
    supported = np.clip(judged_outside(rows, labels, written, claims)[:, 0], 1e-6, 1 - 1e-6)
    thresholds = [float(np.quantile(supported[(labels == 0) & of], 1 - KEPT)) for of in (written, ~written)]
    threshold = sum(thresholds) / 2
    report(claims, supported, labels, written, threshold)
    # Written and made claims count the same in the calibration.
    balance = np.where(written, 1 / written.sum(), 1 / (~written).sum())
    logits = np.log(supported / (1 - supported))
    calibration = LogisticRegression(C=1e6).fit(logits[:, None], labels == 0, sample_weight=balance * len(labels))
    trees, linear = fitted(rows, labels, written)
    names = tuple(features("平台应当删除。", ["平台应当删除。"]))
    slope, offset = float(calibration.coef_[0, 0]), float(calibration.intercept_[0])
    save(SupportModel(trees, linear, names, threshold, slope, offset))


def tabled(claims: Sequence[LabelledClaim]) -> tuple[Matrix, npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Features, shape ``(claims, features)``, numbers of labels, and which were written, shape ``(claims,)``."""
    rows = np.stack([as_row(features(claim.claim, claim.sources)) for claim in claims])
    labels = np.asarray([LABELS.index(claim.label) for claim in claims])
    return rows, labels, np.asarray([claim.written for claim in claims])


def judged_outside(
    rows: Matrix, labels: npt.NDArray[np.int64], written: npt.NDArray[np.bool_], claims: Sequence[LabelledClaim]
) -> npt.NDArray[np.float64]:
    """Probabilities of ``LABELS`` for every claim, shape ``(claims, 4)``, by models that have not seen its source."""
    from sklearn.model_selection import GroupKFold

    groups = np.asarray([claim.group for claim in claims])
    likely = np.zeros((len(claims), len(LABELS)))
    for train, test in GroupKFold(_FOLDS).split(rows, labels, groups):
        fold = fitted(rows[train], labels[train], written[train])
        likely[test] = [(fold[0].probabilities(row) + fold[1].probabilities(row)) / 2 for row in rows[test]]
    return likely


def all_claims(laws: Path, corpus: Path) -> list[LabelledClaim]:
    """Written claims, and those made by rule from a sample of the statutes, from the corpus, and from the digests of statutes at hand."""
    rng = random.Random(0)
    statutes, ours = Statutes(laws), corpus_passages(corpus)
    written = read_claims(CLAIMS, ours, statutes)
    made: list[LabelledClaim] = []
    for passages in _sampled(statutes.passages, OF_ONE, rng, at_least=8)[:DOCUMENTS]:
        made += made_claims(passages, rng)
    for passages in _sampled(list(ours.values()), OF_OURS, rng):
        made += made_claims(passages, rng)
    metas = (load(path, root=corpus).meta for path in corpus_files(corpus))
    titles = {meta.id: meta.title for meta in metas if meta.jurisdiction == "CN"}
    made += digest_claims(ours, titles, statutes, rng)
    return [*written, *made, *turned_round(written, rng)]


def _sampled(passages: Sequence[Passage], of_one: int, rng: random.Random, at_least: int = 1) -> list[list[Passage]]:
    """Passages by document, documents in random order, ``of_one`` passages of each at most."""
    by_document: dict[str, list[Passage]] = defaultdict(list)
    for passage in passages:
        by_document[passage.document_id].append(passage)
    found = [rng.sample(p, min(len(p), of_one)) for p in by_document.values() if len(p) >= at_least]
    rng.shuffle(found)
    return found


def fitted(rows: Matrix, labels: npt.NDArray[np.int64], written: npt.NDArray[np.bool_]) -> tuple[Trees, Linear]:
    """The two models, in the form in which they are stored."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.linear_model import LogisticRegression

    forest = HistGradientBoostingClassifier(**_TREES)
    forest.fit(rows, labels, sample_weight=np.where(written, WRITTEN_IN_TREES, 1.0))
    mean, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-9
    scaled = np.clip((rows - mean) / spread, -4, 4)
    straight = LogisticRegression(C=_SHRINKAGE, max_iter=400)
    straight.fit(scaled, labels, sample_weight=np.where(written, WRITTEN_IN_LINEAR, 1.0))
    linear = Linear(
        mean.astype(np.float32),
        spread.astype(np.float32),
        straight.coef_.astype(np.float32),
        straight.intercept_.astype(np.float32),
    )
    return _as_trees(forest), linear


def _as_trees(forest: Any) -> Trees:
    """scikit-learn's nodes, those of all trees in one array each."""
    parts: dict[str, list[npt.NDArray[Any]]] = defaultdict(list)
    roots, label, start = [], [], 0
    for round_of_trees in forest._predictors:
        for number, tree in enumerate(round_of_trees):
            nodes = tree.nodes
            leaf = nodes["is_leaf"].astype(bool)
            parts["feature"].append(np.where(leaf, -1, nodes["feature_idx"]).astype(np.int32))
            parts["threshold"].append(nodes["num_threshold"].astype(np.float32))
            parts["left"].append((nodes["left"].astype(np.int64) + start).astype(np.int32))
            parts["right"].append((nodes["right"].astype(np.int64) + start).astype(np.int32))
            parts["value"].append(nodes["value"].astype(np.float32))
            roots.append(start)
            label.append(number)
            start += len(nodes)
    arrays = {name: np.concatenate(part) for name, part in parts.items()}
    baseline = np.asarray(forest._baseline_prediction, dtype=np.float32).reshape(-1)
    return Trees(
        **arrays, roots=np.asarray(roots, dtype=np.int32), label=np.asarray(label, dtype=np.int32), baseline=baseline
    )


def report(
    claims: Sequence[LabelledClaim],
    supported: npt.NDArray[np.float64],
    labels: npt.NDArray[np.int64],
    written: npt.NDArray[np.bool_],
    threshold: float,
) -> None:
    """ROC-AUC of supported against the rest and against contradicted, and what the threshold keeps and lets through, by kind."""
    from sklearn.metrics import roc_auc_score

    print(f"supported from {threshold:.3f}")
    kinds = np.asarray([claim.kind for claim in claims])
    for name, of in (("written", written), ("made", ~written)):
        opposed = of & ((labels == 0) | (labels == 3))
        print(
            f"{name}: n={of.sum()}, AUC {roc_auc_score(labels[of] == 0, supported[of]):.3f},"
            f" against contradicted {roc_auc_score(labels[opposed] == 0, supported[opposed]):.3f};"
            f" supported kept {np.mean(supported[of & (labels == 0)] >= threshold):.3f},"
            f" contradicted let through {np.mean(supported[of & (labels == 3)] >= threshold):.3f}"
        )
        shown = [(k, of & (kinds == k)) for k in sorted(set(kinds[of]))]
        print("  " + ", ".join(f"{k} {np.mean(supported[rows] >= threshold):.2f}/{rows.sum()}" for k, rows in shown))


if __name__ == "__main__":
    main()
