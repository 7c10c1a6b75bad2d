"""Progress of what takes long, on the error output, so that results can be piped on."""

from __future__ import annotations

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from training.counters import CountedPicture, PictureCounter, count_dataset
from training.datasets.base import Dataset


def open_progress() -> Progress:
    """Return a progress display with the time left; silent where no person watches."""
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
    )


def count_with_progress(counter: PictureCounter, dataset: Dataset) -> list[CountedPicture]:
    """Count every picture of a dataset and show how far it is."""
    with open_progress() as progress:
        bar = progress.add_task(f"{dataset.name}: {counter.name}", total=len(dataset.pictures))
        counted = []
        for each in count_dataset(counter, dataset):
            counted.append(each)
            progress.advance(bar)
    return counted
