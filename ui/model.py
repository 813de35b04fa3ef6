"""The visitor's own choice of how answers are made; the key lives in the session's memory and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st
from pydantic import SecretStr

from rag import Settings, load_settings


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """``model``: PROVIDER:MODEL, empty for extracts; ``strictness``: what becomes of sentences that their sources do not carry."""

    model: str = ""
    url: str = ""
    key: SecretStr | None = None
    strictness: str = "mark"


def choose_model(choice: ModelChoice) -> None:
    st.session_state.model_choice = choice


def chosen() -> ModelChoice:
    """As chosen on the settings page, else as the service was started."""
    made: ModelChoice | None = st.session_state.get("model_choice")
    if made is None:
        settings = load_settings()
        made = ModelChoice(settings.model, settings.model_url, settings.model_key, settings.strictness)
    return made


def session_settings() -> Settings:
    """The service's settings with this session's choice.

    Raises:
        InvalidInput: a setting is malformed, naming it.
    """
    settings = load_settings()
    if "model_choice" not in st.session_state:
        return settings
    made = chosen()
    changes = {"model": made.model, "model_url": made.url, "model_key": made.key, "strictness": made.strictness}
    return settings.model_copy(update=changes)
