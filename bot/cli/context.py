"""What every command is given: settings and the application, made when they are asked for."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

import click

from bot import settings as settings_module
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.app import App


class Context:
    """Settings and application of one command."""

    @cached_property
    def settings(self) -> Settings:
        return settings_module.load()

    @cached_property
    def app(self) -> App:
        from bot.app import build

        app = build(self.settings)
        click.get_current_context().call_on_close(app.close)
        return app


class Moment(click.ParamType[datetime]):
    """An ISO 8601 moment; one without a zone is refused, for it could mean any of them."""

    name = "ISO8601"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is no moment; write it as 2026-09-07T09:00Z", param, ctx)
        if moment.tzinfo is None:
            self.fail(f"{value!r} has no time zone; write {value}Z for UTC", param, ctx)
        return moment.astimezone(UTC)


MOMENT = Moment()
