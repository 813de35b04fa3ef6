"""Files of JSON lines that are written as a run goes on: a line that was cut off harms no other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from rag.errors import InvalidInput


def appending(path: Path, *, anew: bool = False) -> IO[str]:
    """The file, emptied where it is begun ``anew``, ready for another line: one that was cut off in writing is ended first.

    Raises:
        InvalidInput: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        cut = not anew and path.exists() and path.stat().st_size > 0 and not path.read_bytes().endswith(b"\n")
        file = path.open("w" if anew else "a", encoding="utf-8")
    except OSError as error:
        raise InvalidInput(f"无法写入文件：{path}。", why=str(error), next_step="换一个可写的位置。") from error
    if cut:
        file.write("\n")
    return file


def objects(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of the file and the numbers of their lines, from 1; what was cut off in writing is left out. None where there is no file.

    Raises:
        InvalidInput: it cannot be read.
    """
    if not path.exists():
        return
    try:
        lines = path.read_text("utf-8", errors="replace").split("\n")  # other ends of lines may stand in a text
    except OSError as error:
        raise InvalidInput(f"无法读取文件：{path}。", why=str(error), next_step="检查路径和权限。") from error
    for number, line in enumerate(lines, start=1):
        try:
            values = json.loads(line)
        except ValueError:
            continue
        if isinstance(values, dict):
            yield number, values
