"""The files of a corpus: which are new, changed, gone or refused, against what an index holds already."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ingest.read import READERS, load
from ingest.split import split
from rag.errors import DocumentRefused
from rag.text import printable
from rag.types import Document

IGNORED_NAMES = frozenset({"README.md", "SCOPE.md", "LICENSE.md", "LICENSE", "CHANGELOG.md"})


@dataclass(frozen=True, slots=True)
class Refused:
    path: str
    reason: str


@dataclass(slots=True)
class Summary:
    """What an ingestion did; document ids, and for refused files their path and the reason."""

    index: str = ""
    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    unchanged: int = 0
    refused: list[Refused] = field(default_factory=list)
    documents: int = 0
    passages: int = 0


@dataclass(frozen=True, slots=True)
class Source:
    """A file (resolved path, digest of its bytes) and the document made of it."""

    path: str
    sha256: str
    document: Document

    @property
    def is_official(self) -> bool:
        """Whether the file holds the official text, which may stand beside a digest of the same id."""
        return self.document.meta.text_status == "official"

    @property
    def key(self) -> tuple[str, bool]:
        """What no two files may share."""
        return self.document.id, self.is_official


def collect(paths: Sequence[Path], before: Mapping[str, Source], summary: Summary) -> dict[str, Source]:
    """The sources that an index is to hold, by path: the usable files under ``paths``, and what came from elsewhere.

    Fills in what was added, changed, removed and refused. A refused file leaves its earlier version where it was.
    """
    roots = [path.resolve() for path in paths]
    after = {path: source for path, source in before.items() if not _is_under(Path(path), roots)}
    for root in paths:
        for path in corpus_files(root):
            key = _key(path)
            try:
                after[key] = _read(path, root, before.get(key))
            except DocumentRefused as error:
                summary.refused.append(Refused(printable(str(path)), str(error)))
                if key in before:
                    after[key] = before[key]
    _refuse_duplicate_ids(after, before, summary)
    _compare(before, after, summary)
    return after


def _key(path: Path) -> str:
    """The resolved path, as text that a database takes."""
    return printable(str(path.resolve()))


def _is_under(path: Path, roots: Sequence[Path]) -> bool:
    return any(path == root or path.is_relative_to(root) for root in roots)


def corpus_files(root: Path) -> list[Path]:
    """The files that are read as documents: ``root`` itself, or what lies under it, hidden folders left out."""
    if root.is_file():
        return [root]
    return sorted(
        path
        for path in root.rglob("*")
        if path.is_file()
        and path.suffix.lower() in READERS
        and path.name not in IGNORED_NAMES
        and not any(part.startswith(".") for part in path.relative_to(root).parts)
    )


def _read(path: Path, root: Path, known: Source | None) -> Source:
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise DocumentRefused(f"无法读取文件：{path}。", why=str(error), next_step="检查权限。") from error
    if known and known.sha256 == digest:
        return known
    document = load(path, root=root if root.is_dir() else root.parent)
    if not split(document):
        raise DocumentRefused(
            f"文件里没有可以引用的段落：{path.name}。", why="只有标题，没有正文", next_step="补充正文后重试。"
        )
    return Source(_key(path), digest, document)


def _refuse_duplicate_ids(after: dict[str, Source], before: Mapping[str, Source], summary: Summary) -> None:
    """Two files with one id (and one layer): the one that has it in the index keeps it, else the first by path.

    The other goes back to its earlier version, unless that one's id is taken too.
    """
    holders = {source.key: path for path, source in before.items()}
    owner: dict[tuple[str, bool], str] = {}
    for path in sorted(after, key=lambda path: (holders.get(after[path].key) != path, path)):
        source = after[path]
        if source.key not in owner:
            owner[source.key] = path
            continue
        error = DocumentRefused(
            f"文档 id 重复：{source.document.id!r}（{Path(path).name}）。",
            why=f"{Path(owner[source.key]).name} 已使用它",
            next_step="改用另一个 id。",
        )
        summary.refused.append(Refused(path, str(error)))
        del after[path]
        earlier = before.get(path)
        if earlier and earlier.key not in {other.key for other in after.values()}:
            after[path] = earlier
            owner[earlier.key] = path


def _compare(before: Mapping[str, Source], after: Mapping[str, Source], summary: Summary) -> None:
    was, now = _by_id(before), _by_id(after)
    summary.added = sorted(now.keys() - was.keys())
    summary.removed = sorted(was.keys() - now.keys())
    summary.changed = sorted(identifier for identifier in now.keys() & was.keys() if now[identifier] != was[identifier])
    summary.unchanged = len(now.keys() & was.keys()) - len(summary.changed)


def _by_id(sources: Mapping[str, Source]) -> dict[str, dict[bool, Document]]:
    """Both layers of every document."""
    found: dict[str, dict[bool, Document]] = {}
    for source in sources.values():
        found.setdefault(source.document.id, {})[source.is_official] = source.document
    return found
