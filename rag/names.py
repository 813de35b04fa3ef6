"""What the documents of an index are called: titles, aliases, numbers, nicknames, short names that follow from titles
(``rag.short_names``) and those that people use (``rag/data/names.txt``).
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rag.dockets import code_forms, dockets, issued_keys, without_year
from rag.fold import fold
from rag.short_names import Topic, short_names, titles, topics
from rag.types import DocumentMeta, Kind

_UNDATED = dt.date.min
_SHORT = 2
"""Characters of a short name that other words easily contain: 反法 in 违反法规."""

Called = tuple[str, str]
"""Title of an instrument without the state's name, and what people call it."""


@dataclass(slots=True)
class Held:
    """Who has a name: ids, newest first. Names that documents have themselves (rank 0) count more than those told from titles (1).

    ``conventional``: it is merely what people say, so that other words may look like it.
    """

    rank: int
    ids: list[str]
    conventional: bool = False


class Names:
    """Every name of the documents of an index, and names of what it lacks.

    ``absent`` names are known like the others, so that 杭州奥特曼案 is never taken for 奥特曼案, but have no ids. ``called`` are conventional
    names; a law's also abbreviate what is named after it: 民诉法 gives 民诉法解释.
    """

    def __init__(
        self, metas: Iterable[DocumentMeta], absent: Iterable[str] = (), called: Iterable[Called] = ()
    ) -> None:
        ordered = sorted(metas, key=lambda meta: meta.valid_from or meta.promulgated or _UNDATED, reverse=True)
        self.metas = {meta.id: meta for meta in ordered}
        self._held: dict[str, Held] = {}
        self._topics: dict[str, list[tuple[Topic, str]]] = defaultdict(list)
        self._dockets: dict[str, str] = {}
        self._numbers: dict[str, tuple[str, list[str]]] = {}
        self._written: dict[str, str] = {}
        for meta in ordered:
            self._add_own(meta)
        for name in absent:
            self._held.setdefault(fold(name), Held(0, []))
            self._written.setdefault(fold(name), name)
        abbreviations = self._add_called(called)
        for meta in ordered:
            self._add_derived(meta)
        self._abbreviate(abbreviations)
        order = {meta.id: position for position, meta in enumerate(ordered)}
        for held in self._held.values():
            held.ids.sort(key=order.__getitem__)
        self._labels = {label for label, _ in self._numbers.values()}
        self._lengths = (_lengths(self._held), _lengths(self._topics))
        self._pairs = frozenset(self._lengths[0].keys() | self._lengths[1].keys())

    def held(self, key: str) -> Held | None:
        """Who has this folded name; no ids where the index lacks what it names, None where it names nothing known."""
        return self._held.get(key)

    def present(self) -> list[str]:
        """The folded names of what the index has."""
        return [key for key, held in self._held.items() if held.ids]

    def written(self, key: str) -> str:
        """A name as people write it."""
        return self._written.get(key, key)

    def starts(self, folded: str) -> list[int]:
        """Positions at which a name may begin, rising."""
        pairs = self._pairs
        return [at for at in range(len(folded) - 1) if folded[at : at + 2] in pairs]

    def lengths(self, prefix: str) -> Sequence[int]:
        """Lengths of the names that begin with these two characters, falling."""
        return self._lengths[0].get(prefix, ())

    def topic_lengths(self, prefix: str) -> Sequence[int]:
        return self._lengths[1].get(prefix, ())

    def on_topic(self, text: str) -> Sequence[tuple[Topic, str]]:
        """Interpretations and the like on this topic, newest first."""
        return self._topics.get(text, ())

    def docket(self, key: str) -> str | None:
        """Id of the judgment with this 案号."""
        return self._dockets.get(key)

    def number(self, key: str) -> tuple[str, list[str]] | None:
        """The 文号 or 令 with this key as written, and the ids of the instruments that it published."""
        return self._numbers.get(key)

    def is_number(self, name: str) -> bool:
        """Whether a mention's name is a 文号 or 令 as written."""
        return name in self._labels

    def promulgated(self, identifiers: Iterable[str]) -> frozenset[int]:
        """Years in which these documents were promulgated."""
        days = (self.metas[identifier].promulgated for identifier in identifiers)
        return frozenset(day.year for day in days if day)

    def last_day(self, identifiers: Iterable[str]) -> dt.date | None:
        """The last day on which these documents were in force, where all of them are repealed (2010年著作权法第49条)."""
        repealed = [self.metas[identifier].repealed for identifier in identifiers]
        days = [day for day in repealed if day]
        return max(days) - dt.timedelta(days=1) if days and len(days) == len(repealed) else None

    def versions(self, identifiers: Sequence[str]) -> tuple[str, ...]:
        """These documents with those that they replaced and that replaced them, newest first."""
        wanted = set(identifiers)
        for meta in self.metas.values():  # newest first
            if meta.supersedes in wanted:
                wanted.add(meta.id)
        for meta in self.metas.values():
            if meta.id in wanted and meta.supersedes in self.metas:
                wanted.add(str(meta.supersedes))
        return tuple(identifier for identifier in self.metas if identifier in wanted)

    def day_before_amendment(self, identifiers: Iterable[str]) -> dt.date | None:
        """The last day before the newest of these documents that replaced another one came into force."""
        metas = [self.metas[identifier] for identifier in identifiers]
        days = [meta.valid_from for meta in metas if meta.supersedes and meta.valid_from]
        return max(days) - dt.timedelta(days=1) if days else None

    def _add_own(self, meta: DocumentMeta) -> None:
        # "论文" alone is any paper; "这篇论文" is ours.
        shortest = 3 if meta.kind is Kind.PAPER else 2
        for name in (*titles(meta), *map(fold, meta.aliases)):
            if len(name) >= shortest:
                self._hold(name, meta, 0)
        for number in filter(None, (meta.number, meta.appeal.number if meta.appeal else None)):
            for docket in dockets(fold(number)):
                self._dockets.setdefault(docket.key, meta.id)
                self._dockets.setdefault(without_year(docket.key), meta.id)
            for form in code_forms(number):
                self._hold(form, meta, 0)
        for written in filter(None, () if meta.kind is Kind.JUDGMENT else (meta.number, *meta.aliases)):
            for key in issued_keys(written):
                ids = self._numbers.setdefault(key, (written, []))[1]
                if meta.id not in ids:
                    ids.append(meta.id)

    def _add_called(self, called: Iterable[Called]) -> dict[str, list[str]]:
        """Add conventional names of what the index has or is known to lack; returns them by title."""
        found: dict[str, list[str]] = defaultdict(list)
        for title, name in called:
            key, short = fold(title), fold(name)
            holder = self._held.get(key)
            if holder is None or (short.isascii() and not holder.ids):
                continue  # "contract law" is a field of law unless the index has an act of that name
            found[key].append(short)
            held = self._held.setdefault(short, Held(1, [], conventional=len(short) == _SHORT or "法" not in short))
            held.ids += [identifier for identifier in holder.ids if identifier not in held.ids]
            if not held.ids:
                self._written.setdefault(short, name)
        return found

    def _add_derived(self, meta: DocumentMeta) -> None:
        for name in short_names(meta):
            self._hold(name, meta, 1)
        for topic in topics(meta):
            self._topics[topic.text].append((topic, meta.id))

    def _abbreviate(self, laws: dict[str, list[str]]) -> None:
        """民事诉讼法 is called 民诉法, hence 民诉法解释; 道路交通安全法 道交法, hence 道交法实施条例."""
        longest = max(map(len, laws), default=0)
        for key, held in list(self._held.items()):
            for short in _abbreviated(key, longest, laws):
                self._held.setdefault(short, Held(1, list(held.ids)))
        for key, entries in list(self._topics.items()):
            for short in (*_abbreviated(key, longest, laws), *laws.get(key, ())):
                self._topics[short] = [*self._topics[short], *entries]

    def _hold(self, name: str, meta: DocumentMeta, rank: int) -> None:
        """Give a name to a document, unless another instrument has it by a better right."""
        held = self._held.setdefault(name, Held(rank, []))
        same = any(self.metas[identifier].title == meta.title for identifier in held.ids)
        if meta.id not in held.ids and (held.rank == rank or same):
            held.ids.append(meta.id)


def _abbreviated(key: str, longest: int, laws: dict[str, list[str]]) -> list[str]:
    """What ``key`` becomes where the law that it begins with is called by its short names; nothing for the law itself."""
    prefixes = (key[:length] for length in range(2, min(len(key), longest + 1)))
    return [short + key[len(law) :] for law in prefixes for short in laws.get(law, ()) if not short.isascii()]


def _lengths(keys: Iterable[str]) -> dict[str, tuple[int, ...]]:
    found: dict[str, set[int]] = defaultdict(set)
    for key in keys:
        found[key[:2]].add(len(key))
    return {prefix: tuple(sorted(lengths, reverse=True)) for prefix, lengths in found.items()}
