"""The desk: what may be one thing, what a curator is told before and after, and refusals that lose nothing."""

from __future__ import annotations

import json
import re
from datetime import datetime

import pytest

from store.database import open_store
from store.site.correcting import key_in, name_of, value_of
from tests.store.shapes import deadline
from tests.store.site.conftest import Running

WHO = "manager@moulds.example"


def make_twins(running: Running) -> tuple[str, str]:
    """Two fairs that merging was not sure of; their keys."""
    db = open_store(running.db)
    rows = db.execute(
        "select o.key, n.id from opportunity o join notice n on n.opportunity = o.id"
        " where o.kind = 'fair' and o.review = 'published' and not o.cancelled group by o.id order by o.id limit 2"
    ).fetchall()
    one, other = sorted(row[1] for row in rows)
    db.execute(
        "insert or replace into merge_link (one, other, outcome, score, reason) values (?, ?, 'maybe', 3.5, 'alike')", [one, other]
    )
    db.conn.commit()
    db.close()
    return rows[0][0], rows[1][0]


async def test_what_may_be_told_twice_is_offered_and_can_be_kept_apart(running: Running) -> None:
    key, twin = make_twins(running)
    page = (await running.get(f"/desk/{key}", WHO)).text
    assert f'type="radio" name="other" value="{twin}" checked' in page
    answer = await running.post(f"/desk/{key}/pair", {"action": "apart", "other": twin, "pasted": ""}, WHO)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/desk/{key}")
    page = (await running.get(f"/desk/{key}", WHO)).text
    assert 'name="other"' not in page
    assert "Kept apart" in page
    assert (await running.get(f"/opportunity/{twin}")).status_code == 200
    number = re.search(r'action="/desk/settle/([0-9]+)"', page)
    assert number is not None
    assert (await running.post(f"/desk/settle/{number[1]}", {"action": "undo", "back": f"/desk/{key}"}, WHO)).status_code == 303
    make_twins(running)  # the two were compared anew, and only this test finds them alike
    assert f'name="other" value="{twin}"' in (await running.get(f"/desk/{key}", WHO)).text


@pytest.mark.parametrize("pasted", ["nosuchkey234", "https://scout.example/opportunity/nosuchkey234?x=1", "?", "own"])
async def test_a_key_that_nothing_has_keeps_the_curator_on_the_desk(running: Running, pasted: str) -> None:
    key, _ = make_twins(running)
    wrong = key if pasted == "own" else pasted
    answer = await running.post(f"/desk/{key}/pair", {"action": "merge", "pasted": wrong, "other": ""}, WHO)
    assert answer.status_code == 400
    assert "No other item has this key or address." in answer.text
    assert f'action="/desk/{key}/pair"' in answer.text


async def test_other_refusals_keep_the_curator_on_the_desk_too(running: Running) -> None:
    key, _ = make_twins(running)
    answer = await running.post(f"/desk/{key}/correct", {"field": "url", "value": "javascript:x"}, WHO)
    assert (answer.status_code, "An address begins with" in answer.text) == (400, True)
    assert f'action="/desk/{key}/pair"' in answer.text
    answer = await running.post("/desk/decide", {"action": "approve"}, WHO)
    assert (answer.status_code, "Choose at least one item first." in answer.text) == (400, True)
    assert "Latest decisions" in answer.text


async def test_a_curator_is_told_first_which_corrections_a_merge_carries_over(running: Running) -> None:
    key, twin = make_twins(running)
    assert (await running.post(f"/desk/{twin}/correct", {"field": "organiser", "value": "Said by hand"}, WHO)).status_code == 303
    page = (await running.get(f"/desk/{key}", WHO)).text
    assert "Corrected by hand there, and kept when they are merged: Organiser (Said by hand)" in page
    form = {"action": "merge", "pasted": f"https://scout.example/opportunity/{twin}?from=feed#notes"}
    told = await running.post(f"/desk/{key}/pair", form, WHO)
    assert told.status_code == 200
    assert "that will hold for both once they are merged: Organiser (Said by hand)" in told.text
    assert f'name="sure" value="{twin}"' in told.text
    assert [(await running.get(f"/opportunity/{name}")).status_code for name in (key, twin)] == [200, 200]
    assert (await running.post(f"/desk/{key}/pair", form | {"sure": twin}, WHO)).status_code == 303
    answers = {name: await running.get(f"/opportunity/{name}") for name in (key, twin)}
    assert sorted(a.status_code for a in answers.values()) == [200, 302]
    left = next(name for name, answer in answers.items() if answer.status_code == 200)
    page = answers[left].text
    assert "Said by hand" in page
    assert "Joined with another record of the same thing" in page
    desk = (await running.get(f"/desk/{key}", WHO)).text if left == key else ""
    assert left != key or "Its corrections came with it: Organiser" in desk


async def test_the_history_tells_what_differed_when_two_records_became_one(running: Running) -> None:
    key, twin = make_twins(running)
    titles = {name: (await running.get(f"/opportunity/{name}.json")).json()["title"] for name in (key, twin)}
    assert (await running.post(f"/desk/{key}/pair", {"action": "merge", "other": twin}, WHO)).status_code == 303
    left = key if (await running.get(f"/opportunity/{key}")).status_code == 200 else twin
    page = (await running.get(f"/opportunity/{left}")).text
    history = page[page.index('class="history"') :]
    gone = titles[twin if left == key else key]
    assert gone[:20] in history
    assert "Wording changed" not in history[: history.index("First seen")]


def test_one_of_several_deadlines_is_corrected_and_the_others_stay() -> None:
    held = tuple(deadline(datetime(2027, month, 1, 12), "Europe/Brussels", stage=month) for month in (1, 2, 3))
    form = {"which": [name_of(held[1])], "day": ["2027-05-03"], "hour": ["17:00"], "zone": ["Europe/Lisbon"]}
    first, second, third = value_of("deadlines", form, held)
    assert (first, third) == (held[0], held[2])
    assert (second.local.isoformat(), second.zone, second.stage) == ("2027-05-03T17:00:00", "Europe/Lisbon", held[1].stage)
    assert value_of("deadlines", form | {"day": [""]}, held) == (held[0], held[2])
    assert len(value_of("deadlines", form | {"which": ["new"]}, held)) == 4
    assert len(value_of("deadlines", form | {"which": [""]}, held[:1])) == 1
    for which in ("", "1-0-1999-01-01T00:00:00"):
        with pytest.raises(Exception, match="changed meanwhile"):
            value_of("deadlines", form | {"which": [which]}, held)


async def test_the_desk_asks_which_deadline_is_meant(running: Running) -> None:
    db = open_store(running.db)
    sql = "select key, deadlines from opportunity where review = 'published' and merged_into is null and json_array_length(deadlines) > 1 limit 1"
    key, stored = db.execute(sql).fetchone()
    db.close()
    said = json.loads(stored)
    page = (await running.get(f"/desk/{key}", WHO)).text
    names = re.findall(r'<option value="([0-9]+-[0-9]+-[^"]*)">', page)
    assert len(names) == len(said)
    form = {"field": "deadlines", "which": names[0], "day": "2027-05-03", "hour": "17:00", "zone": "Europe/Lisbon"}
    assert (await running.post(f"/desk/{key}/correct", form, WHO)).status_code == 303
    now = (await running.get(f"/opportunity/{key}.json")).json()["deadlines"]
    assert [d["local"] for d in now] == ["2027-05-03T17:00:00", *(d["local"] for d in said[1:])]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("abcd234", "abcd234"),
        (" https://scout.example/opportunity/abcd234/ ", "abcd234"),
        ("https://scout.example/desk/abcd234?told=1", "abcd234"),
        ("/opportunity/abcd234.json#notes", "abcd234"),
        ("ABCD234", "abcd234"),
        ("https://scout.example/", ""),
        ("a b", ""),
        ("", ""),
    ],
)
def test_a_pasted_address_gives_its_key(text: str, key: str) -> None:
    assert key_in(text) == key


async def test_the_sources_page_says_how_each_source_is_published(running: Running) -> None:
    page = (await running.get("/sources")).text
    assert "What a marked source publishes waits for a manager; all else is shown at once." in page
    assert "shown when a manager has approved it" in page
    told = {s["name"]: s["publish"] for s in (await running.get("/sources.json")).json()["sources"]}
    assert set(told.values()) == {"auto", "review"}
