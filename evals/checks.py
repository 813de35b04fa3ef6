"""What an answer says of its sources, read again by the evaluator from the stored documents: nothing the answer says of itself is believed.

Every value is a share, 1 where all is right, None where there is nothing of the kind:

* ``label_correct``: the article, 款, 项 or section of every citation is that of its span, its label names the document, and articles that a
  sentence names are those that it cites or quotes.
* ``span_whole``: every quote begins and ends where a sentence of the source does; a span shifted by one character is verbatim and still wrong.
* ``in_force_correct``: what is said of dates and validity is what the front matter says, for the day that was asked about; what is not in force
  that day is cited only where the question is about it.
* ``holding_kept_apart``: what a judgment reports of a party comes with that party's name.
* ``support_recomputed``: every sentence is carried by the text at the spans it cites, whatever label it has.
* ``source_reviewed``: the documents that are cited or gold read as when the gold was last reviewed (``evals.reviewed``).
* ``conflict_shown``: where the gold sources answer a disputed question in different ways, the answer shows both sides.
* ``named_article_first``: an article that the question names, and that is gold, is cited first.
* ``follow_up_recall``: citation recall of questions with a history.
* ``refused_rightly``, ``answered_rightly``: refusing, over the questions that must be refused and those that must not.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from itertools import combinations

from evals.pinpoints import meets_article, of_citation
from evals.questions import Question
from evals.reviewed import source_reviewed
from ingest.split import article_slug
from rag.numerals import to_chinese, to_int
from rag.support import support
from rag.types import Answer, Citation, Claim, Document, DocumentMeta, Kind

Documents = Mapping[str, Document | None]

EXACT = ("label_correct", "span_whole", "in_force_correct", "holding_kept_apart", "source_reviewed")
"""Checks that every sound answer passes whole: there is no interval to be within."""

_DIGIT = "零〇一二三四五六七八九十百千"
_HEADING = re.compile(r"^#{1,6}[ \t\u3000]+(?P<name>.+)$")
_ARTICLE = re.compile(rf"^(?:#{{1,6}}[ \t\u3000]+)?(?P<article>第[{_DIGIT}]+条(?:之[{_DIGIT}]+)?)(?=[ \t\u3000〔【]|$)")
_ITEM = re.compile(rf"^[（(](?P<label>[{_DIGIT}]+|[a-z]{{1,2}}|\d{{1,3}}[a-z]?)[）)]")
_BESIDE = ("问法：", "问法:", "注：", "注:", "<!--")
_NAMED = re.compile(rf"第(?:[{_DIGIT}]+|\d+)条(?:之[{_DIGIT}]+)?")
_ASKED = re.compile(rf"第?([{_DIGIT}]+|\d+)条")
_PARTIES = {"原告主张": "原告", "被告抗辩": "被告"}
_NOTE_MARK = re.compile(r"\s?\[\^?\d+\]")
_BEGINS_AFTER = frozenset("\n。！？；：.!?;:”’」』）〕】)|　 ")
_ENDS_WITH = frozenset("。！？；：，、.!?;:”’」』）〕|")


class Place:
    """Where a span stands in a document, read line by line: headings, article, 款 and 项."""

    def __init__(self, text: str, start: int) -> None:
        self.heading: str | None = None
        self.article: str | None = None
        self.item: str | None = None
        paragraph = 0
        position = 0
        for raw in text.split("\n"):
            line, until = raw.strip(), position + len(raw)
            if found := _ARTICLE.match(line):
                self.article, paragraph, self.item = found["article"], 0, None
                rest = re.sub(r"^[ \t\u3000]*[〔【][^〕】]*[〕】]", "", line[found.end() :]).strip()
                paragraph += bool(rest)
            elif found := _HEADING.match(line):
                self.heading, self.article, paragraph, self.item = found["name"].strip(), None, 0, None
            elif line and not line.startswith(_BESIDE) and not line.startswith("|"):
                marked = _ITEM.match(line)
                self.item = marked["label"] if marked else None
                paragraph += marked is None
            if until > start:
                break
            position = until + 1
        self.paragraph = max(paragraph, 1)


def checked(question: Question, answer: Answer, documents: Documents) -> dict[str, float | None]:
    """All checks of one answer; ``documents`` hold those that it cites and those of the gold."""
    return {
        "label_correct": _of_citations(answer, documents, _label_is_right)
        if _named_articles_are_cited(answer, documents)
        else 0.0,
        "span_whole": _of_citations(answer, documents, _is_whole),
        "in_force_correct": in_force_correct(question, answer, documents),
        "holding_kept_apart": holding_kept_apart(answer, documents),
        "support_recomputed": support_recomputed(answer, documents),
        "source_reviewed": source_reviewed(documents),
        "conflict_shown": conflict_shown(question, answer, documents),
        "named_article_first": named_article_first(question, answer),
        "follow_up_recall": follow_up_recall(question, answer),
        "refused_rightly": float(answer.refused) if question.refusal else None,
        "answered_rightly": None if question.refusal else float(not answer.refused),
    }


def documents_of(
    question: Question, answer: Answer, find: Callable[[str], Document | None]
) -> dict[str, Document | None]:
    """The documents that the checks look at: cited ones and those of the gold."""
    wanted = {c.document_id for c in answer.citations}
    wanted |= {gold.split("/")[0] for alternatives in question.gold for gold in alternatives}
    return {identifier: find(identifier) for identifier in sorted(wanted)}


def _of_citations(answer: Answer, documents: Documents, right: Callable[[Citation, Document], bool]) -> float | None:
    verdicts = [(document := documents.get(c.document_id)) is not None and right(c, document) for c in answer.citations]
    return _share(verdicts)


def _label_is_right(citation: Citation, document: Document) -> bool:
    """Article, 款 and 项, or section, as they stand in the text, and a label that says them of the right document."""
    place, meta = Place(document.text, citation.start), document.meta
    if meta.short_title not in citation.label or citation.title != meta.title or citation.number != meta.number:
        return False
    if citation.article:
        deep = f"{citation.article}{citation.paragraph or ''}{citation.item or ''}"
        paragraph = to_int(citation.paragraph.strip("第款")) if citation.paragraph else None
        return (
            citation.article == place.article
            and (paragraph is None or paragraph == place.paragraph)
            and (citation.item is None or citation.item == f"第（{place.item}）项")
            and citation.label.endswith(deep)
        )
    if meta.kind is Kind.JUDGMENT and citation.section:
        return citation.section == place.heading and citation.label.endswith(citation.section)
    return True


def _named_articles_are_cited(answer: Answer, documents: Documents) -> bool:
    """Whether every article that a sentence introduces a quote with is one that it cites or quotes."""
    by_number = {c.n: c for c in answer.citations}
    for claim in answer.claims:
        cited = [by_number[n] for n in claim.citations if n in by_number]
        quoted = "".join(at_span(c, documents) for c in cited)
        lead = claim.text
        for c in cited:
            lead = lead.replace(readable(at_span(c, documents)), "")
        there = {_number(Place(d.text, c.start).article) for c in cited if (d := documents.get(c.document_id))}
        there |= {_number(name) for name in _NAMED.findall(quoted)}
        if any(_number(name) not in there for name in _NAMED.findall(lead)):
            return False
    return True


def _number(article: str | None) -> tuple[int | None, str]:
    """第24条 and 第二十四条 are one article."""
    if not article:
        return None, ""
    main, _, sub = article.partition("条")
    digits = main.strip("第")
    return (int(digits) if digits.isdigit() else to_int(digits)), sub


def _is_whole(citation: Citation, document: Document) -> bool:
    text, start, end = document.text, citation.start, citation.end
    if not 0 <= start < end <= len(text) or text[start].isspace() or text[end - 1].isspace():
        return False
    begins = start == 0 or text[start - 1] in _BEGINS_AFTER
    ends = end == len(text) or text[end] == "\n" or text[end - 1] in _ENDS_WITH
    return begins and ends


def in_force_correct(question: Question, answer: Answer, documents: Documents) -> float | None:
    """Share of citations whose dates are right and that are in force that day, or gold although they are not; 0 for another day than asked."""
    if question.as_of and answer.as_of != question.as_of:
        return 0.0
    asked_for = {gold.split("/")[0] for alternatives in question.gold for gold in alternatives}

    def right(citation: Citation, document: Document) -> bool:
        meta = document.meta
        in_force = _in_force(meta, answer)
        said = (citation.in_force, citation.effective, citation.repealed) == (in_force, meta.dated, meta.repealed)
        return said and (in_force or citation.document_id in asked_for)

    return _of_citations(answer, documents, right)


def _in_force(meta: DocumentMeta, answer: Answer) -> bool:
    begins, ends = meta.valid_from, meta.repealed
    return (begins is None or begins <= answer.as_of) and (ends is None or answer.as_of < ends)


def holding_kept_apart(answer: Answer, documents: Documents) -> float | None:
    """Over sentences that cite a judgment: what it reports of a party is introduced as that party's word."""
    by_number = {c.n: c for c in answer.citations}
    verdicts: list[bool] = []
    voiced: set[tuple[str, str]] = set()
    for claim in answer.claims:
        for citation in (by_number[n] for n in claim.citations if n in by_number):
            document = documents.get(citation.document_id)
            if document is None or document.meta.kind is not Kind.JUDGMENT:
                continue
            section = Place(document.text, citation.start).heading or ""
            party = _PARTIES.get(section)
            key = (citation.document_id, section)
            if party is None:
                verdicts.append(citation.section not in _PARTIES)
                continue
            if party in claim.text:
                voiced.add(key)
            # The sentences of one passage share the lead of its first.
            verdicts.append(citation.section == section and key in voiced)
    return _share(verdicts)


def support_recomputed(answer: Answer, documents: Documents) -> float | None:
    """Share of sentences that stand in the cited spans, or that the claim check finds carried by them."""
    by_number = {c.n: c for c in answer.citations}
    return _share([_carried(claim, by_number, documents) for claim in answer.claims])


def _carried(claim: Claim, by_number: Mapping[int, Citation], documents: Documents) -> bool:
    spans = [readable(at_span(by_number[n], documents)) for n in claim.citations if n in by_number]
    if not any(spans):
        return False
    stated = claim.text.strip()
    if any(span and stated.endswith(span) for span in spans):
        return True
    return support(stated, spans).support == "supported"


def conflict_shown(question: Question, answer: Answer, documents: Documents) -> float | None:
    """1 where both sides are shown of an issue on which the gold sources are on different sides; None where they are on none."""
    # One source of each requirement: alternatives are not sides.
    gold = {alternatives[0].split("/")[0] for alternatives in question.gold}
    taken = [_positions(document) for identifier in sorted(gold) if (document := documents.get(identifier))]
    differ = any(
        one[issue].isdisjoint(other[issue])
        for one, other in combinations(taken, 2)
        for issue in one.keys() & other.keys()
    )
    if answer.refused or not differ:
        return None
    return float(any(len(conflict.sides) > 1 for conflict in answer.conflicts))


def _positions(document: Document) -> dict[str, set[str]]:
    """What a source says on each issue; one that says different things in different cases is on no side against itself."""
    found: dict[str, set[str]] = {}
    for position in document.meta.positions:
        found.setdefault(position.issue, set()).add(position.position)
    return found


def named_article_first(question: Question, answer: Answer) -> float | None:
    """Whether the first citation is gold, where the question names an article of the gold."""
    golds = [gold for alternatives in question.gold for gold in alternatives]
    slugs = {article_slug(name) for name in _chinese(question.question)}
    if not any(slug in gold.split("/") for slug in slugs for gold in golds):
        return None
    first = answer.citations[:1]
    return float(bool(first) and any(meets_article(of_citation(first[0]), gold) for gold in golds))


def _chinese(text: str) -> list[str]:
    """Articles that a text names, in Chinese numerals: 第24条, 24条 and 第二十四条 are all 第二十四条."""
    return [
        f"第{to_chinese(int(name)) if name.isdigit() else name}条"
        for name in _ASKED.findall(unicodedata.normalize("NFKC", text))
    ]


def follow_up_recall(question: Question, answer: Answer) -> float | None:
    if not question.history or not question.gold:
        return None
    places = [of_citation(c) for c in answer.citations]
    met = [any(meets_article(p, g) for g in alternatives for p in places) for alternatives in question.gold]
    return sum(met) / len(met)


def at_span(citation: Citation, documents: Documents) -> str:
    """What stands where the citation points, whatever it quotes."""
    document = documents.get(citation.document_id)
    return document.text[citation.start : citation.end] if document else ""


def readable(text: str) -> str:
    """Without the marks of footnotes, as a reader is shown it."""
    return _NOTE_MARK.sub("", text)


def _share(met: Sequence[bool]) -> float | None:
    return sum(met) / len(met) if met else None
