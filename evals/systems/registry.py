"""The systems by name. What a system is made of is imported when it is asked for."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from evals.systems.baselines import NoRetrieval, Quickstart
from evals.systems.chunks import Chunk, article_chunks, recursive_chunks
from evals.systems.finders import Bm25Finder, ChromaFinder, minilm
from evals.systems.ours import Ours, OurSearch
from evals.systems.protocol import System
from rag.catalog import Catalog
from rag.errors import InvalidInput, ModelUnavailable
from rag.generate.chat_models import load_chat_model
from rag.pipeline import Assistant, open_assistant
from rag.settings import Settings

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings
    from langchain_core.language_models import BaseChatModel

STORES = Path(".bench") / "systems"
"""Vector stores of the baselines, one folder for each set of chunks."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A system: what it is (for readers), and how it is made from settings."""

    name: str
    description: str
    make: Callable[[Settings], System]


def _extractive(settings: Settings) -> System:
    return Ours(_assistant(settings))


def _model(settings: Settings) -> System:
    if not settings.model:
        raise ModelUnavailable("没有设置语言模型。", next_step="设置 AIGC_LAW_MODEL 后再测。")
    return Ours(open_assistant(settings))


def _retrieval(settings: Settings) -> System:
    assistant = _assistant(settings)
    return Quickstart("aigc-law-qa retrieval", OurSearch(assistant), assistant.index.catalog, assistant.fingerprints)


def _bm25(settings: Settings) -> System:
    assistant = _assistant(settings)
    finder = Bm25Finder(list(article_chunks(assistant.index.catalog)))
    return Quickstart(
        "BM25 + jieba", finder, assistant.index.catalog, assistant.fingerprints, model=_chat_model(settings)
    )


def _quickstart(settings: Settings) -> System:
    return quickstart("LangChain quickstart", recursive_chunks, settings, minilm())


def _quickstart_on_articles(settings: Settings) -> System:
    return quickstart("LangChain quickstart, articles", article_chunks, settings, minilm())


def _quickstart_with_our_embedder(settings: Settings) -> System:
    from evals.systems.embeddings import BuiltinEmbeddings  # with LangChain

    return quickstart("LangChain quickstart, articles, our embedder", article_chunks, settings, BuiltinEmbeddings())


def _no_retrieval(settings: Settings) -> System:
    if not settings.model:
        raise ModelUnavailable("没有设置语言模型，单独的语言模型无从测起。", next_step="设置 AIGC_LAW_MODEL 后再测。")
    return NoRetrieval(load_chat_model(settings), _assistant(settings).fingerprints)


def quickstart(
    name: str,
    cut: Callable[[Catalog], Iterable[Chunk]],
    settings: Settings,
    embeddings: Embeddings,
    *,
    stores: Path = STORES,
) -> Quickstart:
    """LangChain's quickstart over the documents of our index, with any embeddings; it writes where ``settings`` name a chat model."""
    assistant = _assistant(settings)
    catalog = assistant.index.catalog
    kind = f"{assistant.fingerprints.index} {name} {type(embeddings).__name__}"
    folder = stores / hashlib.sha256(kind.encode()).hexdigest()[:16]
    try:
        finder = ChromaFinder(folder, lambda: list(cut(catalog)), embeddings)
    except ImportError as error:
        raise ModelUnavailable(
            f"没有安装对照系统所用的软件包：{error.name}。",
            next_step="安装附加依赖：pip install 'aigc-law-qa[bench]'。",
        ) from error
    return Quickstart(name, finder, catalog, assistant.fingerprints, model=_chat_model(settings))


ENTRIES = (
    Entry("extractive", "本项目，不用语言模型：句子直接取自来源，逐句核对，该拒答时拒答", _extractive),
    Entry("model", "本项目，由语言模型撰写，逐句核对", _model),
    Entry("retrieval", "本项目的检索结果，前四段照原样，不组织答案，不拒答", _retrieval),
    Entry("langchain-quickstart", "LangChain 快速入门：1000 字切块、重叠 200、all-MiniLM-L6-v2（教程所用，英文模型）、Chroma、前四块", _quickstart),
    Entry("langchain-articles", "同上，但一条（一节）一块", _quickstart_on_articles),
    Entry("langchain-our-embedder", "同上，但用本项目的中文法律向量模型", _quickstart_with_our_embedder),
    Entry("bm25", "LangChain 的 BM25Retriever，jieba 分词，一条（一节）一块，前四块", _bm25),
    Entry("no-retrieval", "只有语言模型，没有任何来源", _no_retrieval),
)  # fmt: skip
BY_NAME = {entry.name: entry for entry in ENTRIES}


def named(name: str, settings: Settings) -> System:
    """The system of this name over the index of ``settings``, ready to be asked.

    Raises:
        InvalidInput: no system is called so.
        ModelUnavailable: it needs a language model, and none is set; or a package of it is not installed.
    """
    if name not in BY_NAME:
        raise InvalidInput(f"不认识的系统：{name}。", next_step=f"可用的有：{'、'.join(BY_NAME)}。")
    return BY_NAME[name].make(settings)


def _assistant(settings: Settings) -> Assistant:
    """Without a chat model, whatever the settings say."""
    return open_assistant(settings.model_copy(update={"model": ""}))


def _chat_model(settings: Settings) -> BaseChatModel | None:
    return load_chat_model(settings) if settings.model else None
