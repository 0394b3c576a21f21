"""The pictures in the manuals, taken of a running sample: ``python -m tests.store.site.pictures [NAME ...]``. They are not compared by any test."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

FOLDER = Path(__file__).parent
PORT = 8791
# picture -> (role, address, dark)
PAGES = {
    "feed": ("member", "/feed?sector=textile&sector=plastics&sort=deadline", False),
    "opportunity": ("member", "/opportunity/{key}", False),
    "calendar": ("member", "/calendar?month=2027-01", False),
    "market": ("member", "/market/PT/plastics", False),
    "map": ("member", "/map", True),
    "desk": ("manager", "/desk", False),
}


def main(wanted: list[str]) -> None:
    """Start the sample, sign in as each role, take each picture at 1280 x 800, stop the sample."""
    process = subprocess.Popen(
        [sys.executable, "-m", "scheduler.cli", "serve", "--sample", "--port", str(PORT)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if "Stop with" in line:
            break
    try:
        _wait()
        accounts = {role: (mail, word) for role, mail, word in re.findall(r"^ +(\w+) +(\S+@\S+) +(\S+)$", said, re.MULTILINE)}
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"])
            for name, (role, address, dark) in PAGES.items():
                if wanted and name not in wanted:
                    continue
                context = browser.new_context(viewport={"width": 1280, "height": 800}, color_scheme="dark" if dark else "light")
                page = context.new_page()
                page.set_default_timeout(120_000)
                base = f"http://127.0.0.1:{PORT}"
                page.goto(f"{base}/sign-in")
                page.fill("input[type=email]", accounts[role][0])
                page.fill("input[type=password]", accounts[role][1])
                page.press("input[type=password]", "Enter")
                page.wait_for_url("**/feed*")
                if "{key}" in address:
                    page.goto(f"{base}/feed?q=textile+recycling&kind=call&sort=relevance")
                    address = str(page.locator("main a[href*='/opportunity/']").first.get_attribute("href"))
                page.goto(base + address)
                page.screenshot(path=str(FOLDER / f"{name}.png"))
                context.close()
            browser.close()
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def _wait() -> None:
    """Until the site takes connections: it says that it is there a moment before."""
    for _ in range(600):
        with socket.socket() as door:
            if door.connect_ex(("127.0.0.1", PORT)) == 0:
                return
        time.sleep(0.1)


if __name__ == "__main__":
    main(sys.argv[1:])
