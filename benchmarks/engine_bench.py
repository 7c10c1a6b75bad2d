"""The vision engine: precisions, many cameras at once, and the loop most projects write."""

from __future__ import annotations

import statistics
from pathlib import Path

from benchmarks.child import measured
from benchmarks.figures import Figure, assets_folder, figure

ENGINE, PRECISION, USUAL = "engine_child", "precision_child", "usual_recipe"
NAMES = {
    "engine.int8_vs_torch_yolo11s_960": "ratio",
    "engine.four_cameras_share": "ratio",
    "engine.fairness": "ratio",
    "engine.snapshot_age_p95_ms": "ms",
    "engine.four_cameras_rss_mb": "MB",
    "engine.eight_cameras_min_fps": "frames/s",
    "engine.twelve_simulated_min_fps": "frames/s",
    "engine.vs_usual_recipe_torch": "ratio",
    "engine.vs_usual_recipe_openvino": "ratio",
}


def _precisions(assets: Path) -> list[Figure]:
    """YOLO11s at 960×960, untrained: what each runtime and precision takes for one picture."""
    ms = measured(PRECISION, "yolo11s", assets)
    torch_ms = ms["torch_f32"]
    beside = ", ".join(f"{name} {ms[name]:.0f} ms" for name in sorted(ms, key=lambda n: -ms[n]))
    return [
        figure(
            "engine.int8_vs_torch_yolo11s_960",
            round(torch_ms / ms["openvino_int8"], 2),
            "ratio",
            target=">= 6",
            note=f"one picture of 960×960 on all cores: {beside}; untrained weights",
        ),
        figure(
            "engine.bf16_vs_torch_yolo11s_960",
            round(torch_ms / ms["openvino_bf16"], 2),
            "ratio",
            note="as above",
        ),
        figure(
            "engine.f32_vs_torch_yolo11s_960",
            round(torch_ms / ms["openvino_f32"], 2),
            "ratio",
            note="as above",
        ),
    ]


def _cameras(assets: Path) -> list[Figure]:
    """Full-HD videos played as live cameras, YOLO11n INT8 at 640."""
    four = measured(ENGINE, "four", assets)
    slow = measured(ENGINE, "five_hz", assets)
    memory = measured(ENGINE, "memory", assets)
    eight = measured(ENGINE, "eight", assets)
    twelve = measured(ENGINE, "twelve", assets)
    return [
        figure(
            "engine.four_cameras_share",
            round(four["share"], 3),
            "ratio",
            target=">= 0.6",
            note=(
                f"{four['sum_fps']:.1f} frames/s of four 25-fps cameras together, "
                f"{four['bare_fps']:.1f} the detector alone on pictures in memory; "
                f"95 % of the snapshots within {four['age_p95_ms']:.0f} ms"
            ),
        ),
        figure(
            "engine.fairness",
            round(four["fairness"], 3),
            "ratio",
            target=">= 0.8",
            note="slowest camera over the mean of the four",
        ),
        figure(
            "engine.snapshot_age_p95_ms",
            round(slow["age_p95_ms"], 1),
            "ms",
            target="<= 300",
            note=(
                f"four cameras at 5 frames/s (slowest {slow['min_fps']:.2f}), capture to "
                f"publication; median {slow['age_median_ms']:.0f} ms"
            ),
        ),
        figure(
            "engine.four_cameras_rss_mb",
            round(memory["rss_mb"], 1),
            "MB",
            target="<= 1200",
            note=f"largest resident size; {memory['sum_fps']:.1f} frames/s together",
        ),
        figure(
            "engine.eight_cameras_min_fps",
            round(eight["min_fps"], 2),
            "frames/s",
            target=">= 3",
            note=(
                f"{eight['sum_fps']:.1f} frames/s together; lag shown with "
                f"{100 * eight['lags_shown']:.0f} % of the snapshots, 95 % of them within "
                f"{eight['age_p95_ms']:.0f} ms"
            ),
        ),
        figure(
            "engine.twelve_simulated_min_fps",
            round(twelve["min_fps"], 2),
            "frames/s",
            target=">= 1.9",
            note=(
                f"wanted: 2 each; {twelve['cores']:.2f} cores in all; 95 % of the snapshots "
                f"within {twelve['age_p95_ms']:.0f} ms"
            ),
        ),
    ]


def _recipes(assets: Path) -> list[Figure]:
    """One full-HD recording, everything included, beside the usual loop; ours before and after."""
    ours = [measured(ENGINE, "whole", assets)]
    torch = measured(USUAL, "torch", assets)
    ours.append(measured(ENGINE, "whole", assets))
    openvino = measured(USUAL, "openvino", assets)
    ours.append(measured(ENGINE, "whole", assets))
    full_hd = measured(ENGINE, "whole_full_hd", assets)
    fps = [one["fps"] for one in ours]
    drawn = ours[-1]["drawn"]
    return [
        figure(
            "engine.vs_usual_recipe_torch",
            round(statistics.fmean(fps[:2]) / torch["fps"], 2),
            "ratio",
            target=">= 4",
            note=(
                f"{statistics.fmean(fps[:2]):.1f} against {torch['fps']:.1f} frames/s; the loop "
                "pays for an untrained YOLO11n fp32, its tracker and drawing get the INT8 boxes; "
                "suppression by TorchNMS"
            ),
        ),
        figure(
            "engine.vs_usual_recipe_openvino",
            round(statistics.fmean(fps[1:]) / openvino["fps"], 2),
            "ratio",
            target=">= 1.3",
            note=(
                f"{statistics.fmean(fps[1:]):.1f} against {openvino['fps']:.1f} frames/s, the "
                f"same INT8 weights through ultralytics; ours also measured, assessed, drew and "
                f"encoded {drawn:.0f} of 302 pictures 960 px wide; in full HD {full_hd['fps']:.1f}"
            ),
        ),
    ]


def measure() -> list[Figure]:
    """Return all figures; without test assets, why there are none."""
    assets = assets_folder()
    if assets is None:
        note = "CROWDSAFE_TEST_ASSETS is not set: no video and no weights"
        return [figure(name, None, unit, note=note) for name, unit in NAMES.items()]
    figures: list[Figure] = []
    for name, group in (
        ("engine.cameras", _cameras),
        ("engine.precisions", _precisions),
        ("engine.recipes", _recipes),
    ):
        try:
            figures += group(assets)
        except (RuntimeError, OSError) as error:
            failed = figure(name, None, "", note=f"failed: {error}")
            figures.append(failed | {"ok": False})
    return figures
