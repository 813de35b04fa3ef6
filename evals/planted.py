"""Defects made on purpose, one at a time: does the suite turn red?

Each is a small thing that could go wrong in the product, applied in this process to the open assistant or to what it answers; nothing on disk
changes. The unchanged system must stay green.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from functools import partial
from typing import Any
from unittest.mock import patch

import numpy as np

from evals.gate import drops
from evals.probe_command import add_probe, opened, resumed, write
from evals.probed import kept_outcomes, measured
from evals.questions import Question
from evals.report import FOLDER
from evals.resume import Keep, anew
from evals.views import Edit, edited, with_fresh_days, with_vectors
from rag import pipeline, retrieve
from rag.catalog import Catalog
from rag.compose import Draft
from rag.conflicts import Disputes
from rag.numerals import to_chinese, to_int
from rag.pinpoint import units
from rag.pipeline import Assistant
from rag.types import Answer, Citation, Claim, DocumentMeta, Passage
from rag.verify import Verified

FILE = FOLDER / "planted.json"
_PARTIES = ("原告主张", "被告抗辩")
_STRICT = 0.97
_FLIPPED = (("不得", "可以"), ("应当", "不得"), ("可以", "不得"), ("不构成", "已构成"), ("不属于", "应属于"))
_AMOUNTS = (
    ("五百元", "七百元"),
    ("五百万元", "七百万元"),
    ("一百万元", "三百万元"),
    ("十万元", "九万元"),
    ("五万元", "八万元"),
)


@dataclass(frozen=True, slots=True)
class Defect:
    name: str
    what: str
    plant: Callable[[Assistant], Any]
    """A context manager over the assistant with the defect."""


class _Tampered(Assistant):
    """An assistant whose answers, or whose questions, are changed on the way."""

    def __init__(self, whole: Assistant, tamper: Callable[[Answer], Answer], without: Sequence[str] = ()) -> None:
        self.__dict__.update(whole.__dict__)
        self._whole, self._tamper, self._forgotten = whole, tamper, dict.fromkeys(without)

    def answer(self, question: str, **given: Any) -> Answer:
        return self._tamper(self._whole.answer(question, **self._left(given)))

    def search(self, question: str, **given: Any) -> Any:
        return self._whole.search(question, **self._left(given))

    def _left(self, given: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in given.items() if name not in self._forgotten}


def _same(answer: Answer) -> Answer:
    return answer


def _each_citation(change: Callable[[Citation], Citation]) -> Callable[[Answer], Answer]:
    return lambda answer: answer.model_copy(update={"citations": tuple(change(c) for c in answer.citations)})


@contextmanager
def _wrong_article(assistant: Assistant) -> Iterator[Assistant]:
    def next_article(citation: Citation) -> Citation:
        number = to_int(citation.article.strip("第条")) if citation.article else None
        if citation.article is None or number is None:
            return citation
        other = f"第{to_chinese(number + 1)}条"
        return citation.model_copy(update={"article": other, "label": citation.label.replace(citation.article, other)})

    yield _Tampered(assistant, _each_citation(next_article))


@contextmanager
def _version_ignored(assistant: Assistant) -> Iterator[Assistant]:
    yield _Tampered(assistant, _same, ["as_of"])


@contextmanager
def _history_ignored(assistant: Assistant) -> Iterator[Assistant]:
    yield _Tampered(assistant, _same, ["history"])


@contextmanager
def _quotes_cut(assistant: Assistant) -> Iterator[Assistant]:
    yield _Tampered(assistant, _each_citation(lambda c: c.model_copy(update={"quote": c.quote[:-3] + "……"})))


@contextmanager
def _spans_shifted(assistant: Assistant) -> Iterator[Assistant]:
    def shifted(citation: Citation) -> Citation:
        document = assistant.document(citation.document_id)
        start, end = citation.start + 1, citation.end + 1
        quote = document.text[start:end] if document else citation.quote
        return citation.model_copy(update={"start": start, "end": end, "quote": quote})

    yield _Tampered(assistant, _each_citation(shifted))


@contextmanager
def _party_as_court(assistant: Assistant) -> Iterator[Assistant]:
    def as_court(answer: Answer) -> Answer:
        said = {c.n for c in answer.citations if c.section in _PARTIES}

        def held(claim: Claim) -> Claim:
            text = claim.text
            for party in _PARTIES:
                text = text.replace(f"{party}：{party}", "法院认为：法院认为").replace(f"{party}：", "法院认为：")
            return claim.model_copy(update={"text": text}) if said & set(claim.citations) else claim

        def relabelled(c: Citation) -> Citation:
            label = c.label.replace(c.section or "-", "法院认为")
            return c.model_copy(update={"section": "法院认为", "label": label}) if c.n in said else c

        return answer.model_copy(
            update={
                "claims": tuple(held(c) for c in answer.claims),
                "citations": tuple(relabelled(c) for c in answer.citations),
            }
        )

    yield _Tampered(assistant, as_court)


def _one_edit(assistant: Assistant, swaps: Sequence[tuple[str, str]]) -> list[Edit]:
    """One figure or negation in the first article of the law in force that has it: the smallest defect of a digest."""
    catalog = assistant.index.catalog
    for passage in catalog.passages_of("copyright-law-2020"):
        for unit in units(passage):
            for old, new in swaps:
                if (at := unit.text.find(old)) >= 0:
                    return [Edit(passage.document_id, unit.start + at, old, new)]
    raise AssertionError("the Copyright Law has amounts and duties")


@contextmanager
def _negation_flipped(assistant: Assistant) -> Iterator[Assistant]:
    yield assistant.over(edited(assistant.index, _one_edit(assistant, _FLIPPED)))


@contextmanager
def _amount_changed(assistant: Assistant) -> Iterator[Assistant]:
    yield assistant.over(edited(assistant.index, _one_edit(assistant, _AMOUNTS)))


def unchecked(draft: Draft, *_: object, **__: object) -> Verified:
    """In place of ``rag.verify.verify``: every sentence passes."""
    return Verified(
        tuple(Claim(text=s.text, citations=s.citations, support="supported", score=1.0) for s in draft.sentences),
        (),
        (),
    )


@contextmanager
def _verification_off(assistant: Assistant) -> Iterator[Assistant]:
    with patch.object(pipeline, "verify", unchecked):
        yield assistant


@contextmanager
def _refusal_off(assistant: Assistant) -> Iterator[Assistant]:
    with patch.object(pipeline, "refusal_of", lambda *_: (None, [])):
        yield assistant


@contextmanager
def _refuses_hard(assistant: Assistant) -> Iterator[Assistant]:
    strict = copy(assistant)
    strict.settings = assistant.settings.model_copy(update={"scope_threshold": _STRICT})
    yield strict


@contextmanager
def _conflicts_missing(assistant: Assistant) -> Iterator[Assistant]:
    with patch.object(Disputes, "find", lambda *_: []), patch.object(Disputes, "listed", lambda *_: []):
        yield assistant


@contextmanager
def _exact_off(assistant: Assistant) -> Iterator[Assistant]:
    with patch.object(retrieve, "exact", lambda *_: []):
        yield assistant


@contextmanager
def _repealed_too(assistant: Assistant) -> Iterator[Assistant]:
    with patch.object(DocumentMeta, "in_force", lambda *_: True):
        yield assistant.over(with_fresh_days(assistant.index))


@contextmanager
def _dense_noise(assistant: Assistant) -> Iterator[Assistant]:
    order = np.random.default_rng(20261122)
    yield assistant.over(with_vectors(assistant.index, lambda vector: order.permutation(vector)))


@contextmanager
def _neighbour_read(assistant: Assistant) -> Iterator[Assistant]:
    """The look-up of an article by its number gives the one after it."""
    genuine = Catalog.article

    def article(self: Catalog, document_id: str, name: str) -> Passage | None:
        number = to_int(name.strip("第条"))
        other = f"第{to_chinese(number + 1)}条" if number else name
        return genuine(self, document_id, other) or genuine(self, document_id, name)

    with patch.object(Catalog, "article", article):
        yield assistant


DEFECTS = (
    Defect("wrong article shown", "every cited article is labelled with the next number", _wrong_article),
    Defect("version ignored", "the day asked about is dropped", _version_ignored),
    Defect("repealed shown as in force", "dates in force are not looked at", _repealed_too),
    Defect("negation flipped", "one 应当/不得/可以 of one article of a digest is another", _negation_flipped),
    Defect("amount changed", "one amount of one article of a digest is another", _amount_changed),
    Defect("verification off", "every sentence of a draft passes", _verification_off),
    Defect("refusal off", "nothing is refused", _refusal_off),
    Defect("refuses what is hard", f"only what is surely within the field ({_STRICT}) is answered", _refuses_hard),
    Defect("quotes cut", "quotes end in an ellipsis", _quotes_cut),
    Defect("spans shifted", "every citation points one character on, quote and all", _spans_shifted),
    Defect("party's argument as holding", "what a party argues is labelled 法院认为", _party_as_court),
    Defect("conflicts missing", "where courts differ, one side is enough", _conflicts_missing),
    Defect("exact look-up off", "an article's number is only words", _exact_off),
    Defect("neighbouring article read", "looking up an article gives the one after it", _neighbour_read),
    Defect("history ignored", "a follow-up is asked as if it came first", _history_ignored),
    Defect("dense search is noise", "question vectors are shuffled", _dense_noise),
)


def add_arguments(command: argparse.ArgumentParser) -> None:
    add_probe(command, FILE, _run)


def _run(arguments: argparse.Namespace) -> int:
    """Non-zero when a defect stays unseen, or the unchanged system is red."""
    questions, assistant = opened(arguments)
    with resumed(arguments, questions, assistant) as keep:
        result = planted(questions, assistant, keep=keep)
        write(result, arguments.out)
    for row in result["defects"]:
        print(f"{'红' if row['caught'] else '绿'}  {row['name']:28} {'；'.join(row['caught_by'][:4])}")
    print(
        f"未改动：{'绿' if not result['unchanged'] else '红 ' + '；'.join(result['unchanged'])}。结果：{arguments.out}"
    )
    return int(result["caught"] < len(result["defects"]) or bool(result["unchanged"]))


def planted(
    questions: Sequence[Question],
    assistant: Assistant,
    defects: Sequence[Defect] = DEFECTS,
    *,
    quiet: bool = False,
    keep: Keep = anew,
) -> dict[str, Any]:
    """The unchanged system twice, then every defect by itself, each compared with the first run; every one is a part to ``keep``."""
    baseline = kept_outcomes(keep, "未改动", partial(measured, questions, assistant, name="未改动", quiet=quiet))

    def seen(asked: Assistant, name: str) -> list[str]:
        return [str(drop) for drop in drops(baseline, measured(questions, asked, name=name, quiet=quiet))]

    def row(defect: Defect) -> dict[str, Any]:
        with defect.plant(assistant) as broken:
            found = seen(broken, defect.name)
        return {"name": defect.name, "what": defect.what, "caught": bool(found), "caught_by": found}

    again = keep("再来一遍", partial(seen, assistant, "再来一遍"))
    rows = [keep(defect.name, partial(row, defect)) for defect in defects]
    return {
        "n": len(questions),
        "fingerprints": assistant.fingerprints.model_dump(),
        "unchanged": again,
        "caught": sum(row["caught"] is True for row in rows),
        "defects": rows,
        "rows": [_as_row(row) for row in rows],
    }


def _as_row(row: dict[str, Any]) -> dict[str, Any]:
    """As ``evals.results_file.Comparison`` has it."""
    caught_by = "; ".join(row["caught_by"][:3]) or "nothing"
    return {
        "name": row["name"],
        "summary": {"caught": {"mean": float(row["caught"]), "n": 1}},
        "reading": f"{row['name']}: {row['what']}; caught by {caught_by}.",
    }
