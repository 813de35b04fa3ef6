"""What the word of a model for natural language inference weighs in the claim check (``AIGC_LAW_NLI``), measured on our written claims.

The built-in check judges every claim by models that have not seen its source; what the model adds to that is learned and measured in five folds, no
source on both sides. Where it adds nothing beyond chance, the weights are 0 and the check is what it was. Figures go to stderr, the setting to stdout.

``python -m ingest.weigh_nli --nli PATH --laws DIR [--corpus corpus/]``
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from ingest.train_support import all_claims, judged_outside, tabled
from rag.errors import AigcLawError
from rag.support.model import support_model
from rag.support.nli import Evidence, NliModel, Weights

Numbers = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

NONE = Weights(0.0, 0.0)
_FOLDS = 5
_CERTAIN = 2.0
"""Standard errors that the gain must be above 0."""
_RIDGE = 1e-3


@dataclass(frozen=True, slots=True)
class Gain:
    """Out of fold: nats of log loss that the model saves a claim, its standard error (claims of one source counted as one), ROC-AUC without and
    with it, and the weights that follow."""

    nats: float
    error: float
    auc_without: float
    auc_with: float
    weights: Weights

    @property
    def helps(self) -> bool:
        return self.weights != NONE


def weigh(log_odds: Numbers, evidence: Sequence[Evidence], supported: Flags, groups: npt.NDArray[np.str_]) -> Gain:
    """Learn what evidence weighs beside the built-in ``log_odds`` of claims, ``groups`` of which have their source in common."""
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import GroupKFold

    read = np.asarray([(e.entailed, e.contradicted) for e in evidence])
    moved, saved = np.zeros(len(log_odds)), np.zeros(len(log_odds))
    for train, test in GroupKFold(_FOLDS).split(read, supported, groups):
        weights, base = fitted(log_odds[train], read[train], supported[train])
        _, plain = fitted(log_odds[train], read[train] * 0, supported[train])
        moved[test] = [weights.shift(evidence[at]) for at in test]
        saved[test] = _losses(log_odds[test] + plain, supported[test])
        saved[test] -= _losses(log_odds[test] + moved[test] + base, supported[test])
    by_source = np.asarray([(saved - saved.mean())[groups == group].sum() for group in np.unique(groups)])
    nats, error = float(saved.mean()), float(np.sqrt((by_source**2).sum()) / len(saved))
    without, with_it = (float(roc_auc_score(supported, values)) for values in (log_odds, log_odds + moved))
    helps = nats > _CERTAIN * error and with_it > without
    return Gain(nats, error, without, with_it, fitted(log_odds, read, supported)[0] if helps else NONE)


def fitted(log_odds: Numbers, read: Numbers, supported: Flags) -> tuple[Weights, float]:
    """Logistic regression beside fixed log-odds: weights, none of them negative, that on average move nothing, and the offset of these claims, which
    is not kept (they are not mixed as those of users are)."""
    from scipy.optimize import minimize

    usual = read.mean(axis=0)
    columns = (read - usual) * (1, -1)

    def loss(values: Numbers) -> float:
        shifted = log_odds + columns @ values[:2] + values[2]
        return float(_losses(shifted, supported).mean() + _RIDGE * (values[:2] ** 2).sum())

    found = minimize(loss, np.zeros(3), method="L-BFGS-B", bounds=[(0, None), (0, None), (None, None)]).x
    numbers = [round(float(value), 4) for value in (*found[:2], *usual)]
    return Weights(*numbers), float(found[2])


def _losses(log_odds: Numbers, supported: Flags) -> Numbers:
    losses: Numbers = np.logaddexp(0.0, np.where(supported, -log_odds, log_odds))
    return losses


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m ingest.weigh_nli", description=__doc__.split("\n")[0])
    parser.add_argument("--nli", required=True, metavar="PATH", help="as in AIGC_LAW_NLI")
    parser.add_argument("--laws", type=Path, required=True, help="folder of statutes as Markdown")
    parser.add_argument("--corpus", type=Path, default=Path("corpus"))
    arguments = parser.parse_args()
    try:
        model = NliModel(arguments.nli)
        claims = all_claims(arguments.laws, arguments.corpus)
    except AigcLawError as error:
        print(f"错误：{error}", file=sys.stderr)
        return 2
    rows, labels, is_written = tabled(claims)
    outside = np.clip(judged_outside(rows, labels, is_written, claims)[:, 0], 1e-6, 1 - 1e-6)
    written = np.flatnonzero(is_written)
    log_odds = np.asarray([support_model().log_odds(float(outside[at])) for at in written])
    evidence = [model.evidence(claims[at].claim, claims[at].sources) for at in tqdm(written, desc="NLI", leave=False)]
    gain = weigh(log_odds, evidence, labels[written] == 0, np.asarray([claims[at].group for at in written]))
    print(
        f"{len(written)} claims: log loss {gain.nats:+.4f} nats saved a claim (standard error {gain.error:.4f}),"
        f" ROC-AUC {gain.auc_without:.3f} -> {gain.auc_with:.3f}: "
        + ("it has a say." if gain.helps else "nothing beyond chance; better unset AIGC_LAW_NLI."),
        file=sys.stderr,
    )
    print(f"AIGC_LAW_NLI_WEIGHTS={model.fingerprint}:{gain.weights}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
