"""The only reader of the environment: one table of settings, cut into slices.

Every setting can be given as an environment variable (``OVERTURE_POLICY__DAILY_CAP=2``) or in
``overture.toml``; the environment wins. Each component receives its own slice and nothing else.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from pydantic_settings.exceptions import SettingsError

from bot.calendar import known_country
from bot.experiments import Experiments
from bot.ports import BadInput
from bot.remote import is_loopback, open_database, open_web

FILE = "overture.toml"
PREFIX = "OVERTURE_"


NOT_OURS = frozenset({"OVERTURE_CONFIG", "OVERTURE_DATASETS", "OVERTURE_CHROMIUM"})
"""variables that begin like settings: where the file is, and what the tests need"""


class Slice(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _empty_is_unset(cls, value: Any, info: ValidationInfo) -> Any:
        field = cls.model_fields.get(info.field_name or "")
        return None if value == "" and field is not None and field.default is None else value


def _time_of_day(value: str) -> str:
    hours, colon, minutes = value.partition(":")
    digits = colon and all(part.isascii() and part.isdecimal() for part in (hours, minutes))
    if not digits or int(minutes) > 59 or int(hours) * 60 + int(minutes) > 24 * 60:
        raise ValueError("should be a time of day such as 09:00")
    return value


def _listed(value: Any) -> Any:
    """A list as a variable may hold it: as JSON, or separated by commas."""
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("["):
        return json.loads(value)
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _refused(value: str, problem: str | None) -> str:
    if problem is not None:
        raise ValueError(problem)
    return value


TimeOfDay = Annotated[str, AfterValidator(_time_of_day)]


class PolicySettings(Slice):
    """When we may speak, and when it is worth it."""

    threshold: float = Field(0.4, ge=0, le=1, description="P(engages) from which we may speak")
    daily_cap: int = Field(1, ge=0, description="openers a member gets a day, at most")
    weekly_cap: int = Field(3, ge=0, description="openers a member gets in seven days, at most")
    day_starts: TimeOfDay = Field("09:00", description="quiet before this local time")
    day_ends: TimeOfDay = Field("18:00", description="quiet from this local time on")
    slot_hours: int = Field(
        4, ge=1, le=24, description="hours of the working day, from its start, to open a slot in"
    )
    weekdays: str = Field("01234", description="days we may speak on, 0 is Monday")
    openers_per_day: int = Field(
        1000, ge=0, description="openers the whole workspace gets a UTC day, at most"
    )
    cooldown_hours: float = Field(16, ge=0, le=8760, description="silence after each opener")
    explore_per_day: int = Field(
        3, ge=0, description="openers a day below the threshold, while little is known"
    )
    explore_floor: float = Field(
        0.12, ge=0, le=1, description="P(engages) below which not even exploration speaks"
    )
    holdout: float = Field(0.1, ge=0, le=1, description="share of slots withheld to measure lift")
    pilot_only: bool = Field(True, description="only members on the pilot list, or who came")
    pilot: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="member ids of the pilot list; in a variable separated by commas"
    )
    cooldown_most_hours: float = Field(
        336, ge=0, le=8760, description="to which unwelcome openers in a row double that silence"
    )
    fatigue: float = Field(
        6, gt=0, description="weariness (2 a dismissal, 1 ignored, in two weeks) that silences"
    )
    country: str = Field(
        "", description="ISO 3166 code whose public holidays are kept, such as PT or DE-BY"
    )
    optout_share: float = Field(
        0.1, gt=0, le=1, description="share of those told who opt out that pauses the workspace"
    )
    optout_least: int = Field(3, ge=1, description="opt-outs below which it is not paused")
    optout_days: int = Field(7, ge=1, le=90, description="days that both are counted over")
    shelf_floor: float = Field(
        0.25, ge=0, le=1, description="P(engages) from which an item waits on the home tab"
    )
    shelf_days: int = Field(5, ge=0, le=90, description="days it waits there; 0: no shelf")
    welcomes_per_day: int = Field(5, ge=0, description="welcome messages a day, at most")

    @field_validator("pilot", mode="before")
    @classmethod
    def _is_list(cls, value: Any) -> Any:
        return _listed(value)

    @field_validator("country")
    @classmethod
    def _is_country(cls, value: str) -> str:
        try:
            return known_country(value)
        except BadInput as error:
            raise ValueError(str(error)) from None

    @field_validator("weekdays")
    @classmethod
    def _is_days(cls, value: str) -> str:
        if not set(value) <= set("0123456"):
            raise ValueError("should be digits from 0 (Monday) to 6 (Sunday), such as 01234")
        return value


class RecommenderSettings(Slice):
    """How candidates are found and one is chosen."""

    encoder: str | None = Field(
        None, description="a sentence-transformers name or path; empty: the packaged MiniLM"
    )
    candidates: int = Field(1000, ge=1, le=10_000, description="candidates a member, at most")
    item_daily_cap: int = Field(5, ge=1, description="members that one item reaches a day, at most")
    author_daily_cap: int = Field(
        10, ge=1, description="members that the items of one author reach a day, at most"
    )
    snapshot_from: int = Field(
        5_000, ge=1, description="items from which a pool is kept on disk and mapped into memory"
    )
    epsilon: float = Field(0.1, ge=0, le=1, description="share of picks drawn from the slate's top")
    seed: int = Field(0, ge=0, description="all chance is drawn from it")


class ModelSettings(Slice):
    """The language model; with neither address nor key, templates serve."""

    base_url: str | None = Field(None, description="any OpenAI-compatible endpoint")
    api_key: SecretStr | None = Field(None, description="its key; also OPENAI_API_KEY")
    name: str = Field("gpt-5-mini", description="the model's name there")
    deadline: float = Field(20.0, gt=0, description="seconds for one answer, all retries included")

    @field_validator("base_url")
    @classmethod
    def _is_sealed_on_its_way(cls, value: str | None) -> str | None:
        return value if value is None else _refused(value, open_web(value))

    @property
    def configured(self) -> bool:
        return self.base_url is not None or self.api_key is not None


class SlackSettings(Slice):
    """How to reach Slack."""

    bot_token: SecretStr | None = Field(None, description="xoxb-…; also SLACK_BOT_TOKEN")
    app_token: SecretStr | None = Field(None, description="xapp-…; also SLACK_APP_TOKEN")
    refresh_token: SecretStr | None = Field(
        None, description="xoxe-…, the first one, where the app's tokens rotate"
    )
    client_id: str | None = Field(
        None, description="the app's id, for tokens that rotate; also SLACK_CLIENT_ID"
    )
    client_secret: SecretStr | None = Field(
        None, description="the app's secret, for the same; also SLACK_CLIENT_SECRET"
    )
    signing_secret: SecretStr | None = Field(
        None,
        description="the app's, to be sent requests instead of Socket Mode;"
        " also SLACK_SIGNING_SECRET",
    )
    http_host: str = Field("127.0.0.1", description="where to listen for those requests")
    http_port: int = Field(3000, ge=0, le=65535, description="the port, behind a proxy with TLS")
    api_url: str = Field("https://slack.com/api/", description="where Slack's Web API is")
    call_deadline: float = Field(15.0, gt=0, description="seconds a call may take in all")
    in_flight: int = Field(8, ge=1, le=256, description="messages on their way to Slack at once")
    person: str | None = Field(
        None, description="a member's or channel's id that takes hand-offs; empty: nobody yet"
    )
    review_channel: str | None = Field(
        None, description="a channel's id where openers are reviewed; empty: by command alone"
    )
    curators: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="ids of those who may review there; in a variable separated by commas"
    )

    @field_validator("curators", mode="before")
    @classmethod
    def _is_list(cls, value: Any) -> Any:
        return _listed(value)

    @field_validator("api_url")
    @classmethod
    def _is_sealed_on_its_way(cls, value: str) -> str:
        return _refused(value, open_web(value))

    @property
    def is_loopback(self) -> bool:
        return is_loopback(urlsplit(self.api_url).hostname)


class LearningSettings(Slice):
    """When an opener's window closes and the night runs."""

    window_hours: float = Field(12, gt=0, le=8760, description="after it, no answer means ignored")
    night_at: TimeOfDay = Field("03:00", description="when the night runs, in the workspace's zone")


class RetentionSettings(Slice):
    """Days that each class of data is kept, at most; `bot/retention.py` says what and why."""

    channel_messages: int = Field(180, ge=1, le=180, description="messages as signals")
    reactions: int = Field(180, ge=1, le=180, description="reactions as signals")
    imported_history: int = Field(180, ge=1, le=180, description="imported messages, by their date")
    external_events: int = Field(90, ge=1, le=90, description="events from connected tools")
    openers: int = Field(365, ge=1, le=365, description="the words of openers and their reasons")
    turns: int = Field(180, ge=1, le=180, description="what was said in conversations")
    reviews: int = Field(365, ge=1, le=365, description="openers that a person looked at")
    outbox: int = Field(30, ge=1, le=30, description="the content of messages that have left")
    inbox: int = Field(14, ge=1, le=14, description="what arrived and is done")
    shelf: int = Field(30, ge=1, le=30, description="what waited on a home tab, after its time")
    decision_inputs: int = Field(90, ge=1, le=90, description="what decisions were made from")
    job_runs: int = Field(90, ge=1, le=90, description="which job ran when")


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
    health_port: int = Field(8080, ge=0, le=65535, description="health endpoint of `serve`")
    policy: PolicySettings = PolicySettings()
    recommender: RecommenderSettings = RecommenderSettings()
    model: ModelSettings = ModelSettings()
    slack: SlackSettings = SlackSettings()
    learning: LearningSettings = LearningSettings()
    experiments: Experiments = Field(
        {}, description="arms of members for thresholds, styles and models; see docs/operations.md"
    )
    retention: RetentionSettings = RetentionSettings()

    @field_validator("database_url")
    @classmethod
    def _is_sealed_on_its_way(cls, value: str) -> str:
        return _refused(value, open_database(value, os.environ))

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
    for variable, part, name in _BORROWED:
        value = os.environ.get(variable)
        if value and getattr(getattr(settings, part), name) is None:
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
