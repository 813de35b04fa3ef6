"""Which version of an instrument is meant, where the words next to its name say so.

2010年著作权法 · 著作权法（2010年修正） · 二〇一〇年修正的著作权法 · 旧著作权法 · 新修订的反不正当竞争法
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.types import DocumentMeta

_YEAR = r"(?P<year>(?:19|20)\d{2}|[一二][〇零一二三四五六七八九]{3})"
_DAY = r"(?:年(?:\d{1,2}月(?:\d{1,2}日)?)?|[-./]\d{1,2}[-./]\d{1,2})?"
_CHANGE = r"(?:第.{1,2}次)?(?:修正|修订|修改|公布|颁布|发布|制定|通过|施行|实施|生效|amendment|revision|version)?"
_YEAR_BEFORE = re.compile(rf"(?<!\d){_YEAR}{_DAY}{_CHANGE}(?:后|版|本)?的?\s*$")
_YEAR_AFTER = re.compile(
    rf"\s?[(\[〔【]\s?{_YEAR}{_DAY}\s?{_CHANGE}(?:文?本|版)?\s?[)\]〕】]"
    rf"|\s?{_YEAR.replace('year', 'open_year')}{_DAY}\s?{_CHANGE}(?:文?本|版)?(?![\d条款])"
)
_FORMER_BEFORE = re.compile(r"(?:[旧老原]版?的?|(?:修[改订正]前|废止|失效)的?)$")
_NEW_BEFORE = re.compile(r"(?:最?新版?的?|(?:修[改订正]后|新修[改订正])的?)$")
_DIGITS = str.maketrans("〇零一二三四五六七八九", "00123456789")
_REACH = 20
"""Characters before a name in which the words about its version stand."""


def version_meant(
    metas: Sequence[DocumentMeta], folded: str, start: int, end: int
) -> tuple[Sequence[DocumentMeta], int]:
    """Of these documents, newest first, those that the words around ``folded[start:end]`` mean, and where these words end.

    All of them where nothing says which.
    """
    before = folded[max(0, start - _REACH) : start]
    after = _YEAR_AFTER.match(folded, end)
    prior = _YEAR_BEFORE.search(before)
    years = [(after["year"] or after["open_year"], after.end())] if after else []
    years += [(prior["year"], end)] if prior else []
    for year, until in years:
        if chosen := _of_year(metas, int(year.translate(_DIGITS))):
            return chosen, until
    if len(metas) > 1 and len({meta.title for meta in metas}) == 1:
        if _FORMER_BEFORE.search(before):
            return metas[1:], end
        if _NEW_BEFORE.search(before):
            return metas[:1], end
    return metas, end


def _of_year(metas: Sequence[DocumentMeta], year: int) -> list[DocumentMeta]:
    """Versions promulgated that year, else those that took effect in it."""
    promulgated = [meta for meta in metas if meta.promulgated and meta.promulgated.year == year]
    return promulgated or [meta for meta in metas if meta.effective and meta.effective.year == year]
