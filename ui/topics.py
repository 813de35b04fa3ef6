"""What a complaint can be about, in the visitor's language."""

from __future__ import annotations

from ui.keep.reports import TOPICS
from ui.words import say


def topic_name(topic: str) -> str:
    """Of one of ``TOPICS``, which are kept as they are; any other stays as it is."""
    return say(f"report.topic_{TOPICS.index(topic)}") if topic in TOPICS else topic
