"""The door: who gets in, how, for how long; and what a request may look like."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from store import accounts
from store.database import open_private
from store.errors import NotAllowed
from store.site.app import pages
from store.site.gate import COOKIE
from tests.store.site.conftest import Running
from tests.store.site_data import NOW

PASSWORD = "a long enough password"


async def test_nobody_reads_a_page_without_signing_in(running: Running) -> None:
    assert (await running.get("/feed?kind=call", "")).headers["location"] == "/sign-in?next=%2Ffeed%3Fkind%3Dcall"
    for path in ("/feed.json", "/opportunity/abcdefgh.json", "/clusterscout.json", "/feed.csv", "/-/versions.json"):
        assert (await running.get(path, "")).status_code == 401
    assert (await running.get("/static/site.css", "")).status_code == 200
    assert (await running.get("/robots.txt", "")).text.startswith("User-agent: *\nDisallow: /")


async def test_the_whole_way_in_and_out(running: Running) -> None:
    private = open_private(running.private_db)
    accounts.set_password(private, "member@moulds.example", PASSWORD, now=NOW)
    page = await running.get("/sign-in?next=/map", "")
    token = page.cookies["ds_csrftoken"]
    form = {"email": "Member@moulds.example", "password": PASSWORD, "next": "/map", "csrftoken": token}
    without = await running.ds.client.post("/sign-in", data={**form, "csrftoken": ""}, cookies={"ds_csrftoken": token})
    assert without.status_code == 403
    answer = await running.ds.client.post("/sign-in", data=form, cookies={"ds_csrftoken": token})
    assert (answer.status_code, answer.headers["location"]) == (303, "/map")
    cookie = next(c for c in answer.headers.get_list("set-cookie") if c.startswith(COOKIE))
    assert all(part in cookie for part in ("HttpOnly", "Secure", "SameSite=lax"))
    secret = answer.cookies[COOKIE]
    assert private.execute("select count(*) from session where id_hash = ?", [secret]).fetchone()[0] == 0
    assert (await running.ds.client.get("/feed", cookies={COOKIE: secret})).status_code == 200
    out = await running.ds.client.post("/sign-out", data={"csrftoken": token}, cookies={COOKIE: secret, "ds_csrftoken": token})
    assert out.status_code == 303
    assert (await running.ds.client.get("/feed.json", cookies={COOKIE: secret})).status_code == 401
    private.close()


@pytest.mark.parametrize(
    "wished", ["//evil.example", "https://evil.example", "/\\evil.example", "/a\r\nb", "javascript:x", "/sign-in"]
)
async def test_signing_in_never_leads_elsewhere(running: Running, wished: str) -> None:
    answer = await running.get("/sign-in", params={"next": wished})
    assert answer.headers["location"] == "/feed"


def test_attempts_are_limited_and_sessions_end(running: Running) -> None:
    private = open_private(running.private_db)
    accounts.set_password(private, "member@moulds.example", PASSWORD, now=NOW)
    for n in range(5):
        assert (
            accounts.sign_in(
                private, "member@moulds.example", "wrong wrong wrong", address="192.0.2.1", now=NOW + timedelta(seconds=n)
            )
            is None
        )
    with pytest.raises(NotAllowed, match="Too many attempts"):
        accounts.sign_in(private, "member@moulds.example", PASSWORD, address="192.0.2.1", now=NOW + timedelta(minutes=1))
    later = NOW + timedelta(minutes=20)
    member = accounts.sign_in(private, "member@moulds.example", PASSWORD, address="192.0.2.1", now=later)
    assert member is not None
    secret = accounts.start_session(private, member.id, now=later)
    assert accounts.member_of_session(private.conn, secret, now=later + timedelta(days=13)) is not None
    assert accounts.member_of_session(private.conn, secret, now=later + timedelta(days=15)) is None
    accounts.set_password(private, "member@moulds.example", PASSWORD + "!", now=later)
    assert accounts.member_of_session(private.conn, secret, now=later) is None
    private.close()


def test_a_link_works_once_and_not_for_long(running: Running) -> None:
    private = open_private(running.private_db)
    assert accounts.make_link(private, "nobody@example.org", now=NOW) is None
    secret = accounts.make_link(private, "member@moulds.example", now=NOW)
    assert secret is not None
    assert accounts.use_link(private, secret, now=NOW + timedelta(minutes=31)) is None
    assert accounts.use_link(private, secret, now=NOW) is not None
    assert accounts.use_link(private, secret, now=NOW) is None
    private.close()


def test_a_pause_makes_a_new_visit(running: Running) -> None:
    private = open_private(running.private_db)
    number = accounts.member_by_email(private, "member@moulds.example").id
    for minutes in (0, 6, 12, 90):
        accounts.visited(private, number, now=NOW + timedelta(minutes=minutes))
    assert accounts.member_by_email(private, "member@moulds.example").previous_visit == "2026-11-23T07:42:00Z"
    private.close()


CHANGES = [r for r in pages() if "POST" in r.methods and not r.signed]


@pytest.mark.parametrize("pattern", [r.pattern for r in CHANGES if r.access != "public"])
async def test_every_change_needs_a_session_a_token_and_our_own_page(running: Running, pattern: str) -> None:
    path = pattern.strip("^$").replace(r"(?P<key>[a-z0-9]{4,40})", "abcdefgh").replace(r"(?P<number>[0-9]{1,15})", "1")
    who = "operator@moulds.example"
    cookies = {COOKIE: running.secrets[who]}
    assert (await running.ds.client.post(path, data={"a": "b"})).status_code == 401
    assert (await running.ds.client.post(path, data={"a": "b"}, cookies=cookies)).status_code == 403
    for headers in ({"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}):
        assert (await running.post(path, {"a": "b"}, who, headers=headers)).status_code == 403
    wrong = await running.ds.client.post(path, content=b"{}", headers={"content-type": "application/json"}, cookies=cookies)
    assert wrong.status_code == 415


@pytest.mark.parametrize(
    "kwargs",
    [
        {"headers": {"cookie": "a b=\x7f; clusterscout_session"}},
        {"headers": {"cookie": 'clusterscout_session="; x'}},
        {"headers": {"accept-language": "xx-!!,*;q=x, ,"}},
        {"headers": {"if-none-match": "x" * 3000}},
        {"params": {"q": "\ud7ff\x00"}},
    ],
)
async def test_odd_requests_are_answered_without_a_fault(running: Running, kwargs: dict[str, object]) -> None:
    for path in ("/feed", "/feed.ics", "/sign-in"):
        assert (await running.ds.client.get(path, **kwargs)).status_code < 500


@pytest.mark.parametrize("query", ["%ff=%fe", "q=%ED%A0%80", "within=" + "9" * 300, "after=~~", "size=0", "kind=call&" * 300, "budget=1e9", "month=2026-13", "view=x", "q=" + "a" * 9000])  # fmt: skip
@pytest.mark.parametrize(
    "path", ["/feed", "/feed.json", "/feed.ics", "/feed.csv", "/feed.commongrants", "/calendar", "/map", "/cluster/feeds"]
)
async def test_no_argument_makes_a_fault(running: Running, path: str, query: str) -> None:
    assert (await running.get(f"{path}?{query}")).status_code in (200, 400)


async def test_every_answer_carries_the_headers(running: Running) -> None:
    for path in ("/feed", "/feed.json", "/sign-in", "/static/site.css", "/nothing"):
        headers = (await running.get(path)).headers
        assert "unsafe" not in headers["content-security-policy"]
        assert "script-src 'self'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["strict-transport-security"]
    page = (await running.get("/feed")).text
    assert " style=" not in page
    assert "<style" not in page
    assert "onclick" not in page
    assert "http://" not in page.replace("http://www.w3.org", "")


async def test_marks_and_notes_are_kept_by_their_own(running: Running) -> None:
    key = (await running.get("/feed.json")).json()["items"][0]["key"]
    assert (await running.post(f"/opportunity/{key}/mark", {"kind": "track"})).status_code == 303
    assert 'aria-pressed="true"' in (await running.get(f"/opportunity/{key}")).text
    assert key in (await running.get("/cluster")).text
    assert (await running.post(f"/opportunity/{key}/note", {"text": "Ask <b>Rita</b> first"})).status_code == 303
    for who, sees in (
        ("member@moulds.example", True),
        ("manager@moulds.example", True),
        ("member@dairy.example", False),
        ("operator@moulds.example", False),
    ):
        assert ("Ask &lt;b&gt;Rita" in (await running.get(f"/opportunity/{key}", who)).text) == sees
    assert (await running.post(f"/opportunity/{key}/mark", {"kind": "dismiss"})).status_code == 303
    assert f"o-{key}" not in (await running.get("/feed")).text


async def test_the_desk_decides_corrects_and_undoes(running: Running) -> None:
    who = "manager@moulds.example"
    desk = (await running.get("/desk", who)).text
    assert "waits for approval" in desk
    db = running.ds.get_database("clusterscout")
    key = (await db.execute("select key from opportunity where review = 'pending' and merged_into is null limit 1")).rows[0][0]
    assert (await running.get(f"/opportunity/{key}")).status_code == 404
    assert (await running.post("/desk/decide", {"action": "approve", "key": key}, who)).status_code == 303
    assert (await running.get(f"/opportunity/{key}")).status_code == 200
    answer = await running.post(f"/desk/{key}/correct", {"action": "correct", "field": "title", "value": "A better title"}, who)
    assert answer.status_code == 303
    assert "A better title" in (await running.get(f"/opportunity/{key}")).text
    form = {"action": "correct", "field": "deadlines", "day": "2027-02-03", "hour": "17:00", "zone": "Europe/Lisbon"}
    assert (await running.post(f"/desk/{key}/correct", form, who)).status_code == 303
    assert (await running.get(f"/opportunity/{key}.json")).json()["deadlines"][0]["utc"] == "2027-02-03T17:00:00Z"
    form = {"action": "correct", "field": "countries", "value": "PT eligible, ES partner"}
    assert (await running.post(f"/desk/{key}/correct", form, who)).status_code == 303
    found = (await running.get("/feed.json?country=ES&role=partner&status=any")).json()["items"]
    assert key in {item["key"] for item in found}
    number = (await db.execute("select max(id) from curation where field = 'title'")).rows[0][0]
    assert (await running.post(f"/desk/settle/{number}", {"action": "undo", "back": f"/desk/{key}"}, who)).headers[
        "location"
    ] == f"/desk/{key}"
    assert "A better title" not in (await running.get(f"/opportunity/{key}.json")).json()["title"]
    page = (await running.get(f"/opportunity/{key}")).text
    assert "Set by a manager." in page
    assert "The publisher gives the zone." not in page
    other = (await running.get("/feed.json?kind=fair")).json()["items"][0]["key"]
    third = (await running.get("/feed.json?kind=fair")).json()["items"][1]["key"]
    assert (
        await running.post(f"/desk/{other}/pair", {"action": "merge", "pasted": f"/opportunity/{third}"}, who)
    ).status_code == 303
    answers = [await running.get(f"/opportunity/{name}") for name in (other, third)]
    assert sorted(a.status_code for a in answers) == [200, 302]  # a lasting redirect would outlive the undoing in browsers
    merged = (await db.execute("select max(id) from curation where action = 'merge'")).rows[0][0]
    assert (await running.post(f"/desk/settle/{merged}", {"action": "undo"}, who)).status_code == 303
    assert [(await running.get(f"/opportunity/{name}")).status_code for name in (other, third)] == [200, 200]
    bad = await running.post(f"/desk/{key}/correct", {"action": "correct", "field": "url", "value": "javascript:x"}, who)
    assert bad.status_code == 400


async def test_a_manager_approves_for_the_own_cluster_alone_and_later_for_all(running: Running) -> None:
    who, other = "manager@moulds.example", "member@dairy.example"
    db = running.ds.get_database("clusterscout")
    key = (await db.execute("select key from opportunity where review = 'pending' and merged_into is null limit 1")).rows[0][0]
    assert (await running.post("/desk/decide", {"action": "embargo", "key": key}, who)).status_code == 303
    assert "Your cluster only" in (await running.get(f"/opportunity/{key}")).text
    assert (await running.get(f"/opportunity/{key}", other)).status_code == 404
    assert key not in (await running.get("/feed.json?status=any&size=100", other)).text
    assert (await running.post("/desk/decide", {"action": "approve", "key": key}, who)).status_code == 303
    assert (await running.get(f"/opportunity/{key}", other)).status_code == 200
    refused = await running.post("/desk/decide", {"action": "embargo", "key": key}, who)
    assert refused.status_code == 400
    assert "Every cluster sees this already" in refused.text
    number = (await db.execute("select max(id) from curation where action = 'approve'")).rows[0][0]
    assert (await running.post(f"/desk/settle/{number}", {"action": "undo"}, who)).status_code == 303
    assert (await running.get(f"/opportunity/{key}", other)).status_code == 404
    assert (await running.get(f"/opportunity/{key}")).status_code == 200


async def test_the_browser_s_language_holds_until_one_is_chosen(running: Running) -> None:
    french = {"headers": {"accept-language": "fr-FR,fr;q=0.9"}}
    assert '<html lang="fr"' in (await running.get("/feed", **french)).text  # type: ignore[arg-type]
    assert (await running.post("/settings", {"language": "pt", "zone": "Europe/Lisbon"})).status_code == 303
    assert '<html lang="pt"' in (await running.get("/feed", **french)).text  # type: ignore[arg-type]


async def test_every_field_can_be_corrected_at_the_desk(running: Running) -> None:
    who = "manager@moulds.example"
    db = running.ds.get_database("clusterscout")
    sql = (
        "select key from opportunity where review = 'published' and merged_into is null and kind = 'fair' and not cancelled limit 1"
    )
    key = (await db.execute(sql)).rows[0][0]
    page = (await running.get(f"/desk/{key}", who)).text
    forms = (
        {"field": "amounts", "least": "10000", "most": "250000", "currency": "chf"},
        {"field": "days", "first": "2027-05-03", "last": "2027-05-06", "zone": "Europe/Zurich"},
        {"field": "place", "name": "Halle 7", "city": "Basel", "country": "ch", "online": "yes"},
        {"field": "summary", "value": "Said by a manager"},
    )
    for form in forms:
        assert f'name="field" value="{form["field"]}"' in page
        assert (await running.post(f"/desk/{key}/correct", {"action": "correct", **form}, who)).status_code == 303, form
    told = (await running.get(f"/opportunity/{key}.json", who)).json()
    assert (told["amounts"][0]["minimum"], told["amounts"][0]["maximum"], told["amounts"][0]["currency"]) == (10000, 250000, "CHF")
    assert (told["starts_local"][:10], told["ends_local"][:10], told["venue"], told["city"]) == (
        "2027-05-03",
        "2027-05-06",
        "Halle 7",
        "Basel",
    )
    assert (told["venue_country"], told["online"], told["summary"]) == ("CH", True, "Said by a manager")
    assert (
        await running.post(f"/desk/{key}/correct", {"action": "correct", "field": "cancelled", "value": "yes"}, who)
    ).status_code == 303
    assert (await running.get(f"/opportunity/{key}.json", who)).json()["status"] == "cancelled"
    for form in ({"field": "amounts", "most": "a lot", "currency": "EUR"}, {"field": "place", "country": "Suisse"}, {"field": "days", "first": "soon", "zone": "UTC"}):  # fmt: skip
        assert (await running.post(f"/desk/{key}/correct", {"action": "correct", **form}, who)).status_code == 400, form


async def test_behind_a_proxy_that_speaks_tls_cookies_are_secure_whatever_the_address(running: Running) -> None:
    running.ds.clusterscout.address = "http://scout.example"
    running.ds._settings["force_https_urls"] = False
    private = open_private(running.private_db)
    accounts.set_password(private, "member@moulds.example", PASSWORD, now=NOW)
    private.close()
    app = ProxyHeadersMiddleware(running.ds.app(), trusted_hosts="127.0.0.1")
    for told, secure in (("https", True), ("http", False)):
        transport = httpx.ASGITransport(app, client=("127.0.0.1", 1))
        async with httpx.AsyncClient(
            transport=transport, base_url="http://scout.example", headers={"x-forwarded-proto": told}
        ) as client:
            token = (await client.get("/sign-in")).cookies["ds_csrftoken"]
            form = {"email": "member@moulds.example", "password": PASSWORD, "csrftoken": token}
            answer = await client.post("/sign-in", data=form, headers={"cookie": f"ds_csrftoken={token}"})
            assert answer.status_code == 303
            cookies = answer.headers.get_list("set-cookie")
            assert all(("; secure" in cookie.lower()) is secure for cookie in cookies), cookies
            assert all("httponly" in cookie.lower() and "samesite" in cookie.lower() for cookie in cookies), cookies
            assert ("strict-transport-security" in answer.headers) is secure


async def test_a_member_ends_one_session_elsewhere_and_nobody_elses(running: Running) -> None:
    private = open_private(running.private_db)
    owner = accounts.member_by_email(private, "member@moulds.example").id
    lost = accounts.start_session(private, owner, now=NOW, user_agent="A lost telephone")
    there = next(s.id for s in accounts.sessions(private, owner, now=NOW) if s.user_agent == "A lost telephone")
    page = (await running.get("/settings")).text
    assert page.count("this browser") == 1
    assert f'name="session" value="{there}"' in page
    assert (await running.post("/sign-out", {"session": there}, "member@dairy.example")).status_code == 303
    assert accounts.member_of_session(private.conn, lost, now=NOW) is not None
    assert (await running.post("/sign-out", {"session": there})).headers["location"] == "/settings"
    assert accounts.member_of_session(private.conn, lost, now=NOW) is None
    assert (await running.get("/feed.json")).status_code == 200
    private.close()


async def test_what_a_manager_pins_stands_on_top_for_their_own_cluster(running: Running) -> None:
    who = "manager@moulds.example"
    key = (await running.get("/feed.json?kind=fair&sort=deadline&size=100")).json()["items"][-1]["key"]
    assert (await running.post("/desk/decide", {"action": "pin", "key": key}, who)).status_code == 303
    for reader, sees in (("member@moulds.example", True), ("member@dairy.example", False)):
        page = (await running.get("/feed", reader)).text
        assert ('<section class="pinned"' in page) is sees
        assert page.count(f'id="o-{key}"') == sees
        assert "Pinned" not in (await running.get("/feed?kind=fair&size=100", "member@dairy.example")).text
    assert '<section class="pinned"' not in (await running.get("/feed?kind=call")).text
    assert (await running.post("/desk/decide", {"action": "unpin", "key": key}, who)).status_code == 303
    assert '<section class="pinned"' not in (await running.get("/feed")).text
