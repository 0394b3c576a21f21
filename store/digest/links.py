"""The addresses that stand in a mail. What acts is signed and acts only by POST, since scanners of mail follow links."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Literal, get_args

from itsdangerous import BadSignature, Signer

from store.errors import LinkRefused

Action = Literal["track", "dismiss", "snooze", "choose", "stop"]
ACTIONS: tuple[Action, ...] = get_args(Action)
VALID = timedelta(days=400)
_SALT = "clusterscout mail link"


@dataclass(frozen=True, kw_only=True, slots=True)
class MailLink:
    """What a signed link asks for: ``member`` wants ``action`` on ``opportunity`` (a public key, "" to stop the mail), from ``issue``.

    ``choose`` leads to a page that offers to track, snooze or dismiss.
    """

    member: int
    action: Action
    opportunity: str
    issue: str


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses for one site (``address`` without a slash at its end), signed with ``secret``."""

    address: str
    secret: str

    def opportunity(self, key: str) -> str:
        """The page of an opportunity."""
        return f"{self.address}/opportunity/{key}"

    def web_version(self, issue: str) -> str:
        """The issue as a page."""
        return f"{self.address}/digest/{issue}"

    def rest(self, issue: str, section: str) -> str:
        """The page with exactly what a section did not show."""
        return f"{self.address}/digest/{issue}/more/{section}"

    def act(self, link: MailLink) -> str:
        """A page that asks for confirmation by POST; for ``stop`` a POST that mail programs send by themselves (RFC 8058)."""
        named = ".".join((link.issue, str(link.member), link.action, link.opportunity))
        return f"{self.address}/mail/{_signer(self.secret).sign(named).decode()}"


def read_link(token: str, *, secret: str, now: datetime) -> MailLink:
    """What a signed token asks for. Raises LinkRefused for one that was altered, signed by another key, or is older than 400 days.

    Its age is that of its issue; stopping the mail works for ever.
    """
    try:
        issue, member, action, opportunity = _signer(secret).unsign(token).decode().split(".")
        ended = datetime.strptime(issue.partition("-")[0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except (BadSignature, ValueError) as error:
        raise LinkRefused("This link is not one of ours, or was cut short: open the digest on the site instead.") from error
    if action not in ACTIONS or (action != "stop" and now - ended > VALID):
        raise LinkRefused("This link is too old: sign in and use the buttons on the opportunity's page.")
    return MailLink(member=int(member), action=action, opportunity=opportunity, issue=issue)


@lru_cache(maxsize=8)
def _signer(secret: str) -> Signer:
    if not secret:
        raise LinkRefused("No secret is set: give CLUSTERSCOUT_SECRET, or let 'clusterscout serve' make one.")
    return Signer(secret, salt=_SALT, sep="~")
