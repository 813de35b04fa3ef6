"""An OpenAI-compatible server that says what a test wants: real sockets, real server-sent events, every failure that providers have."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Request = dict[str, Any]
Pause = float


@dataclass(frozen=True)
class Reply:
    """What the server does with one request.

    ``text`` is streamed in pieces of ``size`` characters, or piece by piece where it is a list, in which a number is a pause in seconds. With
    ``cut_after`` pieces the connection breaks; ``endless`` repeats the pieces for ever; ``hang`` never answers; ``body`` is sent as it is.
    """

    text: str | Sequence[str | Pause] | Callable[[Request], str] = ""
    size: int = 4
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: str | None = None
    cut_after: int | None = None
    endless: bool = False
    hang: bool = False
    finish: str | None = "stop"
    usage: bool = True


class ScriptedModel:
    """Gives the scripted replies in order, the last one again and again; remembers requests, times and readers that went away."""

    def __init__(self, *replies: Reply) -> None:
        self.replies = list(replies)
        self.requests: list[Request] = []
        self.keys: list[str] = []
        self.asked: list[float] = []
        self.said: list[tuple[float, str]] = []
        self.gone = threading.Event()
        self.answering = 0
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def script(self, *replies: Reply) -> None:
        with self._lock:
            self.replies, self.requests, self.asked, self.said, self.keys = list(replies), [], [], [], []
        self.gone.clear()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _next(self, request: Request, key: str) -> Reply:
        with self._lock:
            self.requests.append(request)
            self.asked.append(time.perf_counter())
            self.keys.append(key)
            return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        model = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args: object) -> None:
                del args

            def do_POST(self) -> None:
                request = json.loads(self.rfile.read(int(self.headers["content-length"])))
                reply = model._next(request, self.headers.get("authorization", ""))
                model.answering += 1
                try:
                    _answer(self, request, reply, model)
                except OSError:
                    model.gone.set()
                    self.close_connection = True
                finally:
                    model.answering -= 1

        return Handler


def _answer(handler: BaseHTTPRequestHandler, request: Request, reply: Reply, model: ScriptedModel) -> None:
    if reply.hang:
        while not _is_gone(handler.connection):
            time.sleep(0.02)
        raise ConnectionResetError
    if reply.body is not None or reply.status != 200:
        body = (reply.body if reply.body is not None else json.dumps(_error(reply.status))).encode()
        handler.send_response(reply.status)
        for name, value in {"content-type": "application/json", **reply.headers}.items():
            handler.send_header(name, value)
        handler.send_header("content-length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)
        return
    handler.send_response(200)
    handler.send_header("content-type", "text/event-stream")
    handler.send_header("transfer-encoding", "chunked")
    handler.end_headers()
    _stream(handler, request, reply, model)


def _stream(handler: BaseHTTPRequestHandler, request: Request, reply: Reply, model: ScriptedModel) -> None:
    sent = 0
    for piece in _pieces(reply, request):
        if isinstance(piece, float):
            until = time.monotonic() + piece
            while time.monotonic() < until:
                if _is_gone(handler.connection):
                    raise ConnectionResetError
                time.sleep(0.01)
            continue
        if sent == reply.cut_after:
            handler.close_connection = True
            handler.connection.shutdown(socket.SHUT_RDWR)
            return
        _event(
            handler,
            {"choices": [{"index": 0, "delta": {"role": "assistant", "content": piece}, "finish_reason": None}]},
        )
        model.said.append((time.perf_counter(), piece))
        sent += 1
    if reply.finish:
        _event(handler, {"choices": [{"index": 0, "delta": {}, "finish_reason": reply.finish}]})
    if reply.usage:
        used = {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100}
        _event(handler, {"choices": [], "usage": used})
    if reply.finish:
        _chunk(handler, b"data: [DONE]\n\n")
    handler.wfile.write(b"0\r\n\r\n")
    handler.wfile.flush()


def _pieces(reply: Reply, request: Request) -> Iterator[str | Pause]:
    text = reply.text(request) if callable(reply.text) else reply.text
    pieces: Sequence[str | Pause]
    pieces = (
        [text[i : i + reply.size] for i in range(0, len(text), reply.size)] if isinstance(text, str) else list(text)
    )
    yield from pieces
    while reply.endless:
        yield from pieces
        yield 0.002


def _event(handler: BaseHTTPRequestHandler, content: dict[str, Any]) -> None:
    whole = {"id": "scripted", "object": "chat.completion.chunk", "created": 0, "model": "scripted", **content}
    _chunk(handler, f"data: {json.dumps(whole, ensure_ascii=False)}\n\n".encode())


def _chunk(handler: BaseHTTPRequestHandler, data: bytes) -> None:
    if _is_gone(handler.connection):
        raise ConnectionResetError
    handler.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
    handler.wfile.flush()


def _is_gone(connection: socket.socket) -> bool:
    """Whether the reader has closed its end."""
    try:
        connection.setblocking(False)
        return connection.recv(1, socket.MSG_PEEK) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True
    finally:
        if connection.fileno() >= 0:
            connection.setblocking(True)


def _error(status: int) -> dict[str, Any]:
    return {"error": {"message": f"scripted {status}", "type": "scripted", "code": str(status)}}


@contextmanager
def scripted(*replies: Reply) -> Iterator[ScriptedModel]:
    model = ScriptedModel(*(replies or (Reply("好。"),)))
    try:
        yield model
    finally:
        model.close()
