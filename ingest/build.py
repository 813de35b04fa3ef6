"""Bring an index up to date with the files of a corpus: only what changed is read, cut and embedded again."""

from __future__ import annotations

import hashlib
import secrets
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout

from ingest.layers import Layered, layered
from ingest.sources import Source, Summary, collect
from ingest.split import SPLITTER_VERSION, passage_context, passage_text
from rag.catalog import Catalog, read_sources, write_catalog
from rag.embed import Embedder, load_embedder
from rag.errors import IndexUnavailable, InvalidInput
from rag.index import FORMAT, PRIOR_FILE, Manifest, generation_path, read_manifest, write_manifest
from rag.lexical import LEXICAL_VERSION, build_lexical
from rag.settings import Settings
from rag.types import DocumentMeta, Passage
from rag.vectors import VectorIndex, open_client, records_of

_EMBED_BATCH = 512


Progress = Callable[[int, int], None]
"""Called with (done, total) passages embedded."""


def ingest(
    paths: Sequence[Path], settings: Settings, *, rebuild: bool = False, progress: Progress | None = None
) -> Summary:
    """Make the index hold exactly the usable files under ``paths``, and leave what came from elsewhere as it is.

    A file that cannot be read is reported in ``Summary.refused``; an earlier version of it stays in the index.

    Raises:
        InvalidInput: a path does not exist.
        IndexUnavailable: the index was built with other settings, is damaged, or another process is writing it.
    """
    for path in paths:
        if not path.exists():
            raise InvalidInput(f"路径不存在：{path}。", next_step="检查路径；不带参数时读取 corpus/。")
    try:
        settings.index.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidInput(
            f"不能建立索引文件夹：{settings.index}。", why=str(error), next_step="用 --index 指定一个可写的文件夹。"
        ) from error
    try:
        with FileLock(settings.index / "writer.lock", timeout=0):
            return _ingest(paths, settings, rebuild=rebuild, progress=progress)
    except Timeout as error:
        raise IndexUnavailable(f"索引 {settings.index} 正被另一个进程写入。", next_step="等它结束后重试。") from error


def _ingest(paths: Sequence[Path], settings: Settings, *, rebuild: bool, progress: Progress | None) -> Summary:
    embedder = load_embedder(settings.embedder)
    manifest = None if rebuild else _usable_manifest(settings, embedder)
    before = _sources(settings.index, manifest)
    summary = Summary(index=str(settings.index))
    after = collect(paths, before, summary)
    stale = manifest is not None and (manifest.splitter, manifest.lexical) != (SPLITTER_VERSION, LEXICAL_VERSION)
    if manifest is not None and not stale and _same(after, before):
        summary.documents, summary.passages = manifest.documents, manifest.passages
        return summary
    previous = _current_generation(settings.index)
    reuse = None if manifest is None or stale else previous
    touched = {*summary.added, *summary.changed, *summary.removed}
    name = _write_generation(after, settings, embedder, reuse, touched, summary, progress)
    _drop_old_generations(settings.index, keep={name, previous.name if previous else name})
    return summary


def _same(after: dict[str, Source], before: dict[str, Source]) -> bool:
    """Whether the index already holds these documents under these paths."""
    return {path: s.document for path, s in after.items()} == {path: s.document for path, s in before.items()}


def _current_generation(folder: Path) -> Path | None:
    try:
        manifest = read_manifest(folder)
    except IndexUnavailable:
        return None
    return generation_path(folder, manifest.generation) if manifest else None


def _usable_manifest(settings: Settings, embedder: Embedder) -> Manifest | None:
    manifest = read_manifest(settings.index)
    if manifest and (manifest.embedder, manifest.embedder_fingerprint) != (
        settings.embedder,
        embedder.fingerprint,
    ):
        raise IndexUnavailable(
            f"索引 {settings.index} 是用另一个向量模型建立的。",
            why=f"{manifest.embedder}（{manifest.embedder_fingerprint}），当前是 {settings.embedder}（{embedder.fingerprint}）",
            next_step=f"运行：python -m ingest --index {settings.index} --rebuild",
        )
    return manifest


def _sources(folder: Path, manifest: Manifest | None) -> dict[str, Source]:
    if manifest is None:
        return {}
    catalog = generation_path(folder, manifest.generation) / "catalog.sqlite3"
    try:
        return {path: Source(path, sha, document) for path, sha, document in read_sources(catalog)}
    except Exception as error:
        raise IndexUnavailable(
            f"索引 {folder} 已损坏。",
            why=f"{type(error).__name__}: {error}",
            next_step=f"运行：python -m ingest --index {folder} --rebuild",
        ) from error


def _write_generation(
    sources: dict[str, Source],
    settings: Settings,
    embedder: Embedder,
    reuse: Path | None,
    touched: set[str],
    summary: Summary,
    progress: Progress | None,
) -> str:
    """Write a generation, put it into use, and return its name; ``reuse`` is one whose untouched vectors are taken over."""
    ordered = layered(sources.values())
    passages = [passage for entry in ordered for passage in entry.passages]
    name = secrets.token_hex(6)
    target = generation_path(settings.index, name)
    try:
        target.mkdir(parents=True)
        vectors = _vectors_of(target, reuse, touched)
        fresh = [entry for entry in ordered if not reuse or entry.document.id in touched]
        priors = _embed(fresh, vectors, embedder, progress)
        build_lexical(
            [_lexical_text(passage, entry.document.meta) for entry in ordered for passage in entry.passages],
            target / "lexical",
        )
        if embedder.prior:
            _write_prior(target, passages, priors, reuse)
        write_catalog(
            target / "catalog.sqlite3",
            sources=[(s.path, s.sha256, s.document) for s in sources.values()],
            documents=[(entry.path, entry.document) for entry in ordered],
            passages=passages,
        )
        manifest = _manifest(name, ordered, passages, vectors.count(), settings, embedder)
        write_manifest(settings.index, manifest)
    except BaseException:
        shutil.rmtree(target, ignore_errors=True)
        raise
    summary.documents, summary.passages = len(ordered), len(passages)
    return name


def _vectors_of(target: Path, reuse: Path | None, touched: set[str]) -> VectorIndex:
    if reuse is None:
        return VectorIndex.create(open_client(target / "chroma"))
    try:
        shutil.copytree(reuse / "chroma", target / "chroma")
        vectors = VectorIndex(open_client(target / "chroma"))
        vectors.remove_documents(sorted(touched))
    except Exception as error:  # Chroma's stores raise errors of their own for damaged files
        raise IndexUnavailable(
            "原索引的向量部分已损坏。",
            why=f"{type(error).__name__}: {error}",
            next_step="运行：python -m ingest --rebuild",
        ) from error
    return vectors


def _embed(
    fresh: Sequence[Layered],
    vectors: VectorIndex,
    embedder: Embedder,
    progress: Progress | None,
) -> dict[str, float]:
    """Embed and store what is new; how likely each of its passages is asked for, by id, where the embedder knows."""
    contexts = {
        passage.id: passage_context(entry.document.meta.title, passage) for entry in fresh for passage in entry.passages
    }
    records = [
        record
        for entry in fresh
        for passage in entry.passages
        for record in records_of(passage, entry.document.meta, passage_text(entry.document.meta.title, passage))
    ]
    priors: dict[str, float] = {}
    done = 0
    for start in range(0, len(records), _EMBED_BATCH):
        batch = records[start : start + _EMBED_BATCH]
        embedded = embedder.embed_passages([text for _, _, _, text in batch])
        vectors.add(batch, embedded)
        rows = [row for row, (passage, _, identifier, _) in enumerate(batch) if identifier == passage.id]
        if embedder.prior and rows:
            ids = [batch[row][0].id for row in rows]
            likely = embedder.prior.of(embedded[rows], embedder.embed_passages([contexts[i] for i in ids]))
            priors.update(zip(ids, likely.tolist(), strict=True))
        done += len(batch)
        if progress:
            progress(done, len(records))
    return priors


def _write_prior(target: Path, passages: Sequence[Passage], priors: dict[str, float], reuse: Path | None) -> None:
    """How likely each passage is asked for, in the order of the catalog; that of untouched documents is taken over."""
    if reuse:
        catalog = Catalog(reuse / "catalog.sqlite3")
        known = np.load(reuse / PRIOR_FILE)
        priors = {identifier: float(known[at]) for identifier, at in catalog.positions.items()} | priors
        catalog.close()
    np.save(target / PRIOR_FILE, np.asarray([priors[passage.id] for passage in passages], dtype=np.float32))


def _lexical_text(passage: Passage, meta: DocumentMeta) -> str:
    helpers = (*meta.aliases, passage.topic or "", *passage.lay_questions, passage.digest or "")
    return " ".join((passage_text(meta.title, passage), *helpers))


def _manifest(
    name: str,
    ordered: Sequence[Layered],
    passages: Sequence[Passage],
    records: int,
    settings: Settings,
    embedder: Embedder,
) -> Manifest:
    corpus = hashlib.sha256("\n".join(_content_fingerprint(entry) for entry in ordered).encode()).hexdigest()[:16]
    built_with = (corpus, embedder.fingerprint, SPLITTER_VERSION, LEXICAL_VERSION, str(FORMAT))
    return Manifest(
        format=FORMAT,
        generation=name,
        embedder=settings.embedder,
        embedder_fingerprint=embedder.fingerprint,
        splitter=SPLITTER_VERSION,
        lexical=LEXICAL_VERSION,
        documents=len(ordered),
        passages=len(passages),
        records=records,
        corpus_fingerprint=corpus,
        index_fingerprint=hashlib.sha256("\n".join(built_with).encode()).hexdigest()[:16],
    )


def _content_fingerprint(entry: Layered) -> str:
    helpers = "".join("\n".join((p.topic or "", p.digest or "", *p.lay_questions)) for p in entry.passages)
    content = entry.document.meta.model_dump_json() + entry.document.text + helpers
    return hashlib.sha256(content.encode()).hexdigest()


def _drop_old_generations(folder: Path, keep: set[str]) -> None:
    """Keep the generation in use and the one before it, which open readers may still hold."""
    for path in (folder / "generations").iterdir():
        if path.name not in keep:
            shutil.rmtree(path, ignore_errors=True)
