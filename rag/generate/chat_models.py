"""From ``AIGC_LAW_MODEL`` to a LangChain chat model; the provider's package is imported here and nowhere else."""

from __future__ import annotations

import os
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from dotenv import dotenv_values
from pydantic import SecretStr

from rag.errors import ModelUnavailable
from rag.settings import Settings

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

# Provider → its LangChain package, class, and the names under which that class takes the number of tokens and the time limit.
_PROVIDERS: dict[str, tuple[str, str, str, str]] = {
    "anthropic": ("langchain_anthropic", "ChatAnthropic", "max_tokens", "timeout"),
    "google_genai": ("langchain_google_genai", "ChatGoogleGenerativeAI", "max_output_tokens", "timeout"),
    "ollama": ("langchain_ollama", "ChatOllama", "num_predict", ""),
}


def load_chat_model(settings: Settings) -> BaseChatModel:
    """The chat model of ``settings.model``, which retries nothing by itself; the same one while settings and variables stay the same, a new one where
    the settings bring a key.

    Raises:
        ModelUnavailable: no key, an unknown provider, or its package is not installed; the message names the extra.
    """
    address = settings.model_url or variable("OPENAI_BASE_URL") or variable("OPENAI_API_BASE")
    # A key from the environment is for the address of the environment: whoever names another address brings a key for it.
    if settings.model_key:  # of one session perhaps: it is kept by nobody else
        return _make(settings, address, settings.model_key.get_secret_value())
    return _kept(settings, address, "" if settings.model_url else variable("OPENAI_API_KEY"))


def _make(settings: Settings, address: str, key: str) -> BaseChatModel:
    provider, _, name = settings.model.partition(":")
    if provider == "openai":
        return _openai(name, settings, address, key)
    if provider not in _PROVIDERS:
        known = "、".join(["openai", *_PROVIDERS])
        raise ModelUnavailable(
            f"不认识模型服务商 {provider!r}。",
            next_step=f"可用 {known}；其余凡是 OpenAI 协议的服务都写 openai:模型名，并设置 OPENAI_BASE_URL。",
            code="provider_unknown",
            provider=repr(provider),
            known=known,
        )
    package, kind, tokens, timeout = _PROVIDERS[provider]
    try:
        made = getattr(import_module(package), kind)
    except ImportError as error:
        raise ModelUnavailable(
            f"没有安装 {package}。",
            next_step=f"安装附加依赖：pip install 'aigc-law-qa[{provider}]'。",
            code="provider_needs_package",
            package=package,
            provider=provider,
        ) from error
    given: dict[str, Any] = {
        "model": name,
        "temperature": settings.model_temperature,
        tokens: settings.model_max_tokens,
    }
    if settings.model_url:
        given["base_url"] = settings.model_url
    if settings.model_key:
        given["api_key"] = settings.model_key.get_secret_value()
    if timeout:
        given |= {timeout: settings.model_timeout, "max_retries": 0}
    model: BaseChatModel = made(**given)
    return model


_kept = lru_cache(maxsize=8)(_make)


def _openai(name: str, settings: Settings, address: str, key: str) -> BaseChatModel:
    """Anything that speaks the OpenAI protocol; servers on the own machine want no key."""
    if not key and not address:
        raise ModelUnavailable(
            "没有设置密钥 OPENAI_API_KEY。",
            next_step="设置它；自建的服务设置 OPENAI_BASE_URL 即可。",
            code="model_key_missing",
        )
    from langchain_openai import ChatOpenAI

    # OpenAI's own models want the new name of this limit, most other servers know only the old one.
    bound: dict[str, Any] = {"extra_body": {"max_tokens": settings.model_max_tokens}}
    if not address or "api.openai.com" in address:
        bound = {"max_completion_tokens": settings.model_max_tokens}
    return ChatOpenAI(
        model=name,
        api_key=SecretStr(key or "none"),
        base_url=address or None,
        temperature=settings.model_temperature,
        **bound,
        timeout=settings.model_timeout,
        max_retries=0,
        stream_usage=True,
        use_responses_api=False,
    )


def variable(name: str) -> str:
    """A variable of the environment, else of ``.env``."""
    return os.environ.get(name) or dotenv_values(".env").get(name) or ""
