"""Installing by OAuth: a browser begins it here, agrees at Slack, and ends it here, once.

Source: docs.slack.dev/authentication/installing-with-oauth. A state works once (an atomic delete),
for ten minutes, and in the browser that began: a link of somebody else's installation, put before
an admin, would otherwise hand their workspace to whoever made it.
"""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from urllib.parse import urlencode, urljoin

from slack_sdk.web import SlackResponse

from bot.ports import Ambiguous, ChannelError, Clock, Permanent, Refused
from bot.settings import SlackSettings
from bot.slack import manifest, pages
from bot.slack.pages import Page
from bot.slack.tokens import granted
from bot.slack.transport import BoundedClient
from bot.store.database import Store
from bot.store.installations import Granted
from bot.store.installing import install
from bot.store.oauth_states import OAuthStates

INSTALL, REDIRECT = "/slack/install", "/slack/oauth_redirect"
LASTS = timedelta(minutes=10)
"""how long somebody may take at Slack's page"""
DEADLINE = 8.0
"""seconds for each call: a person waits before an empty page"""

_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")
_OPERATOR = frozenset(
    {"bad_client_secret", "invalid_client_id", "bad_redirect_uri", "invalid_scope", "missing_scope"}
)
"""refusals that no other try of the same person mends"""

log = logging.getLogger("overture.slack.oauth")
Installed = Callable[[Granted], None]


@dataclass(frozen=True)
class Installer:
    """Answers both addresses; `installed` is told of each installation, after it was kept."""

    store: Store
    settings: SlackSettings
    clock: Clock
    installed: Installed

    @classmethod
    def of(
        cls, store: Store, settings: SlackSettings, clock: Clock, installed: Installed
    ) -> Installer | None:
        """None where the settings do not ask for it; Refused where they do by half."""
        given = (settings.public_url, settings.client_id, settings.client_secret)
        if settings.public_url is None:
            return None
        if None in given or settings.signing_secret is None:
            raise Refused(
                "OVERTURE_SLACK__PUBLIC_URL is set, so any workspace is to install the app: that"
                " takes SLACK_CLIENT_ID, SLACK_CLIENT_SECRET and SLACK_SIGNING_SECRET as well"
                " (the app's page has them under Basic Information)."
            )
        return cls(store, settings, clock, installed)

    def begin(self, cookie: str | None) -> Page:
        """The page with the link to Slack's; `cookie` is what the browser has from before."""
        browser = cookie if cookie and _SECRET.fullmatch(cookie) else secrets.token_urlsafe(32)
        state, now = secrets.token_urlsafe(32), self.clock.now()
        with self.store.writing("") as unit:
            kept = OAuthStates(unit).begin(state, browser, now, now + LASTS)
            unit.commit()
        return pages.begin(self._authorize(state), browser) if kept else pages.crowded()

    def _authorize(self, state: str) -> str:
        asked = {
            "client_id": self.settings.client_id or "",
            "scope": ",".join(sorted(manifest.scopes())),
            "redirect_uri": self._redirect,
            "state": state,
        }
        return f"{urljoin(self.settings.api_url, '../oauth/v2/authorize')}?{urlencode(asked)}"

    @property
    def _redirect(self) -> str:
        return f"{self.settings.public_url}{REDIRECT}"

    def end(self, query: Mapping[str, str], cookie: str | None) -> Page:
        """What the browser brings back from Slack becomes an installation, or words why not."""
        now = self.clock.now()
        with self.store.writing("") as unit:
            used = OAuthStates(unit).use(query.get("state", ""), cookie or "", now)
            unit.commit()
        if used != "ours":
            return pages.NOT_OURS[used]
        if query.get("error"):
            return pages.declined(query["error"])
        try:
            given = self._exchange(query.get("code", ""))
            if not self._may(given):
                self._give_back(given)
                return pages.not_invited(given.team_name)
            teams = self.teams(given)
            install(self.store, given, teams, self.clock.now())
        except ChannelError as error:
            log.warning("an installation failed: %s", error)
            ours = isinstance(error, Permanent) and any(word in str(error) for word in _OPERATOR)
            return pages.set_up_wrong() if ours else pages.slack_failed(error)
        log.info("installed", extra={"workspace": given.team})
        self.installed(given)
        home = f"{urljoin(self.settings.api_url, '../app_redirect')}?" + urlencode(
            {"app": given.app, "team": given.team}
        )
        lacking = manifest.scopes() - set(given.scopes.split(","))
        missing = sorted(lacking) if given.scopes else []
        if given.is_org:
            return pages.installed_by_org(given.team_name, home, sorted(teams), missing)
        return pages.installed(given.team_name, home, missing)

    def _may(self, given: Granted) -> bool:
        allowed = self.settings.teams
        return not allowed or given.team in allowed or given.enterprise in allowed

    def _exchange(self, code: str) -> Granted:
        """Raises ChannelError; a code works once, so it is not tried again."""
        client_id, secret = self.settings.client_id, self.settings.client_secret
        assert client_id is not None
        assert secret is not None
        answer = self._client(None).within(
            "oauth.v2.access",
            lambda c: c.oauth_v2_access(
                client_id=client_id,
                client_secret=secret.get_secret_value(),
                code=code,
                redirect_uri=self._redirect,
            ),
        )
        given = granted(answer, self.clock.now())
        if not given.team:
            raise Ambiguous("Slack oauth.v2.access: an answer that names no workspace")
        return given

    def teams(self, given: Granted) -> Mapping[str, str]:
        """The workspaces that an organisation's token is for (names by id); {} for a workspace."""
        if not given.is_org:
            return {}
        return teams_of(self._client(given.bot_token))

    def _give_back(self, given: Granted) -> None:
        """A token that is not to be kept should not work either."""
        try:
            self._client(given.bot_token).within("auth.revoke", lambda c: c.auth_revoke())
        except ChannelError as error:
            log.warning("the token of a workspace that was not let in still works: %s", error)

    def _client(self, token: str | None) -> BoundedClient:
        deadline = min(DEADLINE, self.settings.call_deadline)
        return BoundedClient(self.settings, deadline, token=lambda: token)


def teams_of(client: BoundedClient) -> Mapping[str, str]:
    """The workspaces that may be reached with an organisation's token. Raises ChannelError."""
    found: dict[str, str] = {}
    cursor: str | None = None
    while True:
        answer = client.within("auth.teams.list", partial(_teams, cursor=cursor))
        for team in answer.get("teams") or ():
            found[str(team["id"])] = str(team.get("name") or team["id"])
        cursor = (answer.get("response_metadata") or {}).get("next_cursor") or None
        if cursor is None:
            return found


def _teams(client: BoundedClient, cursor: str | None) -> SlackResponse:
    return client.auth_teams_list(limit=200, cursor=cursor)
