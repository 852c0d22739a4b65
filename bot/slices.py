"""The slices of the settings: each component receives its own, and nothing else.

`bot.settings` reads them, and is where everybody else imports them from.
"""

from __future__ import annotations

import json
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import NoDecode

from bot.calendar import known_country
from bot.ports import BadInput
from bot.remote import is_loopback, open_web


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


def listed(value: Any) -> Any:
    """A list as a variable may hold it: as JSON, or separated by commas."""
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("["):
        return json.loads(value)
    return tuple(part.strip() for part in value.split(",") if part.strip())


def refused(value: str, problem: str | None) -> str:
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
        return listed(value)

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
    same_story: float = Field(
        0.88, gt=0, le=2, description="likeness from which two items are one story told twice"
    )
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
    at_once: int = Field(8, ge=1, le=64, description="openers that are composed at one time")
    prompt_price: float = Field(
        0, ge=0, description="price of a million tokens that it reads, in a currency of yours"
    )
    completion_price: float = Field(
        0, ge=0, description="price of a million tokens that it writes, in the same currency"
    )
    daily_tokens: int = Field(
        5_000_000, ge=0, description="tokens a workspace and UTC day, at most; then templates serve"
    )
    daily_cost: float | None = Field(
        None, ge=0, description="cost a workspace and UTC day, at most; empty: no such ceiling"
    )

    @field_validator("base_url")
    @classmethod
    def _is_sealed_on_its_way(cls, value: str | None) -> str | None:
        return value if value is None else refused(value, open_web(value))

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
        None,
        description="the app's id, to be installed by OAuth and for tokens that rotate;"
        " also SLACK_CLIENT_ID",
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
    public_url: str | None = Field(
        None,
        description="https://…, where browsers and Slack reach those requests: with it, the app's"
        " id and its secret any workspace can install the app",
    )
    teams: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="ids of the workspaces that may install it, with commas; empty: any"
    )
    api_url: str = Field(
        "https://slack.com/api/", description="where Slack's Web API is; also SLACK_API_URL"
    )
    call_deadline: float = Field(15.0, gt=0, description="seconds a call may take in all")
    in_flight: int = Field(8, ge=1, le=256, description="messages on their way to Slack at once")
    person: str | None = Field(
        None, description="a member's or channel's id that takes hand-offs; empty: nobody yet"
    )
    review_channel: str | None = Field(
        None, description="a channel's id where openers are reviewed; empty: by command alone"
    )
    curators: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="ids of those who may curate and review; in a variable separated by commas"
    )
    admins: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="ids of those who also say who may; in a variable separated by commas"
    )
    admins_from_slack: bool = Field(
        False, description="whether owners and admins of the Slack workspace are admins here, too"
    )

    @field_validator("curators", "admins", "teams", mode="before")
    @classmethod
    def _is_list(cls, value: Any) -> Any:
        return listed(value)

    @field_validator("api_url")
    @classmethod
    def _is_sealed_on_its_way(cls, value: str) -> str:
        return refused(value, open_web(value)).rstrip("/") + "/"

    @field_validator("public_url")
    @classmethod
    def _is_an_address(cls, value: str | None) -> str | None:
        return value if value is None else refused(value, open_web(value)).rstrip("/")

    @property
    def is_loopback(self) -> bool:
        return is_loopback(urlsplit(self.api_url).hostname)


class PoolSettings(Slice):
    """Where items come from by themselves."""

    feed_minutes: int = Field(60, ge=15, le=1440, description="between two looks at a feed")
    private_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="hosts of your own network that feeds may be read from, with commas"
    )

    @field_validator("private_hosts", mode="before")
    @classmethod
    def _is_list(cls, value: Any) -> Any:
        return listed(value)


class LearningSettings(Slice):
    """When an opener's window closes and the night runs."""

    window_hours: float = Field(12, gt=0, le=8760, description="after it, no answer means ignored")
    night_at: TimeOfDay = Field("03:00", description="when the night runs, in the workspace's zone")


class RetentionSettings(Slice):
    """Days that each class of data is kept, at most; `bot/keeping/retention.py` says why."""

    channel_messages: int = Field(180, ge=1, le=180, description="messages as signals")
    reactions: int = Field(180, ge=1, le=180, description="reactions as signals")
    imported_history: int = Field(180, ge=1, le=180, description="imported messages, by their date")
    external_events: int = Field(90, ge=1, le=90, description="events from connected tools")
    openers: int = Field(365, ge=1, le=365, description="the words of openers and their reasons")
    turns: int = Field(180, ge=1, le=180, description="what was said in conversations")
    proposals: int = Field(30, ge=1, le=30, description="what was asked back before a change")
    reviews: int = Field(365, ge=1, le=365, description="openers that a person looked at")
    outbox: int = Field(30, ge=1, le=30, description="the content of messages that have left")
    inbox: int = Field(14, ge=1, le=14, description="what arrived and is done")
    corrections: int = Field(2, ge=1, le=2, description="edits that came before their message")
    shelf: int = Field(30, ge=1, le=30, description="what waited on a home tab, after its time")
    decision_inputs: int = Field(90, ge=1, le=90, description="what decisions were made from")
    job_runs: int = Field(90, ge=1, le=90, description="which job ran when")
    curations: int = Field(30, ge=1, le=30, description="what items said before a curator's change")
