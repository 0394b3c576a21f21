"""Profiles as TOML: what is wrong is said in words that name the place; what is written is read back as it was."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.errors import ProfileUnusable
from store.model import KINDS, ROLES
from store.profile_toml import from_toml, to_toml
from store.profiles import LANGUAGES, LEVELS, SECTIONS, WEEKDAYS, CountryWish, Profile, Wish, check, country_codes
from store.taxonomy import SECTORS

HEAD = 'title = "x"\n'
WISH = '[[wish]]\nname = "a"\nsectors = ["plastics"]\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('title = "x', "is not TOML: Unterminated string"),
        ("wish = 3", "write [[wish]]"),
        ("wish = [3]", "write [[wish]]"),
        ('[wish]\nname = "a"\n', "write [[wish]]"),
        (HEAD, "it has no [[wish]]"),
        ('[[wish]]\nsectors = ["plastics"]\n', "wish 1 has no name"),
        (HEAD + WISH + WISH, "two wishes are called 'a'"),
        ("title = 3\n" + WISH, "profile: title: 3 is not text in quotes"),
        ('titel = "x"\n' + WISH, "unknown key 'titel' (did you mean 'title'?)"),
        ('people = "ana@example.org"\n' + WISH, "people is a list"),
        ('hour = "7"\n' + WISH, "hour: '7' is not a whole number"),
        ("hour = true\n" + WISH, "hour: True is not a whole number"),
        ("hour = 24\n" + WISH, "hour 24 is not 0..23"),
        ('paused = "no"\n' + WISH, "'no' is not true or false"),
        ('zone = "Lisbon"\n' + WISH, "not an IANA zone such as Europe/Lisbon"),
        ('weekday = "monday"\n' + WISH, "did you mean 'mon'?"),
        ('language = "pl"\n' + WISH, "language 'pl' is none of en, fr, de, es, it, pt"),
        ("sections = []\n" + WISH, "it has no sections"),
        ('sections = ["nws"]\n' + WISH, "did you mean 'news'?"),
        ('level = "cluster"\n' + WISH, "names its cluster"),
        ('[[wish]]\nname = "a"\n', "asks for nothing"),
        ('[[wish]]\nname = "a"\nsectors = ["plastik"]\n', "there is no sector 'plastik' (did you mean 'plastics'?)"),
        ('[[wish]]\nname = "a"\nsectors = "plastics"\n', "sectors is a list"),
        (WISH + 'kinds = ["cal"]\n', "did you mean 'call'?"),
        (WISH + 'countries = ["PT"]\n', '\'PT\' is written {code = "PT", role = "eligible"}'),
        (WISH + 'countries = [{code = "UK"}]\n', "'UK' is no country's code"),
        (WISH + 'countries = [{code = "eu27"}]\n', "'eu27' is no country's code"),
        (WISH + 'countries = [{cod = "PT"}]\n', "unknown key 'cod' (did you mean 'code'?)"),
        (WISH + 'countries = [{code = "PT", role = "eligable"}]\n', "did you mean 'eligible'?"),
        (WISH + 'languages = ["english"]\n', "'english' is not a code of two letters"),
        (WISH + 'words = ["!"]\n', "'!' is no word"),
        (WISH + "budget = [1]\n", "budget is [least, most]"),
        (WISH + "budget = [2, 1]\n", "budget is [least, most]"),
        (WISH + "budget = [-5, nan]\n", "budget is [least, most]"),
        (WISH + 'budget = ["a", 2]\n', "budget: 'a' is not a number"),
        (WISH + "lead_days = -3\n", "lead_days -3 is not 0..999"),
    ],
)
def test_a_fault_is_told_by_its_place(text: str, said: str) -> None:
    with pytest.raises(ProfileUnusable) as caught:
        from_toml(text, id="mine")
    assert said in str(caught.value)
    assert str(caught.value).startswith("Profile 'mine' ")


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(ProfileUnusable) as caught:
        from_toml('hour = 30\nweekday = "x"\n' + WISH + 'kinds = ["cal"]\nlead_days = -1\n', id="mine")
    assert str(caught.value).count(";") == 3


WORDS = st.text(min_size=1, max_size=12).filter(lambda text: any(c.isalnum() for c in text) and "\r" not in text)
WISHES = st.builds(
    Wish,
    name=WORDS,
    sectors=st.lists(st.sampled_from(sorted(SECTORS)), min_size=1, max_size=3).map(tuple),
    words=st.lists(WORDS, max_size=3).map(tuple),
    avoid=st.lists(WORDS, max_size=3).map(tuple),
    countries=st.lists(
        st.builds(CountryWish, code=st.sampled_from(country_codes()), role=st.sampled_from(("", *ROLES))), max_size=3
    ).map(tuple),
    kinds=st.lists(st.sampled_from(KINDS), max_size=3, unique=True).map(tuple),
    languages=st.lists(st.sampled_from(("pt", "pl", "el")), max_size=2).map(tuple),
    budget=st.one_of(st.just(()), st.tuples(st.integers(0, 10**6), st.integers(10**6, 10**12)), st.just((0.5, 2.25))),
    lead_days=st.integers(0, 400),
)
PROFILES = st.builds(
    Profile,
    id=st.just("mine"),
    title=WORDS,
    level=st.sampled_from(LEVELS),
    cluster=st.just("moldes"),
    people=st.lists(st.emails(), max_size=1).map(tuple),
    wishes=st.lists(WISHES, min_size=1, max_size=3, unique_by=lambda wish: wish.name).map(tuple),
    weekday=st.sampled_from(WEEKDAYS),
    hour=st.integers(0, 23),
    zone=st.sampled_from(("", "Europe/Lisbon", "America/Mexico_City")),
    language=st.sampled_from(("", *LANGUAGES)),
    sections=st.lists(st.sampled_from(SECTIONS), min_size=1, unique=True).map(tuple),
    paused=st.booleans(),
)


@given(PROFILES)
def test_what_is_written_is_read_back(profile: Profile) -> None:
    assert check(profile) == []
    assert from_toml(to_toml(profile), id="mine") == profile
