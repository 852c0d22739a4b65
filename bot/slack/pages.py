"""The few pages that a browser sees while somebody installs the app: words, and one link."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from html import escape

from bot.ports import ChannelError, Permanent, Transient
from bot.store.oauth_states import Used

COOKIE = "overture_install"
SECONDS = 3600
TEAMS = 5
"""as many workspaces of an organisation are named"""

_STYLE = (
    "body{font:1.125rem/1.6 system-ui,sans-serif;max-width:36rem;margin:4rem auto;padding:0 1rem;"
    "color:#1a1a1a;background:#fff}a.act{display:inline-block;padding:.6rem 1rem;border-radius:4px;"
    "background:#2f3e46;color:#fff}a:focus-visible{outline:3px solid #0b57d0;outline-offset:3px}"
)
_DIGEST = b64encode(sha256(_STYLE.encode()).digest()).decode()
HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_DIGEST}';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True)
class Page:
    """A page; a `browser` is kept as its cookie."""

    status: int
    title: str
    words: tuple[str, ...]
    link: tuple[str, str] | None = None
    """(address, words); the address without escapes"""
    browser: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def html(self) -> str:
        told = "".join(f"<p>{escape(one)}</p>" for one in self.words)
        if self.link is not None:
            address, words = self.link
            told += f'<p><a class="act" href="{escape(address)}">{escape(words)}</a></p>'
        return (
            '<!doctype html><html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<title>{escape(self.title)} · Overture</title><style>{_STYLE}</style></head>"
            f"<body><main><h1>{escape(self.title)}</h1>{told}</main></body></html>"
        )

    @property
    def cookie(self) -> str | None:
        """The header that binds an installation to this browser."""
        if self.browser is None:
            return None
        return (
            f"{COOKIE}={self.browser}; Max-Age={SECONDS}; Path=/slack; Secure; HttpOnly;"
            " SameSite=Lax"
        )


_AGAIN = ("install", "Begin again")


def begin(authorize: str, browser: str) -> Page:
    words = (
        "Overture opens a conversation when one thing is worth a colleague's attention, and is"
        " silent otherwise. It writes to nobody who was not invited, and uses nothing about"
        " anybody who has not agreed.",
        "Slack asks you next which workspace it is for, and shows what it may do there.",
    )
    return Page(200, "Add Overture to Slack", words, (authorize, "Add to Slack"), browser)


def installed(workspace: str, home: str, missing: Sequence[str]) -> Page:
    words = [
        f"Overture is in {workspace or 'your workspace'}. It writes to nobody yet: you are the only"
        " one on its pilot list, and the one who reviews what it says and takes hand-offs until you"
        " name others.",
        "Open it in Slack and agree to hear from it; its home tab shows what it may use.",
    ]
    return _installed(words, home, missing)


def installed_by_org(
    organisation: str, home: str, teams: Sequence[str], missing: Sequence[str]
) -> Page:
    """For a whole organisation; `teams` are the ids of the workspaces that it lets us into."""
    if teams:
        named = ", ".join(teams[:TEAMS]) + (" and others" if len(teams) > TEAMS else "")
        where = f"Its workspaces that it is in are {named}."
    else:
        where = (
            "It is in none of its workspaces yet: an admin of the organisation adds it to them in"
            " Slack, and each is served from then on."
        )
    example = teams[0] if teams else "T0123"
    words = [
        f"Overture belongs to {organisation or 'your organisation'} now. {where}",
        "It writes to nobody yet: the pilot list of each workspace is empty, and nobody is named to"
        " review what it says or to take hand-offs. Whoever opens its home tab or types /overture"
        " comes by themselves.",
        "Whoever runs it names people for each workspace, for example: overture workspaces set"
        f" {example} policy.pilot=U0123ABCD slack.curators=U0123ABCD slack.person=U0123ABCD",
    ]
    return _installed(words, home, missing)


def _installed(words: list[str], home: str, missing: Sequence[str]) -> Page:
    if missing:
        words.append(
            f"Not all was granted that it asks for ({', '.join(missing)}): what needs that stays"
            " off until it is installed again."
        )
    return Page(200, "Installed", tuple(words), (home, "Open Overture in Slack"))


def declined(error: str) -> Page:
    if error == "access_denied":
        words = "You declined at Slack, or may not install apps there. Nothing was installed."
    else:
        words = f"Slack did not go on ({error[:60]}). Nothing was installed."
    more = "If an admin has to approve apps, ask one of them to open this page."
    return Page(403, "Not installed", (words, more), _AGAIN)


def not_invited(workspace: str) -> Page:
    words = (
        f"{workspace or 'This workspace'} is not among those that this Overture serves. Nothing"
        " was kept, and the access that Slack granted was given back.",
        "Whoever runs it can add the workspace's id to OVERTURE_SLACK__TEAMS.",
    )
    return Page(403, "Not this workspace", words)


def crowded() -> Page:
    words = ("Too many installations have begun in the last minutes. Come back in ten minutes.",)
    return Page(503, "Not now", words, headers={"Retry-After": "600"})


def slack_failed(error: ChannelError) -> Page:
    """Slack was away, or did not take what the browser brought."""
    if isinstance(error, Transient):
        words = "Slack could not be reached. Nothing was installed; try again in a few minutes."
        return Page(503, "Slack could not be reached", (words,), _AGAIN)
    if isinstance(error, Permanent):
        words = "Slack did not take the code that this page was opened with; each works once, for"
        more = " ten minutes. Nothing was installed."
        return Page(502, "Slack refused", (words + more,), _AGAIN)
    words = "Slack did not answer in time. If it lists Overture among your apps by now, begin again"
    more = " all the same: only then does Overture know of it."
    return Page(502, "Slack did not answer", (words + more,), _AGAIN)


def set_up_wrong() -> Page:
    words = (
        "This Overture's id, secret or address does not fit its app at Slack, so Slack refused it."
        " Nothing was installed, and trying again will not help.",
        "Tell whoever runs it: “overture doctor” and its log say what is wrong.",
    )
    return Page(502, "Set up wrong", words)


NOT_OURS: Mapping[Used, Page] = {
    "unknown": Page(
        400,
        "This link was used already",
        ("It works once, and this one was used before or never came from here.",),
        _AGAIN,
    ),
    "expired": Page(
        400,
        "That took too long",
        ("An installation has to end within ten minutes. Nothing was installed.",),
        _AGAIN,
    ),
    "other_browser": Page(
        400,
        "Begun in another browser",
        (
            "An installation ends in the browser in which it began, with cookies allowed. Nothing"
            " was installed.",
            "If somebody sent you this link, do not begin again: ask them why.",
        ),
        _AGAIN,
    ),
}
