"""Settings: whatever is wrong is named with what it should be, and no secret is ever shown."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pydantic import BaseModel

from bot.ports import BadInput
from bot.settings import PolicySettings, Settings, Slice, load

SECRET = "hush-4711"


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.upper().startswith(("OVERTURE_", "OPENAI_", "SLACK_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("OVERTURE_CONFIG", str(tmp_path / "overture.toml"))


def write(tmp_path: Path, text: str | bytes) -> None:
    data = text.encode() if isinstance(text, str) else text
    (tmp_path / "overture.toml").write_bytes(data)


def complaint() -> str:
    with pytest.raises(BadInput) as raised:
        load()
    return str(raised.value)


def test_nothing_has_to_be_set_and_the_defaults_are_careful() -> None:
    policy = load().policy
    assert (policy.daily_cap, policy.weekly_cap, policy.weekdays) == (1, 3, "01234")
    assert (policy.day_starts, policy.day_ends) == ("09:00", "18:00")
    assert policy.pilot_only
    assert not load().model.configured


def test_the_environment_wins_over_the_file_setting_by_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, '[policy]\ndaily_cap = 5\nweekly_cap = 7\n[slack]\nperson = "U1"\n')
    monkeypatch.setenv("OVERTURE_POLICY__DAILY_CAP", "2")
    settings = load()
    assert (settings.policy.daily_cap, settings.policy.weekly_cap) == (2, 7)
    assert settings.slack.person == "U1"
    assert load(health_port=1).health_port == 1


WRONG = (
    ("POLICY__THRESHOLD", "2", "policy.threshold", "less than or equal to 1"),
    ("POLICY__THRESHOLD", "nan", "policy.threshold", "finite"),
    ("POLICY__DAILY_CAP", "-1", "policy.daily_cap", "greater than or equal to 0"),
    ("POLICY__DAILY_CAP", "some", "policy.daily_cap", "valid integer"),
    ("POLICY__DAY_STARTS", "9", "policy.day_starts", "time of day such as 09:00"),
    ("POLICY__DAY_ENDS", "24:30", "policy.day_ends", "time of day such as 09:00"),
    ("POLICY__DAY_ENDS", "18:60", "policy.day_ends", "time of day such as 09:00"),
    ("POLICY__DAY_STARTS", "²:00", "policy.day_starts", "time of day such as 09:00"),
    ("POLICY__WEEKDAYS", "17", "policy.weekdays", "0 (Monday) to 6 (Sunday)"),
    ("POLICY__COOLDOWN_HOURS", "inf", "policy.cooldown_hours", "finite"),
    ("POLICY__COOLDOWN_HOURS", "9e9", "policy.cooldown_hours", "less than or equal to 8760"),
    ("POLICY__HOLDOUT", "1.5", "policy.holdout", "less than or equal to 1"),
    ("POLICY__PILOT_ONLY", "perhaps", "policy.pilot_only", "valid boolean"),
    ("RECOMMENDER__CANDIDATES", "0", "recommender.candidates", "greater than or equal to 1"),
    ("RECOMMENDER__EPSILON", "-0.1", "recommender.epsilon", "greater than or equal to 0"),
    ("MODEL__DEADLINE", "0", "model.deadline", "greater than 0"),
    ("SLACK__CALL_DEADLINE", "soon", "slack.call_deadline", "valid number"),
    ("LEARNING__WINDOW_HOURS", "0", "learning.window_hours", "greater than 0"),
    ("LEARNING__NIGHT_AT", "3am", "learning.night_at", "time of day such as 09:00"),
    ("HEALTH_PORT", "70000", "health_port", "less than or equal to 65535"),
)


@pytest.mark.parametrize(("variable", "value", "setting", "should"), WRONG)
def test_a_wrong_value_is_named_with_what_it_should_be(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, setting: str, should: str
) -> None:
    monkeypatch.setenv(f"OVERTURE_{variable}", value)
    told = complaint()
    assert told.startswith(f"setting {setting} (")
    assert f"OVERTURE_{variable}" in told
    assert should in told
    assert repr(value) in told
    assert "Value error" not in told


def test_all_that_is_wrong_is_named_at_once(tmp_path: Path) -> None:
    write(tmp_path, 'polcy = 1\n[policy]\nthresold = 2\ndaily_cap = "x"\n[slack]\nbot_token = 5\n')
    lines = complaint().splitlines()
    assert len(lines) == 4
    assert any("setting polcy does not exist" in line for line in lines)
    assert any("setting policy.thresold does not exist" in line for line in lines)
    assert any("slack.bot_token" in line and "valid string" in line for line in lines)


@pytest.mark.parametrize("name", ["OVERTURE_POLCY__DAILY_CAP", "OVERTURE_HELATH_PORT"])
def test_a_misspelt_variable_is_named(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "2")
    assert complaint() == f"variable {name} is no setting; see `overture settings` for all of them"


def test_one_inside_a_group_is_named_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OVERTURE_POLICY__DALY_CAP", "2")
    assert "setting policy.daly_cap does not exist" in complaint()


@pytest.mark.parametrize("group", [n for n, f in Settings.model_fields.items()
                                   if isinstance(f.default, Slice)])  # fmt: skip
@pytest.mark.parametrize("by_file", [True, False])
def test_a_group_takes_no_value_and_shows_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, group: str, by_file: bool
) -> None:
    if by_file:
        write(tmp_path, f'{group} = "{SECRET}"\n')
    else:
        monkeypatch.setenv(f"OVERTURE_{group.upper()}", SECRET)
    told = complaint()
    assert group in told
    assert SECRET not in told


SECRETS = (
    '[slack]\nbot_token = ["hush-4711"]\n',
    '[slack]\napp_token = {a = "hush-4711"}\n',
    '[model]\napi_key = ["hush-4711"]\n',
    '[model]\nbase_url = ["https://user:hush-4711@host"]\n',
    'database_url = {a = "postgresql://user:hush-4711@host/db"}\n',
    '[slack]\nbot_token = "hush-4711"\nfoo = "hush-4711"\n',
)


@pytest.mark.parametrize("text", SECRETS)
def test_no_complaint_shows_a_secret(tmp_path: Path, text: str) -> None:
    write(tmp_path, text)
    assert SECRET not in complaint()


def test_no_secret_is_printed_with_the_settings(tmp_path: Path) -> None:
    write(tmp_path, f'[slack]\nbot_token = "{SECRET}"\n[model]\napi_key = "{SECRET}"\n')
    settings = load()
    assert settings.slack.bot_token is not None
    assert settings.slack.bot_token.get_secret_value() == SECRET
    assert SECRET not in f"{settings!r} {settings} {settings.model_dump()}"


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"a = ", "not valid TOML"), (b"\xff\xfe", "cannot be read"), (b"[policy\n", "valid TOML")],
)
def test_a_broken_file_is_named(tmp_path: Path, content: bytes, said: str) -> None:
    write(tmp_path, content)
    told = complaint()
    assert str(tmp_path / "overture.toml") in told
    assert said in told


def test_variables_of_others_are_borrowed_where_ours_are_not_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("OPENAI_API_KEY", "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"):
        monkeypatch.setenv(name, f"{SECRET}-{name}")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://localhost:1234/v1")
    settings = load()
    assert settings.model.configured
    assert settings.model.base_url == "http://localhost:1234/v1"
    for secret, name in (
        (settings.model.api_key, "OPENAI_API_KEY"),
        (settings.slack.bot_token, "SLACK_BOT_TOKEN"),
        (settings.slack.app_token, "SLACK_APP_TOKEN"),
    ):
        assert secret is not None
        assert secret.get_secret_value() == f"{SECRET}-{name}"
    assert SECRET not in repr(settings)
    monkeypatch.setenv("OVERTURE_MODEL__BASE_URL", "https://ours/v1")
    assert load().model.base_url == "https://ours/v1"


def test_empty_means_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WORKSPACE", "RECOMMENDER__ENCODER", "MODEL__BASE_URL", "MODEL__API_KEY"):
        monkeypatch.setenv(f"OVERTURE_{name}", "")
    settings = load()
    assert settings.workspace is None
    assert settings.recommender.encoder is None
    assert not settings.model.configured


@pytest.mark.parametrize("value", ["U1,U2", " U1 , U2,", '["U1", "U2"]'])
def test_a_pilot_list_is_written_as_people_would(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("OVERTURE_POLICY__PILOT", value)
    assert load().policy.pilot == ("U1", "U2")


def test_a_pilot_list_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OVERTURE_POLICY__PILOT", '["U1"')
    assert "setting policy.pilot" in complaint()


def test_the_last_minute_of_a_day_can_be_named() -> None:
    assert PolicySettings(day_starts="00:00", day_ends="24:00").day_ends == "24:00"


def described(model: type[BaseModel], path: str = "") -> list[str]:
    """Settings without a word on what they mean."""
    lacking = []
    for name, field in model.model_fields.items():
        if isinstance(field.default, Slice):
            lacking += described(type(field.default), f"{name}.")
        elif not field.description:
            lacking.append(f"{path}{name}")
    return lacking


def test_every_setting_says_what_it_means() -> None:
    assert described(Settings) == []
