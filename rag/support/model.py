"""From features to a verdict: boosted trees and a linear model, averaged, read from one file and computed with numpy alone."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rag.types import SupportLabel

MODEL_PATH = Path(__file__).parents[1] / "model" / "support.npz"
LABELS: tuple[SupportLabel, ...] = ("supported", "partial", "unsupported", "contradicted")
Row = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Trees:
    """Trees laid out one after another: ``feature`` is -1 in a leaf, whose ``value`` counts for class ``label`` of its tree's root."""

    feature: npt.NDArray[np.int32]
    threshold: npt.NDArray[np.float32]
    left: npt.NDArray[np.int32]
    right: npt.NDArray[np.int32]
    value: npt.NDArray[np.float32]
    roots: npt.NDArray[np.int32]
    label: npt.NDArray[np.int32]
    baseline: npt.NDArray[np.float32]

    def probabilities(self, row: Row) -> npt.NDArray[np.float64]:
        """Probabilities of ``LABELS``, shape ``(4,)``; all trees go down one level at a time."""
        at = self.roots.copy()
        while True:
            feature = self.feature[at]
            inner = feature >= 0
            if not inner.any():
                break
            goes_left = row[np.maximum(feature, 0)] <= self.threshold[at]
            at = np.where(inner, np.where(goes_left, self.left[at], self.right[at]), at)
        scores = self.baseline + np.bincount(self.label, weights=self.value[at], minlength=len(LABELS))
        return _softmax(scores)


@dataclass(frozen=True, slots=True)
class Linear:
    """Multinomial logistic regression over features clipped at four standard deviations."""

    mean: Row
    spread: Row
    weights: Row
    intercept: Row

    def probabilities(self, row: Row) -> npt.NDArray[np.float64]:
        scaled = np.clip((row - self.mean) / self.spread, -4, 4)
        return _softmax(self.weights @ scaled + self.intercept)


@dataclass(frozen=True, slots=True)
class SupportModel:
    """The two models, the names of their features in order, the probability from which a claim is called supported, and the calibration
    ``score = 1 / (1 + exp(-(slope · logit(p) + offset)))``."""

    trees: Trees
    linear: Linear
    features: tuple[str, ...]
    threshold: float
    slope: float
    offset: float

    @property
    def score_from(self) -> float:
        """The score from which a claim is called supported."""
        return self._calibrated(self.threshold)

    def log_odds(self, probability: float) -> float:
        """Calibrated log-odds of support, of what the two models say on average."""
        return self.slope * math.log(probability / (1 - probability)) + self.offset

    def _calibrated(self, probability: float, shift: float = 0.0) -> float:
        return 1 / (1 + math.exp(-(self.log_odds(probability) + shift)))

    def judge(self, row: Row, shift: float = 0.0) -> tuple[SupportLabel, float]:
        """The label and the calibrated probability of support, its log-odds moved by ``shift``; the other labels share the rest as before."""
        likely = (self.trees.probabilities(row) + self.linear.probabilities(row)) / 2
        score = self._calibrated(float(np.clip(likely[0], 1e-6, 1 - 1e-6)), shift)
        label = LABELS[0] if score >= self.score_from else LABELS[1 + int(np.argmax(likely[1:]))]
        return label, score


@lru_cache(maxsize=1)
def support_model(path: Path = MODEL_PATH) -> SupportModel:
    with np.load(path) as stored:
        arrays = {name: stored[name] for name in stored.files if name != "facts"}
        facts: dict[str, Any] = json.loads(str(stored["facts"]))
    trees = Trees(**{name: arrays[f"tree_{name}"] for name in Trees.__slots__})
    linear = Linear(**{name: arrays[f"linear_{name}"] for name in Linear.__slots__})
    return SupportModel(trees, linear, tuple(facts["features"]), facts["threshold"], facts["slope"], facts["offset"])


def save(model: SupportModel, path: Path = MODEL_PATH) -> None:
    arrays = {f"tree_{name}": getattr(model.trees, name) for name in Trees.__slots__}
    arrays |= {f"linear_{name}": getattr(model.linear, name) for name in Linear.__slots__}
    facts = {
        "features": model.features,
        "threshold": model.threshold,
        "slope": model.slope,
        "offset": model.offset,
    }
    np.savez_compressed(path, facts=np.asarray(json.dumps(facts)), **arrays)


def _softmax(scores: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    powers = np.exp(np.asarray(scores, dtype=np.float64) - float(np.max(scores)))
    shares: npt.NDArray[np.float64] = powers / powers.sum()
    return shares
