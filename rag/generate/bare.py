"""What a sentence states, without the words that only say where it stands: 根据《…》第十五条，… · 法院认为，…"""

from __future__ import annotations

import re

from rag.numerals import CHINESE_DIGITS

_N = rf"[{CHINESE_DIGITS}\d]+"
_PLACE = rf"第{_N}条(?:之{_N})?(?:第{_N}款)?(?:第?[（(]?{_N}[)）]?项)?(?:[、和及与](?=第))?"
_DOCKET = r"[（(]\d{4}[)）][\u4e00-\u9fff]{1,3}\d*[\u4e00-\u9fff]{1,4}\d+号"
_COURT = r"[\u4e00-\u9fff]{0,12}?(?:人民|互联网|知识产权)?法院"
_SOURCE = (
    rf"(?:《[^《》]{{2,40}}》(?:[（(][^（）()]{{0,12}}[)）])?|{_PLACE}|{_DOCKET}|{_COURT}|[\u4e00-\u9fffA-Za-z“”]{{1,16}}(?<!涉)(?<!本)案(?=[（(，,：:中里的]|法院)(?:[（(][^（）()]{{0,24}}[)）])?|"
    r"[\u4e00-\u9fff]{0,12}(?:暂行办法|标识办法|办法|条例|规定|解释|著作权法|民法典)(?=第)|论文(?:作者)?|该(?:法|条|办法|规定|判决|案|院|解释|标准)|本案|此案|上述(?:规定|判决)|其中)"
)
_OPENING = r"(?:具体(?:来说|而言)?|此外|另外|同时|因此|所以|其次|首先|再次|最后|而且|并且|但是?|不过|也就是说|即|综上(?:所述)?|总之|对此|可见|换言之|会的?|是的?|能|不能|算|要设|可以|不可以|不支持|支持)[，,：:]"
_BY = r"(?:根据|依据|按照|依照|依|据|在|从|参照)?"
_SAYS = r"(?:中|里|看|来看)?(?:的(?:规定|认定|说理|观点|判决|裁判结果))?(?:还|也|同样|同时|进一步|明确|曾)?(?:规定|认为|认定|指出|明确|说明|写明|载明|强调|提到|查明|主张)?(?:了|道)?"
_LEAD = re.compile(rf"^(?:{_BY}(?:{_SOURCE}的?[、和及与]?)+{_SAYS}[，,：:]?)")
_OPENED = re.compile(rf"^{_OPENING}")
_COMMAS = re.compile(r"^[，,：:、]+")
_LEAST = 4
"""Characters that must be left, else the lead was the statement."""


def statement(text: str) -> str:
    """The statement of a sentence; the sentence itself where nothing else would be left of it."""
    left = text.strip()
    for _ in range(3):
        shorter = _COMMAS.sub("", _OPENED.sub("", left))
        lead = _LEAD.match(shorter)
        if lead and lead.end():
            shorter = _COMMAS.sub("", shorter[lead.end() :])
        if shorter == left or len(shorter) < _LEAST:
            break
        left = shorter
    return left
