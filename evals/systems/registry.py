"""The systems by name. What a system is made of is imported when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from evals.systems.ours import Ours
from evals.systems.protocol import System
from rag.errors import InvalidInput, ModelUnavailable
from rag.pipeline import open_assistant
from rag.settings import Settings


@dataclass(frozen=True, slots=True)
class Entry:
    """A system: what it is (for readers), and how it is made from settings."""

    name: str
    description: str
    make: Callable[[Settings], System]


def _extractive(settings: Settings) -> System:
    return Ours(open_assistant(settings.model_copy(update={"model": ""})))


def _model(settings: Settings) -> System:
    if not settings.model:
        raise ModelUnavailable("没有设置语言模型。", next_step="设置 AIGC_LAW_MODEL 后再测 model。")
    return Ours(open_assistant(settings))


ENTRIES = (
    Entry("extractive", "本项目，不用语言模型：句子直接取自来源", _extractive),
    Entry("model", "本项目，由语言模型撰写，逐句核对", _model),
)
BY_NAME = {entry.name: entry for entry in ENTRIES}


def named(name: str, settings: Settings) -> System:
    """The system of this name over the index of ``settings``.

    Raises:
        InvalidInput: no system is called so.
        ModelUnavailable: it needs a language model, and none is set; or a package of it is not installed.
    """
    if name not in BY_NAME:
        raise InvalidInput(f"不认识的系统：{name}。", next_step=f"可用的有：{'、'.join(BY_NAME)}。")
    return BY_NAME[name].make(settings)
