"""The same question as other people would type it: slips of the hand and the input method, other spellings, frames, turns of a dialogue.

Every function gives the changed question, or None where there is nothing to change; all chance comes from the generator given.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

from evals.questions import Question
from rag.data import word_list

Change = Callable[[Question, random.Random], "Question | None"]

_HAN = re.compile(r"[\u4e00-\u9fff]")
_PUNCTUATION = re.compile(r"[，。？！、；：,.?!;:“”\"…—]+")
_NAMES = re.compile(r"《[^》]*》|第[零〇一二三四五六七八九十百千\d]+[条款项]|[(（]\d{4}[)）]\S+?号|\d+")
_FRAMES = ("请问{}", "想咨询一下：{}", "{}谢谢！", "麻烦问个问题，{}", "我是做自媒体的，{}急，在线等")
_MIXED = (
    ("著作权", "copyright"),
    ("版权", "copyright"),
    ("人工智能", "AI"),
    ("平台", "platform"),
    ("侵权", "infringement"),
    ("判决", "judgment"),
    ("作品", "work"),
    ("赔偿", "compensation"),
    ("标识", "label"),
)
_ASIDE = ("你好，你能做什么？", "我可以依据所收录的法规和判决回答人工智能生成内容的问题。")


def homophone(question: Question, rng: random.Random) -> Question | None:
    """One character replaced by a common one that sounds the same, tones aside: what an input method slips in."""
    places = [(at, others) for at in _free(question.question) if (others := _sounding_alike(question.question[at]))]
    if not places:
        return None
    at, others = rng.choice(places)
    return _asked(question, question.question[:at] + rng.choice(others) + question.question[at + 1 :])


def dropped(question: Question, rng: random.Random) -> Question | None:
    """One character is missing."""
    places = _free(question.question)
    if len(places) < 6:
        return None
    at = rng.choice(places)
    return _asked(question, question.question[:at] + question.question[at + 1 :])


def transposed(question: Question, rng: random.Random) -> Question | None:
    """Two neighbouring characters change places."""
    text = question.question
    free = set(_free(text))
    places = [at for at in free if at + 1 in free and text[at] != text[at + 1]]
    if not places:
        return None
    at = rng.choice(sorted(places))
    return _asked(question, text[:at] + text[at + 1] + text[at] + text[at + 2 :])


def traditional(question: Question, rng: random.Random) -> Question | None:
    """In traditional characters."""
    del rng
    return _asked(question, question.question.translate(_to_traditional()))


def full_width(question: Question, rng: random.Random) -> Question | None:
    """Letters and digits as wide as Chinese characters."""
    del rng
    wide = "".join(chr(ord(c) + 0xFEE0) if c.isascii() and c.isalnum() else c for c in question.question)
    return _asked(question, wide)


def unpunctuated(question: Question, rng: random.Random) -> Question | None:
    """Without punctuation, as in a chat."""
    del rng
    return _asked(question, _PUNCTUATION.sub("", question.question))


def framed(question: Question, rng: random.Random) -> Question | None:
    """With courtesies around it."""
    return _asked(question, rng.choice(_FRAMES).format(question.question)) if _is_chinese(question) else None


def reordered(question: Question, rng: random.Random) -> Question | None:
    """Its clauses in another order: the last one first."""
    del rng
    clauses = [clause for clause in re.split(r"[，；,;]", question.question.rstrip("。？！?!")) if clause.strip()]
    return _asked(question, "，".join([clauses[-1], *clauses[:-1]]) + "？") if len(clauses) > 1 else None


def mixed(question: Question, rng: random.Random) -> Question | None:
    """One term in English."""
    text = question.question
    places = [
        (found.start(), old, new)
        for old, new in _MIXED
        for found in re.finditer(f"{old}(?!法)", text)
        if not any(name.start() <= found.start() < name.end() for name in _NAMES.finditer(text))
    ]
    if not places or not _is_chinese(question):
        return None
    at, old, new = rng.choice(places)
    return _asked(question, f"{text[:at]} {new} {text[at + len(old) :]}")


def turn_in_front(question: Question, rng: random.Random) -> Question | None:
    """A dialogue that began with small talk."""
    del rng
    if not question.history:
        return None
    return question.model_copy(update={"history": (_ASIDE, *question.history)})


def turn_between(question: Question, rng: random.Random) -> Question | None:
    """A dialogue with a turn of small talk before what is asked last: the earlier turns are further away."""
    del rng
    if not question.history:
        return None
    return question.model_copy(update={"history": (*question.history, ("好的，谢谢", "不客气。"))})


CHANGES: dict[str, Change] = {
    change.__name__: change
    for change in (
        homophone,
        dropped,
        transposed,
        traditional,
        full_width,
        unpunctuated,
        framed,
        reordered,
        mixed,
        turn_in_front,
        turn_between,
    )
}


def perturbed(question: Question, seed: int, changes: dict[str, Change] | None = None) -> dict[str, Question]:
    """Every change that does something to the question; the same for the same seed."""
    found = {}
    for name, change in (changes or CHANGES).items():
        other = change(question, random.Random(f"{seed}/{name}/{question.id}"))
        if other is not None and other != question:
            found[name] = other
    return found


def _asked(question: Question, text: str) -> Question:
    return question.model_copy(update={"question": text})


def _is_chinese(question: Question) -> bool:
    return len(_HAN.findall(question.question)) * 2 > len(question.question)


def _free(text: str) -> list[int]:
    """Places of Chinese characters outside titles, numbers of articles and dockets: another number is another question."""
    taken = [(found.start(), found.end()) for found in _NAMES.finditer(text)]
    return [at for at, c in enumerate(text) if _HAN.match(c) and not any(start <= at < end for start, end in taken)]


def _sounding_alike(character: str) -> list[str]:
    from pypinyin import lazy_pinyin  # its tables take a moment

    return [c for c in _common_by_sound().get(lazy_pinyin(character)[0], ()) if c != character]


@lru_cache(maxsize=1)
def _common_by_sound() -> dict[str, list[str]]:
    """Level-1 characters of GB 2312, the 3,755 common ones, by their sound."""
    from pypinyin import lazy_pinyin

    common = bytes(byte for row in range(0xB0, 0xD8) for column in range(0xA1, 0xFF) for byte in (row, column)).decode(
        "gb2312", "ignore"
    )
    by_sound: dict[str, list[str]] = {}
    for character in common:
        by_sound.setdefault(lazy_pinyin(character)[0], []).append(character)
    return by_sound


@lru_cache(maxsize=1)
def _to_traditional() -> dict[int, str]:
    pairs = [pair for line in word_list("traditional") for pair in line.split()]
    ways: dict[str, set[str]] = {}
    for pair in pairs:
        if len(pair) == 2 and unicodedata.name(pair[0], "").startswith("CJK UNIFIED"):
            ways.setdefault(pair[1], set()).add(pair[0])
    # 里 is 里, 裏 or 裡 by its meaning: what has several forms stays as it is.
    return {ord(simple): next(iter(forms)) for simple, forms in ways.items() if len(forms) == 1}
