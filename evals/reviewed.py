"""Texts as they were when the gold was last reviewed: a source that has changed since is shown, whatever the answer makes of it.

A quote of a corrupted source is verbatim, and no other measure sees that one figure of one article is another. So the parts of every shipped
document (its articles, its sections) are kept as short digests, and who changes a text has to look at the gold that rests on it and say so:
``python -m evals reviewed``.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

from rag.pipeline import open_assistant
from rag.settings import load_settings
from rag.types import Document

FILE = Path(__file__).parent / "results" / "reviewed.json"
_DIGIT = "零〇一二三四五六七八九十百千"
_HEAD = re.compile(rf"^(?:#{{1,6}}[ \t\u3000]|第[{_DIGIT}]+条(?:之[{_DIGIT}]+)?(?:[ \t\u3000〔【]|$))")
_HELPER = re.compile(r"^(?:问法|注)[:：]")


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("--index", type=Path, metavar="DIR", help="索引文件夹")
    command.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    catalog = open_assistant(load_settings(index=arguments.index)).index.catalog
    found = [document for identifier in catalog.documents if (document := catalog.document(identifier))]
    changed = write(found)
    print(f"{len(found)} 份文件，{changed} 份有变化：{FILE}")
    return 0


def write(documents: Iterable[Document], path: Path = FILE) -> int:
    """Store the digests of ``documents``; how many documents are new or changed."""
    before = _stored(path)
    digests = {d.id: sorted(set(_digests(d.text))) for d in documents if d.meta.text_status != "official"}
    path.write_text(json.dumps(digests, ensure_ascii=False, indent=0, sort_keys=True) + "\n", "utf-8")
    _stored.cache_clear()
    return sum(set(found) != before.get(identifier) for identifier, found in digests.items())


def source_reviewed(documents: Mapping[str, Document | None]) -> float | None:
    """Share of the documents that were reviewed, cited or gold, every part of which still reads the same."""
    known = _stored(FILE)
    met = [
        set(_digests(document.text)) <= known[document.id]
        for document in documents.values()
        if document and document.id in known and document.meta.text_status != "official"
    ]
    return sum(met) / len(met) if met else None


@lru_cache(maxsize=4)
def _stored(path: Path) -> dict[str, set[str]]:
    if not path.exists():
        return {}
    return {identifier: set(found) for identifier, found in json.loads(path.read_text("utf-8")).items()}


@lru_cache(maxsize=256)
def _digests(text: str) -> list[str]:
    return [_digest(text[start:end]) for start, end in _parts(text)]


def _digest(part: str) -> str:
    """Of the words alone: neither white space nor the lines that are never quoted count."""
    quoted = "".join("".join(line.split()) for line in part.split("\n") if not _HELPER.match(line.strip()))
    return hashlib.sha256(quoted.encode()).hexdigest()[:10]


@lru_cache(maxsize=256)
def _parts(text: str) -> tuple[tuple[int, int], ...]:
    """From heading to heading."""
    starts, position = [0], 0
    for line in text.split("\n"):
        if position and _HEAD.match(line):
            starts.append(position)
        position += len(line) + 1
    return tuple(zip(starts, [*starts[1:], len(text)], strict=True))
