"""The database's schema: brought up to date, and refused where it does not fit this code."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, inspect, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from bot.ports import Refused
from bot.store.database import connect
from bot.store.tables import Table

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
_LOCK = 0x0FE7_70BE
"""PostgreSQL's advisory lock: replicas that start together migrate one after the other"""


def upgrade(url: str, revision: str = "head") -> tuple[str | None, str | None]:
    """Bring the database at `url` to `revision`, in one transaction.

    Returns the revisions before and after; None is an empty database.

    Raises:
        BadInput: the address is neither SQLite's nor PostgreSQL's.
        Refused: the database cannot be reached, or is ahead of this code.
    """
    with _writing(url) as connection:
        before = _revision(connection)
        _refuse_unknown(before)
        _refuse_foreign(connection, before)
        command.upgrade(_config(connection), revision)
        return before, _revision(connection)


def downgrade(url: str, revision: str) -> None:
    """Take the database back to `revision`; ``base`` empties it. Raises as `upgrade` does."""
    with _writing(url) as connection:
        _refuse_unknown(_revision(connection))
        command.downgrade(_config(connection), revision)


def current(url: str) -> str | None:
    """The revision of the database at `url`; None when it is empty or does not exist yet.

    Raises:
        BadInput: the address is neither SQLite's nor PostgreSQL's.
        Refused: the database cannot be reached.
    """
    if _is_missing_file(url):
        return None
    engine = connect(url)
    try:
        return _of_engine(engine)
    finally:
        engine.dispose()


def newest() -> str:
    """The revision that this code is written for."""
    head = _scripts().get_current_head()
    if head is None:
        raise Refused(f"{MIGRATIONS} holds no revision. Check out the whole repository.")
    return head


def is_known(revision: str | None) -> bool:
    """Whether this code has the revision; an empty database counts as known."""
    try:
        return revision is None or _scripts().get_revision(revision) is not None
    except CommandError:
        return False


def require_current(engine: Engine) -> None:
    """Let only a database pass that this code is written for.

    Raises:
        Refused: it is empty, behind or ahead; the message names the command that mends it.
    """
    found, wanted = _of_engine(engine), newest()
    if found == wanted:
        return
    _refuse_unknown(found)
    state = "is empty" if found is None else f"is at revision {found}, behind {wanted}"
    raise Refused(f"The database {_shown(engine)} {state}. Run: overture db upgrade")


def differs_in_default(
    context: Any, inspected: Any, column: Any, found: str | None, _default: Any, wanted: str | None
) -> bool:
    """Alembic's own comparison takes SQLite's ``''`` for a change; arguments are its hook's."""

    def plain(default: str | None) -> str | None:
        return None if default is None else default.split("::")[0].strip("()'\"")

    is_serial = column.primary_key and column.autoincrement is True
    return not is_serial and plain(found) != plain(wanted)


def differences(connection: Connection) -> list[Any]:
    """What Alembic would change for the database to have exactly the tables of the code."""
    options = {"compare_type": True, "compare_server_default": differs_in_default}
    context = MigrationContext.configure(connection, opts=options)
    found: list[Any] = compare_metadata(context, Table.metadata)
    return found


def _of_engine(engine: Engine) -> str | None:
    try:
        with engine.connect() as connection:
            return _revision(connection)
    except SQLAlchemyError as error:
        raise _unreachable(_shown(engine), error) from None


@contextmanager
def _writing(url: str) -> Iterator[Connection]:
    engine = connect(url)
    try:
        with engine.execution_options(overture_writes=True).begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            yield connection
    except SQLAlchemyError as error:
        raise _unreachable(_shown(engine), error) from None
    finally:
        engine.dispose()


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_folder()).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _folder() -> Path:
    if not (MIGRATIONS / "env.py").is_file():
        raise Refused(
            f"The migrations are missing: there is no {MIGRATIONS / 'env.py'}."
            " Install Overture from its repository: pip install -e ."
        )
    return MIGRATIONS


def _scripts() -> ScriptDirectory:
    return _scripts_in(_folder())


@cache
def _scripts_in(folder: Path) -> ScriptDirectory:
    """Read once: it takes longer than all else that opening a database does."""
    return ScriptDirectory(folder)


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _refuse_unknown(revision: str | None) -> None:
    if not is_known(revision):
        raise Refused(
            f"The database is at revision {revision}, ahead of this code ({newest()})."
            " Update the code: git pull && make setup; then run: overture db current"
        )


def _refuse_foreign(connection: Connection, revision: str | None) -> None:
    """Tables of ours without a revision: somebody else's, or made around the migrations."""
    if revision is None and inspect(connection).has_table("workspaces"):
        raise Refused(
            f"The database {_shown(connection.engine)} holds a table `workspaces`, but no revision."
            " Point OVERTURE_DATABASE_URL at a database of its own."
        )


def _is_missing_file(url: str) -> bool:
    engine = connect(url) if not url.startswith("sqlite") else None
    if engine is not None:
        engine.dispose()
        return False
    path = make_url(url).database
    return bool(path) and path != ":memory:" and not Path(str(path)).exists()


def _shown(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=True)


def _unreachable(shown: str, error: SQLAlchemyError) -> Refused:
    cause = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
    return Refused(
        f"The database {shown} cannot be used: {cause}."
        " Check OVERTURE_DATABASE_URL, and that it is running and may be written."
    )
