"""The site in a real Chromium: no violation that axe-core knows, no sideways scrolling, journeys with the keyboard and without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from store import accounts
from store.database import open_private
from tests.store.site.conftest import run_site, serving
from tests.store.site_data import NOW

CHROMIUM = next(
    (p for p in (Path("/usr/bin/chromium"), Path("/usr/bin/chromium-browser"), Path("/usr/bin/google-chrome")) if p.exists()), None
)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
PASSWORD = "a long enough password"


@pytest.fixture(scope="module")
def served(made_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    site = run_site(made_store, tmp_path_factory.mktemp("browser"))
    private = open_private(site.private_db)
    for email in site.secrets:
        accounts.set_password(private, email, PASSWORD, now=NOW)
    private.close()
    with serving(site) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        yield chromium
        chromium.close()


def signed_in(browser: Any, address: str, who: str, **settings: Any) -> Any:
    page = browser.new_context(**settings).new_page()
    page.goto(f"{address}/sign-in")
    page.fill("#email", who)
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.wait_for_url("**/feed")
    return page


def faults_of(page: Any) -> list[str]:
    from axe_playwright_python.sync_playwright import Axe

    options = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
    found = Axe().run(page, options=options).response["violations"]
    return [f"{v['id']}: {n['html'][:160]} ({n.get('failureSummary', '')[:160]})" for v in found for n in v["nodes"][:3]]


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (768, "light"), (360, "dark")])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(browser: Any, served: str, width: int, scheme: str) -> None:
    page = signed_in(browser, served, "operator@moulds.example", viewport={"width": width, "height": 900}, color_scheme=scheme)
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    foreign: list[str] = []
    page.on("request", lambda request: foreign.append(request.url) if not request.url.startswith(served) else None)
    key = page.locator(".card h2 a").first.get_attribute("href").rpartition("/")[2]
    page.goto(f"{served}/feed?kind=fair")
    fair = page.locator(".card h2 a").first.get_attribute("href").rpartition("/")[2]
    paths = [
        "/feed", "/feed?sector=plastics&country=PT", "/feed?q=zzzznothing", f"/opportunity/{key}", "/sources", "/calendar", "/calendar?view=agenda",
        "/map", "/map?view=world", "/cluster/profile/person", "/sectors", "/market/PT/plastics", "/sector/plastics", "/cluster", "/cluster/feeds", "/digests", "/settings", "/desk",
        f"/desk/{key}", f"/desk/{fair}", f"/opportunity/{fair}", "/operations",
    ]  # fmt: skip
    faults = []
    for path in paths:
        page.goto(served + path)
        faults += [f"{path} {fault}" for fault in faults_of(page)] if width != 768 else []
        wide = page.evaluate("document.documentElement.scrollWidth")
        faults += [f"{path} is {wide} px wide at {width}"] if wide > width else []
    page.context.clear_cookies()
    page.goto(served + "/sign-in")
    faults += [f"/sign-in {fault}" for fault in faults_of(page)]
    assert not faults, "\n".join(faults)
    assert not errors
    assert not foreign
    page.context.close()


def test_a_member_finds_filters_opens_tracks_and_notes_with_the_keyboard(browser: Any, served: str) -> None:
    page = signed_in(browser, served, "member@moulds.example", viewport={"width": 1280, "height": 900})
    page.keyboard.press("/")
    page.keyboard.type("moulds")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=moulds**")
    assert "results" in page.inner_text(".total")
    page.locator(".g-sectors a", has_text="Plastics").first.click()
    page.locator(".g-countries a", has_text="Portugal").first.click()
    assert "country=PT" in page.url
    assert "sector=plastics" in page.url
    count = int(page.inner_text(".total b"))
    assert page.locator(".card").count() == count > 0
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/opportunity/**")
    page.get_by_role("button", name="Track", exact=True).click()
    assert page.get_by_role("button", name="Tracked").is_visible()
    page.fill("#note", "Talk to the tool shop")
    page.get_by_role("button", name="Keep the note").click()
    assert page.get_by_text("Talk to the tool shop").is_visible()
    page.context.close()


def test_reading_and_filtering_work_without_scripts(browser: Any, served: str) -> None:
    page = signed_in(browser, served, "member@moulds.example", viewport={"width": 360, "height": 800}, java_script_enabled=False)
    page.locator(".openfilters").click()
    page.locator(".g-kinds a", has_text="Trade fairs").click()
    assert "kind=fair" in page.url
    page.locator(".card h2 a").first.click()
    assert "/opportunity/" in page.url
    page.context.close()


def test_a_manager_approves_from_the_desk_by_keyboard(browser: Any, served: str) -> None:
    page = signed_in(browser, served, "manager@moulds.example", viewport={"width": 1280, "height": 900})
    page.goto(served + "/desk")
    before = page.locator(".queue li").count()
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("a")
    page.wait_for_url("**/desk?told=1")
    assert page.locator(".queue li").count() == before - 1
    page.set_viewport_size({"width": 360, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360  # the table of decisions scrolls by itself
    page.context.close()
