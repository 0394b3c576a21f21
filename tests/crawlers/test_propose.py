"""Declarations proposed for pages that nobody declared: they read, they never overwrite, and they say what is a guess."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from crawlers.declare import source_from
from crawlers.propose import propose
from scheduler.cli import cli
from store.model import Page
from tests.crawlers.pages_support import SOURCES, page_of
from tests.crawlers.proposal_score import outcomes
from tests.crawlers.redesigns import good_page, redesigned, things
from tests.crawlers.web import NOW, Answer, Web, crawled, declare, item, rss


def page(body: bytes, url: str = "https://www.agence.example.fr/appels") -> Page:
    return Page(url=url, body=body, fetched_at=NOW)


@pytest.mark.parametrize(
    ("body", "what", "count"),
    [
        (rss(item(1), item(2)), "feed", 2),
        (
            b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTART:20270101T100000Z\r\nSUMMARY:A fair\r\nEND:VEVENT\r\nEND:VCALENDAR",
            "ical",
            1,
        ),
        (
            b'<html><script type="application/ld+json">{"@type": "BusinessEvent", "@id": "https://x.example/1", "name": "Fair", "startDate": "2027-01-01"}</script></html>',
            "jsonld",
            1,
        ),
    ],
)
def test_formats_are_recognised(body: bytes, what: str, count: int) -> None:
    first = propose(page(body), kind="fair")[0]
    assert (first.what, len(first.notices)) == (what, count)
    assert source_from(first.toml, Path(f"{first.name}.toml")).format == what


@pytest.mark.parametrize("seed", range(30))
def test_the_repeated_block_of_a_list_page_is_found(seed: int) -> None:
    shown = things(seed)
    first = propose(page(redesigned(shown, seed)), kind="call", name="fr_agence")[0]
    titles = {notice.title for notice in first.notices}
    assert sum(thing.title in titles for thing in shown) >= 0.6 * len(shown)
    declared = source_from(first.toml, Path("fr_agence.toml"))
    assert (declared.format, declared.verified) == ("html_list", False)


def test_a_good_page_gives_dates_and_summaries() -> None:
    first = propose(page(good_page(things(2))), kind="call")[0]
    declared = source_from(first.toml, Path(f"{first.name}.toml"))
    assert {"title", "url", "deadline", "summary"} <= set(declared.fields)
    assert (first.name, declared.country, declared.timezone) == ("fr_agence_example_appels", "FR", "Europe/Paris")
    assert all(notice.deadlines for notice in first.notices)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://www.agence.example.fr/", "fr_agence_example"),
        ("https://www.agence.example.fr/en/news/", "fr_agence_example_news"),
        ("https://www.agence.example.fr/appels-%C3%A0-projets/index.html?page=2", "fr_agence_example_appels_projets"),
        ("https://portal.example.co.uk/2026/09/tenders.aspx", "gb_portal_example_co_tenders"),
    ],
)
def test_two_pages_of_one_host_have_two_names(url: str, name: str) -> None:
    first = propose(page(rss(item(1)), url))[0]
    assert first.name == name
    assert source_from(first.toml, Path(f"{name}.toml")).name == name


@pytest.mark.parametrize(
    ("lang", "url", "country", "zone"),
    [
        ("pt-PT", "https://avisos.example.org/", "PT", "Europe/Lisbon"),
        ("pl", "https://nabory.example.pl/", "PL", "Europe/Warsaw"),
        ("en-US", "https://calls.example.org/", "EU", "Europe/Brussels"),
    ],
)
def test_country_and_zone_follow_the_address_or_the_page_s_own_language(lang: str, url: str, country: str, zone: str) -> None:
    body = good_page(things(1)).replace(b"<html", f'<html lang="{lang}"'.encode(), 1)
    toml = propose(page(body, url))[0].toml
    assert f'country = "{country}"' in toml
    assert f'timezone = "{zone}"  # from the country; the hour of every deadline hangs on it' in toml


def test_a_zipped_page_is_opened() -> None:
    first = propose(page(gzip.compress(good_page(things(2)))), kind="call")[0]
    assert first.what.startswith("repeated block")
    assert propose(page(gzip.compress(good_page(things(2)))[:-20])) == []


def test_a_sitemap_is_proposed_though_its_pages_are_not_fetched_yet() -> None:
    body = b'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>https://www.agence.example.fr/a</loc></url></urlset>'
    [first] = propose(page(body))
    assert (first.what, first.asks, first.notices) == ("sitemap", 1, ())


WORDPRESS = json.dumps(
    [
        {
            "id": number,
            "date": f"2026-09-{number + 10}T08:00:00",
            "link": f"https://www.agence.example.fr/a/{number}",
            "title": {"rendered": f"Appel n&deg; {number}"},
            "excerpt": {"rendered": "<p>Un texte.</p>"},
            "author": 3,
        }
        for number in range(1, 5)
    ]
)
SEARCH = json.dumps(
    {
        "total": 2,
        "took": 3,
        "facets": [{"name": "status", "values": [{"value": "open", "count": 2}]}],
        "result": {
            "hits": [
                {
                    "noticeId": "A-1",
                    "Object Title": "Road works",
                    "closingDate": "12/31/2026",
                    "detailUrl": "/n/1",
                    "agencyName": "City",
                },
                {
                    "noticeId": "A-2",
                    "Object Title": "School meals",
                    "closingDate": "11/05/2026",
                    "detailUrl": "/n/2",
                    "agencyName": "City",
                },
            ]
        },
    }
)
CALENDAR = json.dumps(
    {
        "items": [
            {
                "id": f"e{n}",
                "htmlLink": f"https://c.example/{n}",
                "summary": f"Fair {n}",
                "location": "Porto",
                "start": start,
                "end": start,
            }
            for n, start in enumerate([{"date": "2026-10-01"}, {"dateTime": "2026-10-02T09:00:00+02:00"}])
        ]
    }
)


@pytest.mark.parametrize(
    ("body", "rows", "fields"),
    [
        (WORDPRESS, "", {"id": "/id", "title": "/title/rendered", "url": "/link", "published": "/date", "summary": "/excerpt/rendered"}),
        (SEARCH, "/result/hits", {"id": "/noticeId", "title": "/Object%20Title", "url": "/detailUrl", "organiser": "/agencyName"}),
        (CALENDAR, "/items", {"starts": "/start/date /start/dateTime", "venue": "/location", "title": "/summary", "url": "/htmlLink"}),
        ('{"a": {"x1": {"name": "One thing", "uid": 1}, "x2": {"name": "Other thing", "uid": 2}, "x3": {"name": "Third thing", "uid": 3}}}',
         "/a", {"id": "/uid", "title": "/name"}),
        ('[{"pages": [{"results": [{"ref": "a1", "titre": "Une aide"}]}, {"results": [{"ref": "a2", "titre": "Une autre"}]}]}]',
         "/0/pages/*/results", {"id": "/ref", "title": "/titre"}),
    ],
)  # fmt: skip
def test_the_list_of_a_json_answer_is_found_and_its_members_mapped(body: str, rows: str, fields: dict[str, str]) -> None:
    first = propose(page(body.encode(), "https://api.agence.example.fr/v1/search"))[0]
    declared = source_from(first.toml, Path(f"{first.name}.toml"))
    assert (declared.format, declared.rows) == ("json_api", rows)
    assert fields.items() <= declared.fields.items()
    assert all(notice.title for notice in first.notices)
    assert declared.day_first is (body is not SEARCH)


def test_the_module_of_a_known_interface_is_named() -> None:
    first = propose(page(page_of("us_grants_gov", "good").body, "https://api.example.org/x"), catalogue=SOURCES.values())[0]
    assert first.what.startswith("page:grants_gov")
    assert source_from(first.toml, Path(f"{first.name}.toml")).format == "page:grants_gov"


def test_a_few_bare_links_beside_an_article_are_no_list() -> None:
    text = "<p>The call supports small companies that mould plastics, for up to two years and half of the cost.</p>" * 6
    links = "".join(
        f'<li class="more"><a href="/{word}">{word} of the agency</a></li>' for word in ("Contact", "Questions", "Press")
    )
    assert propose(page(f"<html><body><main><h1>A call</h1>{text}<ul>{links}</ul></main></body></html>".encode())) == []


def test_nothing_is_proposed_for_a_page_without_lists() -> None:
    assert propose(page(b"<html><body><p>Welcome to our house.</p></body></html>")) == []


def test_new_writes_once_and_never_over(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_bytes(good_page(things(4)))
    arguments = [
        "sources",
        "new",
        str(tmp_path / "page.html"),
        "--url",
        "https://www.agence.example.fr/appels",
        "--name",
        "fr_agence",
        "--out",
        str(tmp_path),
    ]
    first = CliRunner().invoke(cli, arguments)
    assert first.exit_code == 0, first.output
    text = (tmp_path / "fr_agence.toml").read_text()
    again = CliRunner().invoke(cli, arguments)
    assert again.exit_code == 1
    assert "not overwritten" in again.output
    assert (tmp_path / "fr_agence.toml").read_text() == text


def test_new_for_a_live_address_prefers_its_feed(tmp_path: Path, web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    web.pages["/"] = Answer(
        body=b'<html><head><link rel="alternate" type="application/rss+xml" href="/rss"></head><body>'
        + good_page(things(1))
        + b"</body></html>"
    )
    web.pages["/rss"] = Answer(body=rss(item(1), item(2)), headers={"Content-Type": "application/rss+xml"})
    for name, value in {"DATA": str(tmp_path), "ALLOW_HOSTS": f"127.0.0.1:{web.port}", "REQUEST_DELAY": "0"}.items():
        monkeypatch.setenv(f"CLUSTERSCOUT_{name}", value)
    result = CliRunner().invoke(cli, ["sources", "new", f"{web.base}/", "--name", "fr_agence"])
    assert result.exit_code == 0, result.output
    assert f'url = "{web.base}/rss"' in result.output
    assert 'format = "feed"' in result.output


def test_new_does_not_ask_inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLUSTERSCOUT_DATA", str(tmp_path))
    result = CliRunner().invoke(cli, ["sources", "new", "http://127.0.0.1:9/"])
    assert result.exit_code == 1
    assert "not a public address" in result.output
    assert "CLUSTERSCOUT_ALLOW_HOSTS" in result.output


def test_doctor_compares_archived_pages_and_mends(tmp_path: Path, web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = things(7)
    toml = 'rows = "li.call"\n[fields]\ntitle = "h3 a"\nurl = "h3 a::attr(href)"\ndeadline = "span.due"\n'
    web.pages["/list"] = [
        Answer(body=good_page(shown)),
        Answer(body=good_page(shown).replace(b"h3", b"h2").replace(b'class="call"', b'class="card"').replace(b'"due"', b'"until"')),
    ]
    source = declare(f"{web.base}/list", "html_list", toml, kind="call")
    from tests.crawlers.web import HEAD

    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "fr_test.toml").write_text(HEAD.format(url=f"{web.base}/list", form="html_list", kind="call") + toml)
    verdicts = [crawled(tmp_path, web, source)["verdict"] for _ in range(2)]
    assert verdicts == ["healthy", "broken"]
    monkeypatch.setenv("CLUSTERSCOUT_DATA", str(tmp_path))
    monkeypatch.setenv("CLUSTERSCOUT_SOURCES", str(tmp_path / "sources"))
    result = CliRunner().invoke(cli, ["sources", "doctor", "fr_test"])
    assert result.exit_code == 1, result.output  # both pages lie in one day's file: the good one must be named


def test_doctor_with_saved_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.crawlers.web import HEAD

    toml = 'rows = "li.call"\n[fields]\ntitle = "h3 a"\nurl = "h3 a::attr(href)"\ndeadline = "span.due"\n'
    (tmp_path / "fr_test.toml").write_text(HEAD.format(url="https://x.example.fr/l", form="html_list", kind="call") + toml)
    (tmp_path / "good.html").write_bytes(good_page(things(7)))
    (tmp_path / "bad.html").write_bytes(
        good_page(things(7)).replace(b"h3", b"h2").replace(b'class="call"', b'class="card"').replace(b'"due"', b'"until"')
    )
    monkeypatch.setenv("CLUSTERSCOUT_SOURCES", str(tmp_path))
    result = CliRunner().invoke(
        cli, ["sources", "doctor", "fr_test", "--good", str(tmp_path / "good.html"), "--bad", str(tmp_path / "bad.html")]
    )
    assert result.exit_code == 0, result.output
    assert 'rows = "li.card"' in result.output
    assert 'deadline = "span.until"' in result.output


def test_proposals_for_the_catalogues_own_pages_agree_with_what_was_declared() -> None:
    found = list(outcomes())
    assert len(found) > 60
    assert sum(one.titles and one.urls for one in found) >= 0.95 * len(found)
    dated = [one for one in found if one.days is not None]
    assert sum(one.days is True for one in dated) >= 0.95 * len(dated)
