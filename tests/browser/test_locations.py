"""Locations in a real browser: made of a camera by the form, counted by a person, too full."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Visit
from tests.e2e.world import PASSWORD, Client, World

pytestmark = [pytest.mark.browser, pytest.mark.assets, pytest.mark.timeout(240)]

CLIP = "town-centre.mp4"

CUT_WORDS = """() => [...document.querySelectorAll(".sidebar__link span:first-of-type")]
  .filter((word) => word.offsetParent && word.scrollWidth > word.closest("li").clientWidth)
  .map((word) => word.textContent)"""


def type_count(page: Page, people: str) -> None:
    """Enter how many people are there."""
    page.get_by_role("button", name="Enter a count").click()
    page.get_by_label("People", exact=True).fill(people)
    page.locator("dialog").get_by_role("button", name="Enter", exact=True).click()


@pytest.mark.usefixtures("admin")
def test_a_location_of_a_camera_is_made_counted_and_too_full(visit: Visit) -> None:
    page = visit.page
    visit.go("/locations")
    visit.log_in("admin", PASSWORD)
    expect(page.get_by_text("No locations yet")).to_be_visible()
    page.get_by_role("button", name="Add a location").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Capacity").fill("a few")
    dialog.get_by_role("button", name="Add location").click()
    expect(dialog.get_by_text("Give it a name.")).to_be_visible()
    expect(dialog.get_by_text("A whole number of people")).to_be_visible()
    dialog.get_by_label("Name", exact=True).fill("Main hall")
    dialog.get_by_label("Capacity").fill("1000")
    dialog.get_by_label("The whole picture").check()
    dialog.get_by_role("button", name="Add location").click()

    expect(page).to_have_url(re.compile(r"/locations/\d+$"))
    expect(page.get_by_role("heading", name="Main hall")).to_be_visible()
    expect(page.locator(".topbar").get_by_text("SIMULATED")).to_be_visible()
    now = page.locator(".location__now")
    expect(now).to_contain_text("from cameras", timeout=60_000)
    expect(now.locator(".location__number")).to_have_text(re.compile(r"\d"))
    expect(page.locator("[data-source=CAMERA]")).to_contain_text("This is the number shown.")
    area = page.locator("[data-area]")
    expect(area.get_by_role("link", name="Simulated crowd")).to_be_visible()

    type_count(page, "twelve")
    expect(page.get_by_text("A whole number of people, 0 for nobody.")).to_be_visible()
    page.keyboard.press("Escape")
    type_count(page, "1200")
    expect(now).to_contain_text("120 % of 1,000 people")
    expect(now).to_contain_text("CRITICAL")
    expect(now).to_contain_text("full now")
    expect(now.locator(".risk").first).to_have_text("Warning")
    expect(page.get_by_role("meter")).to_have_attribute("aria-valuetext", "120 % of 1,000 people")
    expect(page.locator("[aria-live=polite]")).to_contain_text("risk Warning")
    expect(page.locator("[data-alert]")).to_contain_text("Main hall")
    expect(page.locator("tr", has_text="Entered by a person").last).to_contain_text("1,200")

    page.get_by_role("link", name="Locations").click()
    card = page.get_by_role("article")
    expect(card).to_contain_text(re.compile("Warning.*SIMULATED.*1,200.*CRITICAL", re.DOTALL))
    expect(page.locator(".figures")).to_contain_text(re.compile(r"Highest level\s*Warning"))
    assert visit.complaints == []
    assert visit.hosts == {visit.base_url}


@pytest.mark.parametrize("width", [360, 390])
def test_locations_fit_a_phone_and_every_page_is_within_reach(
    chromium: Browser, world: World, admin: Client, width: int
) -> None:
    name = f"Stand of {width}"
    wanted = {"name": name, "capacity": 80}
    made = admin.json("POST", "/api/locations/", expect=201, json=wanted)
    context = chromium.new_context(
        viewport={"width": width, "height": 800}, is_mobile=True, has_touch=True
    )
    page = context.new_page()
    visit = Visit(context, page, world.base_url)
    visit.watch(page)
    visit.go(f"/locations/{made['id']}")
    visit.log_in("admin", PASSWORD)
    expect(page.get_by_text("no number yet")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("button", name="Change").tap()
    expect(page.get_by_label("Name", exact=True)).to_have_value(name)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("button", name="Close").tap()
    page.get_by_role("link", name="Locations").tap()
    expect(page.locator(".location").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(CUT_WORDS) == []
    page.get_by_role("button", name="More").tap()
    for word in ("Cameras", "Place graph", "Recordings"):
        expect(page.locator("dialog").get_by_role("link", name=word)).to_be_visible()
    assert visit.complaints == []
    context.close()


def test_two_cameras_fill_a_place_for_ten(visit: Visit, admin: Client) -> None:
    """People the detector finds on two playing clips, added up, are too many."""
    cameras = []
    for name in ("Street, left", "Street, right"):
        camera = admin.add_camera(name=name, source_type="file", source=CLIP, loop=True)
        admin.json("POST", f"/api/cameras/{camera['id']}/start")
        cameras.append(camera["id"])
    areas = [{"camera_id": camera_id, "zone_id": None} for camera_id in cameras]
    wanted = {"name": "Street", "capacity": 10, "areas": areas}
    made = admin.json("POST", "/api/locations/", expect=201, json=wanted)

    page = visit.page
    visit.go(f"/locations/{made['id']}")
    visit.log_in("admin", PASSWORD)
    expect(page.locator("[data-alert]")).to_contain_text(
        re.compile(r"Warning.*of the 10 this place may hold", re.DOTALL), timeout=120_000
    )
    expect(page.locator("[data-area]")).to_have_count(2)
    numbers = admin.json("GET", f"/api/locations/{made['id']}")["numbers"]
    assert numbers["source"] == "CAMERA"
    assert numbers["current_count"] > 10
    assert sum(share["counted"] for share in numbers["shares"]) == pytest.approx(
        numbers["current_count"]
    )
    assert visit.complaints == []
