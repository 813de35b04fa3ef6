"""The SQLite file: where it lies, what is in it, and how two processes write to it without harm.

A file that is damaged, of another program or of a later version is never written to: an error says so and what can be done.
"""

from __future__ import annotations

import hashlib
import logging
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import platformdirs
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from rag import AigcLawError, Settings

VERSION = 1
"""Of the tables below; raise it together with a step in ``_migrate``."""
_APPLICATION = 0x41494743
"""SQLite's application_id: AIGC in ASCII. Tells our file from that of another program."""
_FILE = "kept.sqlite3"
_WAIT = 10
"""Seconds to wait for another process that is writing."""

metadata = sa.MetaData()
conversations = sa.Table(
    "conversations",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("searchable", sa.Text, nullable=False),
    sa.Column("created", sa.Text, nullable=False),
    sa.Column("used", sa.Text, nullable=False),
    sa.Index("conversations_by_use", "owner", "used"),
)
turns = sa.Table(
    "turns",
    metadata,
    sa.Column("conversation", sa.ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("question", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("answer", sa.Text, nullable=False),
    sa.Column("searchable", sa.Text, nullable=False),
)
reports = sa.Table(
    "reports",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("topic", sa.Text),
    sa.Column("vote", sa.Text),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("contact", sa.Text),
    sa.Column("answer", sa.Text),
    sa.Column("bundle", sa.Text),
    sa.Column("handled", sa.Text),
    sa.Column("outcome", sa.Text),
)

_log = logging.getLogger(__name__)


class KeepUnavailable(AigcLawError):
    """The file of what is kept cannot be opened, read or written; what is in it stays as it is."""


def keep_file(settings: Settings) -> Path:
    """The file that ``AIGC_LAW_KEEP`` points to; by default in the user's data folder, which no clean-up of an index touches."""
    folder = settings.keep or platformdirs.user_data_path("aigc-law-qa", appauthor=False)
    return folder.expanduser() / _FILE


@lru_cache(maxsize=8)
def open_database(path: Path) -> Database:
    """The database in a file, opened once per process; it may be used from any thread. Raises what ``Database`` raises."""
    return Database(path)


def owner_key(owner: str) -> str:
    """What is stored of who owns something: not the secret by which a browser is known."""
    return hashlib.sha256(owner.encode("utf-8", "surrogatepass")).hexdigest()


class Database:
    """One file, checked and brought to this version when opened.

    Raises:
        KeepUnavailable: the folder cannot be made, or the file is damaged, not ours, or of a later version.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._telling():
            _make(path)
            self._engine = _engine(path)
            with self.writing() as connection:
                self._prepare(connection)

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        with self._telling(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A transaction that holds the right to write from its beginning, so that what it reads first stays true."""
        engine = self._engine.execution_options(write=True)
        with self._telling(), engine.begin() as connection:
            yield connection

    def forget(self) -> None:
        """Rewrite the file without what was deleted. What was deleted is zeros already; this also takes what moved between pages."""
        connection = self._engine.raw_connection()
        try:
            connection.cursor().execute("VACUUM")
        except sqlite3.OperationalError as error:  # another process reads just now; the next deletion catches up
            _log.warning("could not rewrite %s: %s", self.path, error)
        finally:
            connection.close()

    def _prepare(self, connection: sa.Connection) -> None:
        application, version = (_pragma(connection, name) for name in ("application_id", "user_version"))
        is_empty = not _pragma(connection, "schema_version")
        if not is_empty and application != _APPLICATION:
            raise KeepUnavailable(
                f"{self.path} 不是本程序的文件。",
                why=f"应用编号是 {application}，不是 {_APPLICATION}",
                next_step="文件未作改动。用 AIGC_LAW_KEEP 指定另一个文件夹。",
                code="keep_foreign",
                path=self.path,
            )
        if version > VERSION:
            raise KeepUnavailable(
                f"{self.path} 由更新版本的程序写成。",
                why=f"格式 {version}，本程序只认到格式 {VERSION}",
                next_step="文件未作改动。升级本程序，或用 AIGC_LAW_KEEP 指定另一个文件夹。",
                code="keep_newer",
                path=self.path,
                found=version,
                known=VERSION,
            )
        found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
        if found != "ok":
            raise _damaged(self.path, str(found))
        if version < VERSION:
            _migrate(connection)

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """SQLite's errors in words for the reader."""
        try:
            yield
        except DBAPIError as error:
            raise _told(self.path, str(error.orig)) from error
        except OSError as error:
            raise KeepUnavailable(
                f"不能建立或打开 {self.path}。",
                why=error.strerror or str(error),
                next_step="检查文件夹的权限，或用 AIGC_LAW_KEEP 指定一个可写的文件夹。",
                code="keep_unopenable",
                path=self.path,
            ) from error


def _make(path: Path) -> None:
    """The folder and an empty file that only this user reads; what is there stays."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def _engine(path: Path) -> sa.Engine:
    # mode=rw: a file that was moved away while the program runs is an error, not a new empty one.
    address = sa.URL.create("sqlite", database=path.resolve().as_uri(), query={"mode": "rw", "uri": "true"})
    engine = sa.create_engine(address, poolclass=NullPool, connect_args={"timeout": _WAIT})

    def connected(connection: Any, record: Any) -> None:
        del record
        connection.isolation_level = None  # transactions begin below, not where the driver thinks fit
        for pragma in ("foreign_keys = ON", "secure_delete = ON", "temp_store = MEMORY"):
            connection.execute(f"PRAGMA {pragma}")

    def begin(connection: sa.Connection) -> None:
        writes = connection.get_execution_options().get("write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    sa.event.listen(engine, "connect", connected)
    sa.event.listen(engine, "begin", begin)
    return engine


def _migrate(connection: sa.Connection) -> None:
    """From the version of the file, 0 for a new one, to this one."""
    metadata.create_all(connection)
    connection.exec_driver_sql(f"PRAGMA application_id = {_APPLICATION}")
    connection.exec_driver_sql(f"PRAGMA user_version = {VERSION}")


def _pragma(connection: sa.Connection, name: str) -> int:
    return int(connection.exec_driver_sql(f"PRAGMA {name}").scalar() or 0)


def _told(path: Path, why: str) -> KeepUnavailable:
    if "locked" in why:
        return KeepUnavailable(
            f"{path} 正被另一个进程写入。",
            why=f"等了 {_WAIT} 秒仍未结束",
            next_step="请稍后重试。",
            code="keep_busy",
            path=path,
            seconds=_WAIT,
        )
    if "malformed" in why or "not a database" in why:
        return _damaged(path, why)
    return KeepUnavailable(
        f"{path} 不能读写。",
        why=why,
        next_step="检查文件是否还在、磁盘空间和权限，或用 AIGC_LAW_KEEP 指定另一个文件夹；然后重新启动。",
        code="keep_unusable",
        path=path,
    )


def _damaged(path: Path, why: str) -> KeepUnavailable:
    return KeepUnavailable(
        f"{path} 已损坏。",
        why=" ".join(why.split()),
        next_step="文件未作改动：先复制一份，再用 sqlite3 的 .recover 命令取回其中的内容；把它移到别处并重新启动后，程序会另建一个新的。",
        code="keep_damaged",
        path=path,
    )
