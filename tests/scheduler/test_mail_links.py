"""Signed links of a mail: a GET changes nothing, a POST acts for the reader it names, and nothing unsigned does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from scheduler.digests import build_due
from store import accounts, marks, outbox
from store.curation import curate
from store.digest.links import Links, MailLink, read_link
from store.errors import LinkRefused
from store.site.app import build_app
from tests.scheduler.digest_world import START, World, days, world

LINKS = Links("", "a secret of the tests")
NOW = START + days(4)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[World, int, str]]:
    with world(tmp_path) as w:
        member = w.member("ana@example.org")
        w.profile()
        for n in range(20):
            key = w.put(f"c{n}", now=START, due=START + days(60 + n))
        build_due(w.settings, now=START)
        build_due(w.settings, now=NOW)
        yield w, member, key


def app(w: World):
    return build_app(
        db=w.settings.db, private_db=w.settings.private_db, address="http://localhost", secret=LINKS.secret, now=lambda: NOW
    )


async def test_a_get_asks_and_a_post_acts(served: tuple[World, int, str]) -> None:
    w, member, key = served
    client = app(w).client
    path = LINKS.act(MailLink(member=member, action="track", opportunity=key, issue="20261123T070000Z-1"))
    asked = await client.get(path)
    assert asked.status_code == 200
    assert "Track this?" in asked.text
    assert marks.of_member(w.private, member)["track"] == {}
    done = await client.post(path)
    assert done.status_code == 200
    assert list(marks.of_member(w.private, member)["track"]) == [key]


async def test_a_link_to_something_hidden_since_tells_no_title(served: tuple[World, int, str]) -> None:
    w, member, key = served
    ((title, number),) = w.db.execute("select title, id from opportunity where key = ?", [key]).fetchall()
    path = LINKS.act(MailLink(member=member, action="track", opportunity=key, issue="20261123T070000Z-1"))
    assert title in (await app(w).client.get(path)).text
    curate(w.db, number, "hide", by="manager@example.org", now=NOW)
    assert title not in (await app(w).client.get(path)).text


async def test_choose_offers_three_signed_buttons_and_does_nothing_itself(served: tuple[World, int, str]) -> None:
    w, member, key = served
    client = app(w).client
    path = LINKS.act(MailLink(member=member, action="choose", opportunity=key, issue="20261123T070000Z-1"))
    posted = await client.post(path)
    assert posted.status_code == 200
    assert marks.of_member(w.private, member) == {"track": {}, "dismiss": {}, "snooze": {}}
    assert posted.text.count('<form method="post"') == 3


async def test_the_page_speaks_the_language_of_the_mail_not_of_the_browser(served: tuple[World, int, str]) -> None:
    w, member, key = served
    w.profile(language="pt")
    path = LINKS.act(MailLink(member=member, action="track", opportunity=key, issue="20261123T070000Z-1"))
    client, german = app(w).client, {"accept-language": "de"}
    for answer in (await client.get(path, headers=german), await client.post(path, headers=german)):
        assert '<html lang="pt">' in answer.text
    assert "nicht" not in (await client.get(path, headers=german)).text
    assert "keiner von uns" in (await client.get(path.replace("~", "~A"), headers=german)).text


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"List-Unsubscribe=One-Click", "application/x-www-form-urlencoded"),
        (
            b'--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n',
            "multipart/form-data; boundary=b",
        ),
    ],
)
async def test_one_click_unsubscribing_needs_no_page_of_ours(served: tuple[World, int, str], body: bytes, kind: str) -> None:
    w, member, _ = served
    path = LINKS.act(MailLink(member=member, action="stop", opportunity="", issue="20261123T070000Z-1"))
    answer = await app(w).client.post(path, content=body, headers={"content-type": kind, "origin": "https://mail.example"})
    assert answer.status_code == 200
    standing = outbox.standing(w.private, member)
    assert standing is not None
    assert standing.stopped_at == NOW
    assert outbox.due(w.private, now=NOW, limit=10) == []
    assert build_due(w.settings, now=NOW + days(7)) == []


async def test_an_altered_link_is_refused_and_says_what_to_do(served: tuple[World, int, str]) -> None:
    w, member, key = served
    path = LINKS.act(MailLink(member=member, action="dismiss", opportunity=key, issue="20261123T070000Z-1"))
    for bad in (path.replace(f".{member}.", ".99."), path.replace("~", "~A"), path.replace("dismiss", "track")):
        answer = await app(w).client.post(bad)
        assert answer.status_code == 410
        assert "not one of ours" in answer.text
    assert marks.of_member(w.private, member)["dismiss"] == {}


def test_links_age_but_stopping_works_for_ever() -> None:
    late = NOW + timedelta(days=500)
    for action in ("track", "stop"):
        token = LINKS.act(
            MailLink(member=1, action=action, opportunity="k" * (action == "track"), issue="20261123T070000Z-1")
        ).rpartition("/")[2]
        if action == "stop":
            assert read_link(token, secret=LINKS.secret, now=late).action == "stop"
        else:
            with pytest.raises(LinkRefused, match="too old"):
                read_link(token, secret=LINKS.secret, now=late)


async def test_the_web_version_is_the_readers_alone_and_more_lists_exactly_the_rest(served: tuple[World, int, str]) -> None:
    w, member, _ = served
    other = w.member("bea@example.org")
    issue, contents = w.private.execute("select id, contents from issue").fetchone()
    secrets = {m: accounts.start_session(w.private, m, now=NOW) for m in (member, other)}
    client = app(w).client
    for who, expected in ((member, 200), (other, 404)):
        cookies = {"clusterscout_session": secrets[who]}
        page = await client.get(f"/digest/{issue}", cookies=cookies)
        assert page.status_code == expected
        more = await client.get(f"/digest/{issue}/more/new", cookies=cookies)
        assert more.status_code == expected
        if expected == 200:
            rest = json.loads(contents)["new"]["rest"]
            assert len(rest) == 8
            assert [key for key in rest if f"/opportunity/{key}" in more.text] == rest
            assert more.text.count("<article") == len(rest)
            assert f"/digest/{issue}/more/new" in page.text
            assert "unsafe-inline" in page.headers["content-security-policy"]
    assert (await client.get(f"/digest/{issue}")).status_code in (302, 303, 401)
    listed = await client.get("/digests", cookies={"clusterscout_session": secrets[member]})
    assert issue in listed.text
