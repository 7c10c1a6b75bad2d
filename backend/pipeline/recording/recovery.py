"""After a crash: rows left open are completed from what the files hold."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from backend.pipeline.recording.segments import SegmentClosed, SegmentRows, StoredSegment

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class MeasuredVideo:
    """What a file holds."""

    frames: int
    duration_s: float
    size_bytes: int


def recover(folder: Path, open_segments: Sequence[StoredSegment], rows: SegmentRows) -> int:
    """Complete the rows a crash left open; return how many were saved.

    To be called before anything records. A fragmented MP4 is whole up to its last complete
    fragment; what follows is cut off. A segment without a picture loses its file and row.
    """
    saved = 0
    for segment in open_segments:
        path = folder / segment.path
        cut_to_last_fragment(path)
        measured = measure_video(path)
        if measured is None or measured.frames == 0:
            path.unlink(missing_ok=True)
            rows.lost(segment.row_id)
            logger.warning("recording_lost path=%s", segment.path)
            continue
        closed = SegmentClosed(
            path=segment.path,
            ended_at=segment.started_at + timedelta(seconds=measured.duration_s),
            duration_s=measured.duration_s,
            frames=measured.frames,
            size_bytes=measured.size_bytes,
        )
        rows.closed(segment.row_id, closed)
        saved += 1
        logger.info("recording_recovered path=%s frames=%s", segment.path, measured.frames)
    return saved


def cut_to_last_fragment(path: Path) -> None:
    """Truncate an MP4 behind its last complete box, so that no player meets half a fragment.

    References: ISO/IEC 14496-12, 4.2 (box: 32-bit size and type; size 1 means that a 64-bit
    size follows).
    """
    if not path.is_file():
        return
    try:
        with path.open("r+b") as file:
            length, whole = path.stat().st_size, 0
            at = 0
            while at + 8 <= length:
                file.seek(at)
                header = file.read(16)
                size = int.from_bytes(header[:4], "big")
                if size == 1:
                    size = int.from_bytes(header[8:16], "big")
                if size < 8 or at + size > length:
                    break
                at += size
                if header[4:8] != b"moof":  # a fragment is complete with the mdat behind its moof
                    whole = at
            if whole < length:
                file.truncate(whole)
    except OSError:
        logger.exception("recording_not_cut path=%s", path.name)


def measure_video(path: Path) -> MeasuredVideo | None:
    """Count the readable packets of a video without decoding; None if there is no video."""
    import av  # noqa: PLC0415 - loads FFmpeg; needed only when something has to be recovered

    try:
        with av.open(str(path), "r", format="mp4") as container:
            stream = container.streams.video[0]
            frames, begin, end = 0, None, 0
            try:
                for packet in container.demux(stream):
                    if packet.pts is None or not packet.size:
                        continue
                    frames += 1
                    begin = packet.pts if begin is None else min(begin, packet.pts)
                    end = max(end, packet.pts + (packet.duration or 0))
            except (av.FFmpegError, OSError):
                logger.warning("recording_cut_off path=%s frames=%s", path.name, frames)
            time_base = stream.time_base
    except (av.FFmpegError, OSError, IndexError):
        return None
    duration_s = float((end - (begin or 0)) * time_base) if time_base else 0.0
    return MeasuredVideo(frames, duration_s, path.stat().st_size)
