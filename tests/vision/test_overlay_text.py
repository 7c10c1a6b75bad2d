"""Words and glyphs: any script, no question marks, no overflow, honest wording."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC

import numpy as np
import numpy.typing as npt
import pytest

from backend.core.camera import SIMULATION_MODEL
from backend.core.duration import age_words
from backend.core.measurements import CrowdPicture, LevelOfService, Quality, TrackView
from backend.core.risk import Cause, RiskLevel
from backend.core.trust import Trust
from backend.vision.overlay.fonts import fallback_fonts, font_for
from backend.vision.overlay.heat import compute_heat
from backend.vision.overlay.palette import bgr
from backend.vision.overlay.people import speed_text
from backend.vision.overlay.text import draw_text, fit_text, text_width, wrap_text
from backend.vision.overlay.wording import (
    NumberWords,
    count_words,
    describe,
    is_calibrated,
    number_text,
)
from tests import builders

NAMES = ["Übergang Größe", "मुख्य द्वार", "Вход 3", "東門", "مدخل", "שער", "ทางเข้า", "Πύλη"]


def drawn(text: str, *, size: int = 28, at: tuple[int, int] = (5, 40)) -> npt.NDArray[np.uint8]:
    image = np.zeros((60, 500, 3), np.uint8)
    draw_text(image, text, at=at, size=size, colour=(255, 255, 255))
    return image


@pytest.mark.parametrize("name", NAMES)
def test_no_script_turns_into_question_marks(name: str) -> None:
    picture = drawn(name)
    assert picture.any()
    assert not np.array_equal(picture, drawn("?" * len(name)))
    questions = drawn(" ".join("?" * len(part) for part in name.split()))
    assert not np.array_equal(picture, questions)


def test_different_letters_of_rare_scripts_look_different() -> None:
    assert not np.array_equal(drawn("क"), drawn("ख"))


def test_the_last_font_of_the_chain_has_every_character() -> None:
    assert fallback_fonts()
    assert font_for("\u1bc0") is not None


def test_text_is_anti_aliased_and_takes_the_measured_width() -> None:
    for text in ("Westtor 137 (120–155)", "मुख्य द्वार"):
        picture = drawn(text)
        assert len(np.unique(picture)) > 20
        columns = np.nonzero(picture.any(axis=(0, 2)))[0]
        assert columns.max() - 5 == pytest.approx(text_width(text, 28), abs=6)


@pytest.mark.parametrize("text", ["Gate", "मुख्य"])
@pytest.mark.parametrize("at", [(-20, 40), (480, 40), (5, 2), (5, 80), (900, 900)])
def test_text_beyond_the_picture_is_cut(text: str, at: tuple[int, int]) -> None:
    drawn(text, at=at)


@pytest.mark.parametrize("width", [0, 10, 60, 150, 4000])
@pytest.mark.parametrize("text", ["A long name of a camera at a gate", "मुख्य द्वार कैमरा प्रवेश"])
def test_fitted_text_is_never_wider_than_its_room(text: str, width: int) -> None:
    fitted = fit_text(text, width, 20)
    assert text_width(fitted, 20) <= max(width, text_width("…", 20))
    assert fitted == text or fitted.endswith("…")


def test_wrapping_keeps_the_words_and_shortens_only_the_last_line() -> None:
    text = "peak density is above the limit for a warning here"
    lines = wrap_text(text, 200, 20, 400, 9)
    assert " ".join(lines) == text
    short = wrap_text(text, 200, 20, 400, 2)
    assert len(short) == 2
    assert short[1].endswith("…")
    assert wrap_text("", 200, 20) == ()


def test_count_words() -> None:
    known = replace(builders.metrics(count=137.2), count_low=119.6, count_high=155.1)
    assert count_words(known) == ("137", "(120–155) people")
    saturated = replace(known, count_high=None, trust=Trust.SATURATED)
    assert count_words(saturated) == ("at least 120", "people")
    assert count_words(builders.metrics(count=1.0)) == ("1", "person")
    nobody = replace(saturated, count_low=0.4)
    assert count_words(nobody) == ("?", "people: cannot be counted")
    assert count_words(replace(known, trust=Trust.UNKNOWN)) == ("—", "")
    assert count_words(replace(known, trust=Trust.ESTIMATED))[0] == "≈ 137"
    stands = replace(known, trust=Trust.UNKNOWN, quality={"count": Quality(Trust.OK)})
    assert count_words(stands)[0] == "137"


def test_unknown_says_so_and_names_the_last_level() -> None:
    snapshot = builders.snapshot(
        crowd=builders.metrics(count=9.0, trust=Trust.UNKNOWN, trust_reason="camera lost"),
        risk=builders.assessment(level=RiskLevel.WARNING, score=60.0),
    )
    words = describe(snapshot, UTC)
    assert (words.level, words.level_word, words.held) == (None, "UNKNOWN", "last level WARNING")
    assert words.count == "—"
    assert words.numbers == (NumberWords("density", "unknown"),), "why is said once, below"
    assert words.trust_text == "unknown: camera lost"


def numbers(**changes: object) -> dict[str, tuple[str, str]]:
    """What the display says of a crowd of eight, label by label."""
    crowd = builders.metrics(count=8.0, **changes)
    words = describe(builders.snapshot(crowd=crowd), UTC)
    return {number.label: (number.value, number.note) for number in words.numbers}


def test_density_says_its_unit_or_why_there_is_none() -> None:
    assert numbers()["density"] == ("—", "no area set")
    assert numbers(area_m2=10.0, density_per_m2=0.8)["density"] == ("0.80 /m²", "")
    assert numbers(area_m2=10.0)["density"] == ("—", "not measurable")
    assert list(numbers()) == ["density"], "nothing is said of what only calibration gives"


CALIBRATED: dict[str, object] = {
    "area_m2": 10.0,
    "density_per_m2": 0.83,
    "level_of_service": LevelOfService.D,
    "peak_density_per_m2": 2.31,
    "mean_speed_mps": 0.62,
    "mean_speed_px_per_s": 40.0,
    "calibration_version": 3,
}


def test_calibrated_numbers_carry_unit_and_interval() -> None:
    quality = {
        "density_per_m2": Quality(low=0.71, high=1.04),
        "peak_density_per_m2": Quality(low=1.9, high=2.7),
        "mean_speed_mps": Quality(low=0.55, high=0.69),
    }
    assert numbers(**CALIBRATED, quality=quality) == {
        "density": ("0.8 /m²", "(0.7–1.0) LOS D"),
        "peak": ("2.3 /m²", "(1.9–2.7)"),
        "speed": ("0.62 m/s", "(0.55–0.69)"),
    }


def test_an_estimate_says_so_and_a_lower_bound_is_at_least() -> None:
    guess = Quality(Trust.ESTIMATED, "From heights.", 1.5, 3.1)
    bound = Quality(Trust.SATURATED, "Too dense.", 1.9, None)
    found = numbers(**CALIBRATED, quality=dict.fromkeys(CALIBRATED, guess))
    assert found["peak"] == ("≈ 2.3 /m²", "(1.5–3.1)")
    assert found["density"][1] == "(1.5–3.1) LOS D"
    found = numbers(**CALIBRATED, quality=dict.fromkeys(CALIBRATED, bound))
    assert found["peak"] == ("at least 1.9 /m²", "")
    assert found["density"] == ("at least 1.90 /m²", "LOS D or worse")


def test_after_a_move_the_count_stands_and_what_rests_on_metres_is_unknown() -> None:
    lost = Quality(Trust.UNKNOWN, "The camera was moved.")
    crowd = builders.metrics(
        count=8.0,
        calibration_version=3,
        mean_speed_px_per_s=40.0,
        trust=Trust.UNKNOWN,
        trust_reason="The camera was moved.",
        quality={
            "count": Quality(Trust.OK),
            **dict.fromkeys(("density_per_m2", "peak_density_per_m2", "mean_speed_mps"), lost),
        },
    )
    words = describe(builders.snapshot(crowd=crowd), UTC)
    assert (words.count, words.interval) == ("8", "people")
    assert [(n.label, n.value, n.note) for n in words.numbers] == [
        ("density", "unknown", ""),
        ("peak", "unknown", ""),
        ("speed", "unknown", ""),
    ]
    assert words.trust_text == "unknown: The camera was moved."


def test_a_number_that_is_unknown_for_a_reason_of_its_own_says_it() -> None:
    quality = {"mean_speed_mps": Quality(Trust.UNKNOWN, "The picture shakes.")}
    found = numbers(**CALIBRATED, quality=quality)
    assert found["speed"] == ("unknown", "The picture shakes.")
    assert found["peak"] == ("2.3 /m²", "")


def test_pressure_is_named_only_where_people_are_packed() -> None:
    loose = {"crowd_pressure_per_s2": 0.4, "pressure_density_per_m2": 1.4}
    packed = {"crowd_pressure_per_s2": 0.0312, "pressure_density_per_m2": 4.62}
    still = packed | {"crowd_pressure_per_s2": 0.0001}
    assert "pressure" not in numbers(**CALIBRATED, **loose)
    assert numbers(**CALIBRATED, **packed)["pressure"] == ("0.031 /s²", "at 4.6 /m²")
    assert numbers(**CALIBRATED, **still)["pressure"] == ("<0.001 /s²", "at 4.6 /m²")


def test_nobody_is_told_millimetres_a_second() -> None:
    still = CALIBRATED | {"mean_speed_mps": 0.0146}
    found = numbers(**still, quality={"mean_speed_mps": Quality(low=0.002, high=0.021)})
    assert found["speed"] == ("0.01 m/s", "(<0.01–0.02)")


def test_uncalibrated_speed_says_so() -> None:
    assert numbers(mean_speed_px_per_s=41.6)["speed"] == ("42 px/s", "uncalibrated")


@pytest.mark.parametrize(
    ("value", "quality", "text"),
    [
        (12.34, Quality(), ("12 /m²", "")),
        (0.0, Quality(), ("0 /m²", "")),
        (1.04, Quality(low=1.01, high=1.04), ("1.0 /m²", "")),
        (0.05, Quality(low=0.01, high=1.5), ("0.1 /m²", "(<0.1–1.5)")),
        (0.05, Quality(Trust.DEGRADED, "", None, None), ("≈ 0.050 /m²", "")),
    ],
)
def test_digits_follow_what_is_known(value: float, quality: Quality, text: object) -> None:
    assert number_text(value, quality, "/m²") == text


def test_main_cause_model_and_recording_are_named() -> None:
    causes = tuple(
        Cause(name, RiskLevel.WARNING, 1.0, 1.0, "", f"because of {name}") for name in "ab"
    )
    snapshot = builders.snapshot(
        risk=builders.assessment(level=RiskLevel.WARNING, causes=causes),
        is_recorded=True,
        stream_time_s=83.4,
    )
    snapshot = replace(snapshot, model=builders.model_info(reduced_accuracy=True), fps=12.34)
    words = describe(snapshot, UTC)
    assert words.cause == "because of a"
    assert words.reduced == "reduced accuracy"
    assert words.frame_rate == "12.3 fps"
    assert words.time == "RECORDED 01:23 · 2026-01-01 12:01:23 UTC"


def test_a_simulated_crowd_is_marked_in_the_picture_itself() -> None:
    snapshot = replace(builders.snapshot(), model=SIMULATION_MODEL)
    assert describe(snapshot, UTC).time.startswith("SIMULATED · 2026-01-01")


def track(speed_mps: float | None, velocity: tuple[float, float] | None) -> TrackView:
    trail = np.zeros((0, 2), np.float32)
    return TrackView(1, (0, 0, 9, 9), 0.9, (4, 9), velocity, speed_mps, trail)


def test_metres_and_pixels_are_never_mixed_in_one_picture() -> None:
    measured, unmeasured = track(1.24, (30.0, 40.0)), track(None, (30.0, 40.0))
    snapshot = replace(builders.snapshot(), picture=CrowdPicture((measured, unmeasured)))
    calibrated = is_calibrated(snapshot)
    assert calibrated
    assert speed_text(measured, calibrated=calibrated) == "1.2 m/s"
    assert speed_text(unmeasured, calibrated=calibrated) == ""
    assert speed_text(unmeasured, calibrated=False) == "50 px/s"
    assert speed_text(track(None, None), calibrated=False) == ""


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-3, "0 s"), (12.7, "12 s"), (200, "3 min 20 s"), (7500, "2 h 05 min")],
)
def test_ages(seconds: float, words: str) -> None:
    assert age_words(seconds) == words


@pytest.mark.parametrize("sigma", [3.0, 15.0, 40.0])
def test_heat_adds_up_to_the_number_of_people(sigma: float) -> None:
    rng = np.random.default_rng(4)
    feet = rng.uniform((200, 200), (1000, 500), (25, 2))
    field = compute_heat(feet, (1280, 720), sigma)
    cell_px2 = (1280 / field.shape[1]) * (720 / field.shape[0])
    assert float(field.sum()) * cell_px2 == pytest.approx(25, rel=0.02)


def test_heat_peaks_at_the_person_with_the_height_of_a_gaussian() -> None:
    field = compute_heat(np.array([[640.0, 360.0]]), (1280, 720), 15.0)
    row, column = np.unravel_index(field.argmax(), field.shape)
    assert (column + 0.5) * 1280 / field.shape[1] == pytest.approx(640, abs=8)
    assert (row + 0.5) * 720 / field.shape[0] == pytest.approx(360, abs=8)
    assert float(field.max()) == pytest.approx(1 / (2 * np.pi * 15**2), rel=0.15)
    assert not compute_heat(np.zeros((0, 2)), (1280, 720), 15.0).any()


def test_hex_colours() -> None:
    assert bgr("#ff8000") == (0, 128, 255)
