"""What one reader's issue holds, in which order, and why: built from a small store, looked at as values and as mail."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.digests import build_due, preview
from store import index, marks, outbox, profiles, sources
from store.codec import iso
from store.database import open_private, open_store, writing
from store.digest.compose import compose, edition, reader_of
from store.digest.issue import Issue, Section
from store.digest.links import Links
from store.digest.render import header, message_id, render
from store.digest.schedule import last_due, next_due, period
from store.profiles import CountryWish, Wish, of_member
from store.search import Filter, Viewer, find
from tests.scheduler.digest_world import CALLS, START, World, days, world
from tests.store.test_pages_and_sources import declared

LINKS = Links("https://scout.example.org", "a secret of the tests")
FAIRS = Wish(name="Fairs", sectors=("plastics",), kinds=("fair", "event"))
MARKETS = Wish(name="Markets", sectors=("plastics",), countries=(CountryWish(code="MX", role="target"),), kinds=("news", "study"))


@pytest.fixture
def w(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path) as made:
        made.member("ana@example.org")
        made.profile(CALLS, FAIRS, MARKETS)
        yield made


def issue(w: World, now: datetime) -> Issue:
    """The issue that would be built at ``now`` for the first member; nothing is written."""
    member = next(iter(w.private.query("select * from member where id = 1")))
    wanted = of_member(w.private, 1)
    standing = outbox.standing(w.private, 1)
    cursor = standing.cursor if standing else 0
    db = open_store(w.settings.db)
    with contextlib.closing(db.conn), edition(db, now=now, cursor=cursor) as made:
        return compose(made, w.private, reader_of(member, wanted), wanted, cursor=cursor, period=(now - days(7), now))[1]


def sent(w: World, now: datetime) -> Issue:
    """Build it for good, and return it as it was built."""
    made = issue(w, now)
    assert len(build_due(w.settings, now=now, everyone=True)) == 1
    return made


def section(made: Issue, name: str) -> Section:
    return next((s for s in made.sections if s.name == name), Section(name=name, lines=()))


def keys(made: Issue, name: str) -> list[str]:
    found = section(made, name)
    return [line.detail.key for line in found.lines] + list(found.rest)


def test_sections_come_in_their_order_and_each_thing_once(w: World) -> None:
    tracked = w.put("t", now=START, due=START + days(20))
    changed = w.put("c", now=START, due=START + days(40))
    sent(w, START)
    marks.put(w.private, 1, tracked, "track", now=START)
    now = START + days(8)
    w.put("c", now=now, due=START + days(50))
    new = w.put("n", now=now, due=START + days(60))
    fair = w.put("f", now=now, kind="fair", starts=START + days(90), countries=(("DE", "venue"),))
    news = w.put("m", now=now, kind="news", countries=(("MX", "mentioned"),))
    made = sent(w, now)
    assert [s.name for s in made.sections] == ["tracked", "changes", "new", "events", "news"]
    found = [keys(made, name) for name in ("tracked", "changes", "new", "events", "news")]
    assert found == [[tracked], [changed], [new], [fair], [news]]
    # a reminder may repeat, nothing else does
    again = issue(w, now + days(1))
    assert [(s.name, keys(again, s.name)) for s in again.sections] == [("tracked", [tracked])]


def test_each_line_says_which_wish_and_which_phrase(w: World) -> None:
    w.put("a", now=START, due=START + days(60))
    (line,) = section(issue(w, START), "new").lines
    (why,) = line.why
    assert why.wish == "Plastics calls"
    assert [(p.value, p.role, p.quote) for p in why.proofs] == [("plastics", "", "plastics firms"), ("PT", "eligible", "from PT")]
    assert set(line.grounds) == {"country", "sector"}


@pytest.mark.parametrize(
    ("publisher", "open_to", "closed_to"), [("PT", "PT", "DE"), ("EU", "SI", "NO"), ("INT", "NO", "MX"), ("", "", "PT")]
)
def test_a_silent_call_counts_for_its_publishers_home_in_digest_and_feed_alike(
    w: World, publisher: str, open_to: str, closed_to: str
) -> None:
    sources.keep(w.db, [declared("test", country="GR")])
    key = w.put("silent", now=START, due=START + days(60), countries=(("BR", "partner"),))
    sources.keep(w.db, [declared("test", country=publisher)])
    viewer = Viewer(cluster="moldes")
    for country, counts_for in ((open_to, True), (closed_to, False), ("GR", publisher in ("EU", "INT", "GR"))):
        if country:
            profiles.remove(w.private, "moldes")
            w.profile(Wish(name="x", countries=(CountryWish(code=country, role="eligible"),)))
            assert keys(issue(w, START), "new") == [key] * counts_for, country
            found = find(w.db.conn, Filter(countries=(country,), roles=("eligible",)), viewer, START).rows
            assert [row.key for row in found] == [key] * counts_for, country
            assert all(row.countries == (("BR", ("partner",)),) for row in found)


def test_what_is_closing_is_never_hidden_by_ranking(w: World) -> None:
    for n in range(30):
        w.put(f"far{n}", now=START, due=START + days(60 + n))
    late = [w.put(f"soon{n}", now=START, due=START + days(3 + n % 8)) for n in range(20)]
    found = section(issue(w, START), "new")
    shown = [line.detail.key for line in found.lines]
    assert set(late) <= set(shown)
    assert len(found.rest) == 30
    assert not set(found.rest) & set(late)
    assert any(line.brief for line in found.lines)


def test_a_change_carries_old_and_new_value_and_a_way_back_tells_nothing(w: World) -> None:
    key = w.put("a", now=START, due=START + days(40))
    back = w.put("b", now=START, due=START + days(41))
    sent(w, START)
    w.put("a", now=START + days(1), due=START + days(45))
    w.put("a", now=START + days(2), due=START + days(55))
    w.put("b", now=START + days(1), due=START + days(45))
    w.put("b", now=START + days(40) - days(36), due=START + days(41))
    made = sent(w, START + days(7))
    assert keys(made, "changes") == [key]
    (line,) = section(made, "changes").lines
    (change,) = line.changes
    assert (change.type, change.direction) == ("deadline_moved", "later")
    text = render(made, links=LINKS, mail_from="S <s@example.org>").text
    assert "31 Dec 2026, 09:00 (UTC) -> 15 Jan 2027, 09:00" in " ".join(text.split())
    assert back not in keys(issue(w, START + days(8)), "changes")


def test_dismissed_returns_only_on_a_material_change_and_snoozed_when_its_time_has_come(w: World) -> None:
    gone = w.put("d", now=START, due=START + days(60))
    slept = w.put("s", now=START, due=START + days(61))
    marks.put(w.private, 1, gone, "dismiss", now=START)
    marks.put(w.private, 1, slept, "snooze", now=START, until=START + days(10))
    assert sent(w, START).size == 0
    w.put("d", now=START + days(1), text="another wording that says the same")
    assert sent(w, START + days(7)).size == 0
    w.put("d", now=START + days(8), cancelled=True)
    made = sent(w, START + days(14))
    assert keys(made, "changes") == [gone]
    assert [(line.detail.key, line.back) for line in section(made, "tracked").lines] == [(slept, True)]
    assert sent(w, START + days(21)).size == 0


def test_late_and_older_things_are_told_once(w: World) -> None:
    sent(w, START)
    key = w.put("old", now=START + days(1), due=START + days(50), published=START - days(300))
    assert keys(sent(w, START + days(7)), "new") == [key]
    assert sent(w, START + days(14)).size == 0


def test_a_wish_changed_later_finds_what_was_there_before(w: World) -> None:
    key = w.put("textile", now=START, due=START + days(50), sectors=("textile",))
    assert sent(w, START).size == 0
    w.profile(CALLS, Wish(name="Textiles", sectors=("textile",)))
    assert keys(sent(w, START + days(7)), "new") == [key]


def test_words_widen_and_avoided_words_rule_out(w: World) -> None:
    w.profile(Wish(name="Words", words=("graphene coating",), avoid=("military",)))
    hit = w.put("a", now=START, due=START + days(50), sectors=(), text="A Graphene-Coating line for tools")
    w.put("b", now=START, due=START + days(50), sectors=(), text="graphene coating for military use")
    w.put("c", now=START, due=START + days(50), sectors=(), text="coating of graphene")
    made = issue(w, START)
    assert keys(made, "new") == [hit]
    assert section(made, "new").lines[0].why[0].words == ("graphene coating",)


def test_what_is_kept_for_another_cluster_or_waits_for_review_is_told_to_nobody_else(w: World) -> None:
    other, review = w.put("e", now=START, due=START + days(50)), w.put("r", now=START, due=START + days(50))
    w.db.execute("update opportunity set embargo_cluster = 'others' where key = ?", [other])
    w.db.execute("update opportunity set review = 'review' where key = ?", [review])
    with writing(w.db):
        index.refresh(w.db, [row[0] for row in w.db.execute("select id from opportunity").fetchall()])
    assert issue(w, START).size == 0


def test_one_story_of_two_papers_is_one_line(w: World) -> None:
    for n, title in enumerate(
        ("Mexico cuts duties on moulding machines", "Mexico cuts its duties on moulding machines again", "Port of Veracruz grows")
    ):
        w.put(f"n{n}", now=START, kind="news", title=title, countries=(("MX", "mentioned"),))
    lines = section(issue(w, START), "news").lines
    assert sorted(1 + len(line.also) for line in lines) == [1, 2]


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


EVIL = 'Call\r\nBcc: thief@example.org <script>alert(1)</script> "quotes" & <img src=x onerror=y> \u202e'


def test_hostile_titles_reach_neither_headers_nor_markup(w: World) -> None:
    w.put("x", now=START, due=START + days(30), title=EVIL.replace("\r\n", " "))
    w.profile(CALLS, id="moldes")
    made = issue(w, START)
    hostile = Issue(**{f: getattr(made, f) for f in made.__dataclass_fields__} | {"title": EVIL})
    rendered = render(hostile, links=LINKS, mail_from="S <s@example.org>")
    parsed = message_from_bytes(rendered.message.as_bytes(), policy=policy.default)
    assert "Bcc" not in parsed
    assert parsed["Subject"].startswith("Call Bcc: thief@example.org")
    tags = _Tags()
    tags.feed(rendered.html)
    assert not {tag for tag, _ in tags.found} & {"script", "img", "iframe", "link", "object", "form"}
    assert not [name for _, attrs in tags.found for name in attrs if name.startswith("on")]
    assert all(str(a["href"]).startswith("https://scout.example.org/") for tag, a in tags.found if tag == "a")


def test_the_same_issue_gives_the_same_bytes_and_the_text_is_complete_alone(w: World) -> None:
    for n in range(20):
        w.put(f"a{n}", now=START, due=START + days(20 + n))
    made = issue(w, START)
    first, second = (render(made, links=LINKS, mail_from="S <s@example.org>") for _ in range(2))
    assert first.message.as_bytes() == second.message.as_bytes()
    parsed = message_from_bytes(first.message.as_bytes(), policy=policy.default)
    plain = parsed.get_body(("plain",)).get_content()
    for line in section(made, "new").lines:
        assert line.detail.title in plain
        assert f"https://scout.example.org/opportunity/{line.detail.key}" in plain
    assert f"https://scout.example.org/digest/{made.id}/more/new" in plain
    assert "8 more:" in plain
    assert parsed["List-Unsubscribe"].startswith("<https://scout.example.org/mail/")
    raw = first.message.as_bytes()
    assert b"List-Unsubscribe: <https://scout.example.org/mail/" in raw, "the header must not be folded or encoded"
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    assert "@media (prefers-color-scheme: dark)" in first.html
    assert 'style="' in first.html
    assert "http://" not in first.html.replace("https://", "")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("fr", "Nouveau pour vous"),
        ("de", "Neu für Sie"),
        ("es", "Nuevo para usted"),
        ("it", "Novità per lei"),
        ("pt", "Novidades para si"),
    ],
)
def test_it_speaks_the_readers_language(w: World, language: str, words: str) -> None:
    w.put("a", now=START, due=START + days(30))
    w.profile(CALLS, language=language)
    rendered = render(issue(w, START), links=LINKS, mail_from="S <s@example.org>")
    assert words.upper() in rendered.text
    assert rendered.message["Content-Language"] == language
    assert "New for you" not in rendered.html


def test_a_preview_writes_nothing(w: World) -> None:
    w.put("a", now=START, due=START + days(30))
    before = "\n".join(w.private.conn.iterdump())
    made, rendered = preview(w.settings, "moldes", now=START)
    assert made.size == 1
    assert rendered.subject == "Moldes: 1 new"
    private = open_private(w.settings.private_db)
    assert "\n".join(private.conn.iterdump()) == before
    private.conn.close()


def test_message_ids_differ_by_reader_and_issue_alone() -> None:
    ids = {
        message_id(r, i, "S <s@example.org>") for r in ("a@x.org", "b@x.org") for i in ("20261123T070000Z-1", "20261130T070000Z-1")
    }
    assert len(ids) == 4
    assert message_id("A@x.org", "i", "s@example.org") == message_id("a@x.org", "i", "Other <t@example.org>")


@given(st.text())
def test_a_header_is_one_printable_line(text: str) -> None:
    made = header(text)
    assert made.isprintable() or made == ""
    assert not set(made) & {"\r", "\n", "\0"}


@settings(max_examples=200)
@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)).map(lambda d: d.replace(tzinfo=UTC)),
    st.sampled_from(("mon", "wed", "sat", "sun")),
    st.integers(0, 23),
    st.sampled_from(("Europe/Brussels", "America/Mexico_City", "Pacific/Auckland", "America/Sao_Paulo", "Asia/Kathmandu")),
)
def test_periods_partition_time(now: datetime, weekday: str, hour: int, zone: str) -> None:
    when = {"weekday": weekday, "hour": hour, "zone": zone}
    last, coming = last_due(now, **when), next_due(now, **when)
    assert last <= now < coming
    assert timedelta(days=6, hours=22) <= coming - last <= timedelta(days=7, hours=2)
    assert last_due(coming, **when) == coming
    assert last_due(coming - timedelta(seconds=1), **when) == last
    assert period(now, last, **when) is None
    assert period(coming, last, **when) == (last, coming)
    assert period(now, last - timedelta(days=35), **when) == (last - timedelta(days=35), last)
    assert period(now, now + timedelta(days=300), **when) == (last - timedelta(days=7), last)


def test_a_person_is_spoken_to_as_their_own_profile_says(w: World) -> None:
    w.profile(
        CALLS,
        id="own",
        level="person",
        cluster="",
        people=("ana@example.org",),
        language="de",
        zone="Asia/Tokyo",
        weekday="sun",
        hour=9,
    )
    w.put("a", now=START, due=START + days(30))
    made = issue(w, START)
    assert (made.reader.language, made.reader.zone, made.title) == ("de", "Asia/Tokyo", "Moldes")
    assert made.wishes == ("Plastics calls", "Plastics calls", "Fairs", "Markets")
    build_due(w.settings, now=START)
    standing = outbox.standing(w.private, 1)
    assert standing is not None
    assert iso(standing.told_until) == "2026-11-15T00:00:00Z"


def test_a_clock_that_was_ahead_costs_no_week(w: World) -> None:
    build_due(w.settings, now=START)
    assert [b.issue for b in build_due(w.settings, now=START + days(3))] == ["20261123T070000Z-1"]
    ahead = START + days(12)  # the machine believes that it is 3 December
    assert [b.issue for b in build_due(w.settings, now=ahead)] == ["20261130T070000Z-1"]
    assert build_due(w.settings, now=START + days(4)) == [], "the week of the 23rd was told; the boundary only goes back"
    key = w.put("a", now=START + days(5), due=START + days(60))
    (again,) = build_due(w.settings, now=START + days(10))
    assert again.issue == "20261130T070000Z-1-2"
    assert again.entries == 1
    told = w.private.execute("select issue from told where opportunity = ? and what = 'new'", [key]).fetchall()
    assert told == [(again.issue,)]
    assert build_due(w.settings, now=START + days(11)) == []
