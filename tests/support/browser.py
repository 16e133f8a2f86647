"""Debian's Chromium, driven by Playwright (whose own download is not needed)."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, sync_playwright

OFFLINE = ("--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run")


@contextmanager
def chromium() -> Iterator[Browser]:
    """Yield a headless browser; skip the test where there is none, except in CI, which installs it."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None and not os.environ.get("CI"):
        pytest.skip("no Chromium here: install it with `apt-get install chromium`")
    assert path, "CI must have Chromium: see .ci/run"
    sandbox = ("--no-sandbox",) if os.geteuid() == 0 else ()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--disable-gpu", *OFFLINE, *sandbox])
        yield browser
        browser.close()
