"""Citation recall and precision of ALCE (Gao et al., 2023), with this project's claim check in the place of the entailment model.

* recall of a sentence: 1 where the text at all the spans that it cites, taken together, carries it; 0 where it cites nothing.
* precision of a citation: 1 where its sentence is carried and the citation is not irrelevant; it is irrelevant where it does not carry the sentence
  alone and the sentence's other citations carry it without it.

Sentences are cut as Chinese is (``rag.pinpoint.units``). A sentence that is the cited text itself, with at most a lead before it
(《…》第三条规定：…), is carried without asking the model; whether the lead names the right place is ``label_correct`` of ``evals.checks``. The
sentences of an extractive answer are all of this kind, so that its figures are near 1 by construction; they tell something of an answer that was
written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evals.checks import Documents, at_span, readable
from rag.pinpoint import units
from rag.support import support
from rag.types import Answer, Citation, Claim, Passage

_WORDS = re.compile(r"\w")


@dataclass(frozen=True, slots=True)
class Alce:
    """Of every sentence whether it is carried, of every citation of a sentence whether it is precise; ``uncited``: sentences that cite nothing."""

    carried: tuple[bool, ...] = ()
    precise: tuple[bool, ...] = ()
    uncited: int = 0

    @property
    def recall(self) -> float | None:
        return sum(self.carried) / len(self.carried) if self.carried else None

    @property
    def precision(self) -> float | None:
        return sum(self.precise) / len(self.precise) if self.precise else None

    @property
    def misled(self) -> bool:
        """Whether a sentence cites something that does not carry it."""
        return self.carried.count(False) > self.uncited


def alce(answer: Answer, documents: Documents) -> Alce:
    """``documents``: at least those that the answer cites; a document that does not exist carries nothing."""
    by_number = {citation.n: citation for citation in answer.citations}
    carried: list[bool] = []
    precise: list[bool] = []
    uncited = 0
    for claim in answer.claims:
        spans = _spans(claim, by_number, documents)
        for sentence in sentences(claim.text):
            together = _carries(sentence, spans)
            carried.append(together)
            uncited += not spans
            precise += [together and _counts(sentence, spans, at) for at in range(len(spans))]
    return Alce(tuple(carried), tuple(precise), uncited)


def sentences(text: str) -> list[str]:
    """Sentences with something in them to be carried; a line that ends in a colon is one with what it introduces."""
    passage = Passage(id="answer", document_id="answer", text=text, start=0, end=len(text))
    found: list[str] = []
    for unit in units(passage):
        if found and found[-1].endswith(("：", ":")):
            found[-1] += unit.text
        else:
            found.append(unit.text)
    return [sentence for sentence in found if _WORDS.search(sentence)]


def _spans(claim: Claim, by_number: Mapping[int, Citation], documents: Documents) -> list[str]:
    """What each citation of the claim points at; empty where it points at nothing."""
    return [readable(at_span(by_number[n], documents)) if n in by_number else "" for n in claim.citations]


def _carries(sentence: str, spans: Sequence[str]) -> bool:
    if any(_quotes(sentence, span) for span in spans):
        return True
    return any(spans) and support(sentence, [span for span in spans if span]).support == "supported"


def _quotes(sentence: str, span: str) -> bool:
    """Whether the sentence is the span or a sentence of it, after at most a lead that ends in a colon."""
    pieces = {span.strip(), *sentences(span)} - {""}
    return any(sentence == piece or sentence.endswith(f"：{piece}") for piece in pieces)


def _counts(sentence: str, spans: Sequence[str], at: int) -> bool:
    """Whether a citation of a sentence that all of them carry has a part in it."""
    if len(spans) == 1 or _carries(sentence, [spans[at]]):
        return True
    return not _carries(sentence, [span for other, span in enumerate(spans) if other != at])
