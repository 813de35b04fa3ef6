"""Why a chat model gave no answer: told by status and name, whoever's package raised it, and whether to try again."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Literal

from rag.errors import ModelUnavailable
from rag.types import Warning, values_of

What = Literal["missing_key", "wrong_key", "not_found", "busy", "server", "unreachable", "cut", "nonsense", "timeout", "endless",
               "context", "empty", "rejected", "not_installed", "unexpected"]  # fmt: skip
_TRANSIENT = frozenset({"busy", "server", "unreachable", "cut", "nonsense", "empty"})
_WORDS: dict[What, tuple[str, str]] = {
    "missing_key": ("没有密钥", "设置服务商的密钥变量（OpenAI 协议：OPENAI_API_KEY，另有地址时 OPENAI_BASE_URL）"),
    "wrong_key": ("密钥未被接受", "核对密钥及其权限"),
    "not_found": ("没有这个模型或地址", "核对 AIGC_LAW_MODEL 的模型名和 OPENAI_BASE_URL"),
    "busy": ("服务繁忙或超出限额", "稍后再问，或检查额度"),
    "server": ("服务出错", "稍后再问"),
    "unreachable": ("连不上服务", "检查网络和 OPENAI_BASE_URL"),
    "cut": ("回答中途断开", "稍后再问"),
    "nonsense": ("服务返回的内容无法解读", "核对 OPENAI_BASE_URL 是否为 OpenAI 协议的地址"),
    "timeout": ("没有在时限内答完", "稍后再问，或调大 AIGC_LAW_MODEL_TIMEOUT"),
    "endless": ("回答没有止境", "换一个模型，或调大 AIGC_LAW_MODEL_MAX_TOKENS"),
    "context": ("材料超出模型的上下文", "调小 AIGC_LAW_MODEL_CONTEXT"),
    "empty": ("没有写出任何内容", "换一个模型，或稍后再问"),
    "rejected": ("服务拒绝了请求", "核对模型名与设置"),
    "not_installed": ("缺少该服务商的软件包", "安装对应的附加依赖"),
    "unexpected": ("出了意外", "稍后再问；仍不行请反馈"),
}
_STATUS: dict[int, What] = {401: "wrong_key", 403: "wrong_key", 404: "not_found", 408: "server", 409: "server", 413: "context", 429: "busy"}  # fmt: skip
_OVERFLOW = (
    "context_length",
    "context length",
    "maximum context",
    "prompt is too long",
    "contextwindow",
    "too many tokens",
)


class StreamCut(Exception):
    """A stream that ended without saying that it was finished."""


class Endless(Exception):
    """More text than any answer needs."""


class NothingWritten(Exception):
    """A reply without a word."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What went wrong, and the provider's own words for it, without keys."""

    what: What
    detail: str = ""

    @property
    def warning(self) -> Warning:
        """What the reader is told; the code is that of what went wrong."""
        return Warning(
            kind="model_unavailable",
            message=self.message,
            code=f"model_{self.what}",
            values=values_of(detail=self.detail),
        )

    @property
    def message(self) -> str:
        why, then = _WORDS[self.what]
        told = f"（{self.detail}）" if self.detail else ""
        return f"语言模型{why}{told}，以下是直接取自来源的回答。要用模型：{then}。"


def failure_of(error: BaseException) -> Failure:
    """The failure that an exception means; bodies of replies are left out of it, as they may repeat the key."""
    name = type(error).__name__
    status = getattr(error, "status_code", None) or getattr(getattr(error, "response", None), "status_code", None)
    what = _what(error, name.lower(), status if isinstance(status, int) else None)
    if isinstance(error, ModelUnavailable):
        return Failure(what, f"{error.what}{error.next_step}")
    return Failure(
        what, f"{name}，HTTP {status}" if status else "" if what in ("timeout", "endless", "empty") else name
    )


def is_transient(error: BaseException) -> bool:
    return failure_of(error).what in _TRANSIENT


def retry_after(error: BaseException | None) -> float | None:
    """Seconds that the provider asks to wait; None where it names none, or a date."""
    headers = getattr(getattr(error, "response", None), "headers", None) or {}
    try:
        return max(0.0, float(headers.get("retry-after", "")))
    except ValueError:
        return None


def _what(error: BaseException, name: str, status: int | None) -> What:
    if isinstance(error, ModelUnavailable):
        return "missing_key" if "密钥" in error.what else "not_installed"
    own: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], What], ...] = (
        (StreamCut, "cut"),
        (Endless, "endless"),
        (NothingWritten, "empty"),
        ((TimeoutError, asyncio.TimeoutError), "timeout"),
        (json.JSONDecodeError, "nonsense"),
    )
    for kind, what in own:
        if isinstance(error, kind):
            return what
    if "contextoverflow" in name or (
        status in (400, 413, 422) and any(word in str(error).lower() for word in _OVERFLOW)
    ):
        return "context"
    if status in _STATUS:
        return _STATUS[status]
    if status is not None:
        return "server" if status >= 500 else "rejected"
    return _by_name(error, name)


def _by_name(error: BaseException, name: str) -> What:
    """Errors without a status: of the network, of a stream, of a reply that is none."""
    if "timeout" in name:
        return "unreachable"
    if any(word in name for word in ("remoteprotocol", "incompleteread", "readerror")):
        return "cut"
    if "connection" in name or "connect" in name or isinstance(error, OSError):
        return "unreachable"
    if "authentication" in name or "api_key" in str(error):
        return "wrong_key"
    if any(word in name for word in ("decode", "validation", "parse")) or isinstance(
        error, (ValueError, TypeError, KeyError, AttributeError)
    ):
        return "nonsense"
    return "server" if name == "apierror" else "unexpected"
