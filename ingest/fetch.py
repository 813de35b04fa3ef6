"""Download official pages politely: only from hosts that the corpus lists, one at a time, within limits of time and size."""

from __future__ import annotations

import datetime as dt
import re
import time
import urllib.robotparser
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urljoin, urlsplit

import httpx
import yaml
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from ingest.extract import docx_text, html_text, pdf_text
from ingest.read import plain_text
from rag.errors import AigcLawError, InvalidInput

HOSTS_FILE = "official-hosts.yaml"
"""In the corpus folder: a list of the hosts that official texts may be fetched from."""
USER_AGENT = "aigc-law-qa/0.1 (imports official legal texts for citation; one request at a time)"

_REDIRECTS = 5
_META_REFRESH = re.compile(
    rb"<meta[^>]+http-equiv=[\"']?refresh[^>]+content=[\"']?\s*\d+\s*;\s*url=['\"]?(?P<url>[^\"'>\s]+)", re.IGNORECASE
)
_SMALL_PAGE = 5_000
"""Bytes up to which a page that asks to be left (meta refresh) is taken for a notice that the text has moved."""
_TRANSIENT = (408, 425, 429, 500, 502, 503, 504)


class PageUnavailable(AigcLawError):
    """A page could not be downloaded."""


class _Transient(Exception):
    """Worth another attempt; ``after`` is what the server asks to wait, in seconds."""

    def __init__(self, why: str, after: float | None = None) -> None:
        super().__init__(why)
        self.after = after


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds, bytes and attempts that one page may cost."""

    connect: float = 10
    read: float = 20
    total: float = 60
    size: int = 20_000_000
    attempts: int = 4
    backoff: float = 1
    longest_wait: float = 30
    pause: float = 1
    """Between two requests to one host."""


@dataclass(frozen=True, slots=True)
class Page:
    """A downloaded page: the address it came from in the end, and its text."""

    url: str
    text: str


def allowed_hosts(corpus: Path) -> frozenset[str]:
    """The hosts that official texts may be fetched from.

    Raises:
        InvalidInput: the corpus has no such list, or it cannot be read.
    """
    path = corpus / HOSTS_FILE
    try:
        hosts = yaml.safe_load(path.read_text("utf-8"))
    except FileNotFoundError:
        hosts, why = None, "文件不存在"
    except yaml.YAMLError as error:
        hosts, why = None, str(error)
    else:
        why = "应是主机名的列表"
    if not isinstance(hosts, list) or not all(isinstance(host, str) for host in hosts):
        raise InvalidInput(
            f"读不出官方网站名单：{path}。",
            why=f"{why}；下载只限名单内的网站",
            next_step="每行写一个主机名：- www.gov.cn",
        )
    return frozenset(host.lower() for host in hosts)


class Fetcher:
    """Downloads pages from ``hosts``; to be closed, or used in a ``with``."""

    def __init__(self, hosts: frozenset[str], limits: Limits | None = None) -> None:
        self._hosts, self._limits = hosts, limits or Limits()
        timeout = httpx.Timeout(self._limits.read, connect=self._limits.connect)
        self._client = httpx.Client(timeout=timeout, headers={"User-Agent": USER_AGENT}, follow_redirects=False)
        self._last_request: dict[str, float] = {}
        self._robots: dict[str, urllib.robotparser.RobotFileParser] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def page(self, url: str) -> Page:
        """The text of the page at ``url``, redirects followed within the listed hosts.

        Raises:
            PageUnavailable: not allowed, not there, too slow, too big, or of a type that holds no text.
            DocumentRefused: a PDF or DOCX that is damaged.
        """
        deadline = time.monotonic() + self._limits.total
        seen: list[str] = []
        while len(seen) <= _REDIRECTS:
            self._check_allowed(url, seen)
            if not self._robots_of(url, deadline).can_fetch(USER_AGENT, url):
                raise PageUnavailable(
                    f"网站不允许抓取：{url}。", why="robots.txt", next_step="在浏览器里下载后用路径导入。"
                )
            seen.append(url)
            response, content = self._get(url, deadline)
            target = _target(response, content)
            if target is None:
                return Page(url, _text(response, content, url))
            url = _joined(url, target)
        raise PageUnavailable(f"跳转过多：{seen[0]}。", why=" → ".join(seen[-3:]), next_step="核对网址。")

    def _check_allowed(self, url: str, seen: list[str]) -> None:
        try:
            parts = urlsplit(url)
        except ValueError:
            parts = urlsplit("")
        host = parts.hostname or ""
        if parts.scheme not in ("http", "https") or not host:
            raise PageUnavailable(f"不是网址：{url}。", next_step="核对文件头里的 url。")
        if host not in self._hosts:
            came = f"从 {seen[-1]} 跳转而来；" if seen else ""
            raise PageUnavailable(
                f"网站不在名单内：{host}。",
                why=f"{came}只从 {HOSTS_FILE} 所列网站下载",
                next_step="确认是官方网站后加入名单。",
            )

    def _robots_of(self, url: str, deadline: float) -> urllib.robotparser.RobotFileParser:
        root = "{0.scheme}://{0.netloc}".format(urlsplit(url))
        if root not in self._robots:
            parser = urllib.robotparser.RobotFileParser()
            try:
                response, content = self._get(f"{root}/robots.txt", deadline)
                is_rules = response.status_code == 200 and not content.lstrip().startswith(b"<")
                parser.parse(content.decode("utf-8", "replace").splitlines() if is_rules else [])
            except PageUnavailable:
                parser.parse([])  # a site without rules, or that will say itself why the page cannot be had
            self._robots[root] = parser
        return self._robots[root]

    def _get(self, url: str, deadline: float) -> tuple[httpx.Response, bytes]:
        retrying = Retrying(
            retry=retry_if_exception_type(_Transient),
            stop=stop_after_attempt(self._limits.attempts),
            wait=self._wait,
            sleep=lambda seconds: _sleep(seconds, deadline),
            reraise=True,
        )
        try:
            return retrying(self._attempt, url, deadline)
        except _Transient as error:
            raise PageUnavailable(
                f"下载失败：{url}。",
                why=f"{error}（试了多次或已到时限）",
                next_step="稍后重试，或在浏览器里下载后用路径导入。",
            ) from error

    def _wait(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        after = error.after if isinstance(error, _Transient) else None
        backoff = wait_exponential(multiplier=self._limits.backoff, max=self._limits.longest_wait)
        return min(after, self._limits.longest_wait) if after is not None else backoff(state)

    def _attempt(self, url: str, deadline: float) -> tuple[httpx.Response, bytes]:
        with self._turn(urlsplit(url).netloc, deadline):
            try:
                with self._client.stream("GET", url) as response:
                    if response.status_code in _TRANSIENT:
                        raise _Transient(f"HTTP {response.status_code}", _retry_after(response))
                    if response.status_code >= 400:
                        raise PageUnavailable(
                            f"网页取不到：{url}。",
                            why=f"HTTP {response.status_code}",
                            next_step="核对网址，页面可能已移走。",
                        )
                    return response, self._body(response, url, deadline)
            except (httpx.TransportError, httpx.DecodingError, httpx.InvalidURL) as error:  # or cut short
                raise _Transient(f"{type(error).__name__}: {error}") from error

    def _body(self, response: httpx.Response, url: str, deadline: float) -> bytes:
        content = bytearray()
        for chunk in response.iter_bytes():
            content += chunk
            if len(content) > self._limits.size:
                raise PageUnavailable(
                    f"文件过大：{url}。",
                    why=f"超过 {self._limits.size:,} 字节",
                    next_step="在浏览器里下载后用路径导入。",
                )
            if time.monotonic() > deadline:
                raise PageUnavailable(
                    f"下载太慢：{url}。",
                    why=f"{self._limits.total:g} 秒内没有完成",
                    next_step="稍后重试，或下载后用路径导入。",
                )
        return bytes(content)

    @contextmanager
    def _turn(self, host: str, deadline: float) -> Iterator[None]:
        """One request to a host at a time, ``Limits.pause`` apart."""
        due = self._last_request.get(host, float("-inf")) + self._limits.pause
        _sleep(due - time.monotonic(), deadline)
        try:
            yield
        finally:
            self._last_request[host] = time.monotonic()


def _joined(url: str, target: str) -> str:
    try:
        return urljoin(url, target)
    except ValueError:  # no address at all; refused as such
        return target


def _sleep(seconds: float, deadline: float) -> None:
    if seconds <= 0:
        return
    if time.monotonic() + seconds > deadline:
        raise _Transient("到时限前来不及再试")
    time.sleep(seconds)


def _retry_after(response: httpx.Response) -> float | None:
    """Seconds that the server asks to wait; it may give a number or a date."""
    value = response.headers.get("Retry-After", "")
    if value.isdecimal():
        return float(value)
    try:
        return max(0.0, (parsedate_to_datetime(value) - dt.datetime.now(tz=dt.UTC)).total_seconds())
    except (ValueError, TypeError):
        return None


def _target(response: httpx.Response, content: bytes) -> str | None:
    """Where a response sends its reader on to: by status, or by a small page that only says so."""
    if response.has_redirect_location:
        return str(response.headers.get("Location"))
    found = _META_REFRESH.search(content) if len(content) < _SMALL_PAGE else None
    return found["url"].decode("utf-8", "replace") if found else None


def _text(response: httpx.Response, content: bytes, url: str) -> str:
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    path = Path(urlsplit(url).path or "page")
    if content.startswith(b"%PDF") or kind == "application/pdf":
        return pdf_text(content, path)
    if content.startswith(b"PK") or "wordprocessingml" in kind:
        return docx_text(content, path)
    if kind == "text/plain":
        return plain_text(content, path)
    if kind in ("text/html", "application/xhtml+xml", ""):
        charset = response.charset_encoding
        return html_text(_decoded(content, charset) if charset else content, path)
    raise PageUnavailable(
        f"不是可读的文本：{url}。", why=f"类型 {kind}", next_step="找官方文本的网页、PDF 或 Word 文件。"
    )


def _decoded(content: bytes, charset: str) -> str | bytes:
    """By the charset that the server names, gb18030 for its older forms; as bytes, for the page's own word, where that fails."""
    try:
        return content.decode("gb18030" if charset.lower() in ("gb2312", "gbk") else charset)
    except (UnicodeDecodeError, LookupError):
        return content
