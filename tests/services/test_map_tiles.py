"""Which addresses of map tiles are believed, and what a page is allowed because of them."""

from __future__ import annotations

import pytest

from backend.core.errors import InvalidInputError
from backend.services.live_settings import LiveSettings
from backend.services.map_tiles import TileServer, tile_origin, tile_server

GOOD = "https://tiles.example.org/{z}/{x}/{y}.png"


@pytest.mark.parametrize(
    ("template", "origin"),
    [
        (GOOD, "https://tiles.example.org"),
        ("https://Tiles.Example.org/{z}/{x}/{y}.png", "https://tiles.example.org"),
        ("https://maps.local:8443/a/{z}/{y}/{x}", "https://maps.local:8443"),
        ("https://t.example/w?z={z}&x={x}&y={y}&key=A-b_1%20", "https://t.example"),
        ("https://10.0.0.7/{z}/{x}/{y}@2x.png", "https://10.0.0.7"),
    ],
)
def test_addresses_of_one_server_with_all_placeholders(template: str, origin: str) -> None:
    assert tile_origin(template) == origin


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("http://tiles.example.org/{z}/{x}/{y}.png", "https://"),
        ("javascript:alert(1)//{z}{x}{y}", "https://"),
        ("//tiles.example.org/{z}/{x}/{y}", "https://"),
        ("https://{s}.tiles.example.org/{z}/{x}/{y}.png", "one server"),
        ("https://*.example.org/{z}/{x}/{y}.png", "one server"),
        ("https://a b.example/{z}/{x}/{y}", "one server"),
        ("https://a;script-src/{z}/{x}/{y}", "one server"),
        ("https:///{z}/{x}/{y}", "one server"),
        ("https://[::1]/{z}/{x}/{y}", "one server"),
        ("https://tiles.example.org:port/{z}/{x}/{y}", "no address"),
        ("https://[::1/{z}/{x}/{y}", "no address"),
        ("https://me:secret@tiles.example.org/{z}/{x}/{y}", "password"),
        ("https://tiles.example.org/{z}/{x}.png", "each once"),
        ("https://tiles.example.org/{z}/{x}/{y}/{y}", "each once"),
        ("https://tiles.example.org/{z}/{x}/#{y}", "behind the server's name"),
        ("https://tiles.example.org/{z}/{x}/{y}; img-src *", "characters"),
        ("https://tiles.example.org/{z}/{x}/{y}{r}.png", "characters"),
        ('https://tiles.example.org/{z}/{x}/{y}"onload=', "characters"),
        ("https://tiles.example.org/{z}/{x}/{y}#a", "characters"),
    ],
)
def test_everything_else_says_what_is_wrong(template: str, words: str) -> None:
    with pytest.raises(InvalidInputError, match=words) as caught:
        tile_origin(template)
    assert caught.value.field == "map_tiles_url"


def test_tiles_are_off_unless_there_is_a_good_address() -> None:
    assert tile_server(LiveSettings()) is None
    assert tile_server(LiveSettings(map_tiles_url="http://evil.example/{z}/{x}/{y}")) is None
    assert tile_server(LiveSettings(map_tiles_attribution="Somebody")) is None
    live = LiveSettings(map_tiles_url=GOOD, map_tiles_attribution="© Somebody")
    assert tile_server(live) == TileServer(GOOD, "https://tiles.example.org", "© Somebody")
