from __future__ import annotations

import csv
import io
import re

import pytest

from store import index, profiles
from store.database import open_private, open_store
from store.profiles import CountryWish, Profile, Wish
from store.search.find import first_sentences
from store.site import shapes
from store.site.atlas import VIEWS
from tests.store.site.conftest import Running
from tests.store.site_data import NOW

PAGES = [
    "/feed",
    "/feed.json",
    "/feed?kind=fair&sort=deadline",
    "/feed?q=moulds",
    "/feed?sector=plastics&country=PT&within=30",
    "/feed?new=1",
    "/feed?q=zzzz",
    "/feed.atom",
    "/feed.ics",
    "/feed.jsonfeed",
    "/feed.csv",
    "/feed.commongrants",
    "/sources",
    "/sources.json",
    "/settings",
    "/sectors",
    "/sectors.json",
    "/sector/plastics",
    "/country/PT",
    "/market/PT/plastics",
    "/market/PT/plastics.json",
    "/calendar",
    "/calendar?view=agenda&month=2026-12",
    "/calendar.json",
    "/map",
    "/map?view=world",
    "/map.json",
    "/cluster",
    "/cluster/feeds",
    "/cluster/feeds?sector=plastics",
    "/digests",
]


@pytest.mark.parametrize("path", PAGES)
async def test_a_member_reads_each_page(running: Running, path: str) -> None:
    answer = await running.get(path)
    assert answer.status_code == 200, answer.text[:500]


async def test_news_stand_on_the_page_of_what_they_speak_of(running: Running) -> None:
    db = open_store(running.db)
    key, notice = db.execute(
        "select o.key, n.id from opportunity o join notice n on n.opportunity = o.id where o.kind = 'call' and o.review = 'published' limit 1"
    ).fetchone()
    told = db.execute(
        "select o.key, o.title, n.id from opportunity o join notice n on n.opportunity = o.id where o.kind = 'news' limit 3"
    ).fetchall()
    for _, _, other in told:
        link = [*sorted((notice, other)), "related", 0.9, "names its identifier"]
        db.execute("insert or replace into merge_link (one, other, outcome, score, reason) values (?, ?, ?, ?, ?)", link)
    db.execute("update opportunity set embargo_cluster = 'dairy' where key = ?", [told[2][0]])
    index.refresh(db, [row[0] for row in db.execute("select id from opportunity where key = ?", [told[2][0]])])
    db.conn.commit()
    page = (await running.get(f"/opportunity/{key}")).text
    section = page[page.index('id="newsh"') :].split("</section>")[0]
    assert [f'href="/opportunity/{name}"' in section for name, _, _ in told] == [True, True, False]
    back = (await running.get(f"/opportunity/{told[0][0]}")).text
    assert f'href="/opportunity/{key}"' in back[back.index('id="subjecth"') :].split("</section>")[0]


async def test_an_opportunity(running: Running) -> None:
    items = (await running.get("/feed.json?size=100&status=any")).json()["items"]
    assert len(items) == 100
    for item in items[:40]:
        for suffix in ("", ".json", ".ics"):
            answer = await running.get(f"/opportunity/{item['key']}{suffix}")
            assert answer.status_code == 200, answer.text[:800]


@pytest.mark.parametrize(
    "path", ["/desk", "/operations", "/-/metrics", "/clusterscout", "/clusterscout/opportunity", "/-/versions.json"]
)
async def test_each_role_has_its_pages(running: Running, path: str) -> None:
    least = {"/desk": "manager@moulds.example"}.get(path, "operator@moulds.example")
    assert (await running.get(path, least)).status_code == 200
    assert (await running.get(path)).status_code in (403, 404)
    assert (await running.get(path, "")).status_code in (303, 401)


@pytest.mark.parametrize(("view", "code", "town"), [("europe", "PT", (-8.61, 41.15)), ("world", "MX", (-99.13, 19.43))])
def test_the_map_draws_countries_where_their_towns_lie(view: str, code: str, town: tuple[float, float]) -> None:
    drawn = dict(shapes.paths(VIEWS[view]))
    assert {"FR", "NO", "HU", "PT"} <= drawn.keys() or view == "world"
    x, y = VIEWS[view].place(*town)
    rings = [ring.removesuffix("z") for ring in drawn[code].split("M")[1:]]
    assert any(inside(x, y, points_of(ring)) for ring in rings)
    assert not any(inside(x, y, points_of(ring)) for ring in drawn["SE"].replace("z", "").split("M")[1:])


def points_of(ring: str) -> list[tuple[float, float]]:
    x, y, *moves = (int(n) for n in re.findall(r"-?\d+", ring))
    out = [(x, y)]
    for dx, dy in zip(moves[::2], moves[1::2], strict=True):
        x, y = x + dx, y + dy
        out.append((x, y))
    return out


def inside(x: float, y: float, ring: list[tuple[float, float]]) -> bool:
    found = False
    for (a, b), (c, d) in zip(ring, ring[1:] + ring[:1], strict=True):
        if (b > y) != (d > y) and x < (c - a) * (y - b) / (d - b) + a:
            found = not found
    return found


async def test_a_stored_row_leads_back_to_its_page(running: Running) -> None:
    number, key = (await running.ds.get_database("clusterscout").execute("select id, key from opportunity limit 1")).rows[0]
    row = await running.get(f"/clusterscout/opportunity/{number}", "operator@moulds.example")
    assert row.status_code == 200
    assert f'<a href="/opportunity/{key}">' in row.text
    assert f"/clusterscout/opportunity/{number}" in (await running.get(f"/opportunity/{key}", "operator@moulds.example")).text


async def test_a_country_of_a_profile_leads_to_its_role(running: Running) -> None:
    private = open_private(running.private_db)
    wish = Wish(name="Home", countries=(CountryWish(code="PT", role="eligible"), CountryWish(code="MX")))
    profiles.save(private, Profile(id="moulds", level="cluster", cluster="moulds", title="Moulds", wishes=(wish,)), now=NOW)
    private.close()
    page = (await running.get("/cluster")).text
    assert 'href="/feed?country=PT&amp;role=eligible">Portugal <span class="role">may apply</span></a>' in page
    assert 'href="/feed?country=MX">Mexico</a>' in page


async def test_a_card_leads_to_the_role_that_it_tells(running: Running) -> None:
    cards = (await running.get("/feed?kind=call")).text
    assert re.search(r'href="/feed\?country=[A-Z]{2}&amp;role=eligible">[^<]+ <span class="role">may apply</span>', cards)


async def test_what_has_only_a_text_shows_its_first_sentences(running: Running) -> None:
    db = open_store(running.db)
    number, key = db.execute("select id, key from opportunity where kind = 'call' and review = 'published' limit 1").fetchone()
    text = "A first sentence of the call.\n" + "It goes on, for small companies of the region. " * 20
    db.execute("update opportunity set summary = '', text = ? where id = ?", [text, number])
    db.conn.commit()
    db.close()
    rows = csv.DictReader(io.StringIO((await running.get("/feed.csv?kind=call&status=any")).text.removeprefix("\ufeff")))
    said = next(row["summary"] for row in rows if row["key"] == key)
    assert said.startswith("A first sentence of the call. It goes on, for small companies of the region.")
    assert said.endswith("region.")
    assert len(said) <= 420


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Short and\nwhole", "Short and whole"),
        ("One sentence ends. " + "x" * 500, "One sentence ends."),
        ("word " * 200, ("word " * 83).strip() + " …"),
    ],
)
def test_first_sentences(text: str, told: str) -> None:
    assert first_sentences(text[:420]) == told


async def test_the_profile_form_names_the_days_of_the_week(running: Running) -> None:
    page = (await running.get("/cluster/profile/person", headers={"accept-language": "fr"})).text
    assert '<option value="mon" selected>lundi</option>' in page
