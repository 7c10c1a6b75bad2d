"""The map in a real browser: a plan is uploaded, a location placed, and no other host asked."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visit
from tests.e2e.world import PASSWORD, Client

pytestmark = [pytest.mark.browser, pytest.mark.assets, pytest.mark.timeout(300)]

WATCH_POLICY = """
document.addEventListener("securitypolicyviolation", (event) => {
  console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`);
});
"""


@pytest.fixture(scope="module")
def square(admin: Client) -> int:
    """A location people are counted in by hand: 246 of 300."""
    body = {"name": "Main square", "capacity": 300}
    location = admin.json("POST", "/api/locations/", expect=201, json=body)
    return int(location["id"])


@pytest.fixture
def drawing(tmp_path: Path) -> Path:
    """A floor plan, twice as wide as high, with nothing behind its lines."""
    picture = Image.new("RGBA", (800, 400), (0, 0, 0, 0))
    ImageDraw.Draw(picture).rectangle((20, 20, 780, 380), outline=(20, 20, 20), width=6)
    file = tmp_path / "main-hall.png"
    picture.save(file)
    return file


def open_map(visit: Visit, path: str = "/map") -> Page:
    """Log in and open the map."""
    visit.page.add_init_script(WATCH_POLICY)
    visit.go(path)
    visit.log_in("admin", PASSWORD)
    expect(visit.page.locator(".leaflet-container")).to_be_visible()
    return visit.page


def upload(page: Page, file: Path) -> Locator:
    """Upload a plan through the page and return its picture on the map."""
    page.get_by_role("button", name="Add a floor plan").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Picture").set_input_files(str(file))
    expect(dialog.get_by_label("Name")).to_have_value("main hall")
    dialog.get_by_label("Width in reality").fill("80")
    dialog.get_by_role("button", name="Upload").click()
    expect(dialog).to_have_count(0)
    return page.get_by_role("img", name="Floor plan main hall")


def click_at(page: Page, plan: Locator, x: float, y: float) -> None:
    """Click a place of the plan, given as shares of its width and height."""
    box = plan.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])


def test_a_location_is_placed_on_an_uploaded_plan_and_seen_there(
    visit: Visit, admin: Client, square: int, drawing: Path
) -> None:
    page = open_map(visit)
    plan = upload(page, drawing)
    expect(plan).to_be_visible()
    shape = plan.bounding_box()
    assert shape is not None
    assert shape["width"] / shape["height"] == pytest.approx(2, rel=0.01)
    expect(page.locator(".leaflet-control-scale-line")).to_have_text(re.compile(r"^\d+ m$"))

    page.get_by_role("button", name="Place Main square here").click()
    click_at(page, plan, 0.25, 0.5)
    expect(page.get_by_text("Main square is placed.")).to_be_visible()
    position = admin.json("GET", f"/api/locations/{square}")["position"]
    assert position["floor_plan_id"] is not None
    assert (position["x"], position["y"]) == pytest.approx((0.25, 0.5), abs=0.01)
    pin = page.get_by_role("button", name=re.compile("^Main square: number of people not known"))
    expect(pin).to_contain_text("?")

    admin.json("POST", f"/api/locations/{square}/update-count", json={"count": 246})
    pin = page.get_by_role("button", name=re.compile("^Main square: 82 % of 300"))
    expect(pin).to_contain_text("82 %")
    pin.focus()
    page.keyboard.press("Enter")
    popup = page.locator(".map-popup")
    expect(popup).to_be_focused()
    expect(popup).to_contain_text("entered by a person")
    expect(popup.get_by_role("link", name="Main square")).to_have_attribute(
        "href", f"/locations/{square}"
    )
    page.keyboard.press("Escape")
    expect(pin).to_be_focused()
    assert visit.complaints == []
    assert visit.hosts == {visit.base_url}


def test_its_ground_is_drawn_by_clicks_and_keys_and_taken_back(
    visit: Visit, admin: Client, square: int
) -> None:
    page = open_map(visit)
    path = f"/api/locations/{square}"
    plan = page.get_by_role("img", name="Floor plan main hall")
    page.get_by_role("button", name="Main square", exact=True).click()
    page.get_by_role("button", name="Draw its ground").click()
    finish = page.get_by_role("button", name="Finish")
    expect(finish).to_be_disabled()
    expect(page.locator(".map-popup")).to_have_count(0)
    click_at(page, plan, 0.1, 0.2)
    click_at(page, plan, 0.4, 0.2)
    click_at(page, plan, 0.4, 0.4)
    page.get_by_role("button", name="Take the last corner back").click()
    page.get_by_role("button", name="Corner at the cross").click()
    expect(page.get_by_text("3 corners. Enter or Finish closes the outline.")).to_be_visible()
    page.get_by_role("region", name="Floor plan main hall").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("The outline of Main square is saved.")).to_be_visible()
    outline = admin.json("GET", path)["outline"]
    assert outline[0] == pytest.approx([0.1, 0.2], abs=0.01)
    assert len(outline) == 3
    expect(page.locator("path.ground")).to_have_count(1)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Main square is back where it was.")).to_be_visible()
    assert admin.json("GET", path)["outline"] == []
    expect(page.locator("path.ground")).to_have_count(0)
    assert visit.complaints == []
    assert visit.hosts == {visit.base_url}


def test_on_a_telephone_a_plan_that_is_in_use_is_deleted_knowingly(
    visit: Visit, admin: Client, square: int
) -> None:
    visit.page.set_viewport_size({"width": 390, "height": 844})
    page = open_map(visit)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.get_by_role("button", name="Edit this plan").click()
    page.get_by_role("button", name="Delete the plan").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text("'Main square' stands on the plan 'main hall'")).to_be_visible()
    page.get_by_role("button", name="Delete all the same").click()
    expect(page.get_by_text("main hall is deleted.")).to_be_visible()
    expect(page.get_by_role("button", name="Place Main square here")).to_be_visible()
    expect(page.get_by_role("region", name="Map of the earth")).to_be_visible()
    assert admin.json("GET", f"/api/locations/{square}")["position"] is None
    assert [text for text in visit.complaints if "409" not in text] == []
    assert visit.hosts == {visit.base_url}
