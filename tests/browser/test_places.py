"""Zones and lines in a real browser: drawn over a playing clip, counted, limited, shared."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.conftest import Visit
from tests.e2e.world import PASSWORD, Client, World, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.assets, pytest.mark.timeout(420)]

CLIP = "one-by-one-person-detection.mp4"
FLOOR = ((0.02, 0.98), (0.98, 0.98), (0.98, 0.6), (0.02, 0.6))
"""Where people's feet are in the clip, shares of the picture."""
CROSSED = ((0.05, 0.1), (0.3, 0.4), (0.3, 0.1), (0.05, 0.4))
WAY_OUT = ((0.69, 0.4), (0.69, 0.99))
"""A line everybody in the clip leaves over, to the right."""


@pytest.fixture(scope="module")
def camera_id(admin: Client) -> int:
    """A camera that plays the clip again and again."""
    camera = admin.add_camera(name="North gate", source_type="file", source=CLIP, loop=True)
    path = f"/api/cameras/{camera['id']}"
    admin.json("POST", f"{path}/start")
    wait_until(
        lambda: admin.call("GET", f"{path}/snapshot").ok, timeout_s=120, what="a first picture"
    )
    return int(camera["id"])


def spot(page: Page, x: float, y: float) -> tuple[float, float]:
    """Return where on the screen a place of the picture is, given as shares of it."""
    layer = page.locator(".stage__layer")
    layer.scroll_into_view_if_needed()
    box = layer.bounding_box()
    assert box is not None
    return box["x"] + x * box["width"], box["y"] + y * box["height"]


def open_editor(visit: Visit, camera_id: int, *, username: str = "admin") -> None:
    """Log in and open the editor with its picture."""
    visit.go(f"/cameras/{camera_id}/places")
    visit.log_in(username, PASSWORD)
    expect(visit.page.locator(".stage__image")).to_have_attribute(
        "src", re.compile("^blob:|^data:")
    )


def draw(page: Page, tool: str, *spots: tuple[float, float]) -> None:
    """Click the points of a shape with one of the tools."""
    page.get_by_role("button", name=tool, exact=True).click()
    for x, y in spots:
        page.mouse.click(*spot(page, x, y))
    if tool == "Zone":
        page.keyboard.press("Enter")


def saved(admin: Client, camera_id: int) -> dict[str, list[dict[str, object]]]:
    """Return what is stored."""
    places: dict[str, list[dict[str, object]]] = admin.json(
        "GET", f"/api/cameras/{camera_id}/places"
    )
    return places


def number_in(page: Page, selector: str) -> Callable[[], bool]:
    """Return a question: whether a number above nought stands there."""
    return lambda: any(
        int(text) > 0 for text in page.locator(selector).all_text_contents() if text.isdigit()
    )


def test_a_zone_and_a_line_are_drawn_and_count_on_a_playing_clip(
    visit: Visit, admin: Client, camera_id: int
) -> None:
    page = visit.page
    open_editor(visit, camera_id)
    expect(page.get_by_text("None yet. People in a zone")).to_be_visible()
    draw(page, "Zone", *FLOOR)
    name = page.get_by_role("textbox", name="Name")
    expect(name).to_have_value("Zone 1")
    name.fill("Floor")
    page.get_by_label("Most people").fill("1")
    draw(page, "Line", *WAY_OUT)
    expect(page.get_by_text("Who crosses it to the left in the picture goes in")).to_be_visible()
    page.get_by_role("button", name="Reverse the direction").click()
    expect(page.get_by_text("Who crosses it to the right in the picture goes in")).to_be_visible()
    page.get_by_role("button", name="Undo", exact=True).click()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    places = saved(admin, camera_id)
    assert [(zone["name"], zone["count_limit"]) for zone in places["zones"]] == [("Floor", 1)]
    assert places["lines"][0]["start"] == pytest.approx(WAY_OUT[0], abs=0.01)

    page.get_by_role("link", name="To the camera").first.click()
    zone = page.get_by_role("article", name="Zone Floor")
    expect(zone.get_by_text("Visitors")).to_be_visible(timeout=60_000)
    expect(zone.get_by_text("Limit reached")).to_be_visible(timeout=120_000)
    expect(zone.get_by_text("1 of 1 person")).to_be_visible()
    crossed = number_in(page, "[data-line] .place-card__number")
    wait_until(crossed, timeout_s=150, what="somebody to be counted over the line")
    visit.go("/alerts")
    expect(page.get_by_text("Floor on North gate").first).to_be_visible()
    assert visit.complaints == []
    assert visit.hosts == {visit.base_url}


def test_what_is_wrong_is_said_at_the_corner_and_keys_put_it_right(
    visit: Visit, admin: Client, camera_id: int
) -> None:
    before = saved(admin, camera_id)
    page = visit.page
    open_editor(visit, camera_id)
    draw(page, "Zone", *CROSSED)
    reason = page.locator(".place__reason")
    expect(reason).to_have_text(re.compile("After corner 3 the outline"))
    expect(page.get_by_role("alert").get_by_text("After corner 3")).to_be_visible()
    save = page.get_by_role("button", name="Save", exact=True)
    expect(save).to_be_disabled()
    third = page.get_by_role("button", name=re.compile("^Corner 3 of"))
    third.focus()
    page.keyboard.press("Delete")
    expect(reason).to_have_count(0)
    expect(save).to_be_enabled()
    third = page.get_by_role("button", name=re.compile("^Corner 3 of"))
    expect(third).to_be_focused()
    where = third.get_attribute("aria-label")
    page.keyboard.press("Shift+ArrowRight")
    expect(third).not_to_have_attribute("aria-label", str(where))
    page.keyboard.press("Delete")
    said = page.locator("p[role=status]").get_by_text("A zone needs at least three corners")
    expect(said).to_have_count(1)
    page.get_by_role("textbox", name="Name").fill("floor")
    expect(page.get_by_text("Another zone or line of this camera is called")).to_be_visible()

    page.once("dialog", lambda dialog: dialog.accept())
    asked: list[str] = []
    page.on("dialog", lambda dialog: asked.append(dialog.type))
    page.get_by_role("link", name="To the camera").first.click()
    expect(page.get_by_role("article", name="Zone Floor")).to_be_visible()
    assert asked == ["beforeunload"]
    assert saved(admin, camera_id) == before
    assert visit.complaints == []


def test_a_change_by_somebody_else_is_not_overwritten_unasked(
    visit: Visit, admin: Client, camera_id: int
) -> None:
    page = visit.page
    open_editor(visit, camera_id)
    draw(page, "Rectangle", (0.1, 0.1), (0.3, 0.4))
    page.get_by_role("textbox", name="Name").fill("Mine")
    theirs = {"name": "Theirs", "corners": [[0.6, 0.1], [0.9, 0.1], [0.9, 0.4]]}
    admin.json("PUT", f"/api/cameras/{camera_id}/places", json={"zones": [theirs], "lines": []})
    page.get_by_role("button", name="Save", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("saved by somebody else")
    dialog.get_by_role("button", name="Go on drawing").click()
    assert [zone["name"] for zone in saved(admin, camera_id)["zones"]] == ["Theirs"]
    page.get_by_role("button", name="Save", exact=True).click()
    dialog.get_by_role("button", name="Save mine over theirs").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    assert [zone["name"] for zone in saved(admin, camera_id)["zones"]] == ["Floor", "Mine"]
    assert [text for text in visit.complaints if "409" not in text] == []


def test_what_is_drawn_while_a_save_is_under_way_is_kept(
    visit: Visit, admin: Client, camera_id: int
) -> None:
    before = saved(admin, camera_id)
    page = visit.page
    open_editor(visit, camera_id)
    held: list[Route] = []
    page.route(
        "**/api/cameras/*/places",
        lambda route: held.append(route) if route.request.method == "PUT" else route.continue_(),
    )
    draw(page, "Rectangle", (0.1, 0.1), (0.3, 0.4))
    page.get_by_role("textbox", name="Name").fill("Sent")
    page.get_by_role("button", name="Save", exact=True).click()
    draw(page, "Rectangle", (0.4, 0.1), (0.6, 0.4))
    page.get_by_role("textbox", name="Name").fill("Since")
    held[0].continue_()
    expect(page.get_by_text("What you have changed since is not saved yet")).to_be_visible()
    names = page.locator(".place-list__name")
    expect(names).to_contain_text(["Sent", "Since"])
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(page.get_by_role("textbox", name="Name")).to_have_value("Zone 1")
    page.keyboard.press("Control+y")
    expect(page.get_by_role("textbox", name="Name")).to_have_value("Since")
    page.unroute("**/api/cameras/*/places")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("button", name="Undo", exact=True)).to_be_disabled()
    zones = saved(admin, camera_id)["zones"]
    assert [zone["name"] for zone in zones][-2:] == ["Sent", "Since"]
    page.get_by_label("Most people").fill("1,000")
    expect(page.get_by_text("is not a whole number")).to_be_visible()
    expect(page.get_by_role("button", name="Export")).to_be_disabled()
    page.get_by_label("Most people").fill("")
    assert visit.complaints == []
    admin.json(
        "PUT",
        f"/api/cameras/{camera_id}/places",
        json={"zones": before["zones"], "lines": before["lines"]},
    )


def test_a_file_takes_them_out_and_brings_them_back(
    visit: Visit, camera_id: int, tmp_path: Path
) -> None:
    page = visit.page
    open_editor(visit, camera_id)
    with page.expect_download() as download:
        page.get_by_role("button", name="Export").click()
    assert download.value.suggested_filename == "places-north-gate.json"
    file = tmp_path / "places.json"
    download.value.save_as(file)
    names = [zone["name"] for zone in json.loads(file.read_text())["zones"]]
    page.get_by_role("button", name=f"Delete {names[0]}").click()
    expect(page.get_by_role("button", name=re.compile(f"^{names[1]}"))).to_be_focused()
    chooser = page.get_by_label("File with zones and lines")
    chooser.set_input_files(str(file))
    expect(page.locator(".place-list__name")).to_contain_text(names)
    broken = tmp_path / "broken.json"
    broken.write_text('{"zones": [{"name": 5}], "lines": []}')
    chooser.set_input_files(str(broken))
    expect(page.get_by_text("zone 1 has no name")).to_be_visible()
    assert visit.complaints == []


def test_a_viewer_sees_them_and_is_offered_no_change(
    visit: Visit, admin: Client, camera_id: int
) -> None:
    viewer = {"username": "vera", "password": PASSWORD, "role": "viewer"}
    admin.json("POST", "/api/users/", expect=201, json={**viewer, "must_change_password": False})
    page = visit.page
    open_editor(visit, camera_id, username="vera")
    expect(page.locator("svg.stage__layer").get_by_text("Floor")).to_be_visible()
    page.get_by_role("button", name=re.compile("^Floor")).click()
    expect(page.get_by_role("textbox", name="Name")).to_be_disabled()
    for word in ("Save", "Zone", "Line", "Delete", "Import"):
        expect(page.get_by_role("button", name=word, exact=True)).to_have_count(0)
    assert page.locator("[data-handle]").count() == 0
    assert visit.complaints == []


@pytest.mark.parametrize("width", [360, 390])
def test_the_editor_fits_a_phone_and_is_used_with_a_finger(
    chromium: Browser, world: World, camera_id: int, width: int
) -> None:
    context = chromium.new_context(
        viewport={"width": width, "height": 800}, is_mobile=True, has_touch=True
    )
    page = context.new_page()
    visit = Visit(context, page, world.base_url)
    visit.watch(page)
    visit.go(f"/cameras/{camera_id}")
    visit.log_in("admin", PASSWORD)
    expect(page.get_by_role("article", name="Zone Floor")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("link", name="Edit", exact=True).tap()
    expect(page.locator(".stage__image")).to_have_attribute("src", re.compile("^blob:"))
    page.get_by_role("button", name="Zone", exact=True).tap()
    for x, y in ((0.4, 0.1), (0.5, 0.1), (0.5, 0.3)):
        page.touchscreen.tap(*spot(page, x, y))
    page.get_by_role("button", name="Close the zone").tap()
    expect(page.get_by_role("textbox", name="Name")).to_have_value("Zone 1")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert visit.complaints == []
    context.close()
