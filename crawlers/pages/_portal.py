"""What all answers of the EU Funding & Tenders portal share: kinds of record, the rule of 17:00, two-stage deadlines, programme labels.

Sources: the portal's own pages ("17:00:00 Brussels time" on every topic), and five months of recorded answers: a topic's
``deadlineDate`` is ``…T00:00:00.000+0000`` and means the day; a cascade call carries civil time in Brussels with a Z that is not
true (17:00 in summer and in winter alike); a call for external action (PROSPECTS) carries a true instant whose seconds jitter.
"""

from __future__ import annotations

from datetime import time

from crawlers.pages import _answer as answer
from crawlers.pages._times import moment, moment_of, stamp, until, until_instant
from store.model import Code, Deadline, Moment

TOPIC, EXTERNAL, CASCADE = "1", "2", "8"
USUAL_HOUR = "closes_17_00_by_rule"
BRUSSELS = "Europe/Brussels"
STATUS = {"31094501": "Forthcoming", "31094502": "Open for submission", "31094503": "Closed"}


def call_deadline(written: str, kind: str, zone: str, *, stage: int = 1, cut_off: int | None = None) -> Deadline | None:
    """The deadline in a record of ``kind``; None when the text is empty or no ISO date.

    A midnight is a date alone: precision ``day``, with the flag that the portal closes at 17:00 in Brussels. Any other hour of a
    topic or cascade call is civil time in Brussels whose label (Z) is flagged as untrue.
    """
    found = stamp(written)
    if found is None:
        return None
    if found.local.time() == time():
        return until(found.local, zone, flags=(USUAL_HOUR,), quote=written, stage=stage, cut_off=cut_off)
    local = found.local.replace(second=0)
    if kind == EXTERNAL and found.instant is not None:
        return until_instant(stamp(written[:16] + "Z") or found, zone, quote=written, stage=stage)
    flags = ("zone_label_conflict",) if found.offset is not None else ()
    return until(local, zone, precision="minute", flags=flags, quote=written, stage=stage, cut_off=cut_off)


def call_deadlines(written: tuple[str, ...], kind: str, model: str, zone: str) -> tuple[Deadline, ...]:
    """All deadlines of a record: stages when the model is two-stage, numbered cut-offs when there are several otherwise."""
    found = []
    for place, text in enumerate(written, start=1):
        staged = "two-stage" in model.casefold()
        numbered = place if len(written) > 1 and not staged else None
        deadline = call_deadline(text, kind, zone, stage=place if staged else 1, cut_off=numbered)
        if deadline is not None:
            found.append(deadline)
    return tuple(found)


def opening(written: str, kind: str, zone: str) -> Moment | None:
    """When a record opens: a day, or the hour of a call for external action (a true instant, without its seconds); None when empty
    or no ISO date.
    """
    found = stamp(written)
    if found is None:
        return None
    if kind == EXTERNAL and found.has_time and found.offset is not None:
        return moment_of(written[:16] + "Z", zone)
    return moment(found.local, zone)


def title_of(kind: str, title: str, call_title: str, summary: str) -> str:
    """A cascade call's ``title`` is that of the EU topic that pays for it; its own name stands in ``callTitle``."""
    return (call_title or summary or title) if kind == CASCADE else (title or summary or call_title)


def hard_id(kind: str, reference: str, identifier: str) -> tuple[str, ...]:
    """The official identity of a record. A cascade call is not its topic, and two of them may share one competitive-call number,
    so the portal's reference without its language stands for it.
    """
    if kind == TOPIC:
        return (f"topic:{identifier.lower()}",) if identifier else ()
    if kind == EXTERNAL:
        return (f"prospect:{reference.upper().partition('PROSPECT')[0].lower()}",)
    return (f"cascade:{reference.upper().partition('COMPETITIVE')[0].lower()}",) if kind == CASCADE else ()


def programme_name(label: str) -> str:
    """A programme's label without the interface's quirks: ``%26`` is &, a lost plus leaves two spaces behind ``Erasmus``."""
    label = (
        label.replace("%26", "&")
        .replace("Erasmus  (ERASMUS )", "Erasmus+ (ERASMUS+)")
        .replace("Erasmus (ERASMUS )", "Erasmus+ (ERASMUS+)")
    )
    return " ".join(label.replace("European Social Fund (ESF) ", "European Social Fund Plus (ESF+)").replace(" )", ")").split())


def programme_code(scheme: str, entry: answer.Object) -> Code:
    """A programme or division as a structured code; ``entry`` has ``id`` and ``label``."""
    return Code(scheme=scheme, value=answer.text(entry.get("id")), label=programme_name(answer.text(entry.get("label"))))
