"""How far a judge agrees with the labelled answers: in percent, and beyond chance (Cohen's kappa)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from evals.judge import prompts
from evals.judge.ask import prefer, rate
from evals.judge.cases import Labelled
from evals.judge.verdicts import CORRECTNESS, GROUNDING, Better, Failure
from rag.errors import ModelUnavailable

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

PAIRS = 20
"""Pairs of labelled answers to one question that are put before the judge at most."""


class Agreement(BaseModel):
    """Of one judge with the labelled set. ``kappa`` is None where it is undefined: all labels and verdicts are the same one.

    Failures of the judge are counted by themselves; the shares are of the verdicts that it gave (``n``, ``pairs_n``).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    judge: str
    prompts: str
    labelled: str
    n: int
    failures: int
    correctness: float | None
    correctness_kappa: float | None
    grounding: float | None
    grounding_kappa: float | None
    pairs_n: int
    pairs_failures: int
    pairs: float | None

    def is_of(self, judge: str, labelled: str) -> bool:
        """Whether it was measured of this judge, with the present prompts and this labelled set."""
        return (self.judge, self.prompts, self.labelled) == (judge, prompts_fingerprint(), labelled)


def prompts_fingerprint() -> str:
    return hashlib.sha256((prompts.RUBRIC + prompts.PAIRWISE).encode()).hexdigest()[:16]


def agreement(model: BaseChatModel, judge: str, labelled: Sequence[Labelled], fingerprint: str) -> Agreement:
    """Ask the judge about all labelled answers. ``judge``: its name; ``fingerprint``: of the labelled set."""
    given = [(case, rate(model, case)) for case in labelled]
    rated = [(case, rating) for case, rating in given if not isinstance(rating, Failure)]
    correct = [(case.correctness, rating.correctness) for case, rating in rated]
    grounded = [(case.grounding, rating.grounding) for case, rating in rated]
    compared = [(better, prefer(model, a, b)) for a, b, better in pairs(labelled)]
    decided = [(wanted, found) for wanted, found in compared if not isinstance(found, Failure)]
    return Agreement(
        judge=judge,
        prompts=prompts_fingerprint(),
        labelled=fingerprint,
        n=len(rated),
        failures=len(given) - len(rated),
        correctness=_share(correct),
        correctness_kappa=kappa(correct),
        grounding=_share(grounded),
        grounding_kappa=kappa(grounded),
        pairs_n=len(decided),
        pairs_failures=len(compared) - len(decided),
        pairs=_share(decided),
    )


def pairs(labelled: Sequence[Labelled]) -> list[tuple[Labelled, Labelled, Better]]:
    """Pairs of answers to one question of which one is labelled better on one axis and no worse on the other."""
    found: list[tuple[Labelled, Labelled, Better]] = []
    for a, b in combinations(labelled, 2):
        if a.question != b.question:
            continue
        first, second = _ranks(a), _ranks(b)
        if first != second and all(x <= y for x, y in zip(first, second, strict=True)):
            found.append((a, b, "A"))
        elif first != second and all(x >= y for x, y in zip(first, second, strict=True)):
            found.append((a, b, "B"))
    step = max(1, len(found) / PAIRS)
    return [found[int(number * step)] for number in range(min(PAIRS, len(found)))]


def _ranks(case: Labelled) -> tuple[int, int]:
    return CORRECTNESS.index(case.correctness), GROUNDING.index(case.grounding)


def _share(compared: Sequence[tuple[Any, Any]]) -> float | None:
    return round(sum(wanted == found for wanted, found in compared) / len(compared), 4) if compared else None


def kappa(compared: Sequence[tuple[str, str]]) -> float | None:
    """
    Raises:
        ModelUnavailable: scikit-learn is not installed.
    """
    if len({label for both in compared for label in both}) < 2:
        return None
    try:
        from sklearn.metrics import cohen_kappa_score
    except ImportError as error:
        raise ModelUnavailable(
            "没有安装 scikit-learn，无法计算一致性。", next_step="安装附加依赖：pip install 'aigc-law-qa[judge]'。"
        ) from error
    return round(float(cohen_kappa_score([wanted for wanted, _ in compared], [found for _, found in compared])), 4)
