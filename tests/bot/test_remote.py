"""Nothing travels to another machine in the open, and the setting to blame is named."""

from __future__ import annotations

import pytest

from bot.ports import BadInput
from bot.remote import is_loopback, open_database, open_web
from bot.settings import load

ENCRYPTED = (
    "sqlite:///var/overture.db",
    "postgresql://me:hush@127.0.0.1:5432/db",
    "postgresql://me:hush@[::1]:5432/db",
    "postgresql://localhost/db",
    "postgresql://me@/db?host=/run/postgresql",
    "postgresql:///db",
    "postgresql://me:hush@db.example/db?sslmode=require",
    "postgresql+psycopg://me:hush@db.example/db?sslmode=verify-full",
    "postgresql://a.example,b.example:6432/db?sslmode=verify-ca",
)
IN_THE_OPEN = (
    "postgresql://me:hush@db.example/db",
    "postgres://me:hush@10.0.0.5:5432/db",
    "postgresql+psycopg://db.example/db?sslmode=prefer",
    "postgresql://me@/db?host=db.example",
    "postgresql://me@localhost,db.example/db",
    "postgresql://me@127.0.0.1/db?hostaddr=10.0.0.5",
    "postgresql://[2001:db8::5]:5432/db?sslmode=allow",
)


@pytest.mark.parametrize("url", ENCRYPTED)
def test_what_stays_here_or_is_encrypted_passes(url: str) -> None:
    assert open_database(url, {}) is None


@pytest.mark.parametrize("url", IN_THE_OPEN)
def test_a_database_elsewhere_needs_encryption(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "sslmode=require" in (open_database(url, {}) or "")
    assert open_database(url, {"PGSSLMODE": "require"}) is None or "sslmode" in url
    monkeypatch.delenv("PGSSLMODE", raising=False)
    monkeypatch.setenv("OVERTURE_DATABASE_URL", url)
    with pytest.raises(BadInput, match=r"OVERTURE_DATABASE_URL.*sslmode=require") as raised:
        load()
    assert "hush" not in str(raised.value)


def test_what_libpq_reads_by_itself_counts() -> None:
    assert open_database("postgresql:///db", {"PGHOST": "db.example"}) is not None
    assert open_database("postgresql:///db", {"PGHOST": "/run/postgresql"}) is None


@pytest.mark.parametrize(
    ("url", "fits"),
    [
        ("https://slack.com/api/", True),
        ("http://127.0.0.1:8000/v1", True),
        ("http://localhost:1/v1", True),
        ("http://[::1]:1/v1", True),
        ("http://model.example/v1", False),
        ("http://127.0.0.1.example/v1", False),
        ("http://10.0.0.5/v1", False),
        ("ftp://127.0.0.1/v1", False),
        ("model.example/v1", False),
    ],
)
def test_the_web_is_spoken_to_over_tls(
    url: str, fits: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (open_web(url) is None) == fits
    for variable in ("OVERTURE_MODEL__BASE_URL", "OVERTURE_SLACK__API_URL"):
        with monkeypatch.context() as patched:
            patched.setenv(variable, url)
            if fits:
                load()
                continue
            with pytest.raises(BadInput, match=rf"{variable}.*https://"):
                load()


def test_a_borrowed_address_is_held_to_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://model.example/v1")
    with pytest.raises(BadInput, match=r"OPENAI_BASE_URL.*https://"):
        load()


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.8.0.1", "::1", "[::1]", "localhost", "LocalHost."]
)
def test_this_machine_is_known(host: str) -> None:
    assert is_loopback(host)
