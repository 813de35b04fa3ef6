"""Text as everything else takes it: normalised for matching, printable for people and files."""

from __future__ import annotations

import unicodedata


def normalise(text: str) -> str:
    """NFKC, lower case: what training, indexing and searching do to a text before they cut it up."""
    return unicodedata.normalize("NFKC", text).lower()


def printable(text: str) -> str:
    """Text without halves of broken characters, which no file or terminal takes; they become question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")
