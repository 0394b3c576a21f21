from __future__ import annotations

import pytest

from store import index
from store.database import open_store
from tests.store.site.conftest import Running

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
