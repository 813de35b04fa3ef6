"""Complaints and feedback, kept as JSON lines beside the index on the machine that serves the page."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

from rag import Answer

TOPICS = ("回答有误", "引用不准确", "侵权或违法内容", "个人信息", "其他")


def feedback_file(index: Path) -> Path:
    return index / "feedback.jsonl"


def save_feedback(index: Path, topic: str, text: str, contact: str, about: Answer | None) -> None:
    """Append one entry.

    Raises:
        OSError: the folder cannot be written.
    """
    entry = {
        "at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "topic": topic,
        "text": text,
        "contact": contact or None,
        "question": about.question if about else None,
        "answer": about.answer if about else None,
        "fingerprints": about.fingerprints.model_dump() if about else None,
    }
    file = feedback_file(index)
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a", encoding="utf-8") as lines:
        lines.write(json.dumps(entry, ensure_ascii=False) + "\n")
