"""The pictures in the manuals, taken of a running sample: ``python -m tests.store.site.pictures``. They are not compared by any test."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

FOLDER = Path(__file__).parent
PORT = 8791
# picture -> (role, address, dark)
PAGES = {
    "feed": ("member", "/feed?sector=textile&sector=plastics&sort=deadline", False),
    "opportunity": ("member", "/opportunity/{key}", False),
    "calendar": ("member", "/calendar?month=2027-01", False),
    "market": ("member", "/market/MX/plastics", False),
    "map": ("member", "/map", True),
    "desk": ("manager", "/desk", False),
}


def main() -> None:
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
        accounts = {role: (mail, word) for role, mail, word in re.findall(r"^ +(\w+) +(\S+@\S+) +(\S+)$", said, re.MULTILINE)}
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"])
            for name, (role, address, dark) in PAGES.items():
                context = browser.new_context(viewport={"width": 1280, "height": 800}, color_scheme="dark" if dark else "light")
                page = context.new_page()
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


if __name__ == "__main__":
    main()
