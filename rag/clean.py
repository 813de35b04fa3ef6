"""A question as everything reads it: one line of words, written as the sources are."""

from __future__ import annotations

import re
import unicodedata

from rag.errors import InvalidQuestion
from rag.fold import fold
from rag.mentions import mentions
from rag.names import Names
from rag.settings import Settings
from rag.simplify import in_simplified, simplify
from rag.text import printable

_MEANINGFUL = re.compile(r"[\u3400-\u9fffA-Za-z]")


def clean(question: str, settings: Settings) -> str:
    """NFKC, one line, no control characters."""
    text = unicodedata.normalize("NFKC", printable(question))
    text = "".join(c if c.isprintable() else " " for c in text)
    text = re.sub(r"\s+", " ", text).strip()
    if not text:
        raise InvalidQuestion(
            "问题是空的。", next_step="请输入一个问题，例如：AI 生成的图片有著作权吗？", code="question_empty"
        )
    if len(text) > settings.max_question:
        raise InvalidQuestion(
            f"问题太长：{len(text)} 个字符，上限 {settings.max_question}。",
            next_step="请概括成一个问题，材料可另行导入语料。",
            code="question_too_long",
            n=len(text),
            most=settings.max_question,
        )
    if not _MEANINGFUL.search(text):
        raise InvalidQuestion(
            "问题里没有文字。",
            why=f"只有符号或数字：{text[:20]!r}",
            next_step="请用中文或英文写出要问的事。",
            code="question_without_words",
            text=repr(text[:20]),
        )
    return text


def as_sources_write(text: str, names: Names) -> str:
    """``text`` in simplified characters and the mainland's words; those of names that the index knows stay."""
    simplified = in_simplified(text)
    if simplified == text:
        return text
    folded = fold(text)
    named = {folded[mention.start : mention.end] for mention in mentions(folded, names)}
    spans = [found.span() for name in named for found in re.finditer(re.escape(name), simplified.lower())]
    return simplify(text, spans)
