"""Disputed questions of law and the answers given to them; documents take positions on them in their front matter."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import yaml


@dataclass(frozen=True, slots=True)
class Issue:
    """A question of law.

    ``positions`` maps the ids of its answers to their wording; those of ``contrast`` exclude each other, so that sources which take
    different ones of them disagree. A question that is about the issue has at least one of the ``keywords``, and is like one of ``asked``:
    how people ask for it.
    """

    id: str
    question: str
    keywords: tuple[str, ...]
    positions: dict[str, str]
    contrast: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()


@lru_cache(maxsize=1)
def issues() -> dict[str, Issue]:
    """Every issue of ``rag/data/issues.yaml``, by id."""
    entries = yaml.safe_load((files("rag.data") / "issues.yaml").read_text("utf-8"))
    return {
        entry["id"]: Issue(
            id=entry["id"],
            question=entry["question"],
            keywords=tuple(entry["keywords"]),
            positions={position["id"]: position["label"] for position in entry["positions"]},
            contrast=tuple(entry.get("contrast", ())),
            asked=tuple(entry.get("asked", ())),
        )
        for entry in entries
    }
