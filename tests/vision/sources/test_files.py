"""Uploads and files: what is delivered, what is refused, and with which words."""

from __future__ import annotations

import itertools
import os
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from backend.core.camera import SourceType
from backend.core.errors import SourceEnded, SourceError, SourceLostError, SourceRefusedError
from backend.vision.sources import SourceLimits, SourceStart, probe_upload
from tests.builders import ManualClock
from tests.vision.sources.clips import brightness_of, even_times, write_clip, write_sound
from tests.vision.sources.reading import read_all, read_some
from tests.vision.sources.web import WebServer, content

UPLOAD = SourceType.UPLOAD


@pytest.fixture
def clip(limits: SourceLimits) -> Path:
    return write_clip(limits.upload_folder / "clip.mp4", times_s=even_times(30, 25))


def refusal(path: Path, limits: SourceLimits) -> str:
    with pytest.raises(SourceRefusedError) as caught:
        probe_upload(path, limits=limits)
    return str(caught.value)


def test_upload_delivers_every_frame_in_order_then_ends(open_source: Any, clip: Path) -> None:
    frames = read_all(open_source(UPLOAD, clip))
    assert [frame.index for frame in frames] == list(range(30))
    assert [frame.stream_time_s for frame in frames] == pytest.approx(even_times(30, 25))
    for index, frame in enumerate(frames):
        assert frame.image.shape == (48, 64, 3)
        assert frame.image.flags.c_contiguous
        assert frame.image.mean() == pytest.approx(brightness_of(index), abs=3)


def test_the_end_is_said_again_on_every_read(open_source: Any, clip: Path) -> None:
    source = open_source(UPLOAD, clip)
    read_all(source)
    for _ in range(2):
        with pytest.raises(SourceEnded):
            source.read(0.1)


def test_upload_is_stamped_from_its_recording_start(open_source: Any, clip: Path) -> None:
    began = datetime(2026, 5, 1, 20, 0, tzinfo=UTC)
    start = SourceStart(first_index=7, segment=2, recorded_at=began)
    frames = read_some(open_source(UPLOAD, clip, start=start), 3)
    assert [frame.index for frame in frames] == [7, 8, 9]
    assert {frame.segment for frame in frames} == {2}
    assert frames[2].captured_at == began + timedelta(seconds=0.08)


def test_upload_waits_for_a_slow_reader(open_source: Any, limits: SourceLimits) -> None:
    path = write_clip(limits.upload_folder / "long.mp4", times_s=even_times(200, 25))
    source = open_source(UPLOAD, path)
    assert read_some(source, 1)[0].index == 0
    assert [frame.index for frame in read_all(source)] == list(range(1, 200))
    assert source.dropped_frames == 0


def test_info_tells_what_the_file_is(open_source: Any, clip: Path) -> None:
    info = open_source(UPLOAD, clip).info
    assert (info.width, info.height, info.codec) == (64, 48, "h264")
    assert info.nominal_fps == pytest.approx(25)
    assert info.duration_s == pytest.approx(1.2)
    assert info.frames_total == 30


def test_variable_frame_rate_keeps_its_times(open_source: Any, limits: SourceLimits) -> None:
    times_s = [0.0, 0.04, 0.5, 0.54, 2.0, 2.01]
    path = write_clip(limits.upload_folder / "vfr.mkv", times_s=times_s)
    frames = read_all(open_source(UPLOAD, path))
    assert [frame.stream_time_s for frame in frames] == pytest.approx(times_s, abs=2e-3)


def test_stream_time_starts_at_zero_whatever_the_file_says(
    open_source: Any, limits: SourceLimits
) -> None:
    path = write_clip(limits.upload_folder / "late.ts", times_s=[5 + t for t in even_times(30, 25)])
    frames = read_all(open_source(UPLOAD, path))
    assert [frame.stream_time_s for frame in frames] == pytest.approx(even_times(30, 25), abs=1e-3)


def test_reordered_frames_come_in_presentation_order(
    open_source: Any, limits: SourceLimits
) -> None:
    path = write_clip(
        limits.upload_folder / "b.avi",
        times_s=even_times(20, 25),
        codec="mpeg4",
        codec_options={"bf": "2"},
    )
    frames = read_all(open_source(UPLOAD, path))
    assert len(frames) == 20
    steps = np.diff([frame.stream_time_s for frame in frames])
    assert (steps > 0).all()
    assert [frame.image.mean() for frame in frames] == pytest.approx(
        [brightness_of(index) for index in range(20)], abs=6
    )


def test_timestamps_that_jump_back_never_turn_time_back(
    open_source: Any, limits: SourceLimits
) -> None:
    part = write_clip(limits.upload_folder / "part.ts", times_s=even_times(25, 25)).read_bytes()
    path = limits.upload_folder / "twice.ts"
    path.write_bytes(part + part)
    frames = read_all(open_source(UPLOAD, path))
    times_s = [frame.stream_time_s for frame in frames]
    assert len(frames) >= 48
    assert (np.diff(times_s) > 0).all()
    assert times_s[-1] == pytest.approx(2.0, abs=0.2)


@pytest.mark.parametrize(
    ("rotation", "mirrored", "turned", "bright"),
    [
        (90, False, True, "bottom"),
        (180, False, False, "right"),
        (270, False, True, "top"),
        (0, True, False, "right"),
    ],
)
def test_rotated_video_stands_upright(
    open_source: Any,
    limits: SourceLimits,
    rotation: int,
    mirrored: bool,
    turned: bool,
    bright: str,
) -> None:
    path = write_clip(
        limits.upload_folder / "phone.mp4",
        times_s=even_times(3, 25),
        rotation=rotation,
        mirrored=mirrored,
        left_half=255,
    )
    source = open_source(UPLOAD, path)
    image = read_all(source)[0].image
    height, width = (64, 48) if turned else (48, 64)
    assert (source.info.width, source.info.height) == (width, height)
    assert image.shape == (height, width, 3)
    assert image.flags.c_contiguous
    halves = {
        "top": image[: height // 2 - 2],
        "bottom": image[height // 2 + 2 :],
        "left": image[:, : width // 2 - 2],
        "right": image[:, width // 2 + 2 :],
    }
    assert halves[bright].mean() > 240


@pytest.mark.parametrize(
    ("name", "codec", "pix_fmt"),
    [("odd.mkv", "libx264", "yuv444p"), ("odd.avi", "mjpeg", "yuvj420p")],
)
def test_odd_sizes(
    open_source: Any, limits: SourceLimits, name: str, codec: str, pix_fmt: str
) -> None:
    path = write_clip(
        limits.upload_folder / name,
        times_s=even_times(4, 25),
        width=175,
        height=99,
        codec=codec,
        pix_fmt=pix_fmt,
    )
    frames = read_all(open_source(UPLOAD, path))
    assert len(frames) == 4
    assert frames[3].image.shape == (99, 175, 3)
    assert frames[3].image.mean() == pytest.approx(brightness_of(3), abs=4)


def test_true_frame_rate_rescales_stream_time(open_source: Any, clip: Path) -> None:
    source = open_source(UPLOAD, clip, true_fps=12.5)
    frames = read_all(source)
    assert frames[29].stream_time_s == pytest.approx(29 / 12.5)
    assert source.info.nominal_fps == 12.5
    assert source.info.duration_s == pytest.approx(2.4)


def test_sound_beside_the_picture_is_ignored(open_source: Any, limits: SourceLimits) -> None:
    path = write_clip(
        limits.upload_folder / "sound.mp4", times_s=even_times(5, 25), with_sound=True
    )
    assert len(read_all(open_source(UPLOAD, path))) == 5


def test_truncated_recording_delivers_what_is_there(open_source: Any, limits: SourceLimits) -> None:
    whole = write_clip(
        limits.upload_folder / "whole.mkv", times_s=even_times(100, 25), codec_options={"g": "10"}
    ).read_bytes()
    path = limits.upload_folder / "cut.mkv"
    path.write_bytes(whole[: len(whole) * 6 // 10])
    frames = read_all(open_source(UPLOAD, path))
    assert 30 <= len(frames) < 100
    assert [frame.index for frame in frames] == list(range(len(frames)))


def test_garbage_in_the_middle_is_skipped(open_source: Any, limits: SourceLimits) -> None:
    path = write_clip(
        limits.upload_folder / "hole.ts", times_s=even_times(100, 25), codec_options={"g": "10"}
    )
    stream = bytearray(path.read_bytes())
    middle = len(stream) // 2
    stream[middle : middle + 3000] = os.urandom(3000)
    path.write_bytes(stream)
    frames = read_all(open_source(UPLOAD, path))
    assert len(frames) > 50
    assert frames[-1].stream_time_s == pytest.approx(99 / 25, abs=0.5)


def test_cut_off_mp4_without_index(clip: Path, limits: SourceLimits) -> None:
    clip.write_bytes(clip.read_bytes()[:-600])
    assert "cut off before its end" in refusal(clip, limits)


def test_zero_bytes(limits: SourceLimits) -> None:
    path = limits.upload_folder / "empty.mp4"
    path.touch()
    assert "is empty (0 bytes)" in refusal(path, limits)


def test_sound_only(limits: SourceLimits) -> None:
    path = write_sound(limits.upload_folder / "song.mp4")
    assert refusal(path, limits) == "The uploaded video 'song.mp4' holds only sound, no picture."


@pytest.mark.parametrize("body", [b"not a video at all\n" * 50, b"\x89PNG\r\n\x1a\n" + b"\0" * 500])
def test_not_a_video(limits: SourceLimits, body: bytes) -> None:
    path = limits.upload_folder / "notes.mp4"
    path.write_bytes(body)
    assert "is not a video in a supported format" in refusal(path, limits)


def test_video_of_garbage(clip: Path, limits: SourceLimits) -> None:
    stream = clip.read_bytes()
    begin = stream.index(b"mdat") + 4
    end = stream.index(b"moov") - 4
    clip.write_bytes(stream[:begin] + b"\xa5" * (end - begin) + stream[end:])
    assert "None of the pictures" in refusal(clip, limits)


def test_a_video_that_is_too_long(clip: Path, limits: SourceLimits) -> None:
    assert "at most 0 are allowed" in refusal(clip, replace(limits, max_minutes=0.01))


def test_a_length_the_header_hides_is_noticed_while_reading(
    open_source: Any, limits: SourceLimits
) -> None:
    path = write_clip(
        limits.upload_folder / "endless.mkv",
        times_s=even_times(100, 25),
        container_options={"live": "1"},
    )
    source = open_source(UPLOAD, path, limits=replace(limits, max_minutes=2 / 60))
    assert source.info.duration_s is None
    with pytest.raises(SourceRefusedError, match="longer than"):
        read_all(source)


def test_a_picture_that_is_too_large(limits: SourceLimits) -> None:
    path = write_clip(
        limits.upload_folder / "big.mp4", times_s=even_times(2, 25), width=640, height=480
    )
    assert "640×480" in refusal(path, replace(limits, max_megapixels=0.3))


def test_a_file_that_is_too_large(clip: Path, limits: SourceLimits) -> None:
    assert "are allowed" in refusal(clip, replace(limits, max_file_bytes=1000))


@pytest.mark.parametrize(
    "text",
    [
        "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:1,\n{secret}\n#EXT-X-ENDLIST\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:1,\nfile://{secret}\n#EXT-X-ENDLIST\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:1,\n{inner}\n#EXT-X-ENDLIST\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:1,\n"
        "subfile,,start,0,end,0,,:{secret}\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile '{secret}'\n",
        "ffconcat version 1.0\nfile '{inner}'\n",
        "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\n"
        "m=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n",
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><Period><BaseURL>{inner}'
        "</BaseURL></Period></MPD>",
    ],
)
@pytest.mark.parametrize("name", ["playlist.mp4", "playlist.m3u8"])
def test_a_text_that_names_other_files_or_hosts_is_no_video(
    limits: SourceLimits, web: WebServer, tmp_path: Path, text: str, name: str
) -> None:
    secret = write_clip(tmp_path / "secret.ts", times_s=even_times(20, 25))
    web.routes["/inner.ts"] = content(secret.read_bytes(), "video/mp2t")
    path = limits.upload_folder / name
    path.write_text(text.format(secret=secret, inner=web.url("/inner.ts")))
    assert "is not a video in a supported format" in refusal(path, limits)
    assert web.requests == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("list.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:1,\n{}\n#EXT-X-ENDLIST\n"),
        ("list.ffconcat", "ffconcat version 1.0\nfile '{}'\n"),
    ],
)
def test_without_our_limits_ffmpeg_would_follow(tmp_path: Path, name: str, text: str) -> None:
    """The control: the refusals above are ours, not those of a malformed text."""
    secret = write_clip(tmp_path / "secret.ts", times_s=even_times(20, 25))
    path = tmp_path / name
    path.write_text(text.format(secret.name))
    with av.open(str(path)) as container:
        assert next(container.decode(video=0)).width == 64


def test_a_picture_that_changes_size_is_brought_to_the_first(
    open_source: Any, limits: SourceLimits
) -> None:
    folder = limits.upload_folder
    small = write_clip(folder / "small.ts", times_s=even_times(25, 25))
    large = write_clip(
        folder / "large.ts", times_s=[1 + t for t in even_times(25, 25)], width=128, height=96
    )
    path = folder / "both.ts"
    path.write_bytes(small.read_bytes() + large.read_bytes())
    frames = read_all(open_source(UPLOAD, path))
    assert len(frames) >= 48
    assert {frame.image.shape for frame in frames} == {(48, 64, 3)}


@pytest.mark.parametrize(
    "name",
    [
        "/etc/passwd",
        "../secret.mp4",
        "subfile,,start,0,end,0,,:/etc/passwd",
        "concat:/etc/passwd",
        "http://127.0.0.1/x.mp4",
        "file:///etc/passwd",
        "",
        "clip\0.mp4",
    ],
)
@pytest.mark.parametrize("source_type", [SourceType.UPLOAD, SourceType.FILE])
def test_paths_outside_the_folders(
    open_source: Any, tmp_path: Path, source_type: SourceType, name: str
) -> None:
    write_clip(tmp_path / "secret.mp4", times_s=even_times(2, 25))
    with pytest.raises(SourceError):
        open_source(source_type, name)


def test_a_link_out_of_the_folder(open_source: Any, limits: SourceLimits, tmp_path: Path) -> None:
    outside = write_clip(tmp_path / "secret.mp4", times_s=even_times(2, 25))
    (limits.file_folders[0] / "link.mp4").symlink_to(outside)
    with pytest.raises(SourceRefusedError, match="outside the folders"):
        open_source(SourceType.FILE, "link.mp4")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_does_not_block(open_source: Any, limits: SourceLimits) -> None:
    os.mkfifo(limits.file_folders[0] / "pipe.mp4")
    with pytest.raises(SourceRefusedError, match="is not a file"):
        open_source(SourceType.FILE, "pipe.mp4")


@pytest.mark.parametrize("name", [".", "folder"])
def test_a_folder_is_no_video(open_source: Any, limits: SourceLimits, name: str) -> None:
    (limits.file_folders[0] / "folder").mkdir()
    with pytest.raises(SourceRefusedError, match="is not a file"):
        open_source(SourceType.FILE, name)


def test_a_file_that_has_gone_may_come_back(open_source: Any) -> None:
    with pytest.raises(SourceLostError, match="does not exist"):
        open_source(SourceType.FILE, "gone.mp4")


def test_file_plays_like_a_camera(open_source: Any, limits: SourceLimits) -> None:
    write_clip(limits.file_folders[0] / "cam.mp4", times_s=even_times(16, 25))
    source = open_source(SourceType.FILE, "cam.mp4")
    frames = read_all(source)
    elapsed_s = frames[-1].captured_mono_s - frames[0].captured_mono_s
    assert elapsed_s == pytest.approx(frames[-1].stream_time_s, abs=0.1)
    assert len(frames) + source.dropped_frames == 16


def test_file_drops_what_nobody_fetches(
    open_source: Any, limits: SourceLimits, manual_clock: ManualClock
) -> None:
    write_clip(limits.file_folders[0] / "cam.mp4", times_s=even_times(50, 25))
    source = open_source(SourceType.FILE, "cam.mp4", clock=manual_clock)
    assert read_some(source, 1)[0].index == 0
    manual_clock.advance(0.99)
    patience = threading.Event()
    for _ in range(200):
        if source.dropped_frames >= 23:
            break
        patience.wait(0.02)
    # 24 frames have become due; the last of them is the one that waits.
    assert source.dropped_frames == 23
    assert read_some(source, 1)[0].index == 24


def test_file_loops_in_new_segments(open_source: Any, limits: SourceLimits) -> None:
    write_clip(limits.file_folders[0] / "loop.mp4", times_s=even_times(4, 25))
    source = open_source(SourceType.FILE, "loop.mp4", loop=True, start=SourceStart(segment=5))
    frames = read_some(source, 10)
    segments = [frame.segment for frame in frames]
    assert segments[0] == 5
    assert segments == sorted(segments)
    assert segments[-1] >= 7
    for before, after in itertools.pairwise(frames):
        assert after.index > before.index
        if after.segment != before.segment:
            assert after.stream_time_s < 0.16


def test_real_street_video(open_source: Any, assets: Path, limits: SourceLimits) -> None:
    videos = replace(limits, upload_folder=assets / "videos")
    frames = read_some(open_source(UPLOAD, "town-centre.mp4", limits=videos), 50)
    assert frames[49].image.shape == (1080, 1920, 3)
    assert frames[49].stream_time_s == pytest.approx(49 / 30, abs=1e-3)
