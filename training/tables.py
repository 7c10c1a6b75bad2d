"""Results as tables: plain text for a person at the shell, Markdown for the documentation."""

from __future__ import annotations

from collections.abc import Sequence

from training.baselines import PUBLISHED
from training.crowded import DensityClass
from training.evaluate import GAME_LEVELS, ResultRow
from training.interval import CoverageRow

NOTHING = "–"

RESULT_HEAD = (
    "true people",
    "pictures",
    "mean",
    "MAE",
    "RMSE",
    "bias",
    "rel. error",
    *(f"GAME({level})" for level in GAME_LEVELS),
    "90 % holds",
    "width",
)

COMPARISON_HEAD = ("counter", "pictures", *RESULT_HEAD[3:10])


def format_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return lines of plain text: the first column to the left, all others to the right."""
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    lines = []
    for row in (head, *rows):
        first = row[0].ljust(widths[0])
        rest = [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        lines.append("  ".join([first, *rest]).rstrip())
    return [lines[0], "  ".join("-" * width for width in widths), *lines[1:]]


def format_markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a Markdown table."""
    rule = ["---", *("---:" for _ in head[1:])]
    return [f"| {' | '.join(row)} |" for row in (head, rule, *rows)]


def result_cells(row: ResultRow) -> list[str]:
    """Return the cells of one row under `RESULT_HEAD`."""
    return [
        row.group,
        str(row.pictures),
        f"{row.mean_true:.1f}",
        *_error_cells(row),
        NOTHING if row.coverage is None else f"{row.coverage:.1%}",
        NOTHING if row.width is None else f"{row.width:.1f}",
    ]


def comparison_cells(counter: str, row: ResultRow) -> list[str]:
    """Return the cells of one counter under `COMPARISON_HEAD`."""
    return [counter, str(row.pictures), *_error_cells(row)]


def _error_cells(row: ResultRow) -> list[str]:
    return [
        f"{row.mae:.2f}",
        f"{row.rmse:.2f}",
        f"{row.bias:+.2f}",
        NOTHING if row.relative is None else f"{row.relative:.1%}",
        *(f"{each:.2f}" for each in row.game),
    ]


def published_rows(dataset: str, width: int) -> list[list[str]]:
    """Return the published marks of a dataset in rows of ``width`` cells under `COMPARISON_HEAD`.

    Empty where none are known.
    """
    rows = []
    for mark in PUBLISHED.get(dataset, ()):
        cells = [f"{mark.network}, published, {mark.parameters_m:g} M, test split", NOTHING]
        cells += [f"{mark.mae:.1f}", f"{mark.rmse:.1f}"]
        rows.append(cells + [NOTHING] * (width - len(cells)))
    return rows


COVERAGE_HEAD = ("parts", "number", "mean count", "90 % holds", "width")


def coverage_cells(row: CoverageRow) -> list[str]:
    """Return the cells of one row under `COVERAGE_HEAD`."""
    return [
        row.group,
        str(row.parts),
        f"{row.mean_counted:.1f}",
        f"{row.coverage:.1%}",
        f"{row.width:.1f}",
    ]


DENSITY_HEAD = ("people per cell", "blocks", "pictures", "rel. bias", "rel. error", "in line")


def density_cells(found: DensityClass) -> list[str]:
    """Return the cells of one class of blocks under `DENSITY_HEAD`."""
    return [
        f"{found.low:.2f}–{found.high:.2f}",
        str(found.blocks),
        str(found.pictures),
        f"{found.bias:+.1%}",
        f"{found.spread:.1%}",
        "yes" if found.is_in_line else "no",
    ]
