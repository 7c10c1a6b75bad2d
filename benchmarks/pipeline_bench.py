"""The whole pipeline on one full-HD video: its share of the bare detector, memory, speed."""

from __future__ import annotations

from benchmarks.child import measured
from benchmarks.figures import Figure, assets_folder, figure

CHILD = "pipeline_child"
SHARE = "pipeline.share_of_detector"
MEMORY = "pipeline.rss_mb"
DEFAULT = "pipeline.fps_default"


def measure() -> list[Figure]:
    """Return share, memory and default speed; without test assets, why there are none."""
    assets = assets_folder()
    if assets is None:
        note = "CROWDSAFE_TEST_ASSETS is not set: no video and no weights"
        return [
            figure(name, None, unit, note=note)
            for name, unit in ((SHARE, "ratio"), (MEMORY, "MB"), (DEFAULT, "frames/s"))
        ]
    share = measured(CHILD, "share", assets)
    memory = measured(CHILD, "memory", assets)
    default = measured(CHILD, "default", assets)
    return [
        figure(
            SHARE,
            round(share["share"], 3),
            "ratio",
            target=">= 0.75",
            note=(
                f"{share['whole_fps']:.1f} frames/s whole, {share['bare_fps']:.1f} detector alone "
                f"kept as busy as it can be ({share['single_fps']:.1f} one picture at a time); "
                f"processor time a frame {share['whole_cpu_ms']:.1f} and "
                f"{share['bare_cpu_ms']:.1f} ms"
            ),
        ),
        figure(
            MEMORY,
            round(memory["rss_mb"], 1),
            "MB",
            target="<= 900",
            note=f"largest resident size; {memory['whole_fps']:.1f} frames/s",
        ),
        figure(
            DEFAULT,
            round(default["fps"], 2),
            "frames/s",
            note=f"YOLO11s at 960, untrained weights; detector alone {default['bare_fps']:.2f}",
        ),
    ]
