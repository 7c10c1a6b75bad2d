from __future__ import annotations

import csv
import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import pytest

from backend.cli.headless import (
    AnalysisFailedError,
    AnalysisRequest,
    HeadlessAnalysis,
    parse_source,
)
from backend.core.camera import SourceSpec, SourceType
from backend.core.clock import SystemClock
from backend.core.errors import InvalidInputError, SourceLostError
from backend.vision.overlay import OverlayRenderer
from backend.vision.sources.base import SourceLimits, SourceStart
from backend.vision.sources.factory import make_source
from tests import builders
from tests.builders import EPOCH, write_video
from tests.pipeline.fakes import PARAMS, Bench, ScriptedSource, SourceShelf, StuckSource, frames

CLOCK = SystemClock()


def real_source(folder: Path) -> Callable[[SourceSpec, SourceStart], Any]:
    limits = SourceLimits(file_folders=(), upload_folder=folder)
    return lambda spec, start: make_source(spec, limits=limits, clock=CLOCK, start=start)


def analysis_of(
    out: Path, *, make: Callable[..., Any] | None = None, **changes: Any
) -> HeadlessAnalysis:
    fields: dict[str, Any] = {
        "spec": SourceSpec(SourceType.UPLOAD, "a.mp4"),
        "shown_as": "a.mp4",
        "out": out,
    }
    bench = Bench(CLOCK, SourceShelf([]))
    parts = bench.parts()
    if make is not None:
        parts = dataclasses.replace(parts, make_source=make)
    return HeadlessAnalysis(
        AnalysisRequest(**(fields | changes)),
        parts=parts,
        params=PARAMS,
        renderer=OverlayRenderer(),
        clock=CLOCK,
    )


def frames_in(video: Path) -> int:
    with av.open(str(video)) as container:
        return sum(1 for _ in container.decode(video=0))


def left_over(out: Path) -> list[str]:
    return sorted(path.name for path in out.iterdir() if path.name.startswith("."))


def test_a_real_file_leaves_video_table_and_summary(tmp_path: Path) -> None:
    video = write_video(tmp_path / "a.mp4", frames=60)
    out = tmp_path / "out"
    out.mkdir()
    analysis = analysis_of(
        out,
        make=real_source(tmp_path),
        spec=parse_source(str(video), true_fps=None),
        area_m2=50.0,
        recorded_at=EPOCH,
    )
    analysis.start()
    assert analysis.wait(60)
    files = analysis.finish()
    assert {path.name for path in files} == {"annotated.mp4", "metrics.csv", "summary.json"}
    assert frames_in(out / "annotated.mp4") == 60
    with (out / "metrics.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["stream_time [s]"] for row in rows] == ["0.96", "1.96", "2.36"]
    assert rows[0]["time [UTC]"] == "2026-01-01T12:00:00.960+00:00"
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert (summary["frames"], summary["stream_s"]) == (60, pytest.approx(2.4))
    assert summary["model"]["name"] == "test"
    assert summary["area_m2"] == 50.0
    assert summary["ended_as"] == "stopped"
    assert summary["video"]["codec"] == "h264"
    assert left_over(out) == []


def test_places_have_a_table_of_their_own_and_a_part_of_the_summary(tmp_path: Path) -> None:
    drawn = builders.camera_places(builders.zone(3, name="Gate"), builders.counting_line())
    analysis = analysis_of(
        tmp_path,
        make=lambda _spec, _start: ScriptedSource(frames(30)),
        places=drawn,
        with_video=False,
    )
    analysis.start()
    assert analysis.wait(30)
    files = [path.name for path in analysis.finish()]
    assert files == ["metrics.csv", "places.csv", "summary.json"]
    with (tmp_path / "places.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["stream_time [s]"], row["kind"], row["id"]) for row in rows] == [
        ("0.96", "zone", "3"),
        ("0.96", "line", "1"),
        ("1.16", "zone", "3"),
        ("1.16", "line", "1"),
    ]
    summary = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
    assert [zone["name"] for zone in summary["places"]["zones"]] == ["Gate"]
    assert left_over(tmp_path) == []


def test_without_video_there_is_none(tmp_path: Path) -> None:
    source = ScriptedSource(frames(5))
    analysis = analysis_of(tmp_path, make=lambda _spec, _start: source, with_video=False)
    analysis.start()
    assert analysis.wait(30)
    assert [path.name for path in analysis.finish()] == ["metrics.csv", "summary.json"]
    assert not (tmp_path / "annotated.mp4").exists()


def test_results_replace_older_ones_only_when_there_are_any(tmp_path: Path) -> None:
    (tmp_path / "summary.json").write_text("old", encoding="utf-8")
    refused = ScriptedSource([], opening=SourceLostError("This is no video."))
    failed = analysis_of(tmp_path, make=lambda _spec, _start: refused)
    failed.start()
    assert failed.wait(30)
    with pytest.raises(AnalysisFailedError, match="no video"):
        failed.finish()
    assert (tmp_path / "summary.json").read_text(encoding="utf-8") == "old"
    assert left_over(tmp_path) == []
    good = analysis_of(tmp_path, make=lambda _spec, _start: ScriptedSource(frames(3)))
    good.start()
    assert good.wait(30)
    good.finish()
    assert json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))["frames"] == 3


def test_a_file_that_breaks_off_is_a_failure_with_what_was_found(tmp_path: Path) -> None:
    source = ScriptedSource([*frames(30), SourceLostError("The file is cut off.")])
    analysis = analysis_of(tmp_path, make=lambda _spec, _start: source)
    analysis.start()
    assert analysis.wait(30)
    with pytest.raises(AnalysisFailedError, match="cut off"):
        analysis.finish()
    summary = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
    assert (summary["frames"], summary["message"]) == (30, "The file is cut off.")
    assert frames_in(tmp_path / "annotated.mp4") == 30


def test_ended_early_keeps_what_was_found(tmp_path: Path) -> None:
    source = StuckSource(frames(12))
    analysis = analysis_of(tmp_path, make=lambda _spec, _start: source)
    analysis.start()
    while analysis.summary.frames < 12:
        assert not analysis.wait(0.01)
    assert analysis.stop()
    analysis.finish()
    assert frames_in(tmp_path / "annotated.mp4") == 12


def test_a_stream_that_is_lost_is_over(tmp_path: Path) -> None:
    source = ScriptedSource([*frames(8), None, SourceLostError("The stream broke off.")])
    spec = SourceSpec(SourceType.RTSP, "rtsp://camera.invalid/1")
    analysis = analysis_of(tmp_path, make=lambda _spec, _start: source, spec=spec, with_video=False)
    analysis.start()
    assert analysis.wait(30)
    analysis.finish()
    summary = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
    assert summary["message"] == "The stream broke off."
    assert summary["frames"] == 8


def test_a_limit_of_stream_time_ends_it(tmp_path: Path) -> None:
    source = ScriptedSource(frames(500))
    analysis = analysis_of(
        tmp_path, make=lambda _spec, _start: source, longest_s=1.0, with_video=False
    )
    analysis.start()
    assert analysis.wait(30)
    analysis.finish()
    assert 26 <= analysis.summary.frames <= 30


def test_what_the_shell_may_name(tmp_path: Path) -> None:
    video = tmp_path / "a.mp4"
    video.touch()
    assert parse_source(str(video), true_fps=7.0) == SourceSpec(
        SourceType.UPLOAD, str(video), true_fps=7.0
    )
    assert parse_source("RTSP://c/1", true_fps=None).source_type is SourceType.RTSP
    assert parse_source("https://c/a.m3u8", true_fps=None).source_type is SourceType.HTTP
    with pytest.raises(InvalidInputError, match="There is no file"):
        parse_source(str(tmp_path / "b.mp4"), true_fps=None)
    for address in ("ftp://c/a.mp4", "file:///etc/passwd", "concat://a"):
        with pytest.raises(InvalidInputError, match="cannot be opened"):
            parse_source(address, true_fps=None)
