"""What Bolt hands over, to the workspace that it is for: the same for one workspace and for many.

Bolt's `process_before_response` runs a listener before its acknowledgement, in the thread of the
connection: when storing fails, nothing is acknowledged and Slack delivers again. Listeners only
store; a modal alone is shown at once, since its trigger lives for three seconds.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar, cast

from slack_bolt import Ack, App, BoltContext, BoltResponse
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.authorize import Authorize
from slack_sdk import WebClient

from bot.ports import Arrival, Asked, Clock
from bot.slack.arrivals import presses
from bot.slack.arrivals.commands import from_command
from bot.slack.arrivals.events import from_event
from bot.slack.arrivals.organisations import OrgNews, org_news
from bot.slack.arrivals.shortcuts import asked_by, from_shortcut
from bot.slack.arrivals.us import Us
from bot.slack.arrivals.views import from_view, submitted
from bot.slack.showing import answered, show
from bot.slack.transport import BoundedClient, quiet_logger

LOGGER = "overture.slack.bolt"
NOT_HERE = "Overture is not installed in this workspace any more. An admin can install it again."
_ANY = re.compile(".*", re.DOTALL)

EARS = "overture_ears"
"""where Bolt's context holds the ears of a payload's workspace"""

Next = Callable[[], object]
T = TypeVar("T")
Receive = Callable[[Arrival], str | None]
Shows = Callable[[Asked], Mapping[str, Any] | None]
log = logging.getLogger("overture.slack")


@dataclass(frozen=True)
class Ears:
    """What one workspace hears with.

    `receive` stores an arrival and returns; when it raises, nothing is acknowledged. What it says
    is shown to whoever typed a command, and to nobody else. It is called from several threads.
    `shows` gives what the modal that somebody asks for shows, see `bot.slack.modals.MODALS`; None
    where they may not see it.
    """

    us: Us
    receive: Receive
    shows: Shows
    quick: BoundedClient
    """for what must happen while a trigger lives"""


@dataclass(frozen=True, slots=True)
class Sender:
    """Whom Slack's payload is about, and where, as far as it says; ids of Slack's, or None."""

    team: str | None
    enterprise: str | None
    user: str | None
    address: str | None = None
    thread: str | None = None


HearOrg = Callable[[OrgNews], None]
"""Takes what is about a whole organisation; when it raises, nothing is acknowledged."""
Route = Callable[[Sender], Ears | None]
"""Whose ears a payload is for; None where the app is in no such workspace."""
Kin = Callable[[Sender], Sequence[Ears]]
"""The ears of all workspaces of an organisation that know a person."""


class _Known(Authorize):
    """Bolt's question who is asked, answered from what is known: no call to Slack.

    An `Authorize` of our own also keeps Bolt from its installation pages, which it would serve
    wherever SLACK_CLIENT_ID and SLACK_CLIENT_SECRET are set.
    """

    def __call__(self, *, context: BoltContext, **_more: Any) -> AuthorizeResult | None:
        ears: Ears | None = context.get(EARS)
        if ears is None:
            return None
        us = ears.us
        return AuthorizeResult(
            enterprise_id=us.enterprise or None,
            team_id=us.team,
            bot_user_id=us.user,
            bot_id=us.bot or None,
        )


class Listeners:
    """All of Bolt's listeners; Slack sends no time with a command or a modal: `clock` tells."""

    def __init__(
        self,
        route: Route,
        clock: Clock,
        hear_org: HearOrg | None = None,
        kin: Kin = lambda sender: (),
    ) -> None:
        self._route, self._hear_org, self._kin = route, hear_org, kin
        self._clock = clock

    def app(self, api_url: str, signing_secret: str | None) -> App:
        """Bolt's application with these listeners."""
        made = App(
            name=LOGGER,  # its logger has this name too, and must not be ours
            client=WebClient(base_url=api_url, logger=quiet_logger(LOGGER, logging.ERROR)),
            before_authorize=self._find,
            authorize=cast(Any, _Known()),  # type: ignore[no-untyped-call]
            process_before_response=True,
            logger=quiet_logger(LOGGER, logging.ERROR),
            signing_secret=signing_secret,
            user_facing_authorize_error_message=NOT_HERE,
        )
        made.event(_ANY)(self._event)
        made.action(_ANY)(self._press)
        made.view(_ANY)(self._view)
        made.command(_ANY)(self._command)
        made.view_closed(_ANY)(_acknowledge)
        made.shortcut(_ANY)(self._shortcut)
        return made

    def _find(
        self, context: BoltContext, body: Mapping[str, Any], next: Next
    ) -> BoltResponse | None:
        """Once for each payload; when it raises, nothing is acknowledged."""
        if body.get("type") == "app_rate_limited":
            log.warning("Slack holds events back: more than 30,000 came within an hour")
            return BoltResponse(status=200)
        sender = sender_of(context, body)
        news = _read(lambda: org_news(body, sender.enterprise, sender.team))
        if news is not None and self._hear_org is not None:
            self._hear_org(news)
            return BoltResponse(status=200)
        ears = context[EARS] = self._route(sender)
        everywhere = self._elsewhere(sender, body)
        for other, told in everywhere:
            _take(other, _read(lambda told=told, us=other.us: from_event(told, us)))  # type: ignore[misc]
        if ears is not None and ears.us in [other.us for other, _ in everywhere]:
            return BoltResponse(status=200)
        next()
        return None

    def _elsewhere(
        self, sender: Sender, body: Mapping[str, Any]
    ) -> Sequence[tuple[Ears, Mapping[str, Any]]]:
        """Of a person of an organisation who changed, each of its workspaces hears that knows them.

        Slack tells it once, and names one workspace, or none. Of who was deactivated it may name
        no workspace that they were in.
        """
        event = body.get("event") or {}
        if not sender.enterprise or event.get("type") != "user_change":
            return ()
        user = dict(event.get("user") or {})
        if user.get("deleted"):
            user.pop("team_id", None)
        told = {**body, "event": {**event, "user": user}}
        found = self._kin(replace(sender, user=str(user.get("id") or "")))
        return [(one, told) for one in found]

    def _event(self, body: dict[str, Any], context: BoltContext) -> None:
        ears: Ears | None = context.get(EARS)  # Bolt acknowledges events by itself
        if ears is not None:
            _take(ears, _read(lambda: from_event(body, ears.us)))

    def _press(self, ack: Ack, body: dict[str, Any], context: BoltContext) -> None:
        ears: Ears = context[EARS]
        if body.get("type") == "block_actions":
            asked = _read(lambda: presses.asked(body, ears.us))
            shown = _show(ears, asked, body) if asked is not None else ""
            _take(ears, _read(lambda: presses.from_press(body, ears.us, shown)))
        ack()

    def _shortcut(self, ack: Ack, body: dict[str, Any], context: BoltContext) -> None:
        ears: Ears = context[EARS]
        asked = _read(lambda: from_shortcut(body, ears.us))
        if asked is not None:
            _show(ears, asked, body)
        ack()

    def _view(self, ack: Ack, body: dict[str, Any], context: BoltContext) -> None:
        ears: Ears = context[EARS]
        at = self._clock.now().timestamp()
        arrival = _read(lambda: from_view(body, ears.us, at))
        asked = submitted(arrival) if arrival is not None else None
        answer = answered(ears.shows(asked), asked) if asked is not None else {}
        if "errors" not in answer:  # else the form stays open and shows them; nothing is kept
            _take(ears, arrival)
        ack(**answer)

    def _command(self, ack: Ack, body: dict[str, Any], context: BoltContext) -> None:
        ears: Ears = context[EARS]
        at = self._clock.now().timestamp()
        arrival = _read(lambda: from_command(body, ears.us, at))
        asked = asked_by(arrival) if arrival is not None else None
        told = None
        if asked is None or not _show(ears, asked, body):
            told = _take(ears, arrival)  # what could not be shown is answered in words
        if told is None:
            ack()
        else:
            ack(told, response_type="ephemeral")


def sender_of(context: BoltContext, body: Mapping[str, Any]) -> Sender:
    """Whom a payload is about: what Bolt makes out, and for an organisation what it leaves out."""
    event, user = body.get("event") or {}, body.get("user") or {}
    told = (
        context.team_id,
        body.get("team_id"),
        user.get("team_id") if isinstance(user, Mapping) else None,
        event.get("team") if isinstance(event, Mapping) else None,
        body.get("context_team_id"),
    )
    org, named = context.enterprise_id, [one for one in told if one and isinstance(one, str)]
    # of what happens in no workspace in particular, Slack names the organisation in its place
    team = next((one for one in named if one != org), next(iter(named), None))
    thread = event.get("thread_ts") if isinstance(event, Mapping) else None
    return Sender(team, org, context.user_id, context.channel_id, thread)


def _show(ears: Ears, asked: Asked, body: Mapping[str, Any]) -> str:
    """The id of the view that was shown; empty where there is none for whoever asked."""
    content = ears.shows(asked)
    return "" if content is None else show(ears.quick, content, asked, body)


def _read(read: Callable[[], T | None]) -> T | None:
    """What a payload means; None for one of a shape that Slack does not document.

    It is acknowledged all the same: sent again, it would be no other.
    """
    try:
        return read()
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        name = type(error).__name__  # its text may quote what was said
        log.warning("a payload of a shape that Slack does not document was left aside: %s", name)
        return None


def _take(ears: Ears, arrival: Arrival | None) -> str | None:
    return None if arrival is None else ears.receive(arrival)


def _acknowledge(ack: Ack) -> None:
    ack()
