"""The text of an instrument out of what a page or file puts around it: menus, a table of contents, page furniture."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.structure import DIVISION_LINE
from rag.numerals import CHINESE_DIGITS, to_int

ARTICLE = re.compile(
    rf"^#*\s*第(?P<number>[{CHINESE_DIGITS}]+)条(?:之(?P<sub>[{CHINESE_DIGITS}]+))?(?P<rest>.*)$", re.DOTALL
)
"""A line that may open an article; whether it does, or refers to one, its number and what follows decide."""
TEXT_END = tuple("。！？”》）)")
"""What an article ends with."""

_LINE_END = (*TEXT_END, *"；：;:")
_ITEM = re.compile(rf"^(?:第\S+条\s+)?(?:[（(][{CHINESE_DIGITS}]+[）)]|\d{{1,2}}[.．、])")
# What follows the number of an article that a sentence refers to: 第三条规定的…, not 第三条 中国公民….
_REFERS = re.compile(
    rf"^(?:规定|的|、|和|至(?!少)|到(?!期)|或|以及|及(?!时)|第[{CHINESE_DIGITS}]+[款项条]|所(?!有)|中(?![国华])|之外|外(?!国))"
)
_DIVISION_NUMBER = re.compile(rf"^(第[{CHINESE_DIGITS}]+(?:分编|编|章|节))[ \t　]*(?=\S)(?!的|规定|所|、|和|至)")
_UNNUMBERED_DIVISIONS = ("总则", "分则", "附则")
_LONG_LINE = 25
"""Characters from which a line without an end mark is a sentence that was cut, not page furniture."""
_AFTER_TEXT = re.compile(
    r"^[（(]?(?:附件|附：|附录|相关|责任编辑|编辑|来源|打印|扫一扫|上一篇|下一篇|分享|主办|版权|关闭|【|\[|责编|网站)"
)


def tidy(text: str) -> tuple[list[str], list[str]]:
    """Lines before the first article (title, history) and the lines of the text: divisions as ``## ``, ``第N条 …``, paragraphs.

    What a page adds around a text goes: menus, a table of contents, page furniture after the last article.
    """
    text = re.sub(r"[\u200b\ufeff]|\*\*", "", re.sub(r"[^\S\n　]", " ", text))
    lines = [line for raw in text.split("\n") if (line := raw.strip()) and line[0] != "<"]
    opens = (i for number in (1, None) for i, line in enumerate(lines) if _opens(line, number))
    first = next(opens, None)
    if first is None:
        return lines, []
    head, body = _without_contents(lines[:first])
    last = 0
    for line in lines[first:]:
        if _numbered(line, last + 1) or _numbered(line, last, sub=True) or _any_article(line):
            match = ARTICLE.match(line)
            assert match
            last = to_int(match["number"]) or last
            sub = f"之{match['sub']}" if match["sub"] else ""
            body.append(f"第{match['number']}条{sub} {match['rest'].strip()}".rstrip())
        elif division := _division(line):
            body.append(division)
        elif _is_torn(body, line):
            body[-1] += line
        else:
            body.append(line.lstrip("# "))
    return head, _without_furniture(body)


def _is_torn(body: Sequence[str], line: str) -> bool:
    """Whether ``line`` goes on a sentence that a mirror broke after a semicolon; only items may stand on lines of their own there."""
    return bool(body) and body[-1].endswith(("；", ";")) and not _ITEM.match(body[-1]) and not _ITEM.match(line)


def _numbered(line: str, number: int, *, sub: bool = False) -> bool:
    """Whether ``line`` opens article ``number``, with or without a blank after it; a sentence that refers to it does not."""
    match = ARTICLE.match(line)
    if not match or to_int(match["number"]) != number or bool(match["sub"]) != sub:
        return False
    return not _REFERS.match(match["rest"])


def _opens(line: str, number: int | None) -> bool:
    """Whether a text begins here: with article 1, or, where it is a part of a text, with any article."""
    return _numbered(line, number) if number else _any_article(line)


def _any_article(line: str) -> bool:
    match = ARTICLE.match(line)
    return bool(match and match["rest"][:1] in (" ", "　", "\t"))


def _division(line: str) -> str | None:
    """A line such as 第二章 附则, with or without the blank, as a heading."""
    title = _DIVISION_NUMBER.sub(r"\1 ", line.lstrip("# ").strip())
    if re.sub(r"\s", "", title) in _UNNUMBERED_DIVISIONS:
        return f"## {title}"
    return f"## {re.sub(r'[ 　]+', ' ', title)}" if DIVISION_LINE.match(title) else None


def _without_contents(lines: list[str]) -> tuple[list[str], list[str]]:
    """Head and the divisions that the first article stands under; a table of contents before them is dropped."""
    divisions = [i for i, line in enumerate(lines) if _division(line)]
    openings = [i for i in divisions if re.match(r"#*\s*第一(?:编|章)", lines[i])]
    parts = [i for i in openings if "编" in lines[i][:6]] or openings
    head = [line for i, line in enumerate(lines) if i not in divisions and re.sub(r"\s", "", line) != "目录"]
    opened = [_division(line) for line in lines[parts[-1] :]] if parts else []
    return head, [line for line in opened if line]


def _without_furniture(body: list[str]) -> list[str]:
    """``body`` up to the end of the last article's text."""
    last = max(i for i, line in enumerate(body) if ARTICLE.match(line))
    for i in range(last, len(body)):
        is_cut = len(body[i]) >= _LONG_LINE or "，" in body[i]
        if _AFTER_TEXT.match(body[i]) or (i > last and not body[i].endswith(_LINE_END) and not is_cut):
            return body[:i]
    return body
