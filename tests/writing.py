"""Scripts for the model's server: sentences with the keys that the prompt at hand gives for their passages."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from rag.generate.messages import fenced
from rag.pipeline import Assistant
from tests.scripted_model import Request

_PASSAGE = re.compile(r'<passage key="(\w+)"[^>]*>\n(.*?)\n</passage>', re.DOTALL)


def keys_in(request: Request) -> list[tuple[str, str]]:
    """Keys of the passages in a request, with their texts."""
    return [found for message in request["messages"] for found in _PASSAGE.findall(str(message["content"]))]


def writes(assistant: Assistant, sentences: Sequence[tuple[str, str | None]]) -> Callable[[Request], str]:
    """A script: every sentence with the key of its passage behind it, where it cites one."""
    texts = {
        identifier: fenced(passage.text)
        for _, identifier in sentences
        if identifier and (passage := assistant.index.catalog.passage(identifier))
    }

    def write(request: Request) -> str:
        keys = {text: key for key, text in keys_in(request)}
        cited = [(sentence, keys[texts[i]] if i else None) for sentence, i in sentences]
        return "".join(f"{sentence}[{key}]" if key else sentence for sentence, key in cited)

    return write
