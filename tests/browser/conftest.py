"""A real server on a freshly built index, and a real Chromium that must load nothing from outside."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = Path("/usr/bin/chromium")
_LOCAL = {"localhost", "127.0.0.1", "::1", ""}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Playwright talks to its driver through a socket pair, so these tests may open sockets; what the page asks is checked."""
    for item in items:
        if item.get_closest_marker("browser") and Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.enable_socket)


@pytest.fixture(scope="session")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("browser") / "index"
    subprocess.run([sys.executable, "-m", "ingest", "--index", str(folder)], cwd=ROOT, check=True, timeout=300)
    return folder


@contextmanager
def serving(index: Path, log: Path) -> Iterator[str]:
    """``python -m ui`` on a free port; yields its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "ui", "--port", str(port), "--index", str(index)]
    # What is kept goes beside the log: never into the data folder of whoever runs the tests.
    environment = {"AIGC_LAW_KEEP": str(log.parent / "keep"), **os.environ}
    with log.open("w") as out:
        server = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT, env=environment)
    try:
        _wait_until_healthy(port, server, log)
        yield f"http://localhost:{port}"
    finally:
        server.terminate()
        server.wait(timeout=20)


def _wait_until_healthy(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        connection = http.client.HTTPConnection("localhost", port, timeout=2)
        try:
            connection.request("GET", "/_stcore/health")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.2)
        finally:
            connection.close()
    pytest.fail(f"the server did not start:\n{log.read_text()}")


@pytest.fixture(scope="session")
def server_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the shared server has its log and what it keeps."""
    return tmp_path_factory.mktemp("server")


@pytest.fixture(scope="session")
def address(index: Path, server_folder: Path) -> Iterator[str]:
    with serving(index, server_folder / "log.txt") as url:
        yield url


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    sync_api = pytest.importorskip(
        "playwright.sync_api", reason="playwright is not installed: pip install '.[browser]'"
    )
    if not CHROMIUM.exists():
        pytest.skip(f"Chromium is not installed at {CHROMIUM}: apt-get install chromium")
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_api.sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=str(CHROMIUM), args=arguments)
        yield running
        running.close()


@contextmanager
def offline_page(browser: Any, **context: Any) -> Iterator[Any]:
    """A desktop page in a context of its own; afterwards, nothing may have been asked of another host and no traceback may stand on it."""
    visitor = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN", **context)
    opened = visitor.new_page()
    opened.set_default_timeout(60_000)
    outside: list[str] = []
    opened.on(
        "request",
        lambda sent: outside.append(sent.url) if (urlsplit(sent.url).hostname or "") not in _LOCAL else None,
    )
    yield opened
    tracebacks = opened.locator('[data-testid="stException"]').count()
    visitor.close()
    assert outside == []
    assert tracebacks == 0


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    with offline_page(browser) as opened:
        yield opened
