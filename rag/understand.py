"""What a question asks: which sources it names, which day's law it wants, what kind of answer, and what the history adds."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from rag.articles import bare_place
from rag.clean import as_sources_write, clean
from rag.data import word_list
from rag.english import chinese_terms, is_english
from rag.misspelt import Respelt, spellings
from rag.names import Names
from rag.references import Reference, find_references, without_names
from rag.settings import Settings
from rag.text import printable
from rag.types import DocumentMeta

History = Sequence[tuple[str, str]]
"""Earlier turns, oldest first: (user, assistant)."""


class Ask(StrEnum):
    """What kind of answer a question wants."""

    ARTICLE_TEXT = "article_text"
    AMOUNT = "amount"
    TIME = "time"
    DEFINITION = "definition"
    LIABILITY = "liability"
    COMPARISON = "comparison"
    CHANGE = "change"
    PROCEDURE = "procedure"
    LIST = "list"
    PAPER = "paper"
    GENERAL = "general"


@dataclass(frozen=True, slots=True)
class Query:
    """A question, understood.

    ``text`` is the question as searched (completed from the history where it leaves something out, with the titles of instruments that it
    calls by number), ``focus`` what is left of it without the names of sources; ``references`` come from the question itself, or from the last turn that had some; ``absent`` are instruments and cases it names that the index does not have;
    ``incomplete`` marks a question that points to something said before where nothing was; ``sections`` are the parts of a judgment that it
    asks for: what the court held, what a party claimed, what was ordered; ``parts`` are the questions of one that asks several; ``in_dialogue`` says that others came before it; ``respelt``
    are the names that were put right; ``only_short``: nothing but its length says that it belongs to what was said before;
    ``is_digression``: it has nothing to do with that, nor with the field (``rag.digression``).
    """

    question: str
    text: str
    focus: str
    as_of: dt.date
    as_of_given: bool
    ask: Ask
    references: tuple[Reference, ...]
    carried_over: bool
    absent: tuple[str, ...]
    incomplete: bool
    sections: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    in_dialogue: bool = False
    respelt: tuple[Respelt, ...] = ()
    only_short: bool = False
    is_digression: bool = False


_ELLIPSIS = re.compile(
    r"^(那|那么|如果|若|要是|假如|它|其|他们?|她|这|该|上述|前述|还有|另外|以及|具体|为什么|为啥|and\b|what about|how about|why\b|then\b)"
    r"|呢[？?]?$|(该案|此案|本案|这个案|那个案|这个法|该法|该条|这一条|这条|该办法|该规定|上面|刚才|前面|它的?|第二个|第一个|后者|前者)"
)
_DATE_IN_QUESTION = re.compile(
    r"(?P<year>(?:19|20)\d{2})\s*年(?:\s*(?P<month>\d{1,2})\s*月(?:份)?(?:\s*(?P<day>\d{1,2})\s*[日号])?)?"
    r"(?=\s*(?:初|年初|底|年底|中(?!国)|的时候|时候|时(?!代|间)|当时|那时|那会儿?|当年|以前|之前|适用|有效|施行|生效|的法律|的规定|版|的.{0,16}(?:法|办法|规定|条例|解释)"
    r"|发生|发表的|创作的|起诉))"
)
_CHINESE_YEAR = re.compile(r"[一二][〇零○一二三四五六七八九]{3}(?=年)")
_SLASHED_DATE = re.compile(r"(?<!\d)((?:19|20)\d{2})[/.](\d{1,2})[/.](\d{1,2})(?!\d)")
_EARLY = re.compile(r"\s*(?:初|年初|以前|之前)")
# The law before an amendment: 新法施行前, 修订前的, 旧著作权法.
_BEFORE_AMENDMENT = re.compile(
    r"(?:新法|新规|修[订改正](?:案|后的?)?|改)(?:施行|实施|生效|出台|通过)?(?:之|以)?前(?!后)|旧(?:法|版)|老(?:法|版)|旧(?=[^，。？]{0,4}法)|原来的(?=[^，。？]{0,8}(?:法|条例|规定|办法|解释))"
)
_WHICH_APPLIES = re.compile(r"适用(?:新|旧|老|哪)|(?:新|旧|老)法还是(?:新|旧|老)法|按(?:新|旧|老|哪).{0,6}(?:还是|算)")
_CHANGED = re.compile(
    r"新旧|(?:修[订改正]|改)(?:了|过|的)?(?:什么|哪|没有)|(?:什么|哪些|啥)(?:变化|变动|改动|修改|改变|调整)|修[订改正]前后|(?:比|和|跟|与|较)(?:原来|以前|过去|旧|老|修[订改]前|\d{4}年?版?).{0,12}(?:变|不同|不一样|区别|差|高|低|多|少)"
    r"|(?:修[订改正]|改完|新法).{0,16}(?:变|高了|低了|多了|少了|不同|差)|两版|变了|what changed|difference between the old",
    re.IGNORECASE,
)
_SEVERAL = re.compile(r"(?<=[？?；;。！!])\s*")
_VAGUE = re.compile(
    r"请问|什么|怎么办|怎么样|怎么说|怎么判|怎么|如何|多少|能不能|可不可以|可以|是不是|有没有|会不会|要不要|算不算|行不行|该不该|为什么|为啥|哪些|哪个|哪条|哪里|是否|能否|上面|前面|刚才|上述|"
    r"那个|这个|那样|这样|这种|那种|那条|这条|那部|这部|案子|案件|案|法院|法官|当时|后来|最后|现在|结果|判决|判|赔|说法|说|解释|再|一下|规定|条文|内容|情况|事情|事|问题|违法|犯法|侵权|合法|构成|属于|"
    r"第[〇零一二三四五六七八九十百千两\d]+[条款项]|它|他|她|其|这|那|该|此|本|算|吗|呢|吧|啊|呀|嘛|了|的|是|有|要|会|能|得|我|你|们|去|来|好|对|行|不|没|后|前|中|上|下|里"
)
_LEAST_CONTENT = 2
_ISO_DATE = re.compile(r"(?<!\d)((?:19|20)\d{2})-(\d{1,2})-(\d{1,2})(?!\d)")
_CHINESE_TO_DIGIT = str.maketrans("〇零○一二三四五六七八九", "000123456789")
_SECTION_ASKED: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("原告主张", re.compile(r"原告.{0,8}(?:主张|请求|要求|诉请|索赔|认为)|索赔|诉讼请求|诉请|起诉要求")),
    ("被告抗辩", re.compile(r"抗辩|被告.{0,6}(?:辩称|主张|怎么说|认为|理由)|答辩")),
    ("裁判结果", re.compile(r"判(?:决|了|赔|多少)|赔(?:了|偿)?多少|结果|怎么判|支持了|胜诉|输|赢")),
    (
        "法院认为",
        re.compile(r"为什么|理由|法院(?:认为|怎么|如何|是否)|认定|依据|凭什么|why|how did the court", re.IGNORECASE),
    ),
    ("案情", re.compile(r"案情|经过|怎么回事|事实|发生了什么")),
    ("当事人", re.compile(r"当事人|原告是谁|被告是谁|谁告|案号|哪个法院")),
    ("争议焦点", re.compile(r"争议焦点|争点|焦点")),
    ("后续", re.compile(r"上诉|二审|生效|后来|后续|意义|影响")),
)
JUDGMENT_SECTIONS = frozenset(section for section, _ in _SECTION_ASKED)
_ASKS: tuple[tuple[Ask, re.Pattern[str]], ...] = (
    (Ask.CHANGE, _CHANGED),
    (
        Ask.COMPARISON,
        re.compile(r"区别|比较|对比|不同|差异|相比|异同|分歧|compare|difference|versus|\bvs\b", re.IGNORECASE),
    ),
    (Ask.PAPER, re.compile(r"论文|作者认为|文章(?:认为|主张|怎么看)|the paper|the author", re.IGNORECASE)),
    (
        Ask.AMOUNT,
        re.compile(
            r"多少钱|赔(?:了|偿)?多少|多少(?:元|万|倍|罚款)|几倍|金额|数额|罚多少|判赔|索赔|最多赔|最低赔|上限|下限|how much|damages|\bfines?\b",
            re.IGNORECASE,
        ),
    ),
    (
        Ask.TIME,
        re.compile(
            r"什么时候|何时|哪天|哪年|哪一年|多久|多长时间|几年|几天|期限|保护期|生效|施行日|when\b|how long",
            re.IGNORECASE,
        ),
    ),
    (
        Ask.DEFINITION,
        re.compile(r"定义|什么是|是什么意思|指的是|指什么|含义|怎么理解|what is an?\b|meaning of|defin", re.IGNORECASE),
    ),
    (
        Ask.PROCEDURE,
        re.compile(
            r"怎么办|怎么(?:做|弄|申请|办理|维权|投诉|举报|标|处理|取证|存证|起诉)|如何(?:做|申请|办理|维权|投诉|举报|标|处理|取证|存证|起诉|应对)|流程|步骤|手续|程序|要做(?:什么|哪些)|该做什么|how (?:do|should|can) (?:i|we)\b",
            re.IGNORECASE,
        ),
    ),
    (Ask.LIST, re.compile(r"哪些|哪几|几种|几项|列出|列举|所有情形|清单|which|list\b", re.IGNORECASE)),
    (Ask.LIABILITY, re.compile(r"责任|担责|赔偿|侵权|负责|处罚|违法|liab|infring", re.IGNORECASE)),
)


def understand(
    question: str, names: Names, settings: Settings, *, history: History = (), as_of: dt.date | None = None
) -> Query:
    """Read a question.

    Raises:
        InvalidQuestion: empty, without a single word, or longer than ``settings.max_question`` characters.
    """
    cleaned, respelt = spellings(names).respelt(as_sources_write(clean(question, settings), names))
    in_chinese = chinese_terms(cleaned) if is_english(cleaned) else ""
    own = _references(cleaned, in_chinese, names)
    absent = [r.name for r in own if r.name and not r.document_ids and not r.docket]
    named_ids = [identifier for reference in own for identifier in reference.document_ids]
    ask = _kind_of(cleaned, own)
    given = as_of or _day_asked(cleaned, named_ids, ask, names)
    if ask is Ask.CHANGE:
        own = [replace(reference, document_ids=names.versions(reference.document_ids)) for reference in own]
    references, text, carried = tuple(own), cleaned, False
    if history and _leaves_something_out(cleaned, own):
        carried = True
        named = [reference for reference in own if reference.name]
        text, earlier = _completed(cleaned, history, names, keep_names=not named)
        if not named:
            references = _inherit(own, earlier, bare_place(cleaned))
    focus = without_names(text, names) or text
    sections = tuple(section for section, pattern in _SECTION_ASKED if pattern.search(text))
    if in_chinese:
        text, focus = f"{text} {in_chinese}", f"{focus} {in_chinese}"
    text = " ".join((text, *_titles_behind_numbers(references, names)))
    return Query(
        question=printable(question),
        text=text,
        focus=focus,
        as_of=given or dt.date.today(),
        as_of_given=given is not None,
        ask=ask if ask is not Ask.GENERAL else _kind_of(cleaned, references),
        references=references,
        carried_over=carried,
        absent=tuple(dict.fromkeys(absent)),
        incomplete=not history and (_points_back(cleaned, own) or _says_nothing(cleaned, own)),
        sections=sections,
        parts=_parts(cleaned) if not carried else (),
        in_dialogue=bool(history),
        respelt=respelt,
        only_short=carried
        and not own
        and not _ELLIPSIS.search(cleaned)
        and bare_place(cleaned) is None
        and not in_chinese,
    )


def _day_asked(text: str, named_ids: Sequence[str], ask: Ask, names: Names) -> dt.date | None:
    """The day whose law a question asks for; None for today, and where it asks what changed between two versions."""
    if ask is Ask.CHANGE and names.day_before_amendment(named_ids):
        return None
    if day := _date_asked(text, names.promulgated(named_ids)) or names.last_day(named_ids):
        return day
    if _BEFORE_AMENDMENT.search(text) and not _WHICH_APPLIES.search(text):
        return names.day_before_amendment(named_ids)
    return None


def _parts(text: str) -> tuple[str, ...]:
    """The questions of a text that asks several; none where it asks one."""
    pieces = [piece.strip() for piece in _SEVERAL.split(text) if piece.strip()]
    asked = [piece for piece in pieces if piece.endswith(("?", "？")) and len(_VAGUE.sub("", piece)) > _LEAST_CONTENT]
    return tuple(asked) if len(asked) > 1 else ()


def asked_alone(query: Query, part: str, names: Names) -> Query:
    """One of the ``parts`` as a question of its own; what the whole text names and says goes with it into the search."""
    focus = without_names(part, names) or part
    return replace(query, text=f"{part} {query.text}", focus=focus, ask=_kind_of(part, query.references), parts=())


def _says_nothing(text: str, own: list[Reference]) -> bool:
    """Whether nothing is left of a question without the words that every question has."""
    if any(reference.document_ids or reference.docket or reference.name for reference in own) or is_english(text):
        return False
    return sum(character.isalnum() for character in _VAGUE.sub("", text)) == 0


def _references(text: str, in_chinese: str, names: Names) -> list[Reference]:
    """References of a question; where one in English names no source, those of its Chinese terms (a statute by its subject)."""
    found = find_references(text, names)
    if not in_chinese or any(reference.name for reference in found):
        return found
    return find_references(f"{text} {in_chinese}", names)


def _titles_behind_numbers(references: Sequence[Reference], names: Names) -> list[str]:
    """Titles of instruments that are called by 文号 or 令 alone: the number says nothing to a search."""
    ids = [i for r in references if r.name and names.is_number(r.name) and not r.article for i in r.document_ids]
    return list(dict.fromkeys(names.metas[identifier].title for identifier in ids))


def _leaves_something_out(text: str, own: list[Reference]) -> bool:
    if any(reference.document_ids for reference in own):
        return bool(re.search(r"^(那|那么)|呢[？?]?$|它|该案|相比|与此", text)) and len(text) < 20
    return bool(_ELLIPSIS.search(text)) or len(text) <= 12 or bool(own) or bare_place(text) is not None


def _points_back(text: str, own: list[Reference]) -> bool:
    """Whether a question that stands alone cannot: 那第二款呢, 这样算侵权吗, 第24条怎么规定."""
    if own:
        return not any(reference.name for reference in own)
    return bare_place(text) is not None or (len(text) <= 12 and bool(_ELLIPSIS.search(text)))


def _completed(text: str, history: History, names: Names, *, keep_names: bool) -> tuple[str, list[Reference]]:
    """The question with the user's last self-contained one before it, and the references of the last turns that had any.

    A question that names a source of its own (那杭州的呢) asks the same of another one: the names of the one before go.
    """
    earlier: list[Reference] = []
    for user, assistant in reversed(history):
        earlier = [r for r in find_references(user, names) if r.document_ids]
        earlier = earlier or [r for r in find_references(assistant, names) if r.document_ids][:2]
        if earlier:
            break
    previous = next((user for user, _ in reversed(history) if len(user) > 12), history[-1][0])
    previous = as_sources_write(unicodedata.normalize("NFKC", previous), names)
    return f"{previous if keep_names else without_names(previous, names) or previous} {text}", earlier


def _inherit(
    own: list[Reference], earlier: list[Reference], place: tuple[int | None, int | None] | None
) -> tuple[Reference, ...]:
    """Articles asked without a title belong to the instrument spoken of before, a bare 款 or 项 to its article."""
    if not earlier:
        return tuple(own)
    base = earlier[-1] if place else earlier[0]
    if place and base.article:
        return (replace(base, paragraph=place[0] or base.paragraph, item=place[1]),)
    if not own:
        return tuple(earlier)
    return tuple(replace(r, name=base.name, document_ids=base.document_ids) for r in own)


def _date_asked(text: str, promulgated: frozenset[int]) -> dt.date | None:
    """The day whose law is asked about, where the question says so; the last day of the year or month it names, the first where it says
    初 or 以前. A year that is a version's own (2020年的著作权法) names the version, not a day."""
    text = _CHINESE_YEAR.sub(lambda match: match[0].translate(_CHINESE_TO_DIGIT), text)
    if full := _ISO_DATE.search(text) or _SLASHED_DATE.search(text):
        return _safe_date(*map(int, full.groups()))
    found = _DATE_IN_QUESTION.search(text)
    if not found:
        return None
    year, month, day = int(found["year"]), int(found["month"] or 12), found["day"]
    if day:
        return _safe_date(year, month, int(day))
    if not found["month"] and year in promulgated and re.match(r"版|的", text[found.end() :]):
        return None
    if _EARLY.match(text, found.end()):
        return _safe_date(year, int(found["month"] or 1), 1)
    return dt.date(year, month, monthrange(year, month)[1]) if 1 <= month <= 12 else None


def _safe_date(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def known_names(metas: Iterable[DocumentMeta]) -> Names:
    """Names of the index's documents, and of instruments and cases that people ask for whether or not it has them."""
    absent = (
        *word_list("instruments_of_field"),
        *word_list("instruments_elsewhere"),
        *word_list("cases_of_field"),
    )
    called = [
        (title.strip(), name.strip())
        for line in word_list("names")
        for title, _, others in [line.partition("=")]
        for name in others.split(";")
    ]
    return Names(metas, absent, called)


def _kind_of(text: str, references: Sequence[Reference]) -> Ask:
    for ask, pattern in _ASKS:
        if pattern.search(text):
            return ask
    if any(reference.article for reference in references):
        return Ask.ARTICLE_TEXT
    return Ask.GENERAL
