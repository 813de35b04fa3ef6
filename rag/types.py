"""The nouns of the domain: documents, passages, hits, and the answer that is made of them.

Offsets are in characters (Python string indices) of ``Document.text``; ``start`` is inclusive, ``end`` exclusive, and
``document.text[start:end]`` is the text itself.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SerializationInfo,
    SerializerFunctionWrapHandler,
    model_serializer,
)


class Kind(StrEnum):
    """What a document is; the order is that of authority, highest first."""

    LAW = "law"
    TREATY = "treaty"
    ADMINISTRATIVE_REGULATION = "administrative_regulation"
    JUDICIAL_INTERPRETATION = "judicial_interpretation"
    DEPARTMENTAL_RULE = "departmental_rule"
    JUDICIAL_DOCUMENT = "judicial_document"
    JUDGMENT = "judgment"
    STANDARD = "standard"
    PAPER = "paper"
    OWN = "own"
    """A user's own document (``ingest.own``): quoted like all else, authority for nothing."""


SupportLabel = Literal["supported", "partial", "unsupported", "contradicted"]
RefusalReason = Literal["out_of_scope", "not_in_corpus", "version_not_in_corpus", "false_premise", "unclear"]
Finality = Literal["final", "not_final", "pending", "unknown"]
TextStatus = Literal["digest", "official", "full_text"]
Evidence = Literal["verified", "single_source", "unverified"]


_DOCKET_YEAR = re.compile(r"\((\d{4})\)")


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _as_text(value: object) -> object:
    return str(value) if isinstance(value, int | float) else value


def _as_sequence(value: object) -> object:
    return (value,) if isinstance(value, str | int | float) else value


# YAML reads 3.1 as a number and a lone value as a scalar; both are what an author means.
Text = Annotated[str, BeforeValidator(_as_text)]
Texts = Annotated[tuple[Text, ...], BeforeValidator(_as_sequence)]


class Appeal(Frozen):
    """What became of a judgment on appeal; unknown fields stay None."""

    number: str | None = None
    court: str | None = None
    decided: dt.date | None = None
    outcome: str | None = None


class Parties(Frozen):
    plaintiff: tuple[str, ...] = ()
    defendant: tuple[str, ...] = ()


class Amounts(Frozen):
    claimed: Text | None = None
    awarded: Text | None = None


class Erratum(Frozen):
    """A statement of a document that departs from the public record, and the correction.

    ``anchors`` are verbatim substrings of the document's text that carry the statement.
    """

    no: int
    severity: Literal["high", "medium", "low"]
    section: Texts = ()
    anchors: Texts = ()
    correction: str
    evidence: Evidence = "verified"
    sources: tuple[str, ...] = ()
    refers_to: tuple[str, ...] = ()


class Position(Frozen):
    """What a judgment or official document answers to a disputed question of law (``rag/data/issues.yaml``).

    ``passage`` is the part of the document (``court-view``, ``art-12``) that says so, ``anchor`` a verbatim piece of the sentence, ``why`` what
    in the facts explains the answer.
    """

    issue: str
    position: str
    passage: str
    anchor: str
    why: str | None = None


class Implements(Frozen):
    """That an instrument, or one article of it (``passage``), elaborates another one (``of``: a document or passage id)."""

    of: str
    passage: str | None = None
    why: str | None = None


class DocumentMeta(Frozen):
    """Front matter of a corpus file; every field of the corpus format, nothing else."""

    id: str = Field(min_length=1, pattern=r"^[^\s/#]+$")
    title: str = Field(min_length=1)
    aliases: Texts = ()
    kind: Kind
    jurisdiction: str = "CN"
    # Instruments
    issuer: str | None = None
    number: Text | None = Field(default=None, description="文号 of an instrument, 案号 of a judgment")
    promulgated: dt.date | None = None
    effective: dt.date | None = None
    repealed: dt.date | None = Field(default=None, description="first day on which it is no longer in force")
    supersedes: str | None = None
    renumbered: dict[str, str | None] = Field(
        default={}, description="article of the superseded version → the one that carries its content now, or null"
    )
    implements: tuple[Implements, ...] = ()
    articles: int | None = Field(default=None, description="number of articles the whole instrument has")
    partial: bool = Field(default=False, description="True where only some of the articles are given")
    # Judgments
    court: str | None = None
    court_level: str | None = None
    instance: str | None = None
    cause: str | None = None
    parties: Parties | None = None
    decided: dt.date | None = None
    finality: Finality | None = None
    appeal: Appeal | None = None
    applies: tuple[str, ...] = Field(default=(), description="passages of instruments that the judgment applies")
    amounts: Amounts | None = None
    positions: tuple[Position, ...] = Field(default=(), description="answers to disputed questions of law")
    # Papers
    authors: tuple[str, ...] = ()
    published: dt.date | None = Field(
        default=None, description="day on which a paper, or a judgment whose day is unknown, became public"
    )
    access: str | None = None
    errata: tuple[Erratum, ...] = ()
    # Provenance
    url: str | None = None
    text_status: TextStatus = "digest"
    evidence: Evidence = "verified"
    checked: dt.date | None = None

    @property
    def valid_from(self) -> dt.date | None:
        """First day on which the document can be relied on: in force, decided, or published.

        A judgment whose day is unknown is not older than the year of its docket number.
        """
        docket_year = _DOCKET_YEAR.match(self.number or "") if self.kind is Kind.JUDGMENT else None
        registered = dt.date(int(docket_year[1]), 1, 1) if docket_year else None
        return self.effective or self.decided or self.published or registered

    @property
    def dated(self) -> dt.date | None:
        """The day that may be told of the document: in force, decided, or, of a paper, published; None where it is not known.

        ``valid_from`` has to assume a day even then.
        """
        return self.effective or self.decided or (None if self.kind is Kind.JUDGMENT else self.published)

    def in_force(self, on: dt.date) -> bool:
        """Whether the document can be relied on that day; undated documents always can."""
        return (self.valid_from is None or self.valid_from <= on) and (self.repealed is None or on < self.repealed)

    @property
    def short_title(self) -> str:
        """How a lawyer names it inside a sentence: 《著作权法》, 广州奥特曼案, 论文."""
        if self.kind is Kind.JUDGMENT:
            return self.aliases[0] if self.aliases else self.title
        if self.kind is Kind.PAPER:
            return "论文"
        title = self.title.removeprefix("中华人民共和国")
        return title if "《" in title else f"《{title}》"


class Document(Frozen):
    """One version of one instrument, judgment or paper: its front matter and its text."""

    meta: DocumentMeta
    text: str

    @property
    def id(self) -> str:
        return self.meta.id


@dataclass(frozen=True, slots=True)
class Passage:
    """A retrievable piece of a document: an article, a section of a judgment, a paragraph or table of a paper.

    ``text`` is exactly ``document.text[start:end]``. ``lay_questions`` (问法) and ``note`` (注) stand in the document outside
    the span: they help to find the passage and are never quoted. Nor is ``digest``, our wording of an article whose official text
    is at hand.
    """

    id: str
    document_id: str
    text: str
    start: int
    end: int
    headings: tuple[str, ...] = ()
    article: str | None = None
    section: str | None = None
    topic: str | None = None
    lay_questions: tuple[str, ...] = ()
    note: str | None = None
    digest: str | None = None
    paragraph_offset: int = 0
    """款 of the article that stand in passages before this one."""


@dataclass(frozen=True, slots=True)
class Unit:
    """The smallest thing that is cited: a sentence, with the 款 and 项 it stands in. Offsets are the document's."""

    text: str
    start: int
    end: int
    paragraph: int | None = None
    item: int | None = None
    item_label: str | None = None
    stem: str | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """A retrieved passage with its fused score and the parts the score is made of."""

    passage: Passage
    document: DocumentMeta
    score: float
    parts: dict[str, float] = field(default_factory=dict)


class Citation(Frozen):
    """Where a statement stands: to the article, paragraph and item, with the quote and its exact place."""

    n: int
    passage_id: str
    document_id: str
    title: str
    kind: Kind
    jurisdiction: str
    number: str | None
    article: str | None
    paragraph: str | None
    item: str | None
    section: str | None
    quote: str
    start: int
    end: int
    in_force: bool
    effective: dt.date | None
    repealed: dt.date | None
    finality: Finality | None = None
    text_status: TextStatus
    evidence: Evidence
    url: str | None
    label: str


class Claim(Frozen):
    """A sentence of the answer, what it cites, and how well that carries it (score: 0…1)."""

    text: str
    citations: tuple[int, ...]
    support: SupportLabel
    score: float


Values = tuple[tuple[str, str], ...]
"""What a message speaks of, by name, for whoever puts it into other words."""


def values_of(**named: object) -> Values:
    return tuple((name, str(value)) for name, value in named.items())


WITH_CODES = {"codes": True}
"""Context of ``model_dump`` with which messages keep their codes; the JSON of an answer is without them."""


class Coded(Frozen):
    """Has a ``message``; its ``code`` tells what that says and ``values`` of what, so that it can be said in another language."""

    @model_serializer(mode="wrap")
    def _without_codes(self, dump: SerializerFunctionWrapHandler, info: SerializationInfo) -> dict[str, object]:
        dumped: dict[str, object] = dump(self)
        if not (info.context and info.context.get("codes")):
            del dumped["code"], dumped["values"]
        return dumped


class Refusal(Coded):
    reason: RefusalReason
    message: str
    missing: tuple[str, ...] = ()
    code: str = ""
    values: Values = ()


class Warning(Coded):
    kind: str
    message: str
    code: str = ""
    values: Values = ()


class ConflictSide(Frozen):
    position: str
    citations: tuple[int, ...]


class Conflict(Frozen):
    question: str
    sides: tuple[ConflictSide, ...]


class Timings(Frozen):
    """Milliseconds spent in each stage."""

    understand: float = 0
    retrieve: float = 0
    answer: float = 0
    verify: float = 0
    total: float = 0


class Fingerprints(Frozen):
    corpus: str
    index: str
    settings: str


class ModelUse(Frozen):
    """What a language model did for an answer, and what it cost; tokens are None where the provider does not say.

    ``calls`` are requests sent, retries included; ``first_sentence_ms`` is from the question to the first verified sentence. ``failed`` are
    sentences of the first version that their sources do not carry, ``failed_kept`` those of the version that is shown; ``repaired`` says that it
    is the second one. ``removed`` are sentences left out, ``mended`` those whose source was put right, ``unknown_keys`` sources that do not exist.
    """

    name: str
    calls: int
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    latency_ms: float
    first_sentence_ms: float | None = None
    passages: int = 0
    failed: int = 0
    failed_kept: int = 0
    repaired: bool = False
    removed: int = 0
    mended: int = 0
    unknown_keys: int = 0
    settings: str


class Answer(Frozen):
    """What the user gets; ``model_dump(mode="json")`` is the stable JSON contract."""

    id: str | None = None
    question: str
    as_of: dt.date
    mode: str = "extractive"
    refused: bool = False
    refusal: Refusal | None = None
    answer: str
    claims: tuple[Claim, ...] = ()
    citations: tuple[Citation, ...] = ()
    warnings: tuple[Warning, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    timings_ms: Timings = Timings()
    fingerprints: Fingerprints
    model: ModelUse | None = None


class SearchHit(Frozen):
    @classmethod
    def of(cls, rank: int, hit: Hit) -> SearchHit:
        passage = hit.passage
        return cls(
            rank=rank,
            score=round(hit.score, 4),
            passage_id=passage.id,
            document_id=passage.document_id,
            title=hit.document.title,
            number=hit.document.number,
            article=passage.article,
            section=passage.section,
            text=passage.text,
            start=passage.start,
            end=passage.end,
        )

    rank: int
    score: float
    passage_id: str
    document_id: str
    title: str
    number: str | None
    article: str | None
    section: str | None
    text: str
    start: int
    end: int


class SearchResult(Frozen):
    id: str | None = None
    question: str
    hits: tuple[SearchHit, ...]


class Verdict(Frozen):
    """How well sources carry a claim; ``score`` reads as the probability that they support it."""

    id: str | None = None
    support: SupportLabel
    score: float
