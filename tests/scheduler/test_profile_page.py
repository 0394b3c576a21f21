"""Managers edit what their cluster is told; everybody edits their own; what is wrong is said and not saved."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scheduler.profiles import samples
from store import accounts, profiles
from store.profiles import CountryWish, Profile
from store.site.app import build_app
from store.site.plugins.profile import countries_text, read_form
from tests.scheduler.digest_world import START, World, world


class Browser:
    """A signed-in reader: keeps the cookies, and sends the token of the form."""

    def __init__(self, w: World, email: str) -> None:
        member = accounts.member_by_email(w.private, email).id
        self.cookies = {"clusterscout_session": accounts.start_session(w.private, member, now=START)}
        self.client = build_app(
            db=w.settings.db, private_db=w.settings.private_db, address="http://localhost", secret="s", now=lambda: START
        ).client

    async def get(self, path: str) -> Any:
        answer = await self.client.get(path, cookies=self.cookies)
        self.cookies |= dict(answer.cookies)
        return answer

    async def post(self, path: str, form: dict[str, Any]) -> Any:
        return await self.client.post(path, data={**form, "csrftoken": self.cookies["ds_csrftoken"]}, cookies=self.cookies)


@pytest.fixture
def w(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path) as made:
        accounts.add_member(made.private, "ana@example.org", "manager", "moldes", now=START)
        accounts.add_member(made.private, "bea@example.org", "member", "moldes", now=START)
        yield made


FORM = {
    "title": "Moldes", "weekday": "thu", "hour": "6", "zone": "Europe/Lisbon", "language": "pt",
    "section": ["news", "new"],
    "wish-0-name": "Calls", "wish-0-sector": ["plastics", "machinery"], "wish-0-kind": ["call"],
    "wish-0-countries": "pt eligible, MX Target", "wish-0-words": "graphene, , bio-based", "wish-0-lead": "21",
    "wish-1-name": "",
}  # fmt: skip


async def test_a_manager_saves_the_clusters_profile(w: World) -> None:
    browser = Browser(w, "ana@example.org")
    assert (await browser.get("/cluster/profile/cluster")).status_code == 200
    saved = await browser.post("/cluster/profile/cluster", FORM)
    assert saved.status_code == 303, saved.text
    (made,) = profiles.all_profiles(w.private)
    assert (made.weekday, made.hour, made.zone, made.language, made.level) == ("thu", 6, "Europe/Lisbon", "pt", "cluster")
    assert made.sections == ("new", "news")
    (wish,) = made.wishes
    assert (wish.sectors, wish.words, wish.lead_days) == (("machinery", "plastics"), ("graphene", "bio-based"), 21)
    assert wish.countries == (CountryWish(code="PT", role="eligible"), CountryWish(code="MX", role="target"))
    again = await browser.get("/cluster/profile/cluster")
    assert 'value="PT eligible, MX target"' in again.text
    assert (
        await browser.post(
            "/cluster/profile/cluster", {**FORM, "wish-0-remove": "1", "wish-1-name": "B", "wish-1-sector": "energy"}
        )
    ).status_code == 303
    assert [wish.name for wish in profiles.all_profiles(w.private)[0].wishes] == ["B"]


async def test_faults_are_said_and_nothing_is_saved(w: World) -> None:
    browser = Browser(w, "ana@example.org")
    await browser.get("/cluster/profile/cluster")
    bad = {**FORM, "section": [], "hour": "31", "wish-0-countries": "PT buyr", "wish-0-sector": "nosuch", "wish-0-least": "much"}
    answer = await browser.post("/cluster/profile/cluster", bad)
    assert answer.status_code == 422
    for said in ("hour", "buyr", "nosuch", "no range", "no sections"):
        assert said in answer.text
    assert profiles.all_profiles(w.private) == []


async def test_a_member_edits_their_own_alone(w: World) -> None:
    browser = Browser(w, "bea@example.org")
    assert (await browser.get("/cluster/profile/cluster")).status_code == 404
    assert (await browser.get("/cluster/profile/person")).status_code == 200
    assert (await browser.post("/cluster/profile/person", FORM)).status_code == 303
    (made,) = profiles.all_profiles(w.private)
    assert (made.level, made.people) == ("person", ("bea@example.org",))


def as_form(made: Profile) -> dict[str, list[str]]:
    form: dict[str, list[str]] = {
        "title": [made.title], "weekday": [made.weekday], "hour": [str(made.hour)], "zone": [made.zone], "language": [made.language],
        "section": list(made.sections),
    }  # fmt: skip
    for n, wish in enumerate(made.wishes):
        form |= {
            f"wish-{n}-name": [wish.name], f"wish-{n}-sector": list(wish.sectors), f"wish-{n}-kind": list(wish.kinds),
            f"wish-{n}-words": [", ".join(wish.words)], f"wish-{n}-avoid": [", ".join(wish.avoid)],
            f"wish-{n}-countries": [countries_text(wish.countries)], f"wish-{n}-lead": [str(wish.lead_days)],
            f"wish-{n}-least": [f"{b:.0f}" for b in wish.budget[:1]], f"wish-{n}-most": [f"{b:.0f}" for b in wish.budget[1:]],
        }  # fmt: skip
    return form


@pytest.mark.parametrize("made", samples(), ids=lambda p: p.id)
def test_a_form_sent_back_untouched_changes_no_meaning(made: Profile) -> None:
    read, faults = read_form(made, as_form(made))
    assert faults == []

    def meaning(p: Profile) -> list[tuple[object, ...]]:
        return [(w.name, set(w.sectors), set(w.kinds), w.words, w.avoid, w.countries, w.budget, w.lead_days) for w in p.wishes]

    assert meaning(read) == meaning(made)
    assert read.sections == made.sections
