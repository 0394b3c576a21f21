"""A mail with every section in a real browser: narrow and wide, light and dark; nothing is fetched, nothing overflows, all can be read.

``CLUSTERSCOUT_PICTURES=FOLDER`` keeps the pictures there, with the text part beside them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from scheduler.digests import build_due
from store import marks
from store.digest.plan import SHOWN
from store.profiles import CountryWish, Wish
from tests.scheduler.digest_world import CALLS, START, days, world

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
FAIRS = Wish(name="Fairs", sectors=("plastics",), kinds=("fair", "event"))
MARKETS = Wish(name="Markets", sectors=("plastics",), countries=(CountryWish(code="MX", role="target"),), kinds=("news", "study"))
CALL_TITLES = (
    "Moulds for composites: pilot lines and first factories",
    "Apoio à inovação nos moldes e plásticos",
    "Recycled polymers in food packaging",
    "Donaudampfschifffahrtskunststoffverarbeitungsmaschinenförderung",
)
NEWS_TITLES = (
    "Mexico plans new plants for automotive plastics",
    "Mexico plans four new plants for automotive plastics parts",
    "Duties fall",
)
# Gmail cuts a mail off past 102 kB of HTML, and with it the way to stop it.
GMAIL = 102_000


@pytest.fixture(scope="module")
def mail(tmp_path_factory: pytest.TempPathFactory) -> EmailMessage:
    """A second digest: something tracked, slept on, moved, cancelled, new (more than is shown), a fair, and news of one story."""
    with world(tmp_path_factory.mktemp("mail")) as w:
        member = w.member("ana@example.org")
        w.profile(CALLS, FAIRS, MARKETS)
        tracked = w.put("t", now=START, due=START + days(20), title="Circular plastics in the automotive supply chain")
        slept = w.put("s", now=START, due=START + days(50), title="Design for recycling: demonstrators")
        w.put("c", now=START, due=START + days(40), title="Hybrid moulds for small series")
        w.put("x", now=START, due=START + days(44), title="Energy audits for injection plants")
        build_due(w.settings, now=START, everyone=True)
        marks.put(w.private, member, tracked, "track", now=START)
        marks.put(w.private, member, slept, "snooze", now=START, until=START + days(7))
        now = START + days(8)
        w.put("c", now=now, due=START + days(55))
        w.put("x", now=now, cancelled=True)
        for n in range(20):
            w.put(f"n{n}", now=now, due=now + days(5 + 9 * n), title=f"{CALL_TITLES[n % len(CALL_TITLES)]} ({n})")
        w.put("f", now=now, kind="fair", starts=START + days(90), countries=(("DE", "venue"),), title="Plastics and rubber fair")
        for n, title in enumerate(NEWS_TITLES):
            w.put(f"m{n}", now=now, kind="news", countries=(("MX", "mentioned"),), title=title)
        build_due(w.settings, now=now, everyone=True)
        ((raw,),) = w.private.execute("select message from outbox order by queued_at desc limit 1").fetchall()
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        yield chromium
        chromium.close()


def part(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body((kind,))
    assert body is not None
    return str(body.get_content())


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 700])
def test_it_can_be_read_and_fetches_nothing(mail: EmailMessage, browser: Any, width: int, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_content(part(mail, "html"))
    assert asked == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
    if folder := os.environ.get("CLUSTERSCOUT_PICTURES"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=str(Path(folder) / f"mail-{width}-{scheme}.png"), full_page=True)
        (Path(folder) / "mail.txt").write_text(part(mail, "plain"), encoding="utf-8")
    options = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}
    found = Axe().run(page, options=options).response["violations"]
    assert [f"{v['id']}: {n['html'][:160]}" for v in found for n in v["nodes"]] == []
    page.close()


def test_everything_of_the_mail_is_in_its_text_too(mail: EmailMessage, browser: Any) -> None:
    page = browser.new_page()
    page.set_content(part(mail, "html"))
    text = " ".join(part(mail, "plain").split())
    shown = [line for line in page.locator("h1, h2, .title, .change, .cell > div:not(.act):not(.soft)").all_inner_texts() if line]
    assert len(shown) > 40
    page.close()
    lost = [line for line in shown if " ".join(line.split()).casefold() not in text.casefold()]
    assert lost == []


def test_the_fullest_usual_mail_is_not_cut_off_by_gmail(mail: EmailMessage) -> None:
    html = part(mail, "html")
    head, _, rest = html.partition('class="cell"')
    each = len(rest.encode()) / html.count('class="cell"')
    assert len(head.encode()) + (30 + sum(SHOWN.values())) * each < GMAIL
