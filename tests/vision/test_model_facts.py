"""What exported models say about themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.vision.adapters.model_facts import ModelFacts, load_facts, parse_names


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        ("{0: 'person', 1: 'car'}", {0: "person", 1: "car"}),
        ("['person', 'car']", {0: "person", 1: "car"}),
        ({"0": "person"}, {0: "person"}),
        ("__import__('os').getcwd()", {}),
        ("{0: ", {}),
        (None, {}),
    ],
)
def test_names(stored: object, expected: dict[int, str]) -> None:
    assert parse_names(stored) == expected


def test_metadata_beside_the_graph(tmp_path: Path) -> None:
    (tmp_path / "metadata.yaml").write_text(
        "task: detect\nstride: 64\nnames:\n  0: person\n", encoding="utf-8"
    )
    assert load_facts(tmp_path) == ModelFacts({0: "person"}, "detect", 64)


@pytest.mark.parametrize("text", ["{broken", "!!python/object/apply:os.getcwd []", "[1, 2]"])
def test_broken_or_hostile_metadata_counts_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "metadata.yaml").write_text(text, encoding="utf-8")
    assert load_facts(tmp_path) is None


def test_no_metadata(tmp_path: Path) -> None:
    assert load_facts(tmp_path) is None
