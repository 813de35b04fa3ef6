"""Our built-in embedder as LangChain sees embeddings: a quickstart whose embedder knows Chinese law."""

from __future__ import annotations

from langchain_core.embeddings import Embeddings

from rag.embed import BUILTIN, load_embedder


class BuiltinEmbeddings(Embeddings):
    def __init__(self) -> None:
        self._embedder = load_embedder(BUILTIN)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [list(map(float, vector)) for vector in self._embedder.embed_passages(texts)]

    def embed_query(self, text: str) -> list[float]:
        return list(map(float, self._embedder.embed_query(text)))
