"""One frozen settings object, read once at the edge from ``AIGC_LAW_…`` variables and ``.env``, passed down from there."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Literal

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from rag.embed import Prompts
from rag.errors import InvalidInput

PREFIX = "AIGC_LAW_"


class Settings(BaseSettings):
    """How questions are answered. Unknown ``AIGC_LAW_…`` keys are refused."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", env_file_encoding="utf-8", extra="ignore", frozen=True
    )

    index: Path = Field(default=Path(".index"), description="folder of the index")
    keep: Path | None = Field(
        default=None,
        description="folder of what the chat keeps: conversations, complaints, feedback; default: aigc-law-qa in the user's data folder",
    )
    provider: str = Field(
        default="aigc-law-qa",
        min_length=1,
        max_length=200,
        description="name or code of who offers this service, written into exported files as the producer of generated content",
    )
    embedder: str = Field(
        default="builtin", description="builtin, openai:MODEL, or a sentence-transformers path or hub name"
    )
    query_prompt: str | None = Field(
        default=None, description="put before every question that is embedded; default: what the model brings itself"
    )
    passage_prompt: str | None = Field(
        default=None, description="put before every passage that is embedded; default: what the model brings itself"
    )
    reranker: str = Field(
        default="",
        description="cross-encoder that reorders the best passages: a sentence-transformers path or hub name",
    )
    rerank_candidates: int = Field(default=30, ge=1, le=200, description="passages that the cross-encoder reads")
    nli: str = Field(
        default="",
        description="cross-encoder that has a say in the claim check: a sentence-transformers path or hub name with the labels of natural language"
        " inference",
    )
    nli_weights: str = Field(
        default="",
        pattern=r"^([0-9a-f]{8}:-?\d+\.\d+(,-?\d+\.\d+){3})?$",
        description="what its word weighs, as python -m ingest.weigh_nli prints it; empty: very little",
    )
    chroma_url: str = Field(
        default="",
        pattern=r"^(https?://[^/\s]+/?)?$",
        description="address of a Chroma server or Chroma Cloud (http://127.0.0.1:8000, https://api.trychroma.com) that holds the index;"
        " empty: an embedded Chroma in the index folder",
    )
    chroma_collection: str = Field(
        default="aigc-law",
        pattern=r"^[a-z0-9][a-z0-9._-]{1,40}[a-z0-9]$",
        description="name under which the index lies on the Chroma server",
    )
    chroma_token: SecretStr = Field(
        default=SecretStr(""), description="key of the Chroma server, sent as X-Chroma-Token"
    )
    chroma_tenant: str = Field(default="default_tenant", min_length=1, description="tenant on the Chroma server")
    chroma_database: str = Field(default="default_database", min_length=1, description="database on the Chroma server")
    chroma_timeout: float = Field(default=30, gt=0, description="seconds to wait for the Chroma server")
    chroma_refresh: float = Field(
        default=5,
        ge=0,
        description="seconds after which an app asks the Chroma server again whether the index has changed",
    )
    dense_candidates: int = Field(default=60, ge=1, le=1000, description="records fetched by vector search")
    lexical_candidates: int = Field(default=60, ge=1, le=1000, description="passages fetched by BM25")
    dense_weight: float = Field(default=0.55, ge=0, le=1, description="share of the dense score in the fused score")
    prior_weight: float = Field(
        default=0.03, ge=0, le=1, description="weight of how likely a passage is asked for at all, in the fused score"
    )
    document_weight: float = Field(
        default=0.2, ge=0, le=1, description="weight of the best passage of the same document in a passage's score"
    )
    max_sentences: int = Field(default=8, ge=1, le=30, description="sentences of an extractive answer at most")
    max_question: int = Field(default=2000, ge=10, description="characters of a question at most")
    scope_threshold: float = Field(
        default=0.4,
        ge=0,
        le=1,
        description="probability of being within the corpus under which a question is refused",
    )
    model: str = Field(
        default="",
        pattern=r"^([a-z0-9_]+:\S+)?$",
        description="chat model that writes the answers, PROVIDER:MODEL (openai:deepseek-chat); address and key by the provider's own"
        " variables (OPENAI_BASE_URL, OPENAI_API_KEY); empty: answers are put together from the sources' own sentences",
    )
    model_url: str = Field(
        default="",
        max_length=500,
        description="address of the chat model's service; empty: the provider's own variable (OPENAI_BASE_URL)",
    )
    model_key: SecretStr | None = Field(
        default=None, description="key of the chat model's service; empty: the provider's own variable (OPENAI_API_KEY)"
    )
    model_timeout: float = Field(
        default=60, gt=0, description="seconds for all calls of the chat model together, retries included"
    )
    model_max_tokens: int = Field(default=1500, ge=50, description="tokens of one reply of the chat model at most")
    model_context: int = Field(default=8000, ge=500, description="tokens of passages given to the chat model at most")
    model_temperature: float = Field(default=0, ge=0, le=2, description="how freely the chat model chooses its words")
    model_repair: bool = Field(
        default=True, description="whether the chat model is told once which sentences failed, and may write again"
    )
    strictness: Literal["mark", "drop", "refuse"] = Field(
        default="mark",
        description="what becomes of the chat model's sentences that their sources do not carry: mark them, drop them, or refuse to answer"
        " where they are its core",
    )

    @property
    def prompts(self) -> Prompts:
        return Prompts(self.query_prompt, self.passage_prompt)

    @property
    def relevant(self) -> dict[str, str | int | float | bool | None]:
        """Every setting that can change an answer, keys masked; where things lie is no such setting, nor is who offers the service, nor
        how a model would write where there is none."""
        elsewhere = {"index", "keep", "provider", "model_key"}
        elsewhere |= {name for name in type(self).model_fields if name.startswith("chroma_")}
        if not self.model:
            elsewhere |= {name for name in type(self).model_fields if name.startswith("model") or name == "strictness"}
        return self.model_dump(mode="json", exclude=elsewhere)

    @property
    def fingerprint(self) -> str:
        """Changes with every setting that can change an answer."""
        return hashlib.sha256(json.dumps(self.relevant, sort_keys=True).encode()).hexdigest()[:16]


def load_settings(**overrides: object) -> Settings:
    """Settings from the environment and ``.env``; keyword arguments win over both.

    Raises:
        InvalidInput: a value is malformed, naming it.
    """
    _refuse_unknown()
    given = {key: value for key, value in overrides.items() if value is not None}
    try:
        return Settings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        problems = "；".join(f"AIGC_LAW_{'.'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors())
        raise InvalidInput(
            "设置有误。", why=problems, next_step="修改环境变量或 .env 后重试。", code="settings_wrong"
        ) from error


def _refuse_unknown() -> None:
    """A misspelt ``AIGC_LAW_…`` would silently do nothing; what others keep in ``.env`` is none of ours."""
    names = {*os.environ, *dotenv_values(".env")}
    unknown = sorted(
        n for n in names if n.startswith(PREFIX) and n.removeprefix(PREFIX).lower() not in Settings.model_fields
    )
    if unknown:
        known = "、".join(PREFIX + name.upper() for name in Settings.model_fields)
        raise InvalidInput(
            f"不认识的设置：{'、'.join(unknown)}。",
            next_step=f"可用的有：{known}。",
            code="settings_unknown",
            names=", ".join(unknown),
            known=known,
        )
