"""Hardware decoding: asked for, refused, failing; a camera plays whatever happens."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import pytest
from av.codec.hwaccel import HWAccel

from backend.core.camera import SourceType
from backend.core.clock import SystemClock
from backend.core.errors import SourceLostError
from backend.vision.sources import SourceLimits
from backend.vision.sources.cancellation import Cancellation
from backend.vision.sources.hardware import SOFTWARE, HardwareDecoding
from backend.vision.sources.media import Media, MediaInput
from tests.vision.sources.clips import brightness_of, even_times, write_clip
from tests.vision.sources.conftest import OpenSource
from tests.vision.sources.reading import read_some

LABEL = "The camera at 10.0.0.7:554"


class Machine:
    """A machine with devices that open or do not."""

    def __init__(self, *, offered: tuple[str, ...], working: tuple[str, ...] = ()) -> None:
        self.offered, self.working = offered, working
        self.tried: list[str] = []
        self.decoding = HardwareDecoding(offered=lambda: self.offered, open_device=self.open)

    def open(self, kind: str) -> Any:
        self.tried.append(kind)
        if kind not in self.working:
            raise PermissionError(1, "Operation not permitted")
        # No codec decodes on it, so FFmpeg falls back by itself: a device in name only.
        return HWAccel("dxva2", allow_software_fallback=True)


def test_the_best_device_that_opens_is_used_and_the_others_are_tried_once() -> None:
    machine = Machine(offered=("qsv", "vaapi", "cuda"), working=("vaapi",))
    for _ in range(3):
        assert machine.decoding.open_for("auto", LABEL)[0] == "vaapi"
    assert machine.tried == ["cuda", "vaapi", "vaapi", "vaapi"]
    assert machine.decoding.why_not("cuda") == "Operation not permitted"


def test_software_tries_nothing() -> None:
    machine = Machine(offered=("cuda",), working=("cuda",))
    assert machine.decoding.open_for("software", LABEL) == (SOFTWARE, None)
    assert machine.tried == []


def test_a_device_that_is_asked_for_but_missing_is_software_with_a_reason() -> None:
    machine = Machine(offered=("cuda",))
    assert machine.decoding.open_for("vaapi", LABEL) == (SOFTWARE, None)
    assert "without it" in machine.decoding.why_not("vaapi")
    assert machine.decoding.open_for("cuda", LABEL) == (SOFTWARE, None)
    assert machine.decoding.open_for("cuda", LABEL) == (SOFTWARE, None)
    assert machine.tried == ["cuda"]


def test_a_device_that_failed_on_one_camera_goes_on_serving_the_others() -> None:
    machine = Machine(offered=("cuda",), working=("cuda",))
    machine.decoding.give_up("cuda", LABEL)
    assert machine.decoding.open_for("auto", LABEL) == (SOFTWARE, None)
    assert machine.decoding.open_for("auto", "The camera at 10.0.0.8:554")[0] == "cuda"


def test_why_a_stream_is_decoded_in_software_is_told_by_device() -> None:
    machine = Machine(offered=("vaapi", "cuda"), working=("vaapi",))
    machine.decoding.open_for("auto", LABEL)
    told = machine.decoding.why_software("auto", LABEL)
    assert told == "cuda: Operation not permitted; vaapi: does not decode this stream"
    machine.decoding.give_up("vaapi", LABEL)
    assert machine.decoding.why_software("auto", LABEL).endswith("vaapi: failed on this stream")
    machine.decoding.open_for("qsv", LABEL)
    assert "without it" in machine.decoding.why_software("qsv", LABEL)
    assert machine.decoding.why_software("software", LABEL) == "", "nobody asked for a device"
    assert "any device" in Machine(offered=()).decoding.why_software("auto", LABEL)


@pytest.mark.parametrize("decoding", ["auto", "software", "cuda", "vaapi", "videotoolbox", "qsv"])
def test_a_camera_plays_whatever_is_asked_for(
    open_source: OpenSource, limits: SourceLimits, decoding: str
) -> None:
    write_clip(limits.file_folders[0] / "cam.mp4", times_s=even_times(20, 25))
    asked = SourceLimits(
        file_folders=limits.file_folders, upload_folder=limits.upload_folder, decoding=decoding
    )
    source = open_source(SourceType.FILE, "cam.mp4", limits=asked)
    frame = read_some(source, 1)[0]
    assert float(frame.image.mean()) == pytest.approx(brightness_of(frame.index), abs=6)
    assert source.info.decoder in {SOFTWARE, decoding} | ({"cuda"} if decoding == "auto" else set())
    is_told = decoding != "software" and source.info.decoder == SOFTWARE
    assert bool(source.info.decoder_note) is is_told


def _spoil(path: Path, *, after: int) -> None:
    """Overwrite every packet from number ``after`` on."""
    with av.open(str(path)) as container:
        places = [(packet.pos, packet.size) for packet in container.demux(video=0) if packet.size]
    content = bytearray(path.read_bytes())
    for begin, size in places[after:]:
        content[begin + 4 : begin + size] = bytes(size - 4)
    path.write_bytes(bytes(content))


def test_a_device_that_stops_decoding_is_left_and_the_camera_opened_again_in_software(
    tmp_path: Path, limits: SourceLimits
) -> None:
    path = write_clip(tmp_path / "cam.mp4", times_s=even_times(120, 25))
    _spoil(path, after=10)
    machine = Machine(offered=("cuda",), working=("cuda",))

    def open_media() -> Media:
        return Media(
            MediaInput(source_type=SourceType.FILE, file=str(path), label=LABEL),
            limits=SourceLimits(file_folders=(tmp_path,), upload_folder=tmp_path, decoding="auto"),
            clock=SystemClock(),
            stop=Cancellation().event,
            hardware=machine.decoding,
        )

    media = open_media()
    with pytest.raises(SourceLostError, match="goes on in software"):
        list(media.pictures())
    media.close()
    again = open_media()
    assert len(list(again.pictures())) >= 5, "what there is, without giving up"
    again.close()
    assert machine.tried == ["cuda"]
