"""From an issue to a message: the same issue gives the same bytes. Multipart: a text part complete alone, and HTML."""

from __future__ import annotations

import binascii
import hashlib
import textwrap
from dataclasses import dataclass
from email.headerregistry import Address, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime, parseaddr
from functools import cache, lru_cache
from pathlib import Path

import css_inline
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from store.digest.catalogue import catalogue
from store.digest.issue import Issue, Line
from store.digest.links import Action, Links, MailLink
from store.digest.wording import Wording, capital
from store.texts import N_

TEMPLATES = Path(__file__).parent / "templates"
WIDTH = 76


class _Whole(UnstructuredHeader):
    """A header that is never folded nor encoded: the library would turn a long address into encoded words that no program reads."""

    def fold(self, *, policy: EmailPolicy) -> str:
        """The header in one line."""
        return f"{self.name}: {self}{policy.linesep}"  # type: ignore[attr-defined]


@dataclass(frozen=True, kw_only=True, slots=True)
class LineView:
    """One line in words, as both templates show it. ``times`` and ``about`` are what ``Wording`` says so; ``actions`` are (label,
    address); ``choose`` leads to all of them.
    """

    title: str
    url: str
    times: tuple[str, ...]
    about: tuple[str, ...]
    changes: tuple[str, ...]
    why: tuple[str, ...]
    grounds: str
    tracked: bool
    back: bool
    brief: bool
    also: tuple[tuple[str, str], ...]
    actions: tuple[tuple[str, str], ...]
    choose: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SectionView:
    """A section in words; ``more`` is (number, address) of what it does not show, or None."""

    title: str
    lines: tuple[LineView, ...]
    more: tuple[int, str] | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Rendered:
    """A message with its parts apart, for the web version and for previews."""

    subject: str
    text: str
    html: str
    message: EmailMessage


def render(issue: Issue, *, links: Links, mail_from: str) -> Rendered:
    """The mail of an issue. ``mail_from`` is a From line; its domain ends the Message-ID, which follows from recipient and issue."""
    words = Wording(issue.reader.language, issue.reader.zone)
    counts = _counts(issue, words)
    subject = header(f"{issue.title}: {counts}")
    view = {
        "language": issue.reader.language,
        "subject": subject,
        "counts": capital(counts),
        "title": header(issue.title),
        "name": header(issue.reader.name),
        "start": words.day(issue.start),
        "end": words.instant(issue.end),
        "sections": [_section(issue, section.name, words, links) for section in issue.sections],
        "coverage": words.coverage(issue.coverage),
        "wishes": words.names(issue.wishes),
        "web": links.web_version(issue.id),
        "stop": _act(issue, "stop", "", links),
    }
    text = _environment(issue.reader.language).get_template("issue.txt.j2").render(view).strip() + "\n"
    html = _inliner().inline(_environment(issue.reader.language).get_template("issue.html.j2").render(view))
    message = _message(issue, subject, text, html, mail_from, str(view["stop"]))
    return Rendered(subject=subject, text=text, html=html, message=message)


def message_id(recipient: str, issue: str, mail_from: str) -> str:
    """``<hash@domain>`` that depends on recipient and issue alone, so that a second sending is known as the same message."""
    digest = hashlib.sha256(f"{recipient.casefold()}\n{issue}".encode()).hexdigest()[:32]
    domain = parseaddr(mail_from)[1].rpartition("@")[2] or "localhost"
    return f"<{issue}.{digest}@{header(domain)}>"


def header(text: str) -> str:
    """Text that is safe in a mail header: one line, no control characters."""
    if not text.isprintable():
        text = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(text.split())


def _message(issue: Issue, subject: str, text: str, html: str, mail_from: str, stop: str) -> EmailMessage:
    message = EmailMessage(policy=_policy())
    name, sender = parseaddr(mail_from)
    message["From"] = Address(header(name), addr_spec=header(sender))
    message["To"] = Address(header(issue.reader.name), addr_spec=header(issue.reader.email or "preview@localhost"))
    message["Subject"] = subject
    message["Date"] = format_datetime(issue.built_at.replace(microsecond=0))
    message["Message-ID"] = message_id(issue.reader.email, issue.id, mail_from)
    message["List-Id"] = f"clusterscout digest <digest.{parseaddr(mail_from)[1].rpartition('@')[2] or 'localhost'}>"
    message["List-Unsubscribe"] = f"<{stop}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content("", cte="quoted-printable")
    message.add_alternative("", subtype="html", cte="quoted-printable")
    for part, content in zip(message.iter_parts(), (text, html), strict=True):
        # The library's own way to quoted-printable is a tenth of a digest's time.
        part.set_payload(binascii.b2a_qp(content.removesuffix("\n").encode() + b"\n").decode("ascii"))
    message["Content-Language"] = issue.reader.language  # set before, it would move into the text part
    message.set_boundary(f"=_{hashlib.sha256(issue.id.encode()).hexdigest()[:32]}")
    return message


def _counts(issue: Issue, words: Wording) -> str:
    """How much is new, changed and closing, in words."""
    closing = sum(1 for s in issue.sections if s.name == "tracked" for line in s.lines if not line.back)
    fresh = sum(len(s.rest) + len(s.lines) for s in issue.sections if s.name in ("new", "events"))
    changed = sum(len(s.rest) + len(s.lines) for s in issue.sections if s.name == "changes")
    texts = words.texts
    parts = [
        texts.ngettext("%(n)d new", "%(n)d new", fresh) % {"n": fresh} if fresh else "",
        texts.ngettext("%(n)d changed", "%(n)d changed", changed) % {"n": changed} if changed else "",
        texts.ngettext("%(n)d closing", "%(n)d closing", closing) % {"n": closing} if closing else "",
    ]
    return ", ".join(part for part in parts if part) or words.say(N_("nothing new"))


def _section(issue: Issue, name: str, words: Wording, links: Links) -> SectionView:
    section = next(s for s in issue.sections if s.name == name)
    return SectionView(
        title=words.section(name),
        lines=tuple(_line(issue, line, words, links) for line in section.lines),
        more=(len(section.rest), links.rest(issue.id, name)) if section.rest else None,
    )


def _line(issue: Issue, line: Line, words: Wording, links: Links) -> LineView:
    detail, whole = line.detail, not line.brief
    ended = any(change.type in ("cancelled", "withdrawn") for change in line.changes)
    mine = whole and bool(issue.reader.member)
    return LineView(
        title=header(detail.title),
        url=links.opportunity(detail.key),
        times=tuple(map(header, words.times(detail, told=ended))),
        about=tuple(map(header, words.about(detail))) if whole else (),
        changes=tuple(capital(header(words.change(change))) for change in line.changes),
        why=tuple(header(words.why(why)) for why in line.why) if whole else (),
        grounds=words.grounds(line) if whole else "",
        tracked=line.tracked,
        back=line.back,
        brief=line.brief,
        also=tuple((header(other.detail.title), links.opportunity(other.detail.key)) for other in line.also),
        actions=_actions(issue, line, words, links) if mine else (),
        choose=_act(issue, "choose", detail.key, links) if mine else "",
    )


def _actions(issue: Issue, line: Line, words: Wording, links: Links) -> tuple[tuple[str, str], ...]:
    labels: dict[Action, str] = {"track": N_("track"), "snooze": N_("snooze"), "dismiss": N_("dismiss")}
    if line.tracked:
        del labels["track"]
    return tuple((capital(words.say(label)), _act(issue, action, line.detail.key, links)) for action, label in labels.items())


def _act(issue: Issue, action: Action, key: str, links: Links) -> str:
    return links.act(MailLink(member=issue.reader.member, action=action, opportunity=key, issue=issue.id))


@lru_cache(maxsize=16384)
def wrapped(text: str, indent: int = 0) -> str:
    """Text in lines of at most 76 characters, each led by ``indent`` spaces; a word longer than that (an address) stays whole."""
    lead = " " * indent
    return textwrap.fill(text, WIDTH, initial_indent=lead, subsequent_indent=lead, break_long_words=False, break_on_hyphens=False)


@cache
def _environment(language: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(enabled_extensions=("html.j2",), default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    texts = catalogue(language)
    environment.install_gettext_callables(texts.gettext, texts.ngettext, newstyle=True)  # type: ignore[attr-defined]
    environment.filters["wrapped"] = wrapped
    return environment


@cache
def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)


@cache
def _policy() -> EmailPolicy[EmailMessage]:
    registry = HeaderRegistry()
    for name in ("list-unsubscribe", "list-id", "message-id"):
        registry.map_to_type(name, _Whole)  # type: ignore[arg-type]  # the registry mixes BaseHeader in
    return SMTP.clone(header_factory=registry)
