"""A cross-encoder that reads question and passage together: slower and finer than the first search. Optional."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from rag.embed import Vectors
from rag.errors import ModelUnavailable


class CrossEncoderReranker:
    """Any sentence-transformers cross-encoder with one output, by local path or hub name."""

    def __init__(self, name: str) -> None:
        try:
            from sentence_transformers import CrossEncoder

            self._model = CrossEncoder(name)
        except Exception as error:
            raise ModelUnavailable(
                f"无法加载重排模型 {name!r}。",
                why=f"{type(error).__name__}: {error}",
                next_step="安装附加依赖 aigc-law-qa[sbert]，确认 AIGC_LAW_RERANKER 的路径或模型名正确；去掉它则不重排。",
            ) from error
        if self._model.num_labels != 1:
            raise ModelUnavailable(
                f"重排模型 {name!r} 不合用。",
                why=f"应输出一个相关度，它输出 {self._model.num_labels} 个",
                next_step="换一个用于重排（reranker）的模型，或去掉 AIGC_LAW_RERANKER。",
            )

    def relevance(self, question: str, texts: Sequence[str]) -> Vectors:
        """How well each text answers the question, 0…1, shape ``(len(texts),)``."""
        import torch

        pairs = [(question, text) for text in texts]
        scores = self._model.predict(pairs, activation_fn=torch.nn.Sigmoid(), show_progress_bar=False)
        return np.asarray(scores, dtype=np.float32).reshape(len(texts))


@lru_cache(maxsize=2)
def load_reranker(name: str) -> CrossEncoderReranker:
    """
    Raises:
        ModelUnavailable: it cannot be loaded, or is no reranker.
    """
    return CrossEncoderReranker(name)
