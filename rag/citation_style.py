"""A source as a Chinese lawyer cites it in a document of their own: complete enough to be found, with its version and whether it binds.

《中华人民共和国著作权法》（2020年修正，自2021年6月1日起施行）第二十四条第一款第（五）项
广州互联网法院(2024)粤0192民初113号民事判决书，“法院认为”部分
"""

from __future__ import annotations

import datetime as dt
import re
from functools import cache
from importlib.resources import files

import yaml

from rag.types import DocumentMeta, Finality, Kind

_ASIDE = re.compile(r"（[^（）]*）")
_MARKED = re.compile(r"^(?P<name>[^《]*《[^》]+》)(?P<rest>[^（）]*)(?:（(?P<aside>[^（）]*)）)?$")
"""欧盟《人工智能法》（条例(EU) 2024/1689）, 日本《著作权法》第三十条之四等（…）: titles that carry title marks of their own."""
_INNER = str.maketrans("《》", "〈〉")
_NUMBERED = re.compile(r"\d+(\.\d+)*")
# The letters of a docket number say what was tried: 民初, 知民终, 刑初, 行终, 民申.
_TRIED = {"民": "民事", "刑": "刑事", "行": "行政"}
_PROCEDURE = re.compile(r"(?P<matter>[民刑行])(?:初|终|再)")
_NOT_BINDING: dict[Finality, str] = {"not_final": "（未生效）", "pending": "（审理中）"}


def legal_citation(
    meta: DocumentMeta,
    *,
    article: str | None = None,
    paragraph: str | None = None,
    item: str | None = None,
    section: str | None = None,
    quote: str = "",
) -> str:
    """The citation of a place in a document, and, where one is given, the quote; a quote from a digest is named as no official text.

    ``article``, ``paragraph``, ``item`` and ``section`` as in ``Citation``; none of them cites the document as a whole.
    """
    named = _SOURCES.get(meta.kind)
    source = named(meta) if named else _instrument(meta, article is not None)
    place = f"{article}{paragraph or ''}{item or ''}" if article else _section(meta, section)
    text = source + place
    if not quote:
        return text
    words = " ".join(quote.split())
    return f"{text}：“{words}”" + ("（据本项目摘要，非官方原文）" if meta.text_status == "digest" else "")


def _instrument(meta: DocumentMeta, within: bool) -> str:
    """《名称》（文号，2020年修正，自……起施行）; a title that has marks keeps them. ``within``: an article is named after it."""
    own_marks = meta.jurisdiction != "CN" or meta.kind is Kind.STANDARD
    marked = _MARKED.match(meta.title) if own_marks else None
    name = (marked["name"] + ("" if within else marked["rest"])) if marked else f"《{meta.title.translate(_INNER)}》"
    facts = [marked["aside"] if marked else None, *_version(meta)]
    if meta.effective:
        facts.append(f"自{_day(meta.effective)}起{'实施' if meta.kind is Kind.STANDARD else '施行'}")
    if meta.repealed:
        facts.append(f"{_day(meta.repealed)}起失效")
    told = "，".join(fact for fact in facts if fact)
    return f"{name}（{told}）" if told else name


def _version(meta: DocumentMeta) -> list[str | None]:
    """What tells this version from others: the year of its revision, its number unless the title has it; of a law revised, the year alone."""
    revised = _revisions().get(meta.id)
    year = f"{meta.promulgated.year}年{revised}" if revised and meta.promulgated else None
    number = meta.number if meta.number and _folded(meta.number) not in _folded(meta.title) else None
    return [None if year and meta.kind is Kind.LAW else number, year]


def _judgment(meta: DocumentMeta) -> str:
    state = _NOT_BINDING.get(meta.finality, "") if meta.finality else ""
    court = _ASIDE.sub("", meta.court or "")
    if meta.jurisdiction == "CN" and meta.number and court:
        tried = _PROCEDURE.search(meta.number)
        what = f"{_TRIED[tried['matter']]}判决书" if tried and meta.finality != "pending" else "案"
        return f"{court}{meta.number}{what}{state}"
    return _case_by_title(meta, court) + (state if state.strip("（）") not in meta.title else "")


def _case_by_title(meta: DocumentMeta, court: str) -> str:
    """A case without a docket number, or a foreign one: its title, with what that does not say already."""
    facts = (court, meta.number, _decided(meta))
    return "，".join([meta.title, *(fact for fact in facts if fact and _folded(fact) not in _folded(meta.title))])


def _decided(meta: DocumentMeta) -> str:
    if meta.decided is None:
        return ""
    return f"{_day(meta.decided)}{'决定' if '决定' in (meta.instance or '') else '判决'}"


def _paper(meta: DocumentMeta) -> str:
    """作者：《题名》，发表年; without authors the title is our description and stands without title marks."""
    year = f"{meta.published.year}年" if meta.published else ""
    if not meta.authors:
        return "，".join(part for part in (meta.title, year) if part)
    return "，".join(part for part in (f"{'、'.join(meta.authors)}：《{meta.title}》", year) if part)


def _own(meta: DocumentMeta) -> str:
    return f"《{meta.title}》" if "自有文档" in meta.title else f"《{meta.title}》（自有文档）"


def _section(meta: DocumentMeta, section: str | None) -> str:
    if not section:
        return ""
    if meta.kind is Kind.PAPER:
        return f"，第{section}节" if _NUMBERED.fullmatch(section) else f"，{section}"
    return f"，“{section}”部分"


def _day(day: dt.date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _folded(text: str) -> str:
    return re.sub(r"\W", "", text)


@cache
def _revisions() -> dict[str, str]:
    """修正 or 修订, by document id."""
    found: dict[str, str] = yaml.safe_load((files("rag.data") / "revisions.yaml").read_text("utf-8"))
    return found


_SOURCES = {Kind.JUDGMENT: _judgment, Kind.PAPER: _paper, Kind.OWN: _own}
