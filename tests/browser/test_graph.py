"""The place graph in a real browser: places linked, a card written, refusals beside their field."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.e2e.world import PASSWORD, Client

pytestmark = [pytest.mark.browser, pytest.mark.assets, pytest.mark.timeout(300)]

LEFT = [[0.0, 0.0], [0.5, 0.0], [0.5, 1.0], [0.0, 1.0]]
RIGHT = [[0.5, 0.0], [1.0, 0.0], [1.0, 1.0], [0.5, 1.0]]


@pytest.fixture(scope="module")
def places(admin: Client) -> None:
    """Two zones on the demo camera, and a line between them."""
    (camera,) = admin.json("GET", "/api/cameras/")["items"]
    path = f"/api/cameras/{camera['id']}"
    for kind, body in (
        ("zones", {"name": "Plaza", "corners": LEFT}),
        ("zones", {"name": "Stage", "corners": RIGHT, "count_limit": 500}),
        ("lines", {"name": "Door", "start": [0.5, 1.0], "end": [0.5, 0.0]}),
    ):
        admin.json("POST", f"{path}/{kind}", expect=201, json=body)


@pytest.mark.usefixtures("places")
def test_places_are_linked_and_a_card_is_written(admin: Client, visit: Visit) -> None:
    page = visit.page
    visit.go("/graph")
    visit.log_in("admin", PASSWORD)
    expect(page.get_by_text("No place is linked yet")).to_be_visible()

    page.get_by_role("button", name="Add a link").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name of the way").fill("Gate B")
    dialog.get_by_label("People come from").select_option(label="Plaza on Simulated crowd")
    dialog.get_by_label("People go to").select_option(label="Plaza on Simulated crowd")
    dialog.get_by_label("Counted by the line").select_option(label="Door on Simulated crowd")
    dialog.get_by_label("It is a gate").check()
    dialog.get_by_role("button", name="Add the link").click()
    expect(dialog.get_by_text("A link leads from one place to another")).to_be_visible()
    dialog.get_by_label("People go to").select_option(label="Stage on Simulated crowd")
    dialog.get_by_role("button", name="Add the link").click()
    expect(dialog).to_have_count(0)

    expect(page.locator(".graph__node")).to_have_count(2)
    stage = page.locator(".graph__node", has_text="Stage")
    stage.focus()
    page.keyboard.press("Enter")
    chosen = page.locator("#chosen")
    expect(chosen.get_by_role("heading", name="Stage on Simulated crowd")).to_be_visible()
    expect(stage).to_be_focused()
    expect(chosen.get_by_text("people/min come", exact=False).first).to_be_visible(timeout=90_000)
    expect(chosen.get_by_text("If held:", exact=False)).to_be_visible(timeout=90_000)

    chosen.get_by_role("button", name="Write a card").click()
    page.get_by_role("dialog").get_by_label("Hold a gate").fill("Hold Gate B.")
    page.get_by_role("dialog").get_by_role("button", name="Save the card").click()
    expect(chosen.get_by_text("Hold Gate B.")).to_be_visible()
    assert admin.json("GET", "/api/place-graph/cards/zone/2")["hold_gate"] == "Hold Gate B."
    expect(page.get_by_role("row", name="Gate B")).to_contain_text("people/min")
    assert [text for text in visit.complaints if "422" not in text] == []
    assert visit.hosts == {visit.base_url}


def test_on_a_telephone_nothing_sticks_out(admin: Client, visit: Visit) -> None:
    assert admin.json("GET", "/api/place-graph/")["links"]
    page = visit.page
    page.set_viewport_size({"width": 390, "height": 844})
    visit.go("/graph#zone-1")
    visit.log_in("admin", PASSWORD)
    expect(page.locator(".graph__node")).to_have_count(2)
    visit.go("/graph#zone-1")
    expect(page.locator(".graph__node")).to_have_count(2)
    expect(page.locator("#chosen")).to_contain_text("Plaza on Simulated crowd")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    size = page.locator(".graph__name").first.evaluate("one => one.getBoundingClientRect().height")
    assert size >= 14, "nothing is scaled down"
