"""The migrations make exactly the tables of the code, on both kinds of database, and back."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from bot.ports import BadInput, Refused
from bot.store import schema
from bot.store.database import Store, connect
from bot.store.tables import Table


def test_up_and_down(empty_url: str) -> None:
    assert schema.current(empty_url) is None
    assert schema.upgrade(empty_url) == (None, schema.newest())
    assert schema.upgrade(empty_url) == (schema.newest(), schema.newest())
    assert schema.current(empty_url) == schema.newest()
    schema.downgrade(empty_url, "base")
    engine = connect(empty_url)
    assert inspect(engine).get_table_names() == ["alembic_version"]
    engine.dispose()
    assert schema.upgrade(empty_url)[1] == schema.newest()


def test_the_migrations_make_the_tables_of_the_code(store: Store) -> None:
    with store.engine.begin() as connection:
        assert schema.differences(connection) == []


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE items DROP COLUMN level",
        "ALTER TABLE items ADD COLUMN extra TEXT",
        "DROP INDEX ix_signals_member_at",
        "DROP TABLE turns",
    ],
)
def test_a_change_of_the_tables_is_noticed(store: Store, change: str) -> None:
    with store.engine.begin() as connection:
        connection.execute(text(change))
        assert len(schema.differences(connection)) >= 1


def test_every_constraint_has_the_name_of_the_convention(store: Store) -> None:
    wanted = {str(c.name) for t in Table.metadata.sorted_tables for c in t.foreign_key_constraints}
    inspector = inspect(store.engine)
    found = {
        str(key["name"]) for t in Table.metadata.tables for key in inspector.get_foreign_keys(t)
    }
    assert found == wanted


def test_only_a_current_database_passes(empty_url: str) -> None:
    engine = connect(empty_url)
    with pytest.raises(Refused, match=r"is empty\. Run: overture db upgrade"):
        schema.require_current(engine)
    schema.upgrade(empty_url)
    schema.require_current(engine)
    engine.dispose()


def test_a_database_ahead_of_the_code_is_refused(database_url: str) -> None:
    engine = connect(database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999_later'"))
    with pytest.raises(Refused, match=r"9999_later, ahead of this code.*overture db current"):
        schema.require_current(engine)
    with pytest.raises(Refused, match="ahead of this code"):
        schema.upgrade(database_url)
    engine.dispose()


def test_somebody_elses_tables_are_left_alone(empty_url: str) -> None:
    engine = connect(empty_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE workspaces (a INTEGER)"))
    with pytest.raises(Refused, match="database of its own"):
        schema.upgrade(empty_url)
    assert schema.current(empty_url) is None
    engine.dispose()


def test_asking_for_the_revision_makes_no_file(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "missing.db"
    assert schema.current(f"sqlite:///{path}") is None
    assert not path.parent.exists()


def test_a_database_out_of_reach_is_named_without_its_password() -> None:
    with pytest.raises(Refused, match="OVERTURE_DATABASE_URL") as raised:
        schema.current("postgresql://somebody:hush@127.0.0.1:1/none?connect_timeout=2")
    assert "hush" not in str(raised.value)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    path.write_text("these are my notes, and long enough to be looked at\n" * 40)
    with pytest.raises(Refused, match="not a database"):
        schema.upgrade(f"sqlite:///{path}")
    assert path.read_text().startswith("these are my notes")


def test_an_address_of_no_kind_is_bad_input() -> None:
    with pytest.raises(BadInput, match="OVERTURE_DATABASE_URL"):
        schema.current("mysql://somewhere/else")
