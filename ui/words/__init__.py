"""What the interface says, in Chinese and English: ``say("chat.ask")`` is the entry ``ask`` of ``chat.yaml`` in the visitor's language."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Literal

import yaml

Language = Literal["zh", "en"]
LANGUAGES: dict[Language, str] = {"zh": "中文", "en": "English"}
_FOLDER = Path(__file__).parent


def say(key: str, **values: object) -> str:
    """The words of a key, its ``{names}`` filled in; an unknown key is an error of the program (KeyError)."""
    words = catalogue()[key][language()]
    return words.format(**values) if values else words


def translated(key: str, chinese: str, **values: object) -> str:
    """What ``rag`` says in Chinese, in the visitor's language; the Chinese itself where the catalogue has no words for it."""
    if language() == "zh" or key not in catalogue():
        return chinese
    return say(key, **values)


def language() -> Language:
    """The language of the visitor whose page is being drawn; Chinese outside of a page."""
    from streamlit.runtime.scriptrunner import get_script_run_ctx  # not loaded by who only reads the catalogue

    if get_script_run_ctx(suppress_warning=True) is None:
        return "zh"
    import streamlit as st

    chosen: Language = st.session_state.get("language", "zh")
    return chosen


@lru_cache(maxsize=1)
def catalogue() -> dict[str, dict[Language, str]]:
    """Every entry as ``file.key`` with its words in each language."""
    found: dict[str, dict[Language, str]] = {}
    for file in sorted(_FOLDER.glob("*.yaml")):
        for key, words in yaml.safe_load(file.read_text("utf-8")).items():
            found[f"{file.stem}.{key}"] = words
    return found
