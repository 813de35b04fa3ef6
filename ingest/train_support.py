"""Train the claim check (``rag.support``): does a source carry a claim?

Claims written for this purpose (``ingest/training/claims.jsonl``; their sources are named, not copied) and claims made by rule from statutes and
our digests (``ingest.claims``). Two models are averaged: boosted trees see light edits best, a linear one paraphrases. Their word is weighed against
that of the reader, which ``ingest.train_reader`` trains before. The figures are five-fold; no source stands on both sides of a fold.

``python -m ingest.train_support --laws DIR [--corpus corpus/]``
"""

from __future__ import annotations

import argparse
import hashlib
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
from rag.errors import InvalidInput
from rag.support import READ_FROM
from rag.support.features import as_row, features
from rag.support.model import LABELS, Linear, SupportModel, Trees, log_odds_of, save
from rag.types import Passage

CLAIMS = Path(__file__).parent / "training" / "claims.jsonl"
OUTSIDE = Path(__file__).parent / "training" / "reader-outside.npz"
"""What ``ingest.train_reader`` leaves for us: readings of the written claims by models that have not seen their sources."""
DOCUMENTS, OF_ONE, OF_OURS = 250, 12, 20
"""Statutes that claims are made from, and articles of one of them and passages of one of our documents at most."""
WRITTEN_IN_TREES, WRITTEN_IN_LINEAR = 12.0, 20.0
"""What a written claim weighs against one made by rule."""
KEPT = 0.78
"""Share of the written supported claims that are to keep that label: the threshold follows from it."""
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
    parser = argparse.ArgumentParser(prog="python -m ingest.train_support", description=__doc__.split("\n")[0])
    parser.add_argument("--laws", type=Path, required=True, help="folder of statutes as Markdown")
    parser.add_argument("--corpus", type=Path, default=Path("corpus"))
    arguments = parser.parse_args()
    claims = all_claims(arguments.laws, arguments.corpus)
    rows, labels, written = tabled(claims)
    outside = judged_outside(rows, labels, written, claims)
    own = np.asarray([log_odds_of(float(p)) for p in outside[:, 0]])
    read = np.asarray([log_odds_of(float(np.exp(r[0]))) for r in read_outside(claims, written)])
    groups = np.asarray([claim.group for claim in claims])
    # Where the features decide alone, whatever the claim; where the reader is asked, what is like what people write.
    balance = np.where(written, 1 / written.sum(), 1 / (~written).sum()) * len(labels)
    alone = logistic(own[:, None], labels == 0, balance)
    both = np.stack([own[written], read], axis=1)
    joint = blended_outside(own[written], both, labels[written] == 0, groups[written], alone)
    score_from = float(np.quantile(joint[labels[written] == 0], 1 - KEPT))
    by_features = 1 / (1 + np.exp(-(alone[0] * own + alone[1])))
    report("features alone, written", claims, by_features, labels, written, score_from)
    report("features alone, made", claims, by_features, labels, ~written, score_from)
    scores = np.zeros(len(labels))
    scores[written] = joint
    report("with the reader, written", claims, scores, labels, written, score_from)
    trees, linear = fitted(rows, labels, written)
    names = tuple(features("平台应当删除。", ["平台应当删除。"]))
    together = logistic(both, labels[written] == 0)
    save(SupportModel(trees, linear, names, alone, together, score_from))  # type: ignore[arg-type]


def logistic(
    rows: npt.NDArray[np.float64], supported: npt.NDArray[np.bool_], weights: npt.NDArray[np.float64] | None = None
) -> tuple[float, ...]:
    """Slopes and offset of a logistic regression, the offset last."""
    from sklearn.linear_model import LogisticRegression

    found = LogisticRegression(C=1e6, max_iter=1000).fit(rows, supported, sample_weight=weights)
    return (*map(float, found.coef_[0]), float(found.intercept_[0]))


def blended_outside(
    own: npt.NDArray[np.float64],
    both: npt.NDArray[np.float64],
    supported: npt.NDArray[np.bool_],
    groups: npt.NDArray[np.str_],
    alone: tuple[float, ...],
) -> npt.NDArray[np.float64]:
    """Scores of features and reader together, shape ``(claims,)``, by a blend that has not seen the claim's source; of the features alone where the
    reader is not asked."""
    from sklearn.model_selection import GroupKFold

    odds = np.zeros(len(own))
    for train, test in GroupKFold(_FOLDS).split(both, supported, groups):
        first, second, offset = logistic(both[train], supported[train])
        odds[test] = both[test] @ (first, second) + offset
    unread = own < log_odds_of(READ_FROM)
    odds[unread] = alone[0] * own[unread] + alone[1]
    scores: npt.NDArray[np.float64] = 1 / (1 + np.exp(-odds))
    return scores


def read_outside(claims: Sequence[LabelledClaim], written: npt.NDArray[np.bool_]) -> npt.NDArray[np.float32]:
    """What readers that have not seen a claim's source say of each written claim: log-probabilities of ``LABELS``, shape ``(written, 4)``.

    Raises:
        InvalidInput: a written claim was never read; the message has the command that reads it.
    """
    with np.load(OUTSIDE) as stored:
        known = dict(zip(stored["claims"].tolist(), stored["readings"].astype(np.float32), strict=True))
    keys = [key_of(claim) for claim, is_written in zip(claims, written, strict=True) if is_written]
    missing = [key for key in keys if key not in known]
    if missing:
        raise InvalidInput(
            f"{len(missing)} 条写成的论断还没有被阅读模型判断过。",
            why=f"{OUTSIDE} 里没有它们",
            next_step="运行：python -m ingest.train_reader --laws DIR，再运行本命令。",
        )
    return np.stack([known[key] for key in keys])


def key_of(claim: LabelledClaim) -> str:
    """A short name of a written claim and its sources."""
    return hashlib.sha256("\n".join((claim.claim, *claim.sources)).encode()).hexdigest()[:16]


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
    name: str,
    claims: Sequence[LabelledClaim],
    scores: npt.NDArray[np.float64],
    labels: npt.NDArray[np.int64],
    of: npt.NDArray[np.bool_],
    score_from: float,
) -> None:
    """ROC-AUC of supported against the rest and against contradicted, and what ``score_from`` keeps and lets through, by kind."""
    from sklearn.metrics import roc_auc_score

    kinds = np.asarray([claim.kind for claim in claims])
    opposed = of & ((labels == 0) | (labels == 3))
    print(
        f"{name}: n={of.sum()}, AUC {roc_auc_score(labels[of] == 0, scores[of]):.3f},"
        f" against contradicted {roc_auc_score(labels[opposed] == 0, scores[opposed]):.3f};"
        f" from {score_from:.3f}: supported kept {np.mean(scores[of & (labels == 0)] >= score_from):.3f},"
        f" contradicted let through {np.mean(scores[of & (labels == 3)] >= score_from):.3f}"
    )
    shown = [(k, of & (kinds == k)) for k in sorted(set(kinds[of]))]
    print("  " + ", ".join(f"{k} {np.mean(scores[rows] >= score_from):.2f}/{rows.sum()}" for k, rows in shown))


if __name__ == "__main__":
    main()
