"""The site's own words for what is stored: kinds, roles, states, changes, flags, in plain language. English here; ``_`` translates."""

from __future__ import annotations

from store.taxonomy import SECTORS
from store.texts import N_

KIND = {
    "call": N_("Funding call"),
    "tender": N_("Tender"),
    "fair": N_("Trade fair"),
    "event": N_("Event"),
    "news": N_("News"),
    "study": N_("Market study"),
}
KINDS = {
    "call": N_("Funding calls"),
    "tender": N_("Tenders"),
    "fair": N_("Trade fairs"),
    "event": N_("Events"),
    "news": N_("News"),
    "study": N_("Market studies"),
}
STATUS = {
    "live": N_("Still usable"),
    "open": N_("Open"),
    "closing": N_("Closing soon"),
    "forthcoming": N_("Not open yet"),
    "rolling": N_("Open all the time"),
    "closed": N_("Closed"),
    "cancelled": N_("Cancelled"),
    "withdrawn": N_("Withdrawn"),
    "any": N_("Everything"),
}
# A fair or an event is not open or closed to anybody.
_OF_DAYS = {"open": N_("To come"), "closing": N_("Soon"), "closed": N_("Over")}
ROLE = {
    "eligible": N_("may apply"),
    "target": N_("target market"),
    "venue": N_("venue"),
    "buyer": N_("buyer"),
    "partner": N_("partner"),
    "mentioned": N_("mentioned"),
}
MEMBER_ROLE = {"member": N_("member"), "manager": N_("cluster manager"), "operator": N_("operator")}
SORT = {"newest": N_("Newest first"), "deadline": N_("Deadline first"), "relevance": N_("Best match")}
VERDICT = {
    "healthy": N_("Read in full"),
    "partial": N_("Read in part"),
    "blocked": N_("Refuses us"),
    "broken": N_("Could not be read"),
    "empty-ok": N_("Nothing listed"),
    "never": N_("Not read yet"),
    "disabled": N_("Switched off"),
}
CHANGE = {
    "created": N_("First seen"),
    "opened": N_("Opened"),
    "deadline_moved": N_("Deadline moved"),
    "stage_added": N_("Another deadline was added"),
    "budget_changed": N_("The money changed"),
    "eligibility_changed": N_("Who may apply changed"),
    "document_changed": N_("A document was added or replaced"),
    "moved": N_("Date or place changed"),
    "cancelled": N_("Cancelled"),
    "reinstated": N_("Is on again"),
    "withdrawn": N_("Withdrawn by the publisher"),
    "merged": N_("Joined with another record of the same thing"),
    "split": N_("Parted from another record"),
    "cosmetic": N_("Wording changed"),
}
# The fields whose wording a reader sees, by name; a change of form in any other is nobody's news.
FIELD = {
    "title": N_("Title"),
    "summary": N_("Summary"),
    "text": N_("Text"),
    "organiser": N_("Organiser"),
    "programme": N_("Programme"),
    "eligibility": N_("Who may apply"),
    "deadlines": N_("Deadline"),
    "opens": N_("Opens"),
    "starts": N_("When"),
    "ends": N_("When"),
    "place": N_("Where"),
    "amounts": N_("Money"),
    "documents": N_("Documents"),
}
# What a field says once two records are one, or one is two again.
DIFFERED = N_("%(field)s: the records differed, this is what %(source)s says")
CORRECTED = N_("%(field)s: a manager's correction came with the other record")
PARTED = N_("%(field)s: as its own sources say, apart from the other record")
OTHER_RECORD = N_("the other record")
ROLLING = STATUS["rolling"]
LATER = N_("Deadline moved to a later day")
EARLIER = N_("Deadline moved to an EARLIER day")
FLAG = {
    "zone_label_conflict": N_(
        "The publisher names a time zone that its own calendar contradicts (summer and winter time). We take the clock at the"
        " publisher's place."
    ),
    "ambiguous_order": N_("Day and month can be read either way round here. Check the date with the publisher."),
    "placeholder": N_("This looks like a placeholder rather than a real date. Check with the publisher."),
    "impossible_date": N_("The publisher gives a date that does not exist. Check with the publisher."),
    "before_publication": N_("The date lies before the day of publication. Check with the publisher."),
    "extended": N_("The publisher says that this deadline was extended."),
    "recurring": N_("This deadline comes again regularly."),
    "deadlines_conflict": N_("Sources give different deadlines. The most trusted one is shown; compare them below."),
}
OTHER_FLAG = N_("The sources do not agree on something here, or a value was hard to read. Compare with the publisher's page.")
ZONE_SOURCE = {
    "explicit": N_("The publisher gives the zone."),
    "label": N_("The publisher gives a zone label."),
    "source": N_("The publisher gives no zone; we take the one of its own place."),
    "assumed": N_("Nobody says which zone; we assume this one."),
}
# Sentences that other modules of the store raise and pages show.
REFUSALS = (
    N_("Too many attempts. Wait a quarter of an hour, or ask for a sign-in link by mail."),
    N_("This link is not one of ours, or was cut short: open the digest on the site instead."),
    N_("This link is too old: sign in and use the buttons on the opportunity's page."),
    N_("A title cannot be empty."),
    N_("An address begins with https:// or http://."),
    N_("Choose one of the kinds."),
    N_("Give the day as 2027-01-31 and the hour as 17:00."),
    N_("Choose a time zone such as Europe/Lisbon."),
    N_("Write amounts as plain numbers, such as 250000."),
    N_("Write the country as its two letters, such as PT."),
    N_("The deadlines have changed meanwhile: look at them again."),
    N_("A note has between 1 and 4000 characters."),
    N_("Notes belong to a cluster: ask the operator to put your account into one."),
)
IGNORED = N_("Left out of your filter, because it means nothing here:")


class _Names(dict[str, str]):
    def __missing__(self, id: str) -> str:
        return id


SECTOR = _Names(SECTORS)


def sector(id: str) -> str:
    """The English name of a sector, to be translated; the id of one that we do not know."""
    return SECTOR[id]


def status(kind: str, word: str) -> str:
    """The state of one thing in words; "" for news and studies that are simply there."""
    if kind in ("news", "study") and word == "open":
        return ""
    return _OF_DAYS.get(word, STATUS[word]) if kind in ("fair", "event") else STATUS[word]


def browser(agent: str) -> tuple[str, str]:
    """The names of a browser and its system as a person knows them, from its User-Agent; "" for what is not known."""
    found = (next((name for mark, name in marks if mark in agent), "") for marks in (_BROWSERS, _SYSTEMS))
    return next(found), next(found)


# Each names itself after its forerunners, so the order matters.
_BROWSERS = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox/", "Firefox"), ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
)  # fmt: skip
_SYSTEMS = (
    ("Windows", "Windows"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"), ("Linux", "Linux"),
)  # fmt: skip


def flag(word: str) -> str:
    """A flag in plain words."""
    return FLAG.get(word, OTHER_FLAG)


# The sentence of ``store.runs.spoken``, which the health page, the digest and ``doctor`` share.
COVERAGE_TEXTS = (
    N_("No source is enabled."),
    N_("%(read)d of %(total)d sources fully read since %(day)s"),
    N_("%(name)s last read completely on %(day)s"),
    N_("%(name)s never read completely"),
    N_("and %(n)d more"),
)
