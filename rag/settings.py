"""One frozen settings object, read once at the edge from ``AIGC_LAW_…`` variables and ``.env``, passed down from there."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from rag.errors import InvalidInput


class Settings(BaseSettings):
    """How questions are answered. Unknown keys are refused."""

    model_config = SettingsConfigDict(
        env_prefix="AIGC_LAW_", env_file=".env", env_file_encoding="utf-8", extra="forbid", frozen=True
    )

    index: Path = Field(default=Path(".index"), description="folder of the index")
    embedder: str = Field(
        default="builtin", description="builtin, openai:MODEL, or a sentence-transformers path or hub name"
    )
    dense_candidates: int = Field(default=60, ge=1, le=1000, description="records fetched by vector search")
    lexical_candidates: int = Field(default=60, ge=1, le=1000, description="passages fetched by BM25")
    dense_weight: float = Field(default=0.5, ge=0, le=1, description="share of the dense score in the fused score")
    max_sentences: int = Field(default=7, ge=1, le=30, description="sentences of an extractive answer at most")
    max_question: int = Field(default=2000, ge=10, description="characters of a question at most")
    scope_threshold: float = Field(
        default=0.5,
        ge=0,
        le=1,
        description="probability of being within the corpus under which a question is refused",
    )

    @property
    def fingerprint(self) -> str:
        """Changes with every setting that can change an answer; where the index lies is no such setting."""
        relevant = self.model_dump(mode="json", exclude={"index"})
        return hashlib.sha256(json.dumps(relevant, sort_keys=True).encode()).hexdigest()[:16]


def load_settings(**overrides: object) -> Settings:
    """Settings from the environment and ``.env``; keyword arguments win over both.

    Raises:
        InvalidInput: a value is malformed, naming it.
    """
    given = {key: value for key, value in overrides.items() if value is not None}
    try:
        return Settings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        problems = "；".join(f"AIGC_LAW_{'.'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors())
        raise InvalidInput("设置有误。", why=problems, next_step="修改环境变量或 .env 后重试。") from error
