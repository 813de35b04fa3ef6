"""The forms in which people write a reference: every way to write an article, a docket number, a document number, a case.

Tables of templates, combined by a seeded generator: the same forms in every run, and a failure names the form.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from rag.data import word_list
from rag.numerals import to_chinese


@dataclass(frozen=True)
class Provision:
    """An article of a document, with names of the document in Chinese and in English that belong to it alone."""

    document_id: str
    article: str
    number: int
    sub: int | None
    names: tuple[str, ...]
    english: tuple[str, ...] = ()


CHINESE: dict[str, str] = {
    "brackets": "《{name}》第{numerals}条",
    "brackets-figures": "《{name}》第{figures}条",
    "brackets-spaced": "《 {name} 》 第 {figures} 条",
    "single-brackets": "〈{name}〉第{figures}条",
    "corner-brackets": "「{name}」第{figures}条",
    "quotes": "“{name}”第{numerals}条",
    "bare": "{name}第{numerals}条",
    "bare-figures": "{name}第{figures}条",
    "no-ordinal": "{name}{figures}条",
    "no-ordinal-numerals": "{name}{numerals}条",
    "space-no-ordinal": "{name} {figures}条",
    "spaced": "{name} 第 {figures} 条",
    "full-width": "{name}第{wide}条",
    "ideographic-space": "{name}　第{figures}条",
    "of": "{name}的第{figures}条",
    "in": "{name}中第{numerals}条",
    "said-by": "{name}规定的第{figures}条",
    "colon": "{name}：第{figures}条",
    "comma": "{name}，第{numerals}条",
    "state": "我国{name}第{figures}条",
    "traditional": "{traditional}第{numerals}條",
    "zero-as-circle": "{name}第{circled}条",
    "twenty-as-nian": "{name}第{nian}条",
    "one-figure-each": "{name}第{each}条",
    "article-first": "第{figures}条{name}",
    "section-sign": "{name}§{figures}",
    "section-sign-spaced": "{name} § {figures}",
    "figures-alone": "{name}{figures}",
    "half-english": "{name} Article {figures}",
    "art": "{name} art. {figures}",
}
ENGLISH: dict[str, str] = {
    "article-of": "Article {figures} of the {name}",
    "after": "{name} article {figures}",
    "comma-art": "{name}, art. {figures}",
    "art": "art. {figures} {name}",
    "art-no-dot": "{name} art {figures}",
    "section": "section {figures} of the {name}",
    "sign": "{name} § {figures}",
    "lower": "article {figures} of the {lower}",
    "upper": "{upper} ARTICLE {figures}",
    "paragraph": "Article {figures}(1) of the {name}",
    "paragraph-in-words": "Article {figures}, paragraph 1 of the {name}",
    "under": "under article {figures} under the {name}",
}
FRAMES = (
    "{}",
    "{}怎么规定？",
    "请问{}的内容是什么",
    "根据{}，AI生成的图片怎么办",
    "帮我查一下{}",
    "{}说了什么？谢谢",
    "我想知道{}",
)
ENGLISH_FRAMES = ("{}", "What does {} say?", "please explain {}", "{}?", "Under {}, who is liable?")
PLACES = (
    "",
    "第1款",
    "第一款",
    "1款",
    "的第一款",
    "第一款第（一）项",
    "第（一）项",
    "第1项",
    "第1款第1项",
    "(1)",
    "（一）",
)
"""款 and 项 after an article; they do not change which article is asked for."""

DOCKETS: dict[str, str] = {
    "standard": "({year}){court}{kind}{serial}号",
    "full-width": "（{year_wide}）{court}{kind}{serial_wide}号",
    "square": "[{year}]{court}{kind}{serial}号",
    "lenticular": "【{year}】{court}{kind}{serial}号",
    "tortoise-shell": "〔{year}〕 {court} {kind} {serial} 号",
    "none": "{year}{court}{kind}{serial}号",
    "year": "{year}年{court}{kind}{serial}号",
    "year-in-brackets": "（{year}年）{court}{kind}{serial}号",
    "no-hao": "({year}){court}{kind}{serial}",
    "zi-di": "（{year}）{court}{kind}字第{serial}号",
    "zi": "({year}){court}{kind}字{serial}号",
    "di": "（{year}）{court}{kind}第{serial}号",
    "zeros": "({year}){court}{kind}00{serial}号",
    "spaced": "（ {year} ） {court} {kind} {serial} 号",
    "no-year": "{court}{kind}{serial}号",
    "sentence": "请看({year}){court}{kind}{serial}号民事判决书，法院怎么说",
}
ISSUED: dict[str, str] = {
    "tortoise-shell": "{body}〔{year}〕{serial}号",
    "square": "{body}[{year}]{serial}号",
    "round": "{body}（{year}）{serial}号",
    "lenticular": "{body}【{year}】{serial}号",
    "year": "{body}{year}年{serial}号",
    "none": "{body}{year} {serial}号",
    "di": "{body}（{year}）第{serial}号",
    "no-hao": "{body}〔{year}〕{serial}",
    "spaced": "{body} 〔{year}〕 {serial} 号",
    "full-width": "{body}〔{year_wide}〕{serial_wide}号",
    "numerals": "{body}〔{year}〕{numerals}号",
    "sentence": "请问{body}〔{year}〕{serial}号讲了什么",
}
ORDERS: dict[str, str] = {
    "figures": "{body}令第{serial}号",
    "numerals": "{body}令第{numerals}号",
    "no-ordinal": "{body}令{serial}号",
    "brackets": "{body}令（第{serial}号）",
    "number-first": "第{serial}号{body}令",
    "number-inside": "{body}第{serial}号令",
    "spaced": "{body}令 第 {serial} 号",
    "sentence": "{body}令第{serial}号是什么时候公布的",
}
CASES: dict[str, str] = {
    "bare": "{stem}案",
    "case": "{stem}案件",
    "one": "{stem}一案",
    "judgment": "{stem}案判决",
    "judgment-alone": "{stem}判决",
    "brackets": "《{stem}案》",
    "brackets-inside": "《{stem}》案",
    "quotes": "“{stem}案”",
    "quotes-inside": "“{stem}”案",
    "corner": "「{stem}」一案",
    "spaced": "{stem} 案",
    "question": "{stem}案怎么判的？",
    "traditional": "{traditional}案",
}


def chinese_forms(provision: Provision, rng: random.Random, count: int) -> Iterator[tuple[str, str]]:
    """``count`` forms of one provision: (label, question)."""
    for label in rng.sample(sorted(CHINESE), count):
        template = CHINESE["bare" if provision.sub and not CHINESE[label].endswith(("条", "條")) else label]
        written = template.format(**_spellings(rng.choice(provision.names), provision.number))
        if provision.sub:
            written += f"之{rng.choice((to_chinese(provision.sub), str(provision.sub)))}"
        place = rng.choice(PLACES) if template.endswith(("条", "條")) else ""
        if provision.sub and place[:1].isdigit():
            place = ""  # 第286条之11款 could be either
        yield f"{label}{place}", rng.choice(FRAMES).format(written + place)


def english_forms(provision: Provision, rng: random.Random, count: int) -> Iterator[tuple[str, str]]:
    for label in rng.sample(sorted(ENGLISH), count):
        written = ENGLISH[label].format(**_spellings(rng.choice(provision.english), provision.number))
        yield label, rng.choice(ENGLISH_FRAMES).format(written)


def docket_forms(year: str, court: str, kind: str, serial: str) -> Iterator[str]:
    for template in DOCKETS.values():
        yield template.format(
            year=year, court=court, kind=kind, serial=serial, year_wide=wide(year), serial_wide=wide(serial)
        )


def issued_forms(body: str, year: str, serial: str) -> Iterator[str]:
    for template in ISSUED.values():
        yield template.format(
            body=body, year=year, serial=serial, year_wide=wide(year), serial_wide=wide(serial),
            numerals=to_chinese(int(serial)),
        )  # fmt: skip


def order_forms(body: str, serial: int) -> Iterator[str]:
    for template in ORDERS.values():
        yield template.format(body=body, serial=serial, numerals=to_chinese(serial))


def case_forms(alias: str) -> list[str]:
    """Forms of a nickname; those of 甲案 also with other endings and with brackets around 甲."""
    if not alias.endswith("案"):
        return [f"{alias}?", f"“{alias}”", f"《{alias}》"]
    stem = alias.removesuffix("案")
    return [template.format(stem=stem, traditional=traditional(stem)) for template in CASES.values()]


def _spellings(name: str, number: int) -> dict[str, str]:
    numerals = to_chinese(number)
    return {
        "name": name,
        "traditional": traditional(name),
        "lower": name.lower(),
        "upper": name.upper(),
        "figures": str(number),
        "wide": wide(str(number)),
        "numerals": numerals,
        "circled": numerals.replace("零", "〇"),
        "nian": numerals.replace("二十", "廿", 1) if numerals.startswith("二十") else numerals,
        "each": "".join(to_chinese(int(figure)) for figure in str(number)) if number > 99 else numerals,
    }


def traditional(text: str) -> str:
    """Text in traditional characters, where the product's table has one."""
    return "".join(_to_traditional().get(character, character) for character in text)


def wide(figures: str) -> str:
    return figures.translate({ord("0") + figure: ord("０") + figure for figure in range(10)})


@lru_cache(maxsize=1)
def _to_traditional() -> dict[str, str]:
    pairs = [pair for line in word_list("traditional") for pair in line.split()]
    return {pair[1]: pair[0] for pair in reversed(pairs)}
