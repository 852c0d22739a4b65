"""Who we are in the workspace, and what we were granted."""

from __future__ import annotations

from dataclasses import dataclass

from bot.ports import ChannelError, Refused
from bot.settings import SlackSettings
from bot.slack import manifest
from bot.slack.arrivals.us import Us
from bot.slack.transport import BoundedClient, TokenSource


@dataclass(frozen=True, slots=True)
class Identity:
    """What `auth.test` says of our token."""

    us: Us
    team_name: str
    url: str
    granted: frozenset[str] | None
    """scopes, where Slack names them"""

    @property
    def missing_scopes(self) -> frozenset[str]:
        """Scopes of the manifest that the installed app lacks."""
        return frozenset() if self.granted is None else manifest.scopes() - self.granted


def identify(settings: SlackSettings, token: TokenSource | None = None) -> Identity:
    """Ask Slack who the bot's token belongs to.

    Raises:
        Refused: the token is missing, or Slack does not take it.
        Transient: Slack cannot be reached.
    """
    if settings.bot_token is None and token is None:
        raise Refused(
            "Slack's bot token is missing: set OVERTURE_SLACK__BOT_TOKEN"
            " (it begins with xoxb-; docs/slack-setup.md shows where to get it)."
        )
    client = BoundedClient(settings, token=token)
    try:
        answer = client.within("auth.test", lambda c: c.auth_test())
    except ChannelError as error:
        raise Refused(f"{error}. Slack is at {settings.api_url}") from None
    team, user = client.team or answer.get("team_id"), answer.get("user_id")
    if not team or not user:
        raise Refused(
            f"Slack at {settings.api_url} does not say whose token it is: auth.test named"
            f" {'no workspace' if not team else 'no user'}. Use a bot token (xoxb-…)."
        )
    headers = {str(name).lower(): str(text) for name, text in dict(answer.headers).items()}
    scopes = headers.get("x-oauth-scopes")
    return Identity(
        us=Us(
            team=str(team),
            user=str(user),
            bot=str(answer.get("bot_id") or ""),
            enterprise=str(answer.get("enterprise_id") or ""),
        ),
        team_name=str(answer.get("team") or ""),
        url=str(answer.get("url") or ""),
        granted=None
        if scopes is None
        else frozenset(s.strip() for s in scopes.split(",") if s.strip()),
    )


def may_listen(settings: SlackSettings) -> str | None:
    """Why Slack opens no Socket Mode connection for our app-level token; None where it does."""
    if settings.app_token is None:
        return "there is no app-level token"
    token = settings.app_token.get_secret_value()
    try:
        BoundedClient(settings).within(
            "apps.connections.open", lambda c: c.apps_connections_open(app_token=token)
        )
    except ChannelError as error:
        return str(error)
    return None
