"""What goes to another machine goes encrypted: which addresses are refused, and why."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from urllib.parse import parse_qs, unquote, urlsplit

SURE = frozenset({"require", "verify-ca", "verify-full"})
"""values of libpq's sslmode with which nothing is ever sent in the open"""


def is_loopback(host: str | None) -> bool:
    """Whether a host is this machine: its loopback addresses and the name `localhost`."""
    name = (host or "").strip("[]").rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def open_web(url: str) -> str | None:
    """What is wrong with an address of HTTP; None for https, and for this machine."""
    address = urlsplit(url)
    if address.scheme == "https" or (address.scheme == "http" and is_loopback(address.hostname)):
        return None
    return "should begin with https:// (http:// only for this machine itself)"


def open_database(url: str, environment: Mapping[str, str]) -> str | None:
    """What is wrong with a database's address; None where nothing of it travels in the open.

    `environment` has what libpq reads where the address says nothing: PGHOST, PGHOSTADDR and
    PGSSLMODE. A host that is a path is a socket of this machine.
    """
    address = urlsplit(url)
    if not address.scheme.startswith("postgres"):
        return None
    query = parse_qs(address.query)
    hosts = [part.rpartition("@")[2] for part in unquote(address.netloc).split(",")]
    named = [_without_port(host) for host in hosts if host]
    for name in ("host", "hostaddr"):
        named += [_without_port(one) for value in query.get(name, ()) for one in value.split(",")]
    if not named:
        given = (environment.get("PGHOST", ""), environment.get("PGHOSTADDR", ""))
        named = [one for value in given for one in value.split(",") if one]
    mode = (query.get("sslmode") or [environment.get("PGSSLMODE", "prefer")])[-1]
    if mode in SURE or all(host.startswith("/") or is_loopback(host) for host in named):
        return None
    return "should end in ?sslmode=require (or verify-full): the database is on another machine"


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host if host.count(":") > 1 else host.partition(":")[0]
