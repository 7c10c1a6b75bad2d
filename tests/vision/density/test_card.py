"""Cards of density networks: every fault names file, field and remedy."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from backend.core.errors import ModelError
from backend.core.observation import CountError
from backend.vision.density.card import DatasetResult, load_card
from tests.vision.density.tiny_density import card_values, save_card, save_model


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    return save_model(tmp_path)


def test_a_sound_card_is_read_whole(weights: Path) -> None:
    card = load_card(weights.with_suffix(".json"))

    assert card.name == "tiny"
    assert card.stride == 8
    assert card.input_long_px == 256
    assert card.error == CountError(own=0.5, common=0.1, least=1.0)
    assert card.crowded_per_cell == 2.0
    assert card.results == {
        "shanghaitech-b": DatasetResult(
            mae=10.5, rmse=17.0, bias=-1.25, pictures=60, split="validation"
        )
    }


def test_it_is_found_from_the_weights_too(weights: Path) -> None:
    assert load_card(weights) == load_card(weights.with_suffix(".json"))


def test_what_is_saved_is_read_again(weights: Path) -> None:
    card = load_card(weights)
    card.save(weights.with_suffix(".json"))

    assert load_card(weights) == card


@pytest.mark.parametrize("field", sorted(card_values(Path(__file__))))
def test_a_missing_value_is_named(weights: Path, field: str) -> None:
    values = card_values(weights)
    del values[field]
    weights.with_suffix(".json").write_text(json.dumps(values), encoding="utf-8")

    with pytest.raises(ModelError, match=rf"tiny\.json: {field} is missing; export"):
        load_card(weights)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"stride": 7}, "stride must be one of 1, 2, 4, 8, 16, got '7'"),
        ({"stride": 8.0}, "stride must be one of"),
        ({"stride": True}, "stride must be one of"),
        ({"input_long_px": 32}, "input_long_px must be a whole number from 64 to 4096"),
        ({"short_side_px": 0}, "short_side_px must be a whole number from 1"),
        ({"crowded_per_cell": 0}, "crowded_per_cell must be a number above 0"),
        ({"crowded_per_cell": float("nan")}, "crowded_per_cell must be a number from 0 to 1e+09"),
        ({"crowded_per_cell": 10**400}, "crowded_per_cell must be a number from 0 to 1e+09"),
        ({"error": 0.1}, "error must be an object"),
        ({"error": {"own": 0.5, "common": 0.1}}, "error.least is missing"),
        (
            {"error": {"own": -0.5, "common": 0.1, "least": 1}},
            "error.own must be a number from 0 to 1e+09, got '-0.5'",
        ),
        (
            {"error": {"own": 0.5, "common": "10 %", "least": 1}},
            "error.common must be a number from 0 to 1e+09, got '10 %'",
        ),
        ({"name": " "}, "name must be a text that is not empty"),
        ({"licence": None}, "licence must be a text that is not empty"),
        ({"sha256": "abc"}, "sha256 must be 64 hexadecimal digits"),
        ({"results": []}, "results must be an object"),
        ({"results": {"mall": {"mae": 1}}}, "results.mall.bias is missing"),
        ({"accuracy": 0.9}, "accuracy is unknown; remove it"),
        ({"file": "../tiny.onnx"}, "file must be 'tiny.onnx', got '../tiny.onnx'"),
        ({"file": "other.onnx"}, "file must be 'tiny.onnx', got 'other.onnx'"),
    ],
)
def test_a_wrong_value_is_named(weights: Path, changes: dict[str, Any], told: str) -> None:
    save_card(weights, **changes)

    with pytest.raises(ModelError) as caught:
        load_card(weights)

    assert str(caught.value).startswith("tiny.json: ")
    assert told in str(caught.value)


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "[1]", '"card"'])
def test_what_is_no_json_object_is_refused(weights: Path, text: str) -> None:
    weights.with_suffix(".json").write_text(text, encoding="utf-8")

    with pytest.raises(ModelError, match=r"tiny\.json (is not JSON|must hold one JSON object)"):
        load_card(weights)


def test_bytes_that_are_no_text_are_refused(weights: Path) -> None:
    weights.with_suffix(".json").write_bytes(b"\xff\xfe\x00")

    with pytest.raises(ModelError, match=r"tiny\.json is not JSON"):
        load_card(weights)


def test_a_huge_card_is_not_read(weights: Path) -> None:
    weights.with_suffix(".json").write_bytes(b" " * ((1 << 20) + 1))

    with pytest.raises(ModelError, match=r"larger than 1 MB"):
        load_card(weights)


def test_weights_without_a_card_are_refused(weights: Path) -> None:
    weights.with_suffix(".json").unlink()

    with pytest.raises(ModelError, match=r"tiny\.json does not exist: .* needs its card"):
        load_card(weights)


def test_a_card_without_weights_is_refused(weights: Path) -> None:
    weights.unlink()

    with pytest.raises(ModelError, match=r"tiny\.onnx does not exist"):
        load_card(weights)


def test_truncated_weights_are_refused(weights: Path) -> None:
    weights.write_bytes(weights.read_bytes()[:-1])

    with pytest.raises(ModelError, match=r"tiny\.onnx is not the file tiny\.json speaks of"):
        load_card(weights)


def test_swapped_weights_are_refused(weights: Path, tmp_path: Path) -> None:
    save_model(tmp_path, "other", per_cell=2.0).replace(weights)

    with pytest.raises(ModelError, match=r"cut short, changed or swapped"):
        load_card(weights)


def test_a_folder_in_place_of_a_file_is_refused(weights: Path) -> None:
    weights.with_suffix(".json").unlink()
    weights.with_suffix(".json").mkdir()

    with pytest.raises(ModelError, match=r"tiny\.json cannot be read"):
        load_card(weights)
