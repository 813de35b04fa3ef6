"""Article numbers that an amendment moved: a reader who asks by the old number, or reads an old version, is told the other one."""

from __future__ import annotations

from rag.numerals import to_chinese
from rag.relations import Relations
from rag.retrieve import Retrieved
from rag.types import DocumentMeta, Warning, values_of

_NEAR_TOP = 5
"""Searched passages among which the article of the new number must be for the old one to be taken as meant."""


def renumbering_warnings(found: Retrieved, relations: Relations) -> list[Warning]:
    """Where a named article's number belongs to another version, or its content stands elsewhere today."""
    moves: list[Warning] = []
    searched = [hit.passage.id for hit in found.hits if "exact" not in hit.parts][:_NEAR_TOP]
    for hit in found.hits:
        if "exact" not in hit.parts or not hit.passage.article:
            continue
        meta, (document, _, slug) = hit.document, hit.passage.id.partition("/")
        moved = meta.renumbered.get(slug)
        if moved and moved != slug and f"{document}/{moved}" in searched:
            message = (
                f"修改前的{meta.short_title}{hit.passage.article}，在现行文本中是{_article(moved)}；"
                f"现行{hit.passage.article}规定的是另一事项。"
            )
            moves.append(
                Warning(
                    kind="renumbered",
                    message=message,
                    code="renumbered",
                    values=values_of(name=meta.short_title, article=hit.passage.article, now=_article(moved)),
                )
            )
        moves.extend(_moved_since(meta, hit.passage.article, relations.links(hit.passage.id).later))
    return list(dict.fromkeys(moves))


def _moved_since(meta: DocumentMeta, article: str, later: tuple[str, ...]) -> list[Warning]:
    if meta.repealed is None:
        return []
    now = [_article(identifier.partition("/")[2]) for identifier in later]
    return [
        Warning(
            kind="renumbered",
            message=f"{article}是 {meta.repealed} 失效的版本的条号，其内容现在规定在{meta.short_title}{place}。",
            code="renumbered_since",
            values=values_of(name=meta.short_title, article=article, day=meta.repealed, now=place),
        )
        for place in now
    ]


def _article(slug: str) -> str:
    """``art-54`` → ``第五十四条``."""
    number, *sub = slug.removeprefix("art-").split("-")
    return f"第{to_chinese(int(number))}条" + (f"之{to_chinese(int(sub[0]))}" if sub else "")
