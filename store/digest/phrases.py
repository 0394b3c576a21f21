"""The English texts that stand for values of an issue: data for ``wording``, keys of the catalogues."""

from __future__ import annotations

from store.texts import N_

SECTION_TITLES = {
    "tracked": N_("You track it and it is closing"),
    "changes": N_("What changed"),
    "new": N_("New for you"),
    "events": N_("Fairs and events"),
    "news": N_("News from your markets"),
}
KIND_NAMES = {
    "call": N_("call"),
    "tender": N_("tender"),
    "fair": N_("trade fair"),
    "event": N_("event"),
    "news": N_("news"),
    "study": N_("market study"),
}
ROLE_TEXTS = {
    "eligible": N_("open to %(country)s"),
    "target": N_("about the market %(country)s"),
    "venue": N_("held in %(country)s"),
    "buyer": N_("buyer in %(country)s"),
    "partner": N_("partner from %(country)s"),
    "mentioned": N_("names %(country)s"),
}
GROUND_TEXTS = {
    "closing": N_("closing soon"),
    "country": N_("your country"),
    "word": N_("your words"),
    "sector": N_("your sector"),
    "wishes": N_("several of your searches"),
    "fits_lead": N_("enough time to prepare"),
    "amount": N_("within your budget"),
}
FLAG_TEXTS = {
    "zone_label_conflict": N_("the publisher's time label contradicts the calendar; local time at the publisher is taken"),
    "ambiguous_order": N_("day and month may be the other way round; check the source"),
    "placeholder": N_("may be a placeholder; check the source"),
    "extended": N_("extended"),
}
CHANGE_TEXTS = {
    ("deadline_moved", "later"): N_("deadline moved later: %(old)s -> %(new)s"),
    ("deadline_moved", "earlier"): N_("deadline moved EARLIER: %(old)s -> %(new)s"),
    ("deadline_moved", ""): N_("deadline moved: %(old)s -> %(new)s"),
    ("stage_added", ""): N_("a further deadline was added: %(old)s -> %(new)s"),
    ("budget_changed", ""): N_("budget: %(old)s -> %(new)s"),
    ("eligibility_changed", ""): N_("who may take part: %(old)s -> %(new)s"),
    ("document_changed", ""): N_("documents: %(old)s -> %(new)s"),
    ("moved", ""): N_("date or venue: %(old)s -> %(new)s"),
    ("opened", ""): N_("is open now"),
    ("cancelled", ""): N_("CANCELLED"),
    ("withdrawn", ""): N_("withdrawn by its publisher"),
    ("reinstated", ""): N_("takes place after all"),
}

# The sentence of ``store.runs.spoken``, which the health page, the digest and ``doctor`` share.
COVERAGE_TEXTS = (
    N_("No source is enabled."),
    N_("%(read)d of %(total)d sources fully read since %(day)s"),
    N_("%(name)s last read completely on %(day)s"),
    N_("%(name)s never read completely"),
    N_("and %(n)d more"),
)
