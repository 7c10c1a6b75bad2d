"""One look for all figures, and files that do not change when nothing changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")

from matplotlib import pyplot as plt
from matplotlib.figure import Figure

BLUE, ORANGE, GREEN, RED, GREY = "#2b6cb0", "#c05621", "#2f855a", "#c53030", "#718096"
"""Told apart by people with colour-weak eyes as well, and in print by their lightness."""


@contextmanager
def figure_file(path: Path, *, width: float = 7.0, height: float = 3.6) -> Iterator[Figure]:
    """Give a figure of ``width`` x ``height`` inches and save it as SVG (or PNG by its name)."""
    settings: Any = {
        "svg.hashsalt": "crowdsafe",
        "svg.fonttype": "none",
        "font.family": "sans-serif",
        "font.size": 9,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "grid.alpha": 0.25,
        "legend.frameon": False,
        "savefig.dpi": 150,
        "figure.constrained_layout.use": True,
    }
    with mpl.rc_context(settings):
        figure = plt.figure(figsize=(width, height))
        yield figure
        is_svg = path.suffix == ".svg"
        figure.savefig(path, metadata={"Date": None} if is_svg else {"Software": None})
        plt.close(figure)
