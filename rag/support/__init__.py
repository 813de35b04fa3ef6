"""Does a source carry a claim? Judged on what matters in law: content, numbers, negation, modality, exceptions, roles.

    support("平台应当建立投诉机制。", ["提供者应当建立健全投诉、举报机制。"])

The claim and the sources are cut up (``clauses``), compared (``quantities``, ``polarity``, ``features``), read side by side by a small transformer
(``reader``), and judged by a model of both (``model``), trained on claims with known labels (``ingest.train_reader``, ``ingest.train_support``). No
network; a few milliseconds a claim. A cross-encoder (``nli``) can be given a say.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from rag.english import is_english
from rag.support.clauses import bigrams, canonical
from rag.support.features import as_row, features
from rag.support.model import support_model
from rag.support.nli import Nli
from rag.support.quantities import in_figures, quantities
from rag.support.reader import pair_reader
from rag.types import Verdict

__all__ = ["support"]

READ_FROM = 0.08
"""Probability of support, by the features alone, from which the reader is asked: asking it below as well gains 0.001 of AUC, five-fold."""
_EDGES = frozenset(" \t\n　，,。；;！!？?：:（）()、")


def support(claim: str, sources: Sequence[str], nli: Nli | None = None) -> Verdict:
    """Label and score (0…1) of ``claim`` against ``sources`` taken together; a claim without content is unsupported.

    ``nli`` is asked only where the words do not decide already.
    """
    stated = in_figures(claim.strip())
    forms = {stated, stated.rstrip("。；")}
    if any(_stands_in(form, figured) for figured in map(_figured, sources) for form in forms):
        return Verdict(support="supported", score=1.0)
    if _says_nothing_of(claim, sources):
        return Verdict(support="unsupported", score=0.0)
    shift = nli.shift(claim, sources) if nli else 0.0
    model = support_model()
    compared = model.compared(as_row(features(claim, sources)))
    # The reader knows Chinese.
    read = pair_reader().read(claim, sources) if compared[0] >= READ_FROM and not is_english(claim) else None
    label, score = model.judge(compared, read, shift)
    return Verdict(support=label, score=round(score, 6))


@lru_cache(maxsize=2048)
def _figured(source: str) -> str:
    return in_figures(source)


def _stands_in(claim: str, source: str) -> bool:
    """Whether the claim is a sentence or clause of the source, whole: 构成侵权 does not stand in 不构成侵权."""
    start = source.find(claim) if claim else -1
    while start >= 0:
        end = start + len(claim)
        begins = start == 0 or source[start - 1] in _EDGES
        ends = end == len(source) or source[end] in _EDGES or claim[-1] in _EDGES
        if begins and ends:
            return True
        start = source.find(claim, start + 1)
    return False


@lru_cache(maxsize=512)
def _together(sources: tuple[str, ...]) -> str:
    return canonical("\n".join(sources))


def _says_nothing_of(claim: str, sources: Sequence[str]) -> bool:
    """Whether there is nothing to compare: no content on one side, or not a character pair in common."""
    stated = canonical(claim)
    counted = quantities(stated)
    if not bigrams(stated) and not counted:
        return True
    everything = _together(tuple(sources))
    if any(pair in everything for pair in bigrams(stated)):
        return False
    if not bigrams(everything) and not quantities(everything):
        return True
    shared = bool(bigrams(stated) & bigrams(everything)) or bool(counted.amounts & quantities(everything).amounts)
    return not shared and any("\u3400" <= character <= "\u9fff" for character in stated)
