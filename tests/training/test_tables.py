"""Tables for people and for the documentation."""

from __future__ import annotations

from tests.training.counted import counted_picture
from training.evaluate import summarise
from training.tables import (
    COMPARISON_HEAD,
    RESULT_HEAD,
    comparison_cells,
    format_markdown,
    format_table,
    published_rows,
    result_cells,
)


def test_columns_are_as_wide_as_what_stands_in_them() -> None:
    assert format_table(("counter", "MAE"), [("light", "9.8"), ("a", "110.2")]) == [
        "counter    MAE",
        "-------  -----",
        "light      9.8",
        "a        110.2",
    ]


def test_markdown() -> None:
    assert format_markdown(("counter", "MAE"), [("light", "9.8")]) == [
        "| counter | MAE |",
        "| --- | ---: |",
        "| light | 9.8 |",
    ]


def test_every_row_fits_its_head() -> None:
    row = summarise([counted_picture(12, 10)], None)[0]
    assert dict(zip(RESULT_HEAD, result_cells(row), strict=True)) == {
        "true people": "all",
        "pictures": "1",
        "mean": "10.0",
        "MAE": "2.00",
        "RMSE": "2.00",
        "bias": "+2.00",
        "rel. error": "20.0%",
        "GAME(1)": "2.00",
        "GAME(2)": "2.00",
        "GAME(3)": "2.00",
        "90 % holds": "–",
        "width": "–",
    }
    assert len(comparison_cells("light", row)) == len(COMPARISON_HEAD)


def test_published_marks_stand_beside() -> None:
    rows = published_rows("shanghaitech-b", len(COMPARISON_HEAD))
    assert [row[0].split(",")[0] for row in rows] == ["MCNN", "CSRNet", "SANet"]
    assert [row[2:4] for row in rows] == [["26.4", "41.3"], ["10.6", "16.0"], ["8.4", "13.6"]]
    assert {len(row) for row in rows} == {len(COMPARISON_HEAD)}
    assert published_rows("mall", 9) == []
