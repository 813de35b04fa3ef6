"""Which instrument of the corpus, and which version of it, an official text is: by its title and by the dates that it tells."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from rag.errors import DocumentRefused
from rag.types import Document

_DATE = re.compile(r"(?<!\d)(?P<year>\d{4})[-年](?P<month>\d{1,2})[-月](?P<day>\d{1,2})(?!\d)")
_ENACTED = re.compile(r"通过|修正|修订|公布|发布|印发|修改")
_EFFECTIVE = re.compile(r"(\d{4}年\d{1,2}月\d{1,2}日)起?(?:施行|实施)")
_PAGE_DATE = re.compile(r"(?:发布|更新|上传)?(?:时间|日期)[：:]?$")
_VERSION_NOTE = re.compile(r"[（(]\d{4}年?.{0,12}[)）]$")
_ABOUT_IT = re.compile(r"解读|答记者问|征求意见|草案|修订对照|对照表|起草说明")


class NotInCorpus(DocumentRefused):
    """The text is no instrument that the corpus has a digest of."""


def recognise(
    head: Sequence[str], body: Sequence[str], digests: Mapping[str, Document], *, name: str | None = None
) -> Document:
    """The digest of the instrument and version that a text is.

    The title must stand on a line of its own before the first article; the version is that whose date of promulgation or of effect
    stands there (or at the end of the text), unless the text tells of a later amendment. ``name``: a file's name, which may tell both.

    Raises:
        NotInCorpus: no title of the corpus stands there.
        DocumentRefused: the version cannot be told, or is not in the corpus.
    """
    versions = titled([*([name] if name else []), *head], digests)
    if not versions:
        shown = next((line for line in head if len(line) >= 4), "（无标题）")[:40]
        raise NotInCorpus(
            f"不是语料里的法规：{shown}。",
            why="标题与任何一份摘要都不相符",
            next_step="要作为自己的文件收录，运行 python -m ingest 路径；确知是哪一部时用 --as ID。",
        )
    enacted, effective = _dates(head, body, name)
    known = [d for d in versions if d.meta.promulgated in enacted or d.meta.effective in enacted | effective]
    found = max(known, key=lambda document: document.meta.promulgated or dt.date.min, default=None)
    title = versions[0].meta.short_title
    listed = "、".join(f"{document.id}（{document.meta.promulgated}）" for document in versions)
    if found is None:
        seen = "、".join(map(str, sorted(enacted | effective))) or "没有日期"
        raise DocumentRefused(
            f"不能确定是哪一个版本的{title}。",
            why=f"文中的通过、修正、施行日期是：{seen}；语料中的版本：{listed}",
            next_step="确知版本时用 --as ID 指定。",
        )
    latest = max(enacted, default=dt.date.min)
    limit = max(day for day in (found.meta.promulgated, found.meta.effective) if day)
    if latest > limit:
        raise DocumentRefused(
            f"这是语料尚未收录的{title}版本（{latest}）。",
            why=f"语料中的版本：{listed}",
            next_step="先为新版本写一份摘要（格式见 corpus/README.md），再导入。",
        )
    return found


def titled(head: Sequence[str], digests: Mapping[str, Document]) -> list[Document]:
    """Documents whose title is a line (or two lines) of ``head``; of several titles the longest."""
    lines = [_plain(line) for line in head]
    places = {*lines, *(a + b for a, b in pairwise(lines))}
    best: dict[str, list[Document]] = {}
    for document in digests.values():
        title = _plain(document.meta.title)
        if title in places or any(_is_title_line(title, line) for line in lines):
            best.setdefault(title, []).append(document)
    return best[max(best, key=len)] if best else []


def _plain(line: str) -> str:
    line = _VERSION_NOTE.sub("", re.sub(r"\s|#", "", line)).removeprefix("中华人民共和国").strip("《》")
    return re.sub(r"^(?:国务院|中华人民共和国)+", "", line)


def _is_title_line(title: str, line: str) -> bool:
    """Whether a line is this title with a site's name or the like around it, and not a text about it."""
    before, found, after = line.partition(title)
    longer_title = re.match(r"实施|条例|细则|的?解释|办法", after)
    return bool(found) and not (
        longer_title or 2 * len(title) <= len(line) or before.endswith("《") or _ABOUT_IT.search(line)
    )


def _dates(head: Sequence[str], body: Sequence[str], name: str | None) -> tuple[set[dt.date], set[dt.date]]:
    """Days of enactment told before the first article or in a file's name, and days of effect told there or at the end of the text."""
    enacted = {day for match in _DATE.finditer(name or "") for day in _day(match)}
    for line in (re.sub(r"\s", "", line) for line in head):
        for match in _DATE.finditer(line):
            before, following = line[: match.start()], _DATE.split(line[match.end() :])[0]
            if _ENACTED.search(following) and not _PAGE_DATE.search(before):
                enacted |= _day(match)
    told = " ".join(re.sub(r"\s", "", line) for line in (*head, *body[-4:]))
    effective = {
        day for match in _EFFECTIVE.finditer(told) for date in [_DATE.match(match[1])] if date for day in _day(date)
    }
    return enacted, effective


def _day(match: re.Match[str]) -> set[dt.date]:
    try:
        return {dt.date(int(match["year"]), int(match["month"]), int(match["day"]))}
    except ValueError:
        return set()


def tells_history(line: str) -> bool:
    """Whether a line before the first article tells when the instrument was passed, amended or published."""
    return bool(_DATE.search(re.sub(r"\s", "", line)) and _ENACTED.search(line))
