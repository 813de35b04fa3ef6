"""Answers as files that can be handed on: Markdown, DOCX and PDF, with footnoted citations, sources with their versions, and both labels.

``paper`` puts answers in order (``read_markdown`` reads their text), ``markdown``, ``docx`` and ``pdf`` write them, ``label`` says that a machine did.
"""

from rag.export.export import FILE_TYPES, FileType, Format, export, file_name
from rag.export.label import DISCLAIMER, VISIBLE, ImplicitLabel, implicit_label

__all__ = [
    "DISCLAIMER",
    "FILE_TYPES",
    "VISIBLE",
    "FileType",
    "Format",
    "ImplicitLabel",
    "export",
    "file_name",
    "implicit_label",
]
