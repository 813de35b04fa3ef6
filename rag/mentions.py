"""Where a text calls a source by one of its names or numbers, and where words only look as if it did.

公司法务 names no 公司法, 日本著作权法 is not ours, 上海奥特曼案 is not 广州奥特曼案, 著作权法（2010年修正） is one version of two.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from rag.data import word_list
from rag.dockets import Number, dockets, dockets_without_year, issued_numbers
from rag.names import Held, Names
from rag.numerals import CHINESE_DIGITS, NUMERAL, to_int
from rag.pairs import pairs
from rag.short_names import AFTER_TOPIC, Topic
from rag.types import Kind
from rag.versions import version_meant

_COUNTRIES = "美国|日本|韩国|英国|德国|法国|意大利|加拿大|澳大利亚|印度|俄罗斯|新加坡|台湾|香港|澳门|外国"
_PLACES = tuple(word_list("places"))
_OTHER_OWNER = re.compile(
    rf"(?:{_COUNTRIES}|(?P<place>{'|'.join(_PLACES)})(?:市|省|(?:..)?自治区)?)(?:地区)?的?(?:互联网法院)?的?$"
)
_OTHER_OWNER_IN_ENGLISH = re.compile(
    r"\b(?:u\.?s\.?|american|united states|japanese|german|french|korean|indian|uk|british|eu|european|californian?)(?:'?s)?\s+$"
)
_OF_OTHER_OWNER = re.compile(
    r"\s+(?:of|in)\s+(?:the\s+)?(?:u\.?s|united states|america|japan|germany|france|korea|india|uk|u\.k|united kingdom|eu\b|european union)"
)
# Names that end many longer ones: they stand alone, or after a word that leads to them.
_GENERIC = frozenset({"暂行办法", "算法规定", "换脸规定"})
_SHORT = 2
_HAN_END = re.compile(r"[\u4e00-\u9fff]$")
_LEAD = re.compile(
    r"(?:[的在据按照依和与及对从了把被由是说问看读查讲述该本此用新旧原条款项道下请想找搜给帮就只而但即我你他她们这那其之并或来去得着过]|了解|根据|按照|依照|请问|违反|关于|中国|国家|我国|现行|七部门)$"
)
_WORD_WITH_LAW = re.compile("[务律院官学庭人]|定(?!义)|规(?!定)")
"""What makes another word of the 法 that a title ends in: 公司法务, 公司法人, 合同法律."""
_ELABORATION = re.compile(
    rf"的?(?:实施(?:条例|细则|办法|规定)|司法解释)|(?:解释|修正案)(?:\({NUMERAL}\))?(?=第?{NUMERAL}条)"
)
"""What makes a law's title that of the instrument that elaborates it."""
_VERB_LIKE = re.compile(r"(?:规定|解释|规则)$")
_ARTICLE_FOLLOWS = re.compile(rf"[\s,:]?(?:规定)?[的中里]?(?:第?\s?{NUMERAL}(?:之{NUMERAL})?[条、和至到-]|§|\(?\d|art)")
_SENTENCE_GOES_ON = re.compile(r"[^\u4e00-\u9fff]|$|[的中里和与及或对是有怎如何什哪讲说全第修生施适废吗呢吧]")
_LONG_ENOUGH = 4
_INSTRUMENT = re.compile(
    r"(?:法|法典|条例|规定|办法|解释|规则|意见|公约|协定|条约|指引|指南|标准|通知|批复|决定|指令|细则|制度|修正案)(?:\(.{1,12}\))?$"
)
_CUT_NUMBER = re.compile(rf"(?:\d(?=[\d条])|[{CHINESE_DIGITS}](?=[{CHINESE_DIGITS}条]))")
_REACH = 24
"""Characters before a name that may make it part of a longer one."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A name or number in folded text. ``document_ids``: all versions that it may mean, newest first; empty where the index has none.

    ``foreign``: the name is ours, but what it names here is another country's or place's.
    """

    start: int
    end: int
    name: str
    document_ids: tuple[str, ...]
    docket: str | None = None
    is_instrument: bool = True
    foreign: bool = False


def is_instrument_title(title: str) -> bool:
    """Whether a folded title is that of a source of law rather than of a novel or a film."""
    return bool(_INSTRUMENT.search(title))


def mentions(folded: str, names: Names, *, foreign: bool = False) -> list[Mention]:
    """Every mention of a source in folded text, in reading order: leftmost, then longest, none inside a longer name.

    ``foreign``: those of other countries' instruments too, without ids.
    """
    numbers = _numbers(folded, names)
    found, free_from = list(numbers), 0
    for position in names.starts(folded):
        if position < free_from:
            continue
        mention = _at(folded, position, names)
        if mention and not any(_overlap(mention, number) for number in numbers):
            found += _as_meant(folded, mention, names)
        free_from = mention.end if mention else free_from
    for docket in dockets_without_year(folded):
        mention = _of_docket(docket, names)
        if mention.document_ids and not any(_overlap(mention, other) for other in found):
            found.append(mention)
    for start, end, key in pairs(folded, names):
        held = names.held(key)
        mention = Mention(start, end, key, tuple(held.ids) if held else (), is_instrument=False)
        if not any(_overlap(mention, other) for other in found):
            found.append(mention)
    return sorted((m for m in found if foreign or not m.foreign), key=lambda mention: mention.start)


def _numbers(folded: str, names: Names) -> list[Mention]:
    """案号, 文号 and 令."""
    found = [_of_docket(docket, names) for docket in dockets(folded)]
    for number in issued_numbers(folded, lambda key: names.number(key) is not None):
        label, ids = names.number(number.key) or (number.label, [])
        mention = Mention(number.start, number.end, label, tuple(ids))
        if not any(_overlap(mention, other) for other in found):
            found.append(_of_version(folded, mention, names))
    return found


def _of_docket(number: Number, names: Names) -> Mention:
    document = names.docket(number.key)
    ids = (document,) if document else ()
    return Mention(number.start, number.end, number.label, ids, number.label, is_instrument=False)


def _at(folded: str, position: int, names: Names) -> Mention | None:
    """The longest name that begins at ``position``."""
    prefix = folded[position : position + 2]
    best = None
    for length in names.lengths(prefix):
        key = folded[position : position + length]
        held = names.held(key)
        if held is not None and _ends_here(key, held, folded, position + len(key)):
            best = _named(key, held, position, names)
            break
    for length in names.topic_lengths(prefix):
        on_topic = _on_topic(folded[position : position + length], position, folded, names)
        if on_topic and (best is None or on_topic.end >= best.end):
            return on_topic
    longer = _ELABORATION.match(folded, best.end) if best and best.name.endswith(("法", "法典")) else None
    return Mention(position, longer.end(), folded[position : longer.end()], ()) if longer else best


def _ends_here(key: str, held: Held, folded: str, end: int) -> bool:
    """Whether a name can end at ``end``: not inside a number, and not where 证据规定 is a subject and its verb."""
    if _CUT_NUMBER.match(folded, end - 1):
        return False
    if not held.conventional or not _VERB_LIKE.search(key) or _ARTICLE_FOLLOWS.match(folded, end):
        return True
    return len(key) > _LONG_ENOUGH and bool(_SENTENCE_GOES_ON.match(folded, end))


def _named(key: str, held: Held, start: int, names: Names) -> Mention:
    kinds = {names.metas[identifier].kind for identifier in held.ids}
    is_instrument = bool(kinds - {Kind.JUDGMENT, Kind.PAPER}) if kinds else is_instrument_title(key)
    return Mention(start, start + len(key), names.written(key), tuple(held.ids), is_instrument=is_instrument)


def _on_topic(key: str, start: int, folded: str, names: Names) -> Mention | None:
    """What ``key`` is the topic of, where the text goes on as the name of an interpretation or the like does."""
    entries = names.on_topic(key)
    match = AFTER_TOPIC.match(folded, start + len(key)) if entries else None
    if match is None:
        return None
    serial, end = to_int(match["serial"] or match["bare_serial"] or ""), match.end()
    if match["bare_serial"] and not any(topic.serial == serial for topic, _ in entries):
        serial, end = None, match.start("bare_serial")  # 信息网络传播权规定 16: the number of an article
    definite = serial is not None or bool(_ARTICLE_FOLLOWS.match(folded, end))
    if not definite and match["kind"] != "司法解释" and not _SENTENCE_GOES_ON.match(folded, end):
        return None
    said = [(topic, i) for topic, i in entries if _is_called(topic, match, definite=definite, serial=serial)]
    if not said:
        return None
    ids = [identifier for topic, identifier in said if serial is None or topic.serial == serial]
    return Mention(start, end, folded[start:end], tuple(dict.fromkeys(ids)))


def _is_called(topic: Topic, match: re.Match[str], *, definite: bool, serial: int | None) -> bool:
    """Whether the words after a topic can name its instrument. 公司法规定 and 担保制度的规定 are how sentences go: only a number makes names
    of them."""
    kind = match["kind"]
    if match["field"] and topic.field and match["field"] != topic.field:
        return False
    if kind == "司法解释":
        return topic.by_court
    if topic.of_law and serial is None and (kind != topic.kind or kind == "规定" or not definite):
        return False
    if not definite and "的" in match["link"]:
        return False
    return kind == topic.kind or (topic.by_court and definite and kind in ("解释", "规定"))


def _as_meant(folded: str, mention: Mention, names: Names) -> list[Mention]:
    """The mention with the version that is meant; foreign where another country's is; nothing where it is part of another word."""
    key = folded[mention.start : mention.end]
    before, after = folded[max(0, mention.start - _REACH) : mention.start], folded[mention.end :]
    if _is_part_of_word(key, before, after):
        return []
    is_short = len(key) == _SHORT and _is_conventional(key, names) and not _ARTICLE_FOLLOWS.match(after)
    if (key in _GENERIC or is_short) and _HAN_END.search(before) and not _LEAD.search(before):
        return []
    owner = (_OTHER_OWNER_IN_ENGLISH if key.isascii() else _OTHER_OWNER).search(before)
    abroad = key.isascii() and _OF_OTHER_OWNER.match(after)
    if abroad or (owner and not key.startswith(_PLACES)):
        place = owner["place"] if owner and not key.isascii() else None
        held = names.held(f"{place}{key}") if place else None
        if held:  # 广州互联网法院奥特曼案
            return [replace(mention, name=names.written(f"{place}{key}"), document_ids=tuple(held.ids))]
        name = f"{owner[0].strip()} {key}" if key.isascii() and owner else f"{owner[0] if owner else ''}{key}"
        return [replace(mention, name=name, document_ids=(), foreign=True)] if mention.is_instrument else []
    return [_of_version(folded, mention, names)]


def _is_part_of_word(key: str, before: str, after: str) -> bool:
    """公司法务, 5113号案, "start" in "art": the name is no word of its own."""
    if key[0].isdigit() and before[-1:].isdigit():
        return True
    if key[-1] == "法" and _WORD_WITH_LAW.match(after):
        return True
    left, right = before[-1:], after[:1]
    return key.isascii() and bool((left.isascii() and left.isalnum()) or (right.isascii() and right.isalnum()))


def _is_conventional(key: str, names: Names) -> bool:
    held = names.held(key)
    return held is not None and held.conventional


def _of_version(folded: str, mention: Mention, names: Names) -> Mention:
    if not mention.document_ids or not mention.is_instrument:
        return mention
    metas = [names.metas[identifier] for identifier in mention.document_ids]
    chosen, end = version_meant(metas, folded, mention.start, mention.end)
    return replace(mention, document_ids=tuple(meta.id for meta in chosen), end=end)


def _overlap(one: Mention, other: Mention) -> bool:
    return one.start < other.end and other.start < one.end
