"""Somebody counts a playing clip in a real browser: blind, by dots, with the error afterwards."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.e2e.world import PASSWORD, Client, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.assets, pytest.mark.timeout(300)]

CLIP = "one-by-one-person-detection.mp4"
CORNERS = [[0.02, 0.98], [0.98, 0.98], [0.98, 0.4], [0.02, 0.4]]


@pytest.fixture(scope="module")
def camera_id(admin: Client) -> int:
    """A camera that plays the clip again and again, with a zone."""
    camera = admin.add_camera(name="North gate", source_type="file", source=CLIP, loop=True)
    path = f"/api/cameras/{camera['id']}"
    admin.json("POST", f"{path}/zones", expect=201, json={"name": "Floor", "corners": CORNERS})
    admin.json("POST", f"{path}/start")
    wait_until(
        lambda: admin.call("GET", f"{path}/snapshot").ok, timeout_s=120, what="a first picture"
    )
    return int(camera["id"])


def tap(page: Page, x: float, y: float) -> None:
    """Tap a place of the still, given as shares of it."""
    box = page.locator(".spot-picture__sheet").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])


def test_somebody_counts_a_playing_clip(visit: Visit, admin: Client, camera_id: int) -> None:
    page = visit.page
    visit.go(f"/cameras/{camera_id}")
    visit.log_in("admin", PASSWORD)
    accuracy = page.locator(".panel", has=page.get_by_role("heading", name="Accuracy here"))
    expect(accuracy.get_by_text("Nobody has counted here yet.")).to_be_visible()
    page.get_by_role("button", name="Spot count").click()
    dialog = page.get_by_role("dialog")
    still = dialog.locator(".spot-picture__image")
    expect(still).to_have_attribute("src", re.compile("^blob:"), timeout=60_000)
    first = still.get_attribute("src")
    dialog.get_by_label("What you count").select_option(label="Zone Floor")
    expect(dialog.get_by_text("inside the border of Floor")).to_be_visible(timeout=60_000)
    expect(still).not_to_have_attribute("src", first or "")
    assert admin.json("GET", f"/api/cameras/{camera_id}/spot-counts")["total"] == 0

    number = dialog.get_by_label("How many people do you see?")
    for x in (0.3, 0.5, 0.7):
        tap(page, x, 0.5)
    expect(number).to_have_value("3")
    tap(page, 0.5, 0.5)
    expect(number).to_have_value("2")
    expect(dialog.get_by_text("2 people marked")).to_be_visible()
    number.fill("two")
    number.press("Enter")
    expect(dialog.get_by_text("Type a whole number from 0 to 100,000.")).to_be_visible()
    expect(number).to_be_focused()
    number.fill("2")
    number.press("Enter")
    result = dialog.get_by_text(re.compile(r"^You counted 2, CrowdSafe .*\.$"))
    expect(result).to_be_focused()
    dialog.get_by_role("button", name="Done").click()

    expect(accuracy.get_by_text("Too few counts to tell", exact=False)).to_be_visible()
    row = accuracy.locator("[data-spot-count]")
    expect(row).to_contain_text("2 counted")
    expect(row).to_contain_text("Floor")
    (stored,) = admin.json("GET", f"/api/cameras/{camera_id}/spot-counts")["items"]
    assert (stored["counted"], stored["zone_name"], stored["by"]) == (2, "Floor", "admin")
    row.get_by_role("button", name=re.compile("^Take back")).click()
    page.get_by_role("button", name="Take back", exact=True).last.click()
    expect(accuracy.get_by_text("Nobody has counted here yet.")).to_be_visible()
    assert visit.complaints == []
    assert visit.hosts == {visit.base_url}
