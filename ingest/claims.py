"""Labelled claims that the claim check is trained on: written one by one, and made by rule from statutes and our digests."""

from __future__ import annotations

import hashlib
import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest.perturb import PERTURBATIONS
from ingest.read import load
from ingest.sources import corpus_files
from ingest.split import split
from ingest.training_pairs import Statutes, short_name
from rag.errors import InvalidInput
from rag.lexical import terms
from rag.numerals import CHINESE_DIGITS, to_int
from rag.pinpoint import units
from rag.types import Passage, SupportLabel

_MIN_CLAIM, _MAX_CLAIM = 8, 110
_SYNONYMS = (
    ("应当", ("应", "必须", "有义务", "需要")),
    ("可以", ("有权", "可")),
    ("不得", ("禁止", "不能", "不可以")),
    ("不需要", ("无须", "不必")),
    ("著作权", ("版权",)),
    ("许可", ("授权", "同意")),
    ("人工智能", ("AI",)),
    ("利用", ("使用", "用")),
    ("或者", ("或",)),
    ("以及", ("和",)),
    ("未经", ("没有经过",)),
    ("驳回", ("没有支持",)),
    ("判决", ("判令",)),
    ("认定", ("认为",)),
    ("立即", ("马上",)),
    ("及时", ("尽快",)),
    ("报酬", ("费用",)),
    ("不承担", ("不用承担",)),
    ("规定", ("要求",)),
)
_OPENINGS = ("", "", "", "根据规定，", "按照规定，", "依法，", "也就是说，", "简单说，")
_NUMERAL = re.compile(rf"[{CHINESE_DIGITS}]{{1,6}}(?=[年日天倍个万])|(?<=百分之)[{CHINESE_DIGITS}]{{1,3}}")


@dataclass(frozen=True, slots=True)
class LabelledClaim:
    """A claim, its sources, the label, what kind of claim it is, and the group (source document and article) that it must not be split from."""

    claim: str
    sources: tuple[str, ...]
    label: SupportLabel
    kind: str
    group: str
    written: bool

    @property
    def held_out(self) -> bool:
        """One source in four, by a hash of its name: the figures are measured on its claims."""
        return int(hashlib.sha256(f"claims-{self.group}".encode()).hexdigest(), 16) % 4 == 0


def read_claims(path: Path, corpus: dict[str, Passage], statutes: Statutes) -> list[LabelledClaim]:
    """Claims written for this purpose (``ingest/training/claims.jsonl``); their sources are named, not copied.

    Raises:
        InvalidInput: a line names a source that is not there.
    """
    found = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        row = json.loads(line)
        sources = tuple(text for name in row["source"] for text in _texts_of(name, corpus, statutes))
        if not sources:
            raise InvalidInput(f"{path} 第 {number} 行的来源不存在：{row['source']}。")
        found.append(LabelledClaim(row["claim"], sources, row["label"], row["kind"], row["source"][0], True))
    return found


def _texts_of(name: str, corpus: dict[str, Passage], statutes: Statutes) -> list[str]:
    if "/" in name:
        return [passage.text for key, passage in corpus.items() if key == name or key.startswith(name + "/")]
    return [statutes.passages[number].text for number in statutes.find(name)[:1]]


def corpus_passages(folder: Path) -> dict[str, Passage]:
    """The passages of the shipped corpus by id."""
    found: dict[str, Passage] = {}
    for path in corpus_files(folder):
        document = load(path, root=folder)
        if document.meta.text_status != "official":
            found |= {passage.id: passage for passage in split(document)}
    return found


def made_claims(passages: Sequence[Passage], rng: random.Random) -> Iterator[LabelledClaim]:
    """Claims made by rule from passages of one document: reworded, turned round, extended by what another passage says, or of another."""
    usable = [passage for passage in passages if _claimable(passage)]
    vocabulary = {passage.id: set(terms(passage.text)) for passage in usable}
    for passage in usable:
        text = rng.choice(_claimable(passage))
        yield _made(passage, reworded(text, rng), "supported", "reworded")
        kinds = rng.sample(list(PERTURBATIONS), k=len(PERTURBATIONS))
        changed = [(kind, PERTURBATIONS[kind](text, rng)) for kind in kinds]
        for kind, wrong in [(kind, wrong) for kind, wrong in changed if wrong and wrong != text][:2]:
            yield _made(passage, reworded(wrong, rng) if rng.random() < 0.5 else wrong, "contradicted", kind)
        others = [other for other in usable if other.id != passage.id]
        if not others:
            continue
        near = max(
            rng.sample(others, min(len(others), 12)),
            key=lambda other: len(vocabulary[other.id] & vocabulary[passage.id]),
        )
        foreign = rng.choice(_claimable(near))
        if foreign in passage.text:
            continue
        yield _made(passage, reworded(foreign, rng), "unsupported", "other_article")
        joined = f"{text.rstrip('。；')}，{rng.choice(('并且', '同时', ''))}{_last_clause(foreign)}"
        if len(joined) <= _MAX_CLAIM:
            yield _made(passage, joined, "partial", "extra")


def digest_claims(
    corpus: dict[str, Passage], titles: dict[str, str], statutes: Statutes, rng: random.Random
) -> Iterator[LabelledClaim]:
    """Our wording of an article as a claim on its official text: rewording that no rule makes."""
    for passage in corpus.values():
        title = titles.get(passage.document_id)
        numbers = statutes.find(short_name(title) + passage.article) if title and passage.article else []
        if not numbers:
            continue
        official = statutes.passages[numbers[0]]
        if len(set(terms(passage.text)) & set(terms(official.text))) < 0.3 * len(set(terms(passage.text))):
            continue  # another version of the law, with other numbers
        for text in _claimable(passage)[:3]:
            yield LabelledClaim(text, (official.text,), "supported", "digest", official.id, False)
            for kind in rng.sample(list(PERTURBATIONS), k=2):
                wrong = PERTURBATIONS[kind](text, rng)
                if wrong and wrong != text:
                    yield LabelledClaim(wrong, (official.text,), "contradicted", kind, official.id, False)


def turned_round(claims: Sequence[LabelledClaim], rng: random.Random) -> Iterator[LabelledClaim]:
    """Supported claims that were written, made wrong by rule: an error inside a paraphrase."""
    for claim in claims:
        if claim.label != "supported":
            continue
        for kind in rng.sample(list(PERTURBATIONS), k=3):
            wrong = PERTURBATIONS[kind](claim.claim, rng)
            if wrong and wrong != claim.claim:
                yield LabelledClaim(wrong, claim.sources, "contradicted", kind, claim.group, False)


def reworded(text: str, rng: random.Random) -> str:
    """The same statement with other words for the same, numerals in the other writing, lists in another order."""
    for standard, others in rng.sample(_SYNONYMS, k=len(_SYNONYMS)):
        if standard in text and rng.random() < 0.4:
            text = text.replace(standard, rng.choice(others))
    if rng.random() < 0.4:
        text = _NUMERAL.sub(lambda match: str(to_int(match[0]) or match[0]), text)
    if rng.random() < 0.3:
        text = re.sub(
            r"[\u4e00-\u9fff]{2,6}(?:、[\u4e00-\u9fff]{2,6}){2,}",
            lambda m: "、".join(rng.sample(m[0].split("、"), k=len(m[0].split("、")))),
            text,
        )
    clauses = re.split(r"(?<=；)", text)
    if len(clauses) > 1 and rng.random() < 0.5:
        text = rng.choice(clauses).rstrip("；")
    return rng.choice(_OPENINGS) + text


def _claimable(passage: Passage) -> list[str]:
    """Sentences of a passage that state something by themselves."""
    found = [(unit.stem or "").rstrip("：") + unit.text if unit.item else unit.text for unit in units(passage)]
    return [text for text in found if _MIN_CLAIM <= len(text) <= _MAX_CLAIM and not text.endswith(("：", ":"))]


def _last_clause(text: str) -> str:
    return re.split(r"[，；]", text.rstrip("。；"))[-1]


def _made(passage: Passage, claim: str, label: SupportLabel, kind: str) -> LabelledClaim:
    return LabelledClaim(claim, (passage.text,), label, kind, passage.id, False)
