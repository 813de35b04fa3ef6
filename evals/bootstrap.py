"""95 % bootstrap intervals over questions, the same for every figure of every page."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

RESAMPLES = 2000
SEED = 20261122


def interval(values: Sequence[float]) -> tuple[float, float]:
    """Percentile interval of the mean; of per-question differences it is the paired bootstrap of two systems."""
    if len(set(values)) < 2:
        return round(values[0], 4), round(values[0], 4)
    from scipy.stats import bootstrap  # of the extra ``eval``; takes a second

    result = bootstrap(
        (np.asarray(values),),
        np.mean,
        n_resamples=RESAMPLES,
        method="percentile",
        rng=np.random.default_rng(SEED),
    )
    return round(float(result.confidence_interval.low), 4), round(float(result.confidence_interval.high), 4)
