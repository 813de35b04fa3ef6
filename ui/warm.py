"""Load ahead what a visitor would wait for, in the order in which it is needed, and never while a first page is being drawn."""

from __future__ import annotations

import contextlib
import gc
import threading
import time
from importlib import import_module

page_drawn = threading.Event()
"""Set by the first page that was drawn."""

_PATIENCE = 3.0
"""Seconds after the server's start in which a first visitor is expected; from then on nobody's page is in the way."""
_POLL = 0.05
_COLLECT = 60
"""Seconds between two collections of garbage, instead of Streamlit's after every run of a page, which takes longer than an answer. Sessions that ended,
and the documents that were theirs, go with them."""


def load_page() -> None:
    """The modules of the first page; before the server starts, as two threads that import get in each other's way."""
    import_module("rag")


def begin() -> None:
    """Load the rest in a thread of its own. No language model is asked."""
    gc.freeze()  # modules stay for good and need not be looked through; of what visitors do there is nothing yet
    threading.Thread(target=_load_rest, daemon=True).start()


def _load_rest() -> None:
    with contextlib.suppress(Exception):  # whatever is wrong is told to who asks
        _wait_for_server()
        import_module("ui.keep")
        page_drawn.wait(_PATIENCE)
        _load_index()
    while True:
        time.sleep(_COLLECT)
        gc.collect()


def _wait_for_server() -> None:
    from streamlit import runtime

    while not runtime.exists() or runtime.get_instance().state is runtime.RuntimeState.INITIAL:
        time.sleep(_POLL)


def _load_index() -> None:
    """The index, its models and all that an answer takes, by asking one."""
    from rag import load_settings
    from rag.pipeline import open_assistant

    import_module("rag.export")
    settings = load_settings()
    extractive = open_assistant(settings).with_settings(settings.model_copy(update={"model": ""}))
    extractive.answer("著作权法第二十四条规定了什么？")
