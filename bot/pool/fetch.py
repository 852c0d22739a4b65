"""Reading addresses of the open web, and of nowhere else.

A name is resolved once, every address it has must be public, and the connection goes to the
address that was checked: a name that changes its mind in between reaches nothing. What a redirect
leads to is checked in the same way.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic

import httpx

from bot.ports import BadInput

LARGEST = 16 << 20
"""bytes of an answer, unpacked"""
SECONDS = 20.0
"""for one fetch, redirects included"""
REDIRECTS = 5
LONGEST_MARK = 1_000
"""characters of what a server says of its answer's version"""
HEAD_UNKNOWN = frozenset({400, 403, 404, 405, 410, 501})
"""answers to HEAD after which GET is tried: many servers know only that"""

_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")
"""behind it a gateway reaches any IPv4 address, private ones too"""

Resolve = Callable[[str, int], Sequence[str]]


def resolve(host: str, port: int) -> Sequence[str]:
    """All addresses of a host. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_public(address: str) -> bool:
    """Whether an address is on the open internet: not private, local, reserved or a group's."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    inner = getattr(ip, "ipv4_mapped", None) or getattr(ip, "sixtofour", None)
    if isinstance(ip, ipaddress.IPv6Address) and ip in _TRANSLATED:
        return False
    return ip.is_global and not ip.is_multicast and (inner is None or is_public(str(inner)))


class Unreachable(BadInput):
    """Nobody answers at an address; somebody may do so later."""


class NotPublic(BadInput):
    """An address is none of the open web's, and is not asked."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """One answer; `data` is None where nothing is newer than what was asked for."""

    status: int
    data: bytes | None
    etag: str = ""
    modified: str = ""


def fetch(
    url: str, *, resolve: Resolve = resolve, allowed: Callable[[str], bool] = is_public
) -> bytes:
    """The bytes behind an http or https address. Raises BadInput as `Web.newer` does."""
    return Web(resolve=resolve, allowed=allowed, seconds=SECONDS).newer(url).data or b""


@dataclass(frozen=True)
class Web:
    """Asks addresses, one at a time."""

    private_hosts: frozenset[str] = frozenset()
    """hosts of one's own network that may be asked by name; nothing else leads to them"""
    resolve: Resolve = resolve
    allowed: Callable[[str], bool] = is_public
    seconds: float = SECONDS

    def newer(self, url: str, etag: str = "", modified: str = "") -> Fetched:
        """What an address gives, unless it says that nothing is newer.

        Raises:
            NotPublic: it, or what it redirects to, is none of the open web's.
            Unreachable: no answer in time.
            BadInput: it is no address, answers with an error, or gives more than `LARGEST` bytes.
        """
        given = {"If-None-Match": etag, "If-Modified-Since": modified}
        asks = {name: value for name, value in given.items() if value}
        answer = self._ask("GET", url, asks)
        if answer.status == 304 and asks:
            return Fetched(304, None, etag, modified)
        if not 200 <= answer.status < 300:
            raise BadInput(f"{url}: answered with {answer.status}")
        return answer

    def status(self, url: str) -> int:
        """The status that an address answers with, redirects followed. Raises as `newer` does."""
        answer = self._ask("HEAD", url, {})
        if answer.status in HEAD_UNKNOWN:
            answer = self._ask("GET", url, {}, reads=False)
        return answer.status

    def _ask(
        self, method: str, url: str, headers: Mapping[str, str], *, reads: bool = True
    ) -> Fetched:
        deadline, origin, asked = monotonic() + self.seconds, _host(url), url
        with httpx.Client(trust_env=False, timeout=self.seconds / 2) as client:
            # the library's timeouts are per read: whoever drips would never come to an end
            watch = threading.Timer(self.seconds, client.close)
            watch.daemon = True
            watch.start()
            try:
                for _ in range(REDIRECTS + 1):
                    host, pinned = self._pinned(url, origin)
                    request = client.build_request(
                        method,
                        pinned,
                        headers={**_OURS, **headers, "Host": host},
                        extensions={"sni_hostname": httpx.URL(url).host},
                    )
                    answer = _answer(client, request, url, deadline, reads)
                    if isinstance(answer, Fetched):
                        return answer
                    url = answer
            finally:
                watch.cancel()
        raise BadInput(f"{asked}: was reached only after {REDIRECTS} redirects, which are too many")

    def _pinned(self, url: str, origin: str) -> tuple[str, httpx.URL]:
        try:
            parts = httpx.URL(url)
            port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
        except (httpx.InvalidURL, ValueError):
            raise BadInput(f"{url[:200]}: is no address") from None
        if parts.scheme not in ("http", "https") or not parts.host or parts.userinfo:
            raise BadInput(
                f"“{url[:200]}” is no address to fetch: it begins with https:// or http://, and"
                " names no user"
            )
        try:
            addresses = self.resolve(parts.host, port)
        except OSError:
            addresses = ()
        if not addresses:
            raise Unreachable(f"{url}: there is no host {parts.host}")
        own = parts.host == origin and parts.host in self.private_hosts
        if not own and not all(self.allowed(address) for address in addresses):
            raise NotPublic(f"{url}: is not on the open internet, and is not fetched")
        return parts.netloc.decode(), parts.copy_with(host=addresses[0])


_OURS = {"User-Agent": "Overture", "Accept-Encoding": "identity"}


def _host(url: str) -> str:
    try:
        return httpx.URL(url).host
    except (httpx.InvalidURL, ValueError):
        return ""


def _answer(
    client: httpx.Client, request: httpx.Request, url: str, deadline: float, reads: bool
) -> Fetched | str:
    """The answer, or the address that it redirects to."""
    try:
        response = client.send(request, stream=True)
        try:
            if response.has_redirect_location:
                return str(httpx.URL(url).join(response.headers["location"]))
            wanted = reads and response.is_success
            data = _body(response, url, deadline) if wanted else None
            told = response.headers
            marks = (_mark(told.get("etag", "")), _mark(told.get("last-modified", "")))
            return Fetched(response.status_code, data, *marks)
        finally:
            response.close()
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, RuntimeError) as error:
        late = monotonic() >= deadline
        why = "too late" if late else str(error) or type(error).__name__
        raise Unreachable(f"{url}: gives no answer ({why})") from None


def _mark(given: str) -> str:
    """What is sent back the next time; nothing where it could not be, or is enormous."""
    return given if given.isascii() and given.isprintable() and len(given) <= LONGEST_MARK else ""


def _body(response: httpx.Response, url: str, deadline: float) -> bytes:
    pieces, size = [], 0
    for piece in response.iter_raw(1 << 16):
        size += len(piece)
        if size > LARGEST:
            raise BadInput(f"{url}: has more than {LARGEST:,} bytes")
        if monotonic() > deadline:
            raise Unreachable(f"{url}: takes more than {SECONDS:.0f} seconds")
        pieces.append(piece)
    return b"".join(pieces)
