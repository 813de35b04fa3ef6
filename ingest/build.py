"""Bring an index up to date with the files of a corpus: only what changed is read, cut and embedded again."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout

from ingest.layers import Layered, layered
from ingest.sources import Source, Summary, collect
from ingest.split import SPLITTER_VERSION
from rag.catalog import Catalog, read_sources
from rag.embed import Embedder, Vectors, load_embedder
from rag.errors import AigcLawError, IndexUnavailable, InvalidInput
from rag.index import place_of, store_of
from rag.indexed import passage_context, passage_text
from rag.lexical import LEXICAL_VERSION
from rag.server import portable
from rag.settings import Settings
from rag.store import CATALOG, FORMAT, PRIOR, Content, Manifest, Store
from rag.types import Passage
from rag.vectors import Record, VectorIndex, records_of

_EMBED_BATCH = 1024

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
    embedder, store = load_embedder(settings.embedder, settings.prompts), store_of(settings)
    manifest = None if rebuild else _usable_manifest(settings, store, embedder)
    before = _sources(settings, store, manifest)
    summary = Summary(index=place_of(settings))
    after = collect(paths, before, summary)
    stale = manifest is not None and (manifest.splitter, manifest.lexical) != (SPLITTER_VERSION, LEXICAL_VERSION)
    if manifest is not None and not stale and _same(after, before):
        summary.documents, summary.passages = manifest.documents, manifest.passages
        return summary
    current = _current_generation(store)
    like = None if manifest is None or stale else manifest
    touched = {*summary.added, *summary.changed, *summary.removed}
    built = _write_generation(after, settings, store, embedder, like, current, touched, progress)
    store.drop_all_but({built.generation, built.previous})
    summary.documents, summary.passages = built.documents, built.passages
    return summary


def _same(after: dict[str, Source], before: dict[str, Source]) -> bool:
    """Whether the index already holds these documents under these paths."""
    return {path: s.document for path, s in after.items()} == {path: s.document for path, s in before.items()}


def _current_generation(store: Store) -> str:
    """The generation in use; empty where there is none, or none that can be read."""
    try:
        manifest = store.manifest()
    except IndexUnavailable:
        return ""
    return manifest.generation if manifest else ""


def _usable_manifest(settings: Settings, store: Store, embedder: Embedder) -> Manifest | None:
    manifest = store.manifest()
    if manifest and (manifest.embedder, manifest.embedder_fingerprint) != (
        settings.embedder,
        embedder.fingerprint,
    ):
        raise IndexUnavailable(
            f"索引 {place_of(settings)} 是用另一个向量模型建立的。",
            why=f"{manifest.embedder}（{manifest.embedder_fingerprint}），当前是 {settings.embedder}（{embedder.fingerprint}）",
            next_step=f"运行：python -m ingest --index {settings.index} --rebuild",
        )
    return manifest


def _sources(settings: Settings, store: Store, manifest: Manifest | None) -> dict[str, Source]:
    if manifest is None:
        return {}
    try:
        stored = read_sources(store.files(manifest) / CATALOG)
    except AigcLawError:
        raise
    except Exception as error:
        raise IndexUnavailable(
            f"索引 {place_of(settings)} 已损坏。",
            why=f"{type(error).__name__}: {error}",
            next_step=f"运行：python -m ingest --index {settings.index} --rebuild",
        ) from error
    return {path: Source(path, sha, document) for path, sha, document in stored}


def _write_generation(
    sources: dict[str, Source],
    settings: Settings,
    store: Store,
    embedder: Embedder,
    like: Manifest | None,
    current: str,
    touched: set[str],
    progress: Progress | None,
) -> Manifest:
    """Write a generation and put it into use; the vectors of ``like`` are taken over for what is not ``touched``."""
    ordered = layered(sources.values())
    passages = [passage for entry in ordered for passage in entry.passages]
    corpus = hashlib.sha256("\n".join(_content_fingerprint(entry) for entry in ordered).encode()).hexdigest()[:16]
    built_with = (corpus, embedder.fingerprint, SPLITTER_VERSION, LEXICAL_VERSION, str(FORMAT))
    name, vectors = _begin(store, "\n".join((*built_with, like.generation if like else "")), like, touched)
    fresh = [entry for entry in ordered if not like or entry.document.id in touched]
    priors = _embed(fresh, vectors, embedder, store, progress)
    manifest = Manifest(
        format=FORMAT,
        generation=name,
        previous=current,
        embedder=settings.embedder,
        embedder_fingerprint=embedder.fingerprint,
        splitter=SPLITTER_VERSION,
        lexical=LEXICAL_VERSION,
        documents=len(ordered),
        passages=len(passages),
        records=vectors.count(),
        corpus_fingerprint=corpus,
        index_fingerprint=hashlib.sha256("\n".join(built_with).encode()).hexdigest()[:16],
    )
    content = Content(
        sources=[(s.path, s.sha256, s.document) for s in sources.values()],
        documents=[(entry.path, entry.document) for entry in ordered],
        passages=passages,
        priors=_priors(passages, priors, store, like) if embedder.prior else None,
    )
    store.publish(manifest, content)
    return manifest


def _begin(store: Store, recipe: str, like: Manifest | None, touched: set[str]) -> tuple[str, VectorIndex]:
    """A generation named after what goes into it: the one that an interrupted build of the same left half done, or a new one."""
    base = hashlib.sha256(recipe.encode()).hexdigest()[:12]
    for number in itertools.count():
        name = f"{base}.{number}" if number else base
        state = store.state(name)
        if state is None:
            return name, _created(store, name, like, touched)
        if state == "embedding":
            try:
                vectors = store.vectors(name)
                vectors.count()
            except Exception:  # cut off at a bad moment: begun again under the next name
                continue
            return name, vectors
    raise AssertionError("unreachable")


def _created(store: Store, name: str, like: Manifest | None, touched: set[str]) -> VectorIndex:
    try:
        return store.create(name, like=like.generation if like else None, without=touched)
    except AigcLawError:
        raise
    except Exception as error:  # Chroma's stores raise errors of their own for damaged files
        raise IndexUnavailable(
            "原索引的向量部分已损坏。",
            why=f"{type(error).__name__}: {error}",
            next_step="运行：python -m ingest --rebuild",
        ) from error


def _embed(
    fresh: Sequence[Layered], vectors: VectorIndex, embedder: Embedder, store: Store, progress: Progress | None
) -> dict[str, float]:
    """Embed and store what is new; how likely each of its passages is asked for, by id, where the embedder knows.

    One batch is embedded while the one before it is stored. What an interrupted build has stored already is not embedded again.
    """
    records = [
        record
        for entry in fresh
        for passage in entry.passages
        for record in records_of(passage, entry.document.meta, passage_text(entry.document.meta.title, passage))
    ]
    stored = vectors.ids() if records and vectors.count() else set()
    done = [record for record in records if vectors.key(record.id) in stored]
    wanted = [record for record in records if vectors.key(record.id) not in stored]
    priors = _prior_of(done, vectors.embeddings([record.id for record in done]), embedder) if embedder.prior else {}
    with ThreadPoolExecutor(max_workers=1) as writer:
        writing = None
        for start in range(0, len(wanted), _EMBED_BATCH):
            batch = wanted[start : start + _EMBED_BATCH]
            embedded = embedder.embed_passages([record.text for record in batch])
            likely = _prior_of(batch, embedded, embedder) if embedder.prior else {}
            if store.portable:
                batch = [portable(record, likely.get(record.passage.id)) for record in batch]
            if writing:
                writing.result()
            writing = writer.submit(vectors.add, batch, embedded)
            priors.update(likely)
            if progress:
                progress(len(done) + start + len(batch), len(records))
        if writing:
            writing.result()
    return priors


def _prior_of(records: Sequence[Record], embedded: Vectors, embedder: Embedder) -> dict[str, float]:
    """How likely the passages are asked for whose texts are among ``records``, by passage id."""
    rows = [row for row, record in enumerate(records) if record.part == "text"]
    if not embedder.prior or not rows:
        return {}
    passages = [records[row].passage for row in rows]
    contexts = [passage_context(records[row].document.title, records[row].passage) for row in rows]
    likely = embedder.prior.of(embedded[rows], embedder.embed_passages(contexts))
    return dict(zip((passage.id for passage in passages), likely.tolist(), strict=True))


def _priors(passages: Sequence[Passage], fresh: dict[str, float], store: Store, like: Manifest | None) -> Vectors:
    """How likely each passage is asked for, in the order of the catalog; that of untouched documents is taken over."""
    known = dict(fresh)
    if like:
        files = store.files(like)
        catalog = Catalog(files / CATALOG)
        stored = np.load(files / PRIOR)
        known = {identifier: float(stored[at]) for identifier, at in catalog.positions.items()} | fresh
        catalog.close()
    return np.asarray([known[passage.id] for passage in passages], dtype=np.float32)


def _content_fingerprint(entry: Layered) -> str:
    helpers = "".join("\n".join((p.topic or "", p.digest or "", *p.lay_questions)) for p in entry.passages)
    content = entry.document.meta.model_dump_json() + entry.document.text + helpers
    return hashlib.sha256(content.encode()).hexdigest()
