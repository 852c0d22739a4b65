"""Fetching a feed from the open web, and from nowhere else.

A name is resolved once, every address it has must be public, and the connection goes to the
address that was checked: a name that changes its mind in between reaches nothing.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence
from time import monotonic

import httpx

from bot.ports import BadInput

LARGEST = 16 << 20
"""bytes of an answer, unpacked"""
SECONDS = 20.0
"""for one fetch, redirects included"""
REDIRECTS = 5

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


def fetch(
    url: str, *, resolve: Resolve = resolve, allowed: Callable[[str], bool] = is_public
) -> bytes:
    """The bytes behind an http or https address.

    Raises:
        BadInput: the address is none of the open web's, or gives no answer in time, an error, or
            more than `LARGEST` bytes; names the address.
    """
    deadline = monotonic() + SECONDS
    with httpx.Client(trust_env=False, timeout=SECONDS / 2) as client:
        for _ in range(REDIRECTS + 1):
            answer = _get(client, url, deadline, resolve, allowed)
            if isinstance(answer, bytes):
                return answer
            url = answer
    raise BadInput(f"{url}: was reached only after {REDIRECTS} redirects, which are too many")


def _get(
    client: httpx.Client,
    url: str,
    deadline: float,
    resolve: Resolve,
    allowed: Callable[[str], bool],
) -> bytes | str:
    """The answer, or the address that it redirects to."""
    host, pinned = _pinned(url, resolve, allowed)
    request = client.build_request(
        "GET",
        pinned,
        headers={"Host": host, "User-Agent": "Overture", "Accept-Encoding": "identity"},
        extensions={"sni_hostname": httpx.URL(url).host},
    )
    try:
        response = client.send(request, stream=True)
        try:
            if response.has_redirect_location:
                return str(httpx.URL(url).join(response.headers["location"]))
            if not response.is_success:
                raise BadInput(f"{url}: answered with {response.status_code}")
            return _body(response, url, deadline)
        finally:
            response.close()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise BadInput(f"{url}: gives no answer ({error or type(error).__name__})") from None


def _pinned(url: str, resolve: Resolve, allowed: Callable[[str], bool]) -> tuple[str, httpx.URL]:
    try:
        parts = httpx.URL(url)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
    except (httpx.InvalidURL, ValueError):
        raise BadInput(f"{url[:200]}: is no address") from None
    if parts.scheme not in ("http", "https") or not parts.host or parts.userinfo:
        raise BadInput(f"{url[:200]}: should be an http or https address without a user")
    try:
        addresses = resolve(parts.host, port)
    except OSError:
        addresses = ()
    if not addresses:
        raise BadInput(f"{url}: there is no host {parts.host}")
    if not all(allowed(address) for address in addresses):
        raise BadInput(f"{url}: is not on the open internet, and is not fetched")
    return parts.netloc.decode(), parts.copy_with(host=addresses[0])


def _body(response: httpx.Response, url: str, deadline: float) -> bytes:
    pieces, size = [], 0
    for piece in response.iter_raw(1 << 16):
        size += len(piece)
        if size > LARGEST:
            raise BadInput(f"{url}: has more than {LARGEST:,} bytes")
        if monotonic() > deadline:
            raise BadInput(f"{url}: takes more than {SECONDS:.0f} seconds")
        pieces.append(piece)
    return b"".join(pieces)
