"""Sentences that state nothing: connectives, bare headings, the sentence by which a model says that the sources do not suffice."""

from __future__ import annotations

import re

from rag.generate.prompts import REFUSAL, REFUSAL_EN

_PUNCTUATION = re.compile(r"[\s，,。．.；;：:！!？?、（）()\[\]【】*#\-—_>“”\"'·]+")
# Only sentences made of nothing but these words pass without a source: anything else may hide a claim.
_CONNECTIVES = re.compile(
    r"(?:综上所述|综上|总之|总的来说|一般来说|具体来说|具体而言|具体如下|具体包括|主要包括|包括|如下|分述如下|理由如下|依据如下|要求如下|规定如下|情形如下|以下几点|以下方面"
    r"|下面|首先|其次|再次|最后|此外|另外|同时|因此|所以|根据|依据|按照|上述|以上|所给|现有|相关|有关|来源|资料|规定|法律规定|司法解释|裁判|判决|案例|学理观点|境外法"
    r"|结论|依据|理由|分析|回答|答|问题|简要|直接|说明|提示|注意|法律|法院|可知|可见|的|地|，|仅供参考|不构成法律意见|建议咨询专业律师|本回答|[一二三四五六七八九十\d]+)+"
)
_ENGLISH = re.compile(
    r"(?:insummary|inshort|specifically|asfollows|thefollowing|first(?:ly)?|second(?:ly)?|finally|moreover|therefore|answer|reasons?|sources?|conclusion)+"
)


def is_refusal(text: str) -> bool:
    return _bare(text) in (_bare(REFUSAL), _bare(REFUSAL_EN))


def is_note(text: str) -> bool:
    """Whether a sentence without a source says nothing that would need one."""
    bare = _bare(text)
    return not bare or bool(_CONNECTIVES.fullmatch(bare) or _ENGLISH.fullmatch(bare))


def _bare(text: str) -> str:
    return _PUNCTUATION.sub("", text).lower()
