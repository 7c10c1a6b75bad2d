"""A real process, a real browser, and a record of everything the browser asked for or said."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)

from tests.conftest import unavailable
from tests.e2e.world import PASSWORD, Client, World, make_world

# The page shares the cores with other tests: what is late is not yet wrong.
expect.set_options(timeout=20_000)

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="module")
def world(assets: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A fresh CrowdSafe nobody has logged in to yet."""
    home = tmp_path_factory.mktemp("browser-home")
    videos = home / "videos"
    videos.mkdir()
    for clip in ("one-by-one-person-detection.mp4", "town-centre.mp4"):
        shutil.copyfile(assets / "videos" / clip, videos / clip)
    running = make_world(home, model=assets / "models" / "yolo11n_int8_openvino_model")
    del running.environment["CROWDSAFE_ADMIN_PASSWORD"]  # so that one is generated and printed
    running.environment["CROWDSAFE_DEMO_CAMERA"] = "true"
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium (or the one CROWDSAFE_TEST_CHROMIUM names), driven by Playwright."""
    given = os.environ.get("CROWDSAFE_TEST_CHROMIUM")
    path = given or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if path is None:
        unavailable("no Chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def first_password(world: World) -> str:
    """The password the process printed when it started for the first time."""
    found = re.search(r"password\s+(\S+)", world.log())
    assert found is not None, world.log()
    return found[1]


@pytest.fixture(scope="module")
def admin(world: World, first_password: str) -> Client:
    """An administrator with a password of his own."""
    first = Client(world.base_url, "admin", first_password)
    first.login()
    change = {"current_password": first_password, "new_password": PASSWORD}
    first.json("PATCH", "/api/auth/me", json=change)
    return world.admin()


@dataclass
class Visit:
    """One person's browser: its page, and what it asked for and complained about."""

    context: BrowserContext
    page: Page
    base_url: str
    hosts: set[str] = field(default_factory=set)
    complaints: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        """Note every request and every error of ``page``."""
        page.on("request", lambda request: self._note_host(request.url))
        page.on("console", self._note_message)
        page.on("pageerror", lambda error: self.complaints.append(f"uncaught: {error}"))

    def _note_host(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"data", "blob"}:
            self.hosts.add(f"{parts.scheme}://{parts.netloc}")

    def _note_message(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(f"{self.page.url}: {message.text}")

    def go(self, path: str) -> None:
        """Open a path of the site."""
        self.page.goto(self.base_url + path)

    def log_in(self, username: str, password: str) -> None:
        """Fill in the log-in form and send it with the Enter key."""
        self.page.fill("#username", username)
        self.page.fill("#password", password)
        self.page.press("#password", "Enter")


@pytest.fixture
def visit(chromium: Browser, world: World) -> Iterator[Visit]:
    """A browser without any cookie, on a desktop."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(20_000)
    page = context.new_page()
    one = Visit(context, page, world.base_url)
    one.watch(page)
    yield one
    context.close()
