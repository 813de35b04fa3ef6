"""Downloading official pages from a real server on this machine: what is read, what is tried again, and what is refused."""

from __future__ import annotations

import contextlib
import gzip
import io
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path

import docx
import pytest
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from ingest.__main__ import main
from ingest.commands import fetch_official
from ingest.fetch import HOSTS_FILE, USER_AGENT, Fetcher, Limits, Page, PageUnavailable, allowed_hosts
from ingest.read import load
from rag.errors import AigcLawError, DocumentRefused, InvalidInput

LIMITS = Limits(connect=1, read=0.25, total=2, size=50_000, attempts=3, backoff=0.01, longest_wait=0.2, pause=0)
HOST = "127.0.0.1"
TITLE = "机器绘画法"
TEXT = (
    f"中华人民共和国{TITLE}",
    "（2020年10月1日第一届绘画大会通过　自2021年1月1日起施行）",
    "第一条 为了保护以机器绘制图画的人，制定本法。",
    "第二条 以他人图画训练模型的，应当取得许可。",
    "第三条 本法自2021年1月1日起施行。",
)
LINES = "\n\n".join(TEXT)


@dataclass(frozen=True)
class Reply:
    """What the server sends; ``length`` is the Content-Length it claims, ``trickle`` the seconds between bytes."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "text/html; charset=utf-8"})
    length: int | None = -1
    trickle: float = 0
    silent: float = 0
    """Seconds of silence before anything is sent; nothing is sent at all after them."""
    slow_head: float = 0
    """Seconds between two header lines, of which there are 30."""


@dataclass(frozen=True)
class Request:
    path: str
    headers: Mapping[str, str]
    began: float


class Site:
    """A server whose pages are set by the test; a list of replies is given one by one, the last one for good."""

    def __init__(self) -> None:
        self.pages: dict[str, Reply | list[Reply]] = {}
        self.requests: list[Request] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.requests.append(Request(self.path, dict(self.headers), time.monotonic()))
                with contextlib.suppress(OSError):  # where the client has left
                    _send(self, site.reply(self.path))

            def log_message(self, *_: object) -> None: ...

        self.server = ThreadingHTTPServer((HOST, 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def reply(self, path: str) -> Reply:
        found = self.pages.get(path, Reply(b"not here", 404))
        if isinstance(found, Reply):
            return found
        return found.pop(0) if len(found) > 1 else found[0]

    def url(self, path: str = "/law", host: str = HOST) -> str:
        return f"http://{host}:{self.server.server_port}{path}"

    @property
    def asked(self) -> list[str]:
        """Paths that were asked for, robots.txt left out."""
        return [request.path for request in self.requests if request.path != "/robots.txt"]


def _send(handler: BaseHTTPRequestHandler, reply: Reply) -> None:
    if reply.silent:
        time.sleep(reply.silent)
        handler.close_connection = True
        return
    handler.send_response(reply.status)
    for name, value in reply.headers.items():
        handler.send_header(name, value)
    if reply.length is not None:
        handler.send_header("Content-Length", str(len(reply.body) if reply.length < 0 else reply.length))
    for number in range(30 if reply.slow_head else 0):
        handler.send_header(f"X-{number}", "1")
        handler.flush_headers()
        time.sleep(reply.slow_head)
    handler.end_headers()
    if not reply.trickle:
        handler.wfile.write(reply.body)
        return
    for byte in reply.body:
        handler.wfile.write(bytes([byte]))
        handler.wfile.flush()
        time.sleep(reply.trickle)


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setattr("httpx._transports.default.create_ssl_context", lambda **_: None)  # unused here, and slow
    site = Site()
    yield site
    site.server.shutdown()
    site.server.server_close()


def html(lines: Sequence[str] = TEXT, charset: str | None = "utf-8", meta: str | None = None) -> Reply:
    """A page; ``charset`` stands in its header, ``meta`` inside it."""
    tag = f'<meta charset="{meta}">' if meta else ""
    body = f"<html><head>{tag}</head><body>{''.join(f'<p>{line}</p>' for line in lines)}</body></html>"
    encoding = "gb18030" if (charset or meta or "").startswith("gb") else "utf-8"
    kind = f"text/html; charset={charset}" if charset else "text/html"
    return Reply(body.encode(encoding), headers={"Content-Type": kind})


def moved(target: str, status: int = 302) -> Reply:
    return Reply(b"<p>moved</p>", status, {"Location": target, "Content-Type": "text/html"})


def leaving(target: str, *, padding: int = 0) -> Reply:
    """A page that asks its reader to go on."""
    tag = f'<meta http-equiv="refresh" content="0;url={target}">'
    return Reply(f"<html><head>{tag}</head><body><p>本页已移动。</p>{' ' * padding}</body></html>".encode())


def fetch(site: Site, path: str = "/law", limits: Limits = LIMITS, hosts: Sequence[str] = (HOST,)) -> Page:
    with Fetcher(frozenset(hosts), limits) as fetcher:
        return fetcher.page(site.url(path))


def refusal(site: Site, path: str = "/law", limits: Limits = LIMITS) -> str:
    with pytest.raises(PageUnavailable) as caught:
        fetch(site, path, limits)
    assert caught.value.next_step
    return str(caught.value)


def pdf_file() -> bytes:
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    buffer = io.BytesIO()
    canvas = Canvas(buffer, invariant=1)
    canvas.setFont("STSong-Light", 12)
    for height, line in enumerate(TEXT):
        canvas.drawString(60, 760 - 20 * height, line)
    canvas.save()
    return buffer.getvalue()


def word_file() -> bytes:
    document = docx.Document()
    for line in TEXT:
        document.add_paragraph(line)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


# --- pages ---


def test_a_page_is_its_address_and_its_text(site: Site) -> None:
    site.pages["/law"] = html()
    assert fetch(site) == Page(site.url(), LINES)
    assert site.asked == ["/law"]


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(html(charset="gbk"), id="gbk-in-the-header"),
        pytest.param(html(charset="GB2312"), id="upper-case"),
        pytest.param(html(charset=None, meta="gb2312"), id="gbk-in-the-page-alone"),
        pytest.param(html(charset=None, meta="utf-8"), id="utf-8-in-the-page-alone"),
        pytest.param(html(charset=None), id="nowhere"),
        pytest.param(Reply(html(charset=None, meta="gbk").body), id="header-that-is-wrong"),
        pytest.param(Reply(html(meta="utf-8").body, headers={"Content-Type": "text/html; charset=x-none"}), id="unknown-charset"),
        pytest.param(Reply(b"\xef\xbb\xbf" + html(charset=None).body, headers={"Content-Type": "text/html"}), id="byte-order-mark"),
        pytest.param(Reply(html().body, headers={}), id="no-type"),
        pytest.param(Reply(html().body, headers={"Content-Type": "application/xhtml+xml"}), id="xhtml"),
        pytest.param(Reply(gzip.compress(html().body), headers={"Content-Type": "text/html", "Content-Encoding": "gzip"}), id="compressed"),
        pytest.param(Reply(html().body, length=None), id="without-a-length"),
    ],
)  # fmt: skip
def test_a_page_is_decoded_by_what_it_says(site: Site, page: Reply) -> None:
    site.pages["/law"] = page
    assert fetch(site).text.removeprefix("\ufeff") == LINES


@pytest.mark.parametrize(
    ("text", "encoding", "header", "meta"),
    [
        pytest.param("镕喆〇", "gb18030", None, "gb2312", id="beyond-gb2312-in-the-page"),
        pytest.param("art. 〇", "gb18030", "gb2312", None, id="beyond-gb2312-in-the-header"),
        pytest.param("法律", "utf-8", "utf-8", "gbk", id="header-before-page"),
    ],
)
def test_a_charset_is_read_widely_and_the_header_first(
    site: Site, text: str, encoding: str, header: str | None, meta: str | None
) -> None:
    page = html([text], header, meta)
    content = page.body.decode("gb18030" if (header or meta or "").startswith("gb") else "utf-8").encode(encoding)
    site.pages["/law"] = Reply(content, headers=page.headers)
    assert fetch(site).text == text


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        pytest.param(pdf_file(), "application/pdf", id="pdf"),
        pytest.param(pdf_file(), "application/octet-stream", id="pdf-of-no-type"),
        pytest.param(word_file(), "application/vnd.openxmlformats-officedocument.wordprocessingml.document", id="docx"),
        pytest.param(word_file(), "application/octet-stream", id="docx-of-no-type"),
    ],
)
def test_files_are_read_like_pages(site: Site, content: bytes, kind: str) -> None:
    site.pages["/law"] = Reply(content, headers={"Content-Type": kind})
    assert fetch(site).text == LINES


def test_plain_text_keeps_its_lines(site: Site) -> None:
    site.pages["/law"] = Reply("\n".join(TEXT).encode(), headers={"Content-Type": "text/plain; charset=utf-8"})
    assert fetch(site).text.split() == LINES.split()


@pytest.mark.parametrize("kind", ["image/png", "application/json", "video/mp4", "application/octet-stream"])
def test_what_holds_no_text_is_refused(site: Site, kind: str) -> None:
    site.pages["/law"] = Reply(b"\x89PNG....", headers={"Content-Type": kind})
    told = refusal(site)
    assert "不是可读的文本" in told
    assert kind in told


@pytest.mark.parametrize("kind", ["application/pdf", "application/vnd.openxmlformats-officedocument.wordprocessingml"])
def test_a_damaged_file_is_refused(site: Site, kind: str) -> None:
    site.pages["/law"] = Reply(b"no such file", headers={"Content-Type": kind})
    with pytest.raises(DocumentRefused, match="已损坏"):
        fetch(site)


# --- redirects ---


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_within_the_host_is_followed(site: Site, status: int) -> None:
    site.pages |= {"/old/law": moved("../law?a=1", status), "/law?a=1": html()}
    assert fetch(site, "/old/law") == Page(site.url("/law?a=1"), LINES)


def test_a_redirect_to_another_listed_host_is_followed(site: Site) -> None:
    site.pages |= {"/old": moved(site.url("/law", "localhost")), "/law": html()}
    assert fetch(site, "/old", hosts=(HOST, "localhost")).url == site.url("/law", "localhost")
    assert [request.path for request in site.requests].count("/robots.txt") == 2


@pytest.mark.parametrize("how", [moved, leaving])
@pytest.mark.parametrize("target", ["http://localhost:{port}/law", "//localhost:{port}/law", "http://127.0.0.1@localhost:{port}/law"])  # fmt: skip
def test_a_redirect_to_a_host_that_is_not_listed_is_refused_unasked(
    site: Site, target: str, how: Callable[[str], Reply]
) -> None:
    site.pages |= {"/old": how(target.format(port=site.server.server_port)), "/law": html()}
    told = refusal(site, "/old")
    assert "网站不在名单内：localhost" in told
    assert f"从 {site.url('/old')} 跳转而来" in told
    assert site.asked == ["/old"]


@pytest.mark.parametrize("target", ["file:///etc/hosts", "ftp://127.0.0.1/law", "javascript:alert(1)"])
def test_a_redirect_to_no_page_is_refused(site: Site, target: str) -> None:
    site.pages["/old"] = moved(target)
    refusal(site, "/old")
    assert set(site.asked) == {"/old"}


def test_five_redirects_are_followed_and_no_more(site: Site) -> None:
    site.pages |= {f"/{n}": moved(f"/{n - 1}") for n in range(1, 7)} | {"/0": html()}
    assert fetch(site, "/5").url == site.url("/0")
    site.requests.clear()
    assert "跳转过多" in refusal(site, "/6")
    assert site.asked == ["/6", "/5", "/4", "/3", "/2", "/1"]


@pytest.mark.parametrize("how", [moved, leaving])
def test_a_redirect_loop_ends(site: Site, how: Callable[[str], Reply]) -> None:
    site.pages |= {"/a": how("/b"), "/b": how("/a")}
    assert "跳转过多" in refusal(site, "/a")
    assert len(site.asked) == 6


def test_a_redirect_without_a_target_is_a_page(site: Site) -> None:
    site.pages["/law"] = Reply(html().body, 301)
    assert fetch(site) == Page(site.url(), LINES)


def test_a_page_that_has_moved_says_so_itself(site: Site) -> None:
    site.pages |= {"/old": leaving("/law"), "/law": html()}
    assert fetch(site, "/old") == Page(site.url(), LINES)


def test_a_whole_page_that_reloads_itself_is_read(site: Site) -> None:
    site.pages["/law"] = leaving("/elsewhere", padding=6_000)
    assert fetch(site).text == "本页已移动。"
    assert site.asked == ["/law"]


@pytest.mark.parametrize("target", ["http://127.0.0.1:port/law", "http://127.0.0.1:99999/law", "http://a b/law"])
def test_a_strange_address_is_refused(site: Site, target: str) -> None:
    site.pages["/old"] = moved(target)
    refusal(site, "/old")


@pytest.mark.parametrize("how", [moved, leaving])
def test_an_address_that_cannot_be_parsed_is_refused(site: Site, how: Callable[[str], Reply]) -> None:
    site.pages["/old"] = how("http://[127.0.0.1/law")
    refusal(site, "/old")


# --- failures ---


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 451, 501])
def test_a_page_that_cannot_be_had_is_asked_for_once(site: Site, status: int) -> None:
    site.pages["/law"] = Reply(html().body, status)
    assert f"HTTP {status}" in refusal(site)
    assert site.asked == ["/law"]


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_a_passing_failure_is_tried_again(site: Site, status: int) -> None:
    site.pages["/law"] = [Reply(b"", status), Reply(b"", status), html()]
    assert fetch(site).text == LINES
    assert site.asked == ["/law"] * 3


def test_a_lasting_failure_is_given_up(site: Site) -> None:
    site.pages["/law"] = Reply(b"", 500)
    told = refusal(site)
    assert "下载失败" in told
    assert "HTTP 500" in told
    assert site.asked == ["/law"] * LIMITS.attempts


def gap(site: Site) -> float:
    """Seconds between the first two requests for a page."""
    first, second = (request for request in site.requests if request.path != "/robots.txt")
    return second.began - first.began


@pytest.mark.parametrize(
    ("after", "longest", "shortest_gap", "longest_gap"),
    [
        pytest.param("1", 5.0, 0.9, 1.5, id="seconds"),
        pytest.param("date", 5.0, 0.9, 2.5, id="date"),
        pytest.param("3600", 0.2, 0.15, 0.6, id="too-long"),
        pytest.param(formatdate(0, usegmt=True), 5.0, 0.0, 0.5, id="date-gone-by"),
        pytest.param("soon", 5.0, 0.0, 0.5, id="no-time-at-all"),
        pytest.param("", 5.0, 0.0, 0.5, id="nothing"),
    ],
)
def test_a_server_that_asks_to_wait_is_given_time(
    site: Site, after: str, longest: float, shortest_gap: float, longest_gap: float
) -> None:
    told = formatdate(time.time() + 2, usegmt=True) if after == "date" else after
    site.pages["/law"] = [Reply(b"", 429, {"Retry-After": told}), html()]
    limits = Limits(total=6, attempts=2, backoff=0.01, longest_wait=longest, pause=0)
    assert fetch(site, limits=limits).text == LINES
    assert shortest_gap <= gap(site) <= longest_gap


def test_a_wait_beyond_the_time_limit_is_not_begun(site: Site) -> None:
    site.pages["/law"] = Reply(b"", 503, {"Retry-After": "20"})
    began = time.monotonic()
    refusal(site, limits=Limits(total=1, longest_wait=30, pause=0))
    assert time.monotonic() - began < 0.8
    assert site.asked == ["/law"]


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(Reply(html().body[:100], length=len(html().body)), id="cut-short"),
        pytest.param(Reply(b"", silent=0.001), id="hung-up"),
        pytest.param(Reply(b"", silent=0.6), id="no-answer-in-time"),
        pytest.param(Reply(b"not gzip", headers={"Content-Encoding": "gzip"}), id="garbled"),
    ],
)
def test_a_broken_transfer_is_tried_again_and_then_refused(site: Site, broken: Reply) -> None:
    site.pages["/law"] = [broken, html()]
    assert fetch(site).text == LINES
    site.pages["/law"] = broken
    assert "下载失败" in refusal(site)


def test_a_server_that_does_not_listen_is_refused() -> None:
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]
    with Fetcher(frozenset([HOST]), LIMITS) as fetcher, pytest.raises(PageUnavailable, match="下载失败"):
        fetcher.page(f"http://{HOST}:{port}/law")


HURRIED = Limits(connect=1, read=0.3, total=0.6, size=50_000, attempts=3, backoff=0.01, pause=0)


@pytest.mark.parametrize(
    ("path", "reply"),
    [
        pytest.param("/law", Reply(b"a" * 100, trickle=0.05), id="page"),
        pytest.param("/law", Reply(b"a" * 100, trickle=0.05, length=None), id="page-without-length"),
        pytest.param("/robots.txt", Reply(b"#" * 100, trickle=0.05), id="robots"),
        pytest.param("/law", Reply(b"", silent=3), id="silence"),
        pytest.param(
            "/law", Reply(b"a", slow_head=0.05), id="head",
            marks=pytest.mark.xfail(strict=True, reason="headers that trickle in are bounded by the time-out of each read only"),
        ),
    ],
)  # fmt: skip
def test_a_slow_server_costs_no_more_than_the_time_limit(site: Site, path: str, reply: Reply) -> None:
    site.pages |= {"/law": html(), path: reply}
    began = time.monotonic()
    refusal(site, limits=HURRIED)
    assert time.monotonic() - began < HURRIED.total + HURRIED.read + 0.3


@pytest.mark.parametrize("length", [-1, None], ids=["with-a-length", "without"])
def test_a_page_may_be_as_big_as_the_limit_and_not_bigger(site: Site, length: int | None) -> None:
    for size in (LIMITS.size, LIMITS.size + 1):
        site.pages[f"/{size}"] = Reply(b"a" * size, length=length)
    assert len(fetch(site, f"/{LIMITS.size}").text) == LIMITS.size
    told = refusal(site, f"/{LIMITS.size + 1}")
    assert "文件过大" in told
    assert "50,000" in told
    assert site.asked == [f"/{LIMITS.size}", f"/{LIMITS.size + 1}"]


def test_a_page_that_unpacks_to_more_than_the_limit_is_refused(site: Site) -> None:
    site.pages["/law"] = Reply(
        gzip.compress(b"a" * 5_000_000), headers={"Content-Type": "text/html", "Content-Encoding": "gzip"}
    )
    assert "文件过大" in refusal(site)


# --- hosts and manners ---


@pytest.mark.parametrize(
    ("url", "what"),
    [
        ("ftp://127.0.0.1/law", "不是网址"),
        ("127.0.0.1/law", "不是网址"),
        ("", "不是网址"),
        ("http:///law", "不是网址"),
        ("https://localhost/law", "网站不在名单内：localhost"),
        ("http://127.0.0.1.example/law", "网站不在名单内：127.0.0.1.example"),
        ("http://127.0.0.1@example.org/law", "网站不在名单内：example.org"),
    ],
)
def test_an_address_that_is_not_allowed_is_never_asked(url: str, what: str) -> None:
    with Fetcher(frozenset([HOST]), LIMITS) as fetcher, pytest.raises(PageUnavailable) as caught:
        fetcher.page(url)
    assert what in str(caught.value)


@pytest.mark.parametrize(
    "content",
    [None, "", "hosts: [127.0.0.1]", "- 127.0.0.1\n- 5\n", "- [", "127.0.0.1"],
    ids=["missing", "empty", "mapping", "number", "broken", "text"],
)
def test_a_list_of_hosts_that_cannot_be_read_is_invalid(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / HOSTS_FILE).write_text(content, "utf-8")
    with pytest.raises(InvalidInput, match="名单"):
        allowed_hosts(tmp_path)


def test_hosts_are_listed_one_a_line_in_any_case(tmp_path: Path) -> None:
    (tmp_path / HOSTS_FILE).write_text("# courts\n- WWW.Court.example\n- 127.0.0.1\n", "utf-8")
    assert allowed_hosts(tmp_path) == {"www.court.example", HOST}


@pytest.mark.parametrize(
    ("rules", "allowed"),
    [
        pytest.param(Reply(b"User-agent: *\nDisallow: /law\n"), False, id="everyone"),
        pytest.param(Reply(b"User-agent: aigc-law-qa\nDisallow: /\n"), False, id="us-by-name"),
        pytest.param(Reply(b"User-agent: *\nDisallow: /\n\nUser-agent: aigc-law-qa\nAllow: /\n"), True, id="all-but-us"),
        pytest.param(Reply(b"User-agent: other\nDisallow: /\n"), True, id="another"),
        pytest.param(Reply(b"User-agent: *\nDisallow: /private\n"), True, id="another-path"),
        pytest.param(Reply(b"User-agent: *\nDisallow:\n"), True, id="nothing-disallowed"),
        pytest.param(Reply(b"<html>\nUser-agent: *\nDisallow: /\n</html>"), True, id="a-page-in-its-place"),
        pytest.param(Reply(b""), True, id="empty"),
        pytest.param(Reply(b"User-agent: *\nDisallow: /\n", 404), True, id="missing"),
        pytest.param(Reply(b"User-agent: *\nDisallow: /\n", 403), True, id="forbidden"),
        pytest.param(Reply(b"", 500), True, id="failing"),
        pytest.param(Reply(b"User-agent: *\nDisallow: /\n", 302, {"Location": "/law"}), True, id="moved"),
        pytest.param(Reply(b"User-agent: *\nDisallow: /law # \xd6\xd0\n"), False, id="not-utf-8"),
    ],
)  # fmt: skip
def test_rules_for_robots_are_kept(site: Site, rules: Reply, allowed: bool) -> None:
    site.pages |= {"/robots.txt": rules, "/law": html()}
    if allowed:
        assert fetch(site).text == LINES
    else:
        assert "网站不允许抓取" in refusal(site)
        assert site.asked == []


def test_rules_hold_for_where_a_redirect_leads_and_are_asked_once(site: Site) -> None:
    site.pages |= {
        "/robots.txt": Reply(b"User-agent: *\nDisallow: /private\n"),
        "/a": moved("/private/law"),
        "/law": html(),
        "/private/law": html(),
    }
    with Fetcher(frozenset([HOST]), LIMITS) as fetcher:
        fetcher.page(site.url())
        with pytest.raises(PageUnavailable, match="不允许抓取"):
            fetcher.page(site.url("/a"))
    assert [request.path for request in site.requests] == ["/robots.txt", "/law", "/a"]


def test_requests_to_one_host_are_apart(site: Site) -> None:
    pause = 0.15
    site.pages |= {"/a": [Reply(b"", 500), moved("/b")], "/b": html()}
    limits = Limits(total=5, attempts=3, backoff=0.01, pause=pause)
    with Fetcher(frozenset([HOST]), limits) as fetcher:
        for path in ("/a", "/b"):
            fetcher.page(site.url(path))
    assert [request.path for request in site.requests] == ["/robots.txt", "/a", "/a", "/b", "/b"]
    times = [request.began for request in site.requests]
    assert all(second - first > pause for first, second in pairwise(times)), times


def test_the_next_request_waits_for_the_end_of_the_one_before(site: Site) -> None:
    site.pages |= {"/a": Reply(b"abcde", trickle=0.05), "/b": html()}
    with Fetcher(frozenset([HOST]), Limits(total=5, pause=0.1)) as fetcher:
        for path in ("/a", "/b"):
            fetcher.page(site.url(path))
    first, second = (request.began for request in site.requests[1:])
    assert second - first > 0.3


def test_every_request_says_who_asks(site: Site) -> None:
    site.pages |= {"/old": moved("/law"), "/law": html()}
    fetch(site, "/old")
    assert [request.headers["User-Agent"] for request in site.requests] == [USER_AGENT] * 3
    assert "aigc-law-qa" in USER_AGENT


# --- official texts ---

LAW, RULES = "drawing-law-2020", "drawing-rules-2022"


@pytest.fixture
def corpus(tmp_path: Path, site: Site) -> Path:
    """A law with an address on the site, one without an address, and the list of hosts."""
    folder = tmp_path / "corpus"
    (folder / "regulations").mkdir(parents=True)
    (folder / HOSTS_FILE).write_text(f"- {HOST}\n", "utf-8")
    digest = "\n\n".join(f"第{number}条 〔要旨〕\n\n摘要里的第{number}项内容。" for number in "一二三")
    for identifier, title, url in ((LAW, f"中华人民共和国{TITLE}", site.url()), (RULES, "机器绘画备案办法", "null")):
        header = f"id: {identifier}\ntitle: {title}\nkind: law\npromulgated: 2020-10-01\neffective: 2021-01-01\narticles: 3\nurl: {url}"
        (folder / f"regulations/{identifier}.md").write_text(f"---\n{header}\n---\n\n{digest}\n", "utf-8")
    return folder


def official(corpus: Path) -> Path:
    return corpus / "official" / f"{LAW}.md"


def test_an_official_text_is_downloaded_and_kept_with_its_address(corpus: Path, site: Site) -> None:
    site.pages |= {"/law": moved("/2021/law"), "/2021/law": html(["首页", *TEXT, "打印本页"])}
    report = fetch_official([LAW], corpus, LIMITS)
    assert [(item.id, item.source, item.articles) for item in report.imported] == [(LAW, site.url(), 3)]
    assert report.refused == []
    document = load(official(corpus), root=corpus)
    assert document.text == "\n\n".join((f"# {TEXT[0]}", *TEXT[1:]))
    assert (document.meta.url, document.meta.text_status) == (site.url("/2021/law"), "official")


WRONG_PAGES = [
    pytest.param(html(["中华人民共和国机器雕刻法", *TEXT[1:]]), "不是语料里的法规", id="another-law"),
    pytest.param(html([f"关于学习《{TITLE}》的通知", "各单位：", "现予转发。", *TEXT[1:2]]), "不是语料里的法规", id="notice"),
    pytest.param(html([TEXT[0], TEXT[1], "机器雕刻法", "更多"]), "没有《机器绘画法》的条文", id="index-page"),
    pytest.param(html(["您访问的页面不存在"]), "不是语料里的法规", id="error-page-that-says-200"),
    pytest.param(Reply(b""), "不是语料里的法规", id="empty"),
    pytest.param(html(TEXT[:4]), "共 3 条，文中有 2 条", id="cut"),
    pytest.param(html([TEXT[0], "2023年3月2日修正", *TEXT[1:]]), "尚未收录", id="newer-version"),
    pytest.param(html([TEXT[0], "1999年1月1日通过", *TEXT[2:4], "第三条 本法自1999年2月1日起施行。"]), "不能确定是哪一个版本", id="older-version"),
    pytest.param(Reply(b"", 404), "HTTP 404", id="gone"),
    pytest.param(Reply(b"no", headers={"Content-Type": "application/pdf"}), "PDF 已损坏", id="damaged-file"),
]  # fmt: skip


@pytest.mark.parametrize(("page", "reason"), WRONG_PAGES)
def test_a_wrong_page_is_refused_and_nothing_stored(corpus: Path, site: Site, page: Reply, reason: str) -> None:
    site.pages["/law"] = page
    report = fetch_official([LAW], corpus, LIMITS)
    assert report.imported == []
    assert [refused.source for refused in report.refused] == [f"{LAW} {site.url()}"]
    assert reason in report.refused[0].reason
    assert not official(corpus).exists()


@pytest.mark.parametrize(("page", "reason"), WRONG_PAGES[::3])
def test_a_wrong_page_leaves_the_stored_text_as_it_was(corpus: Path, site: Site, page: Reply, reason: str) -> None:
    site.pages["/law"] = [html(), page]
    fetch_official([LAW], corpus, LIMITS)
    before = official(corpus).read_bytes()
    assert reason in fetch_official([LAW], corpus, LIMITS).refused[0].reason
    assert [path.read_bytes() for path in official(corpus).parent.iterdir()] == [before]


def test_without_ids_everything_that_has_an_address_is_downloaded(corpus: Path, site: Site) -> None:
    path = corpus / f"regulations/{RULES}.md"
    site.pages["/law"] = html()
    report = fetch_official([], corpus, LIMITS)
    assert ([item.id for item in report.imported], report.refused) == ([LAW], [])
    path.write_text(path.read_text("utf-8").replace("url: null", f"url: {site.url('/rules')}"), "utf-8")
    report = fetch_official([], corpus, LIMITS)
    assert [item.id for item in report.imported] == [LAW]
    assert [refused.source for refused in report.refused] == [f"{RULES} {site.url('/rules')}"]


def test_a_document_without_an_address_is_refused_when_it_is_named(corpus: Path, site: Site) -> None:
    site.pages["/law"] = html()
    report = fetch_official([RULES, LAW], corpus, LIMITS)
    assert [item.id for item in report.imported] == [LAW]
    assert [refused.source for refused in report.refused] == [RULES]
    assert "没有官方网址" in report.refused[0].reason


def test_an_address_on_a_host_that_is_not_listed_is_refused(corpus: Path, site: Site) -> None:
    (corpus / HOSTS_FILE).write_text("- law.example\n", "utf-8")
    assert "网站不在名单内：127.0.0.1" in fetch_official([LAW], corpus, LIMITS).refused[0].reason
    assert site.requests == []


def test_unknown_ids_are_invalid_before_anything_is_asked(corpus: Path, site: Site) -> None:
    with pytest.raises(InvalidInput, match="no-such-law") as caught:
        fetch_official([LAW, "no-such-law"], corpus, LIMITS)
    assert LAW in str(caught.value.next_step)
    assert site.requests == []


def test_without_a_list_of_hosts_nothing_is_downloaded(corpus: Path, site: Site) -> None:
    (corpus / HOSTS_FILE).unlink()
    with pytest.raises(InvalidInput, match=HOSTS_FILE):
        fetch_official([LAW], corpus, LIMITS)
    assert site.requests == []


def test_a_broken_address_in_the_corpus_is_refused(corpus: Path) -> None:
    path = corpus / f"regulations/{LAW}.md"
    path.write_text(path.read_text("utf-8").replace("url: http://", "url: http://["), "utf-8")
    assert len(fetch_official([LAW], corpus, LIMITS).refused) == 1


def test_command_downloads_and_returns(corpus: Path, site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    site.pages["/law"] = html()
    assert main(["official", "--fetch", LAW, RULES, "--corpus", str(corpus)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"导入 {LAW}：3 条 ← {site.url()}"
    assert f"未导入 {RULES}" in lines
    assert official(corpus).exists()


def test_command_ends_with_two_where_nothing_can_be_begun(
    corpus: Path, site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["official", "--fetch", "no-such-law", "--corpus", str(corpus)]) == 2
    assert capsys.readouterr().err.startswith("错误：")
    assert site.requests == []


def test_refusals_are_errors_of_this_project() -> None:
    assert issubclass(PageUnavailable, AigcLawError)
