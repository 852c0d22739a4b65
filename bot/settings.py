"""The only reader of the environment: one table of settings, cut into slices.

Every setting can be given as an environment variable (``OVERTURE_POLICY__DAILY_CAP=2``) or in
``overture.toml``; the environment wins. Each component receives its own slice and nothing else.
"""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from pydantic_settings.exceptions import SettingsError

from bot.answering import ConversationSettings
from bot.experiments import Experiments
from bot.ports import BadInput
from bot.remote import open_database
from bot.slices import (
    LearningSettings,
    ModelSettings,
    PolicySettings,
    PoolSettings,
    RecommenderSettings,
    RetentionSettings,
    SlackSettings,
    Slice,
    refused,
)
from bot.wording import OpenerSettings

__all__ = [
    "ConversationSettings",
    "LearningSettings",
    "ModelSettings",
    "OpenerSettings",
    "PolicySettings",
    "PoolSettings",
    "RecommenderSettings",
    "RetentionSettings",
    "Settings",
    "SlackSettings",
    "Slice",
    "load",
    "settings_file",
]

FILE = "overture.toml"
PREFIX = "OVERTURE_"


NOT_OURS = frozenset({"OVERTURE_CONFIG", "OVERTURE_DATASETS", "OVERTURE_CHROMIUM"})
"""variables that begin like settings: where the file is, and what the tests need"""


class Settings(BaseSettings):
    """Everything that can be set."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True
    )

    database_url: str = Field("sqlite:///var/overture.db", description="SQLite or PostgreSQL")
    home: Path = Field(Path("var"), description="where models, indexes and caches live")
    workspace: str | None = Field(
        None, description="the workspace's id; needed only where a database holds several"
    )
    keys: Annotated[tuple[SecretStr, ...], NoDecode] = Field(
        (),
        description="keys that seal words and tokens at rest, the newest first, separated by"
        " commas; empty: those of the file `keys` in home, which is made when there is none",
    )
    sealing: bool = Field(
        True, description="false: words stay readable in the database; for throw-away ones alone"
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="how much `serve` and `worker` log; never what anybody said"
    )
    health_port: int = Field(8080, ge=0, le=65535, description="health endpoint of `serve`")
    policy: PolicySettings = PolicySettings()
    recommender: RecommenderSettings = RecommenderSettings()
    model: ModelSettings = ModelSettings()
    openers: OpenerSettings = OpenerSettings()
    slack: SlackSettings = SlackSettings()
    conversation: ConversationSettings = ConversationSettings()
    pool: PoolSettings = PoolSettings()
    learning: LearningSettings = LearningSettings()
    experiments: Experiments = Field(
        {}, description="arms of members for thresholds, styles and models; see docs/operations.md"
    )
    retention: RetentionSettings = RetentionSettings()

    @field_validator("database_url")
    @classmethod
    def _is_sealed_on_its_way(cls, value: str) -> str:
        return refused(value, open_database(value, os.environ))

    @field_validator("keys", mode="before")
    @classmethod
    def _is_list(cls, value: Any) -> Any:
        return value.replace(",", " ").split() if isinstance(value, str) else value

    @field_validator("keys")
    @classmethod
    def _are_keys(cls, value: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        for key in value:
            if not re.fullmatch(r"[A-Za-z0-9_-]{43}=", key.get_secret_value()):
                raise ValueError("should be keys as `overture keys new` prints them")
        return value

    @field_validator("workspace", mode="before")
    @classmethod
    def _empty_is_unset(cls, value: Any) -> Any:
        return None if value == "" else value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        toml = TomlConfigSettingsSource(settings_cls, settings_file())
        return init_settings, env_settings, toml


def settings_file() -> Path:
    """The settings file: ``OVERTURE_CONFIG``, or ``overture.toml`` in the current folder."""
    return Path(os.environ.get("OVERTURE_CONFIG", FILE))


_BORROWED = (
    ("OPENAI_BASE_URL", "model", "base_url"),
    ("OPENAI_API_KEY", "model", "api_key"),
    ("SLACK_BOT_TOKEN", "slack", "bot_token"),
    ("SLACK_APP_TOKEN", "slack", "app_token"),
    ("SLACK_SIGNING_SECRET", "slack", "signing_secret"),
    ("SLACK_CLIENT_ID", "slack", "client_id"),
    ("SLACK_CLIENT_SECRET", "slack", "client_secret"),
    ("SLACK_API_URL", "slack", "api_url"),
)
"""Variables of others that are honoured where ours are not set."""


def load(**given: Any) -> Settings:
    """Read the settings.

    Raises:
        BadInput: a value is missing or wrong; the message names the setting and its place.
    """
    _refuse_unknown_variables()
    try:
        settings = Settings(**given)
    except (UnicodeDecodeError, OSError) as error:
        raise BadInput(f"{settings_file()} cannot be read: {error}. Mend or remove it.") from None
    except SettingsError as error:
        raise BadInput(
            f"{error}: OVERTURE_ and the name of a group of settings takes no value of its own;"
            " name one setting in it, such as OVERTURE_POLICY__DAILY_CAP"
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"{settings_file()}: not valid TOML: {error}. Mend that line.") from None
    except ValidationError as error:
        raise BadInput(_explain(error)) from None
    loaded = settings
    for variable, part, name in _BORROWED:
        value = os.environ.get(variable)
        stated = getattr(loaded, part)
        if value and (getattr(stated, name) is None or name not in stated.model_fields_set):
            merged = {**getattr(settings, part).model_dump(), name: value}
            slice_type = type(getattr(settings, part))
            try:
                settings = settings.model_copy(update={part: slice_type(**merged)})
            except ValidationError as error:
                what = error.errors()[0]["msg"].removeprefix("Value error, ")
                raise BadInput(f"variable {variable}: {what}") from None
    return settings


def _refuse_unknown_variables() -> None:
    """A misspelt variable would otherwise change nothing, and say nothing."""
    unknown = sorted(
        name
        for name in os.environ
        if name.upper().startswith(PREFIX)
        and name.upper() not in NOT_OURS
        and name.upper().removeprefix(PREFIX).split("__")[0].lower() not in Settings.model_fields
    )
    if unknown:
        raise BadInput(
            "\n".join(
                f"variable {name} is no setting; see `overture settings` for all of them"
                for name in unknown
            )
        )


def _explain(error: ValidationError) -> str:
    lines = []
    for problem in error.errors():
        path = ".".join(str(part) for part in problem["loc"])
        variable = PREFIX + "__".join(str(part).upper() for part in problem["loc"])
        if problem["type"] == "extra_forbidden":
            lines.append(f"setting {path} does not exist; see `overture settings` for all of them")
        else:
            what = problem["msg"].removeprefix("Value error, ")
            lines.append(
                f"setting {path} ({settings_file()}, or {variable}): {what}{_shown(problem)}"
            )
    return "\n".join(lines)


def _shown(problem: ErrorDetails) -> str:
    """What was given instead, unless it is a secret or may hold one."""
    path = problem["loc"]
    is_group = len(path) == 1 and isinstance(Settings.model_fields[str(path[0])].default, Slice)
    may_be_secret = is_group or str(path[-1]).endswith(("token", "secret", "key", "keys", "url"))
    if may_be_secret or isinstance(problem["input"], dict | list):
        return ""
    return f", but it is {problem['input']!r}"
