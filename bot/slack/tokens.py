"""Tokens that rotate: refreshed before they expire, by one thread of one process at a time.

Slack's refresh tokens work once. So who trades one in says so in the installation's row first, for
as long as the calls may take, and asks Slack with no transaction open; the others go on with the
token at hand, or wait for the new one where that has ended. One hole is left, and Slack leaves it
to everybody: a process that dies after Slack answered and before it stored the answer has spent the
refresh token and stored nothing. The access token at hand works until it expires; from then on
Slack says `invalid_refresh_token`, and the app has to be installed again. Until then nothing is
sent, and nothing is lost.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from datetime import datetime, timedelta

from slack_sdk.web import SlackResponse

from bot.ports import Ambiguous, ChannelError, Clock, Refused, Transient
from bot.settings import SlackSettings
from bot.slack.transport import GRACE_SECONDS, BoundedClient
from bot.store import tables
from bot.store.database import Store
from bot.store.installations import ADOPTED, Granted, Installations
from bot.store.workspaces import Workspaces

MARGIN = timedelta(minutes=10)
"""before its end a token is refreshed: longer than any call, shorter than any token's life"""
AGAIN_SECONDS = 60.0
"""until a refresh is tried again that failed: until then no call waits for it"""

LOOKS_SECONDS = 0.1
"""how often it is looked whether another one has refreshed it"""

_log = logging.getLogger("overture.slack.tokens")


class RotatingToken:
    """The bot's token of one workspace, from the installation that the database keeps.

    `workspace` is whose installation it is; where that is an organisation, `team` is the workspace
    that the token is used for.
    """

    def __init__(
        self,
        store: Store,
        workspace: str,
        settings: SlackSettings,
        clock: Clock,
        team: str | None = None,
    ) -> None:
        self._store, self._workspace = store, workspace
        self.team = team
        self._settings, self._clock = settings, clock
        self._lock = threading.Lock()
        self._known: tuple[str, datetime | None] | None = None
        self._failed = ""
        self._again_at: datetime | None = None
        self._name = secrets.token_hex(8)
        # two refresh tokens may have to be tried, and the answer stored
        self._takes = timedelta(seconds=2 * (settings.call_deadline + GRACE_SECONDS) + 5)

    def __call__(self) -> str:
        """A token that works now.

        Raises:
            Transient: it has run out and cannot be refreshed at the moment; nothing was sent.
        """
        with self._lock:
            if self._known is None or not self._is_fresh(self._known[1]):
                self._known = self._current()
            return self._known[0]

    def forget(self) -> None:
        """Slack did not take the token: read again what is stored before the next call."""
        with self._lock:
            self._known = None

    def _is_fresh(self, expires_at: datetime | None) -> bool:
        return expires_at is None or self._clock.now() < expires_at - MARGIN

    def _current(self) -> tuple[str, datetime | None]:
        with self._store.reading(self._workspace) as unit:
            row = Installations(unit).get()
        if row is not None and self._is_fresh(row.expires_at):
            return row.bot_token, row.expires_at
        if row is not None and self._again_at is not None and self._clock.now() < self._again_at:
            return self._at_hand(row)
        return self._refresh() if self._claim() else self._of_another()

    def _claim(self) -> bool:
        now = self._clock.now()
        with self._store.writing(self._workspace) as unit:
            row = Installations(unit).lock()
            if row is None:
                raise Transient(
                    f"the app is not installed in {self._workspace}: there is no token",
                    AGAIN_SECONDS,
                )
            if self._is_fresh(row.expires_at):  # another one was faster
                return False
            claimed = Installations(unit).claim(self._name, now, now + self._takes)
            unit.commit()
        return claimed

    def _refresh(self) -> tuple[str, datetime | None]:
        """Ask Slack, then store what it gave. Nobody's writing waits for that."""
        row = self._stored()
        try:
            granted = self._refreshed(row.refresh_token)
        except Exception as error:
            with self._store.writing(self._workspace) as unit:
                Installations(unit).release(self._name)
                unit.commit()
            if not isinstance(error, ChannelError):
                raise
            _log.warning("%s", error)
            self._failed = str(error)
            self._again_at = self._clock.now() + timedelta(seconds=AGAIN_SECONDS)
            return self._at_hand(row)
        with self._store.writing(self._workspace) as unit:
            Installations(unit).save(granted, self._clock.now())
            unit.commit()
        return granted.bot_token, granted.expires_at

    def _of_another(self) -> tuple[str, datetime | None]:
        """What another one stores, while they are at it; the token at hand where it works yet."""
        until = time.monotonic() + self._takes.total_seconds()
        while True:
            row = self._stored()
            if row.expires_at is None or self._clock.now() < row.expires_at:
                return row.bot_token, row.expires_at
            if time.monotonic() >= until or row.refreshing_until is None:
                raise Transient("the bot's token is being refreshed by another process", 1.0)
            time.sleep(LOOKS_SECONDS)

    def _stored(self) -> tables.Installation:
        with self._store.reading(self._workspace) as unit:
            row = Installations(unit).get()
        if row is None:
            raise Transient(f"the app is not installed in {self._workspace}", AGAIN_SECONDS)
        return row

    def _at_hand(self, row: tables.Installation) -> tuple[str, datetime | None]:
        """The token that could not be refreshed, while it works. Raises Transient after that."""
        if row.expires_at is None or self._clock.now() < row.expires_at:
            return row.bot_token, row.expires_at
        raise Transient(self._failed, AGAIN_SECONDS)

    def _refreshed(self, stored: str | None) -> Granted:
        """What Slack gives for the stored refresh token, or else for the one of the settings."""
        given = self._settings.refresh_token
        tokens = [stored, given.get_secret_value() if given is not None else None]
        failed: ChannelError = Transient("there is no refresh token", AGAIN_SECONDS)
        for token in dict.fromkeys(one for one in tokens if one):
            try:
                return refresh(self._settings, token, self._clock.now())
            except ChannelError as error:
                failed = error
        raise Transient(
            f"the bot's token ran out and was not refreshed: {failed}. If it is spent, install the"
            " app again and set OVERTURE_SLACK__REFRESH_TOKEN",
            AGAIN_SECONDS,
        ) from None


def refresh(settings: SlackSettings, token: str, now: datetime) -> Granted:
    """Trade a refresh token, which is spent by that. Raises ChannelError; Refused without the
    app's id and secret."""
    if settings.client_id is None or settings.client_secret is None:
        raise Refused(
            "Tokens that rotate need the app's id and secret: set OVERTURE_SLACK__CLIENT_ID and"
            " OVERTURE_SLACK__CLIENT_SECRET (the app's page has both under Basic Information)."
        )
    client_id, secret = settings.client_id, settings.client_secret.get_secret_value()
    answer = BoundedClient(settings, token=lambda: None).within(
        "oauth.v2.access",
        lambda c: c.oauth_v2_access(
            client_id=client_id,
            client_secret=secret,
            grant_type="refresh_token",
            refresh_token=token,
        ),
    )
    return granted(answer, now)


def granted(answer: SlackResponse, now: datetime) -> Granted:
    """An answer of `oauth.v2.access`, of an installation or of a refresh.

    For a whole organisation Slack names no team. Raises Ambiguous for one without a token.
    """
    org = answer.get("enterprise") or {}
    is_org = bool(answer.get("is_enterprise_install"))
    team = org if is_org else answer.get("team") or {}
    token, lasts = answer.get("access_token"), answer.get("expires_in")
    if not token:
        raise Ambiguous("Slack oauth.v2.access: an answer without a bot's token")
    return Granted(
        team=str(team.get("id") or ""),
        team_name=str(team.get("name") or ""),
        bot_token=str(token),
        refresh_token=answer.get("refresh_token"),
        expires_at=None if lasts is None else now + timedelta(seconds=float(lasts)),
        enterprise=str(org.get("id") or ""),
        app=str(answer.get("app_id") or ""),
        bot_user=str(answer.get("bot_user_id") or ""),
        scopes=str(answer.get("scope") or ""),
        is_org=is_org,
        installer=str((answer.get("authed_user") or {}).get("id") or ""),
    )


def token_for(
    store: Store, workspace: str | None, settings: SlackSettings, clock: Clock
) -> RotatingToken | None:
    """The workspace's rotating token; None where the plain token of the settings serves.

    The first refresh token comes from the settings; from then on the database has the newest.

    Raises:
        Refused: the app's id or secret is missing.
        ChannelError: Slack did not take the refresh token.
    """
    found = _holder(store, workspace)
    if found is None and settings.refresh_token is not None:
        found = _adopt(store, settings, settings.refresh_token.get_secret_value(), clock)
    if found is None:
        return None
    team = workspace if workspace != found else None
    return RotatingToken(store, found, settings, clock, team)


def _holder(store: Store, workspace: str | None) -> str | None:
    """Whose row has the workspace's tokens; where none is named, those that began in settings."""
    with store.reading("") as unit:
        if workspace is not None:
            return Workspaces(unit).holder_of(workspace)
        return Workspaces(unit).adopted()


def _adopt(store: Store, settings: SlackSettings, token: str, clock: Clock) -> str:
    now = clock.now()
    try:
        given = refresh(settings, token, now)
    except ChannelError:
        found = _holder(store, None)  # of two that start at once, the other one was faster
        if found is None:
            raise
        return found
    with store.writing(given.team) as unit:
        Workspaces(unit).ensure(given.team, name=given.team_name or given.team, at=now)
        Installations(unit).save(given, now, ADOPTED)
        unit.commit()
    return given.team
