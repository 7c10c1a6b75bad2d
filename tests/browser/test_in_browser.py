"""The main job in a real browser, from the first log-in to the recording that plays.

The tests run in this order on one process: the first one changes the first password.
"""

from __future__ import annotations

import re
from pathlib import Path

import cv2
import numpy as np
import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Visit
from tests.builders import cut_video
from tests.e2e.world import PASSWORD, World, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.assets, pytest.mark.timeout(420)]

CLIP = "one-by-one-person-detection.mp4"
BOX_BGR = (255, 209, 90)
"""Colour of a person's box in the drawing (#5ad1ff)."""
PAGES = (
    "/",
    "/locations",
    "/cameras",
    "/alerts",
    "/recordings",
    "/settings",
    "/users",
    "/profile",
    "/system",
)


def box_pixels(jpeg: bytes) -> int:
    """Return how many pixels of a picture have about the colour of a person's box."""
    image = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    distance = np.abs(image.astype(int) - np.array(BOX_BGR)).max(axis=2)
    return int((distance < 40).sum())


def test_first_log_in_forces_a_password_of_ones_own(visit: Visit, first_password: str) -> None:
    page = visit.page
    visit.go("/alerts?status=ACTIVE")
    expect(page).to_have_url(re.compile(r"/login\?next="))
    visit.log_in("admin", "not the password")
    expect(page.get_by_role("alert")).to_be_visible()
    assert [text for text in visit.complaints if "401" not in text] == []
    visit.complaints.clear()

    visit.log_in("admin", first_password)
    expect(page.get_by_role("heading", name="Choose your own password")).to_be_visible()
    visit.go("/cameras")
    expect(page).to_have_url(re.compile(r"/profile"))
    page.get_by_label("Current password").fill(first_password)
    page.get_by_label("New password", exact=True).fill(PASSWORD)
    page.get_by_label("New password again").fill("something else entirely")
    page.get_by_role("button", name="Set password").click()
    expect(page.get_by_text("The two are not the same.")).to_be_visible()
    page.get_by_label("New password again").fill(PASSWORD)
    page.get_by_role("button", name="Set password").click()
    expect(page.get_by_role("heading", name="Dashboard")).to_be_visible()
    expect(page.locator("#connection")).to_have_text("Live updates")
    assert visit.complaints == []
    assert visit.hosts == {visit.base_url}


def test_the_dashboard_lives_at_once_with_a_crowd_that_says_it_is_simulated(visit: Visit) -> None:
    page = visit.page
    visit.go("/")
    visit.log_in("admin", PASSWORD)
    tile = page.locator(".tile", has_text="Simulated crowd")
    expect(tile.get_by_text("Live", exact=True)).to_be_visible(timeout=60_000)
    expect(tile.get_by_text("SIMULATED", exact=True)).to_be_visible()
    expect(tile.locator("img")).to_be_visible(timeout=30_000)
    expect(tile.locator(".tile__count")).to_have_text(re.compile(r"^\d+$"), timeout=30_000)
    expect(page.get_by_text("This is a simulated crowd.")).to_be_visible()
    expect(page.locator(".figures").get_by_text("SIMULATED")).to_have_count(4)
    tile.get_by_role("link").click()
    expect(page.locator(".topbar").get_by_text("SIMULATED", exact=True)).to_be_visible()
    expect(page.get_by_text(re.compile("^known by construction"))).to_be_visible()
    expect(page.locator(".readings")).to_contain_text(re.compile(r"Mean\D*\d\.\d+ people/m²"))
    expect(page.get_by_role("link", name="Calibrate")).to_have_count(0)

    visit.go("/")
    page.get_by_role("link", name="Add your first camera").click()
    expect(page.get_by_role("heading", name="Add a camera")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Delete Simulated crowd").click()
    page.locator("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("No cameras yet")).to_be_visible()
    assert visit.complaints == []
    assert visit.hosts == {visit.base_url}


def test_upload_progress_boxes_numbers_and_a_recording_that_plays(
    visit: Visit, assets: Path, tmp_path: Path
) -> None:
    page = visit.page
    clip = cut_video(assets / "videos" / CLIP, tmp_path / CLIP, seconds=70)
    visit.go("/cameras")
    visit.log_in("admin", PASSWORD)
    page.get_by_role("button", name="Add camera").first.click()
    page.locator("dialog").get_by_text("Uploaded recording", exact=True).click()
    page.get_by_label("Name", exact=True).fill("Meeting room")
    page.get_by_label("Video", exact=True).set_input_files(str(clip))
    page.get_by_role("button", name="Upload and analyse").click()
    row = page.locator("tr", has_text="Meeting room")
    expect(row.get_by_role("progressbar")).to_be_visible()
    row.get_by_role("link", name="Meeting room", exact=True).click()

    bar = page.get_by_role("progressbar", name="Analysis")
    expect(bar).to_have_attribute("aria-valuenow", re.compile(r"^[1-9]"), timeout=90_000)
    picture = page.locator(".picture__image")
    wait_until(
        lambda: picture.count() and picture.evaluate("image => image.naturalWidth > 0"),
        timeout_s=60,
        what="a picture of the stream",
    )
    camera_path = page.url.rsplit("/", 1)[1]
    snapshot = f"{visit.base_url}/api/cameras/{camera_path}/snapshot?width=768&overlays="

    def boxes_are_drawn() -> bool:
        drawn = page.request.get(snapshot + "boxes")
        plain = page.request.get(snapshot)
        return drawn.ok and plain.ok and box_pixels(drawn.body()) > box_pixels(plain.body()) + 100

    wait_until(boxes_are_drawn, timeout_s=120, what="a box around somebody", every_s=0.3)
    expect(page.locator(".tile__count")).to_have_text(re.compile(r"^[≥ \d]+$"))
    expect(page.locator(".risk").first).to_have_text("Safe")
    page.get_by_label("Heat").check()
    expect(picture).to_have_attribute("src", re.compile("heat"))

    expect(page.locator(".topbar .tag")).to_have_text("Analysed", timeout=240_000)
    expect(page.locator("canvas")).to_be_visible()
    page.get_by_role("button", name="Play").first.click(timeout=30_000)
    video = page.locator("video")
    wait_until(
        lambda: video.evaluate("video => video.readyState >= 2 && video.currentTime > 0.5"),
        timeout_s=30,
        what="the recording to play",
    )
    assert visit.complaints == []
    assert visit.hosts == {visit.base_url}


def test_a_camera_is_tested_added_and_shown_on_the_dashboard(visit: Visit) -> None:
    page = visit.page
    visit.go("/cameras")
    visit.log_in("admin", PASSWORD)
    page.get_by_role("button", name="Add camera").first.click()
    page.locator("dialog").get_by_text("Video file as camera", exact=True).click()
    page.get_by_label("Name", exact=True).fill("North gate")
    page.get_by_label("Path on the server").fill("no-such-file.mp4")
    page.get_by_role("button", name="Test", exact=True).last.click()
    expect(page.locator("dialog .notice--bad")).to_be_visible()
    assert [text for text in visit.complaints if "422" not in text] == []
    visit.complaints.clear()
    page.get_by_label("Path on the server").fill(CLIP)
    page.get_by_role("button", name="Test", exact=True).last.click()
    expect(page.get_by_text("768 × 432 px")).to_be_visible()
    expect(page.get_by_alt_text("Picture from this source")).to_be_visible()
    page.get_by_label("Monitored area").fill("40")
    page.get_by_label("Play again").check()
    page.get_by_text("Analysis: model, tiles, tracker").click()
    page.get_by_label("Tiles", exact=True).select_option(label="2 × 1 tiles: twice the work")
    page.get_by_label("Tracker", exact=True).select_option("bytetrack")
    page.locator("dialog").get_by_role("button", name="Add camera").click()
    expect(page.locator("dialog")).to_have_count(0)

    visit.go("/")
    tile = page.locator(".tile", has_text="North gate")
    expect(tile.get_by_text("Live", exact=True)).to_be_visible(timeout=60_000)
    expect(tile.locator("img")).to_be_visible(timeout=30_000)
    expect(tile.locator(".risk")).to_have_text("Safe", timeout=30_000)
    expect(tile.get_by_text("people/m²")).to_be_visible()
    first = tile.locator("img").get_attribute("src")
    expect(tile.locator("img")).not_to_have_attribute("src", str(first))
    tile.get_by_role("link").click()
    facts = page.locator(".facts", has_text="Tracker")
    expect(facts).to_contain_text(re.compile("2 tiles.*ByteTrack", re.DOTALL), timeout=30_000)
    assert visit.complaints == []


FLOOR = (
    ((100, 400), ("-1.46", "3.43")),
    ((668, 400), ("1.46", "3.43")),
    ((560, 320), ("1.14", "4.32")),
    ((208, 320), ("-1.14", "4.32")),
)
"""Places on the clip's floor, pixels and metres, as a camera 2 m above it would see them."""


def test_a_camera_is_calibrated_by_clicks_and_then_measures_in_metres(visit: Visit) -> None:
    page = visit.page
    visit.go("/cameras")
    visit.log_in("admin", PASSWORD)
    page.get_by_role("link", name="Calibrate North gate").click()
    layer = page.locator(".stage__layer")
    result = page.locator("[data-result]")
    grid = page.locator(".stage__grid line")

    def click(x: float, y: float) -> None:
        width, height = 768, 432
        layer.scroll_into_view_if_needed()
        box = layer.bounding_box()
        assert box is not None
        page.mouse.click(box["x"] + x / width * box["width"], box["y"] + y / height * box["height"])

    expect(result).to_contain_text("Four points on the ground are needed")
    for number, (image, world) in enumerate(FLOOR, start=1):
        click(*image)
        expect(page.get_by_label(f"Point {number}, X in metres")).to_be_focused()
        for axis, metres in zip("XY", world, strict=True):
            page.get_by_label(f"Point {number}, {axis} in metres").fill(metres)
    expect(result).to_contain_text(re.compile(r"Monitored area\s*\d+ m² ± \d"))
    assert grid.count() > 5
    second = page.get_by_role("button", name=re.compile("^Point 2, at 668, 400 px"))
    second.press("ArrowRight")
    expect(page.get_by_role("button", name=re.compile("^Point 2, at 669, 400 px"))).to_be_focused()
    page.keyboard.press("Control+z")
    expect(second).to_be_focused()

    assert visit.complaints == []
    page.get_by_label("Point 2, X in metres").fill("-1.46")  # where point 1 is already
    expect(result.get_by_role("alert")).to_be_visible()
    expect(page.get_by_role("button", name="Save calibration")).to_be_disabled()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_label("Point 2, X in metres")).to_have_value("1.46")
    assert [text for text in visit.complaints if "422" not in text] == []
    visit.complaints.clear()

    page.get_by_role("button", name="Draw the monitored area").click()
    for corner in ((5, 425), (760, 425), (600, 290), (160, 290)):
        click(*corner)
    expect(result).to_contain_text(re.compile(r"Monitored area\s*\d\.\d m² ±"))
    page.get_by_role("button", name="Measure", exact=True).click()
    click(*FLOOR[0][0])
    click(*FLOOR[1][0])
    expect(page.locator(".stage__label--ruler")).to_have_text(re.compile(r"^2\.9\d m$"))
    page.get_by_role("button", name="Save calibration").click()
    expect(page.get_by_text("Saved as version 1.")).to_be_visible()

    page.get_by_role("link", name="To the camera").first.click()
    expect(page.get_by_text(re.compile("^version 1, from points, "))).to_be_visible()
    expect(page.get_by_text("Not calibrated")).to_have_count(0)
    now = page.locator(".readings")
    expect(now).to_contain_text(re.compile(r"Highest local.*\d people/m²"), timeout=30_000)
    expect(now).to_contain_text(re.compile(r"Mean speed\D*\d\.\d+ m/s"), timeout=60_000)
    assert visit.complaints == []
    assert visit.hosts == {visit.base_url}


def test_an_outlived_access_token_is_renewed_without_a_word(visit: Visit) -> None:
    page = visit.page
    visit.go("/")
    visit.log_in("admin", PASSWORD)
    expect(page.locator("#connection")).to_have_text("Live updates")
    visit.context.clear_cookies(name="access_token_cookie")
    visit.context.clear_cookies(name="csrf_access_token")
    visit.go("/alerts")  # a page is carried on by the server
    expect(page.locator("#connection")).to_have_text("Live updates")
    visit.complaints.clear()
    visit.context.clear_cookies(name="access_token_cookie")
    visit.context.clear_cookies(name="csrf_access_token")
    page.get_by_label("Status").select_option("RESOLVED")  # a request is carried on by the client
    expect(page.get_by_text("None matches this filter.")).to_be_visible()
    assert [text for text in visit.complaints if "401" not in text] == []
    visit.context.clear_cookies()
    page.get_by_label("Status").select_option("ACTIVE")  # without any session: to the log-in
    expect(page).to_have_url(re.compile(r"/login\?next="))


def test_a_viewer_is_offered_nothing_he_may_not_do(visit: Visit, world: World) -> None:
    world.admin().json(
        "POST",
        "/api/users/",
        expect=201,
        json={
            "username": "vera",
            "password": PASSWORD,
            "role": "viewer",
            "must_change_password": False,
        },
    )
    page = visit.page
    visit.go("/cameras")
    visit.log_in("vera", PASSWORD)
    expect(page.get_by_role("link", name="North gate")).to_be_visible()
    expect(page.get_by_text("Meeting room")).to_have_count(0)
    for word in ("Add camera", "Upload recording", "Start", "Stop", "Test", "Delete", "Change"):
        expect(page.get_by_role("button", name=re.compile(word))).to_have_count(0)
    for word in ("Users", "Settings", "System"):
        expect(page.get_by_role("link", name=word)).to_have_count(0)
    visit.go("/users")
    expect(page.get_by_role("heading")).to_have_text("Permission denied")
    page.get_by_role("link", name="Go to the dashboard").click()
    expect(page.locator("#connection")).to_have_text("Live updates")
    page.get_by_role("button", name="Log out").click()
    expect(page).to_have_url(re.compile(r"/login$"))
    visit.go("/")
    expect(page).to_have_url(re.compile(r"/login$"))


@pytest.mark.parametrize("width", [360, 390])
def test_every_page_fits_a_phone(chromium: Browser, world: World, width: int) -> None:
    context = chromium.new_context(
        viewport={"width": width, "height": 800}, is_mobile=True, has_touch=True
    )
    page = context.new_page()
    visit = Visit(context, page, world.base_url)
    visit.watch(page)
    visit.go("/")
    visit.log_in("admin", PASSWORD)
    expect(page.get_by_role("heading", name="Dashboard")).to_be_visible()
    cameras = world.admin().items("/api/cameras/")
    running = next(camera["id"] for camera in cameras if camera["name"] == "North gate")
    for path in (*PAGES, f"/cameras/{running}", f"/cameras/{running}/calibration"):
        visit.go(path)
        expect(page.locator("#connection")).to_have_text("Live updates")
        expect(page.locator(".spinner")).to_have_count(0)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        expect(page.get_by_role("link", name="Dashboard")).to_be_in_viewport()
    page.get_by_role("button", name="More").click()
    expect(page.locator("dialog").get_by_role("link", name="Profile")).to_be_visible()
    assert visit.complaints == []
    assert visit.hosts == {visit.base_url}
    context.close()


def test_the_page_says_when_it_has_lost_the_server_and_comes_back(
    visit: Visit, world: World
) -> None:
    page = visit.page
    visit.go("/")
    visit.log_in("admin", PASSWORD)
    expect(page.locator("#connection")).to_have_text("Live updates")
    expect(page.locator(".tile", has_text="North gate").locator(".risk")).to_have_text("Safe")
    world.stop()
    expect(page.locator("#connection")).to_have_text(
        re.compile(r"Reconnecting: live numbers are \d+ s old")
    )
    expect(page.locator(".tile", has_text="North gate").locator(".risk")).to_have_text("Unknown")
    world.start()
    expect(page.locator("#connection")).to_have_text("Live updates", timeout=60_000)
    expect(page.locator(".tile", has_text="North gate").locator(".risk")).to_have_text(
        "Safe", timeout=60_000
    )
