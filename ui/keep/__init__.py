"""What the chat keeps on this machine, in one SQLite file: conversations, and complaints, corrections and feedback for the operator.

``database`` opens the file, ``conversations`` and ``reports`` are what is in it. Without Streamlit.
"""

from ui.keep.conversations import Conversation, Conversations, Found, KeptTurn
from ui.keep.database import Database, KeepUnavailable, keep_file, open_database
from ui.keep.reports import TOPICS, Report, ReportKind, Reports, Vote, write_jsonl

__all__ = [
    "TOPICS",
    "Conversation",
    "Conversations",
    "Database",
    "Found",
    "KeepUnavailable",
    "KeptTurn",
    "Report",
    "ReportKind",
    "Reports",
    "Vote",
    "keep_file",
    "open_database",
    "write_jsonl",
]
