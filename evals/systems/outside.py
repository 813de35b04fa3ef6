"""Answers of other people's systems, read as they come: what they leave out is looked up, what they claim of themselves is not believed.

A citation needs a place, in any of these forms: ``passage_id``; ``document_id`` with ``article`` or ``section``; ``title`` or ``number`` with
either. 条, 款 and 项 may be given as statutes write them or as numbers. A title of several versions means the one in force on the answer's date.
What cannot be found stays a citation of a document that does not exist. ``support`` is judged here, by our own claim check.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from evals.pinpoints import article_level
from evals.questions import Question
from rag.catalog import Catalog
from rag.cite import citation
from rag.fold import fold
from rag.names import Names
from rag.numerals import to_chinese, to_int
from rag.pinpoint import units
from rag.place import article_label
from rag.support import support
from rag.types import Answer, Citation, Claim, Fingerprints, Hit, Kind, Passage, Refusal, RefusalReason, Timings, Unit


def _text(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Written = Annotated[str | None, BeforeValidator(_text)]


class _Lenient(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class OutsideCitation(_Lenient):
    n: int | None = None
    passage_id: str | None = None
    document_id: str | None = None
    title: str | None = None
    number: Written = None
    article: Written = None
    paragraph: Written = None
    item: Written = None
    section: Written = None
    quote: str = ""
    start: int | None = Field(default=None, ge=0)
    end: int | None = Field(default=None, ge=0)


class OutsideClaim(_Lenient):
    text: str
    citations: tuple[int, ...] = ()


class OutsideRefusal(_Lenient):
    reason: RefusalReason | None = None
    message: str = ""


class OutsideTimings(_Lenient):
    total: float = Field(ge=0)


class OutsideAnswer(_Lenient):
    """The Answer JSON with everything optional but ``answer``; a refusal may be ``refused`` alone."""

    id: Written = None
    answer: str = ""
    refused: bool = False
    refusal: OutsideRefusal | None = None
    as_of: dt.date | None = None
    claims: tuple[OutsideClaim, ...] | None = None
    citations: tuple[OutsideCitation, ...] = ()
    timings_ms: OutsideTimings | None = None


class Resolver:
    """From what others write to our citations, through the catalog and the names of an index."""

    def __init__(self, catalog: Catalog, names: Names) -> None:
        self._catalog, self._names = catalog, names

    def answer(self, given: OutsideAnswer, question: Question, milliseconds: float) -> Answer:
        """As an ``Answer`` to ``question``; ``milliseconds``: where it does not say how long it took."""
        as_of = given.as_of or question.as_of or dt.date.today()
        citations = tuple(self.citation(c, c.n or n, as_of) for n, c in enumerate(given.citations, start=1))
        refused = given.refused or given.refusal is not None
        told = given.refusal or OutsideRefusal()
        return Answer(
            id=question.id,
            question=question.question,
            as_of=as_of,
            mode="outside",
            refused=refused,
            refusal=Refusal(reason=told.reason or "unclear", message=told.message or given.answer) if refused else None,
            answer=given.answer or told.message,
            claims=() if refused else self._claims(given, citations),
            citations=citations,
            timings_ms=Timings(total=given.timings_ms.total if given.timings_ms else milliseconds),
            fingerprints=Fingerprints(corpus="", index="", settings=""),
        )

    def citation(self, given: OutsideCitation, n: int, as_of: dt.date) -> Citation:
        passage = self._passage(given, as_of)
        if passage is None:
            return _unknown(given, n)
        meta, document = self._catalog.metas[passage.document_id], self._catalog.document(passage.document_id)
        start, end = _span(given, passage, document.text if document else "")
        made = citation(Hit(passage, meta, 0.0), Unit(given.quote, start, end), n, as_of)
        deeper = {"paragraph": _ordinal(given.paragraph, "第{}款"), "item": _ordinal(given.item, "第（{}）项")}
        return made.model_copy(update=deeper)

    def _passage(self, given: OutsideCitation, as_of: dt.date) -> Passage | None:
        if given.passage_id and (found := self._catalog.passage(article_level(given.passage_id))):
            return found
        document = self._document(given, as_of)
        if document is None:
            return None
        if article := _article(given.article):
            return self._catalog.article(document, article)
        passages = self._catalog.passages_of(document)
        if given.section:
            wanted = fold(given.section).removeprefix("第").removesuffix("节")
            passages = [passage for passage in passages if passage.section and fold(passage.section) == wanted]
        holding = [passage for passage in passages if given.quote and given.quote in passage.text]
        return next(iter([*holding, *(passages if given.section else [])]), None)

    def _document(self, given: OutsideCitation, as_of: dt.date) -> str | None:
        metas = self._catalog.metas
        if given.document_id in metas:
            return given.document_id
        named: list[str] = []
        if given.number:
            wanted = fold(given.number)
            named = [key for key, meta in metas.items() if meta.number and fold(meta.number) == wanted]
        if not named and given.title:
            held = self._names.held(fold(given.title.strip().strip("《》")))
            named = held.ids if held else []
        in_force = [identifier for identifier in named if metas[identifier].in_force(as_of)]
        return next(iter([*in_force, *named]), None)

    def _claims(self, given: OutsideAnswer, citations: Sequence[Citation]) -> tuple[Claim, ...]:
        """The claims as given; where none are, the sentences of the answer, each citing what its marks say: …。[1][2]"""
        stated = given.claims
        if stated is None:
            stated = tuple(_marked(unit.text) for unit in units(_as_passage(given.answer)) if _WORDS.search(unit.text))
        sources = {citation.n: self._stands_there(citation) for citation in citations}
        claims = []
        for claim in stated:
            numbers = tuple(n for n in claim.citations if n in sources)
            verdict = support(claim.text, [sources[n] for n in numbers])
            claims.append(Claim(text=claim.text, citations=numbers, support=verdict.support, score=verdict.score))
        return tuple(claims)

    def _stands_there(self, cited: Citation) -> str:
        """A quote that is verbatim, else the whole passage: an invented quote must not carry the sentence it was invented for."""
        document = self._catalog.document(cited.document_id)
        if cited.quote and document and document.text[cited.start : cited.end] == cited.quote:
            return cited.quote
        passage = self._catalog.passage(cited.passage_id)
        return passage.text if passage else ""


def read_answer(text: str | bytes) -> OutsideAnswer:
    """
    Raises:
        ValueError: not an object of JSON, or a field of it is malformed; the first problem, in words.
    """
    try:
        values: Any = json.loads(text)
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"不是 JSON：{error}") from error
    if not isinstance(values, dict):
        raise ValueError("不是 JSON 对象")
    given = OutsideAnswer.model_validate(values)
    if not given.answer.strip() and not given.refused and given.refusal is None:
        raise ValueError("answer: 既没有答案，也没有拒答")
    return given


_MARK = re.compile(r"\[(\d+)\]")
_WORDS = re.compile(r"\w")


def _marked(sentence: str) -> OutsideClaim:
    return OutsideClaim(text=_MARK.sub("", sentence), citations=tuple(map(int, _MARK.findall(sentence))))


def _as_passage(text: str) -> Passage:
    # A mark after the full stop belongs to the sentence before it.
    text = re.sub(r"([。！？；])((?:\[\d+\])+)", r"\2\1", text)
    return Passage(id="answer", document_id="answer", text=text, start=0, end=len(text))


def _span(given: OutsideCitation, passage: Passage, text: str) -> tuple[int, int]:
    """Where the quote is said to stand, else where it stands; (0, 0) where it stands nowhere, which is not verbatim."""
    if given.start is not None and given.end is not None:
        return given.start, given.end
    if not given.quote:
        return passage.start, passage.start
    at = text.find(given.quote, passage.start, passage.end)
    at = at if at >= 0 else text.find(given.quote)
    return (at, at + len(given.quote)) if at >= 0 else (0, 0)


_ARTICLE = re.compile(r"^第?(?P<main>[^条之]+)条?(?:之(?P<sub>.+))?$")


def _article(written: str | None) -> str | None:
    """第24条, 24, 第二十四条 → 第二十四条."""
    match = _ARTICLE.match(re.sub(r"\s", "", written or ""))
    main = to_int(match["main"]) if match else None
    if match is None or main is None:
        return None
    return article_label(main, to_int(match["sub"]) if match["sub"] else None)


def _ordinal(written: str | None, form: str) -> str | None:
    """5, 第五项, （五） → 第（五）项."""
    number = to_int(re.sub(r"[第（）()款项\s]", "", written)) if written else None
    return form.format(to_chinese(number)) if number else None


def _unknown(given: OutsideCitation, n: int) -> Citation:
    name = given.document_id or given.title or given.number or given.passage_id or "（未写明）"
    return Citation(
        n=n,
        # No id of ours: what does not exist meets no gold place.
        passage_id=f"?{given.passage_id or name}",
        document_id=f"?{name}",
        title=given.title or name,
        kind=Kind.OWN,
        jurisdiction="",
        number=given.number,
        article=None,
        paragraph=None,
        item=None,
        section=given.section,
        quote=given.quote,
        start=0,
        end=0,
        in_force=False,
        effective=None,
        repealed=None,
        text_status="full_text",
        evidence="unverified",
        url=None,
        label=name,
    )
