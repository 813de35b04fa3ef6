"""Text to vectors: the built-in Chinese legal embedder, or any model a user prefers, behind one small protocol."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from rag.errors import ModelUnavailable
from rag.text import normalise

Vectors = npt.NDArray[np.float32]

BUILTIN = "builtin"
BUILTIN_PATH = Path(__file__).parent / "model" / "static"
PRIOR_FILE = "prior.safetensors"
LEAST_LIKELY = -8.0


class Prior:
    """How likely people are to ask for a passage, whatever they ask: statutes on marriage or work far more than those on customs forms.

    Logistic regression over the vectors of a passage and of its context (title and headings), trained with the embedder's own
    vectors; a log probability, so that it is added to a score.
    """

    def __init__(self, weights: Vectors) -> None:
        self._weights, self._bias = weights[:-1], float(weights[-1])

    def of(self, passages: Vectors, contexts: Vectors) -> Vectors:
        """Log probabilities of passages, shape ``(n,)``, not under ``LEAST_LIKELY``."""
        logits = np.hstack([passages, contexts]) @ self._weights + self._bias
        likely: Vectors = np.maximum(-np.logaddexp(0, -logits), LEAST_LIKELY).astype(np.float32)
        return likely


@dataclass(frozen=True, slots=True)
class Prompts:
    """What is put before a text for models that want it (``query: ``, ``passage: ``); None: what the model brings itself."""

    query: str | None = None
    passage: str | None = None


class Embedder(Protocol):
    """Turns texts into unit vectors, shape ``(len(texts), dimension)``; ``fingerprint`` changes when the vectors would.

    ``prior`` is what is known of passages before any question is asked; None for models that know nothing of it.
    """

    @property
    def fingerprint(self) -> str: ...

    prior: Prior | None

    def embed_passages(self, texts: Sequence[str]) -> Vectors: ...

    def embed_query(self, text: str) -> Vectors: ...


class StaticEmbedder:
    """Mean of learned token vectors, with numpy alone.

    The files are those of a sentence-transformers ``StaticEmbedding`` (int8 rows with one scale each), so that
    ``SentenceTransformer("rag/model/static")`` loads them too.
    """

    def __init__(self, path: Path = BUILTIN_PATH) -> None:
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        folder = path / "0_StaticEmbedding"
        try:
            tensors = load_file(folder / "model.safetensors")
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        except Exception as error:
            raise ModelUnavailable(
                f"内置向量模型无法读取：{folder}。",
                why=f"{type(error).__name__}: {error}",
                next_step="重新安装本项目，或用 AIGC_LAW_EMBEDDER 指定另一个模型。",
            ) from error
        self._rows: npt.NDArray[np.int8] = tensors["embeddings"]
        self._scales: Vectors = tensors["weights"].astype(np.float32)
        self._tokenizer.no_padding()
        digest = hashlib.sha256(tensors["embeddings"].tobytes() + tensors["weights"].tobytes())
        self.prior: Prior | None = None
        if (path / PRIOR_FILE).exists():
            weights = load_file(path / PRIOR_FILE)["weights"]
            digest.update(weights.tobytes())
            self.prior = Prior(weights)
        self._fingerprint = f"static:{digest.hexdigest()[:16]}"

    @property
    def fingerprint(self) -> str:
        return self._fingerprint

    @property
    def dimension(self) -> int:
        return int(self._rows.shape[1])

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        encodings = self._tokenizer.encode_batch([normalise(text) for text in texts], add_special_tokens=False)
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, encoding in enumerate(encodings):
            if encoding.ids:
                vectors[row] = self._scales[encoding.ids] @ self._rows[encoding.ids].astype(np.float32)
        return unit_length(vectors)

    def embed_query(self, text: str) -> Vectors:
        vector: Vectors = self.embed_passages([text])[0]
        return vector

    def token_vectors(self, text: str) -> tuple[Vectors, Vectors]:
        """Unit vectors of the distinct tokens of a text, shape ``(tokens, dimension)``, and the weight of each in its mean, ``(tokens,)``."""
        ids = list(dict.fromkeys(self._tokenizer.encode(normalise(text), add_special_tokens=False).ids))
        rows = self._rows[ids].astype(np.float32)
        lengths = np.linalg.norm(rows, axis=1)
        weights: Vectors = self._scales[ids] * lengths
        return rows / np.maximum(lengths, 1e-9)[:, None], weights


_NO_PROMPTS = Prompts()
_PROBE = "未经著作权人许可，复制其作品的，应当承担民事责任。"


def _digest_of_prompt(prompts: Prompts) -> str:
    """Passages embedded with another prompt have other vectors."""
    return f":{hashlib.sha256(prompts.passage.encode()).hexdigest()[:8]}" if prompts.passage else ""


class LangChainEmbedder:
    """Any LangChain ``Embeddings``: an OpenAI-compatible endpoint, for one."""

    prior: Prior | None = None

    def __init__(self, model: Any, name: str, prompts: Prompts = _NO_PROMPTS) -> None:
        self._model, self._name, self._prompts = model, name, prompts

    @property
    def fingerprint(self) -> str:
        return self._name + _digest_of_prompt(self._prompts)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.zeros((0, 0), dtype=np.float32)
        prompted = [(self._prompts.passage or "") + text for text in texts]
        vectors = np.asarray(self._call(self._model.embed_documents, prompted), dtype=np.float32)
        if vectors.ndim != 2 or len(vectors) != len(texts):
            raise ModelUnavailable(
                f"向量接口 {self._name!r} 的回答不完整。",
                why=f"{len(texts)} 段文字只得到 {len(vectors)} 个向量",
                next_step="检查接口；更换 AIGC_LAW_EMBEDDER 后重建索引。",
            )
        return unit_length(vectors)

    def embed_query(self, text: str) -> Vectors:
        prompted = (self._prompts.query or "") + text
        vector: Vectors = unit_length(np.asarray([self._call(self._model.embed_query, prompted)], dtype=np.float32))[0]
        return vector

    def _call(self, function: Any, argument: Any) -> Any:
        try:
            return function(argument)
        except Exception as error:
            raise ModelUnavailable(
                f"向量接口 {self._name!r} 调用失败。",
                why=f"{type(error).__name__}: {error}",
                next_step="检查密钥、地址与网络，或把 AIGC_LAW_EMBEDDER 设回 builtin 并重建索引。",
            ) from error


class SentenceTransformersEmbedder:
    """A sentence-transformers model by local path or hub name, with its own query and document prompts or those given."""

    prior: Prior | None = None

    def __init__(self, name: str, prompts: Prompts = _NO_PROMPTS) -> None:
        try:
            from sentence_transformers import SentenceTransformer

            self._model = SentenceTransformer(name)
        except Exception as error:
            raise ModelUnavailable(
                f"无法加载 sentence-transformers 模型 {name!r}。",
                why=f"{type(error).__name__}: {error}",
                next_step="安装附加依赖 aigc-law-qa[sbert]，并确认本地路径或模型名正确。",
            ) from error
        self._name, self._prompts = name, prompts

    @cached_property
    def fingerprint(self) -> str:
        """The name, and what the model makes of a text, so that other weights under the same name are noticed."""
        probe = np.round(self.embed_passages([_PROBE])[0], 2) + 0.0  # no negative zero
        return f"sentence-transformers:{self._name}:{hashlib.sha256(probe.tobytes()).hexdigest()[:8]}"

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        vectors = self._model.encode_document(list(texts), prompt=self._prompts.passage, show_progress_bar=False)
        return unit_length(np.asarray(vectors, dtype=np.float32))

    def embed_query(self, text: str) -> Vectors:
        vectors = self._model.encode_query([text], prompt=self._prompts.query, show_progress_bar=False)
        vector: Vectors = unit_length(np.asarray(vectors, dtype=np.float32))[0]
        return vector


@lru_cache(maxsize=4)
def load_embedder(name: str, prompts: Prompts = _NO_PROMPTS) -> Embedder:
    """``builtin``; ``openai:MODEL`` (base URL and key from the provider's variables); else a sentence-transformers name.

    Raises:
        ModelUnavailable: it cannot be loaded; the message has the extra to install.
    """
    if name == BUILTIN:
        return StaticEmbedder()
    if name.startswith("openai:"):
        return _openai_embedder(name, prompts)
    return SentenceTransformersEmbedder(name, prompts)


def unit_length(vectors: Vectors) -> Vectors:
    if vectors.size == 0:
        return vectors
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Vectors = np.divide(vectors, norms, out=np.zeros_like(vectors), where=norms > 0)
    return unit


def _openai_embedder(name: str, prompts: Prompts) -> Embedder:
    try:
        from langchain_openai import OpenAIEmbeddings

        model = OpenAIEmbeddings(model=name.removeprefix("openai:"), check_embedding_ctx_length=False)
    except Exception as error:
        raise ModelUnavailable(
            f"无法启用向量接口 {name!r}。",
            why=f"{type(error).__name__}: {error}",
            next_step="设置 OPENAI_API_KEY 与 OPENAI_BASE_URL，并核对模型名。",
        ) from error
    return LangChainEmbedder(model, name, prompts)
