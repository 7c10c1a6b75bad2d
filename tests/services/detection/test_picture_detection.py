"""A picture is looked at as a camera's would be, and forgotten."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from backend.core.clock import SystemClock
from backend.core.errors import (
    InvalidInputError,
    ModelError,
    PermissionDeniedError,
    TooLargeError,
    UnavailableError,
)
from backend.crowd.counting import YOLO_RECALL, covered_share, people_weights
from backend.services.actor import Actor
from backend.services.detection.desk import Wish
from backend.services.detection.picture_detection import PictureDetection, PictureForm
from backend.vision.still_image import StillLimits
from tests import builders
from tests.services.camera_world import OPERATOR, VIEWER
from tests.services.detection.detection_world import PEOPLE, DetectionHouse
from tests.vision import still_pictures as given

JPEG = given.jpeg((320, 240))


@pytest.fixture
def house() -> DetectionHouse:
    return DetectionHouse(SystemClock())


def pictures_of(house: DetectionHouse, *, known: tuple[str, ...] = ()) -> PictureDetection:
    def check(model: str) -> None:
        if model not in known:
            raise InvalidInputError(f"there is no model {model!r}", field="detection_model")

    return PictureDetection(house.desk, check_model=check, limits=StillLimits())


def form(
    content: bytes = JPEG,
    *,
    confidence: float | None = None,
    annotate: bool = False,
    model: str | None = None,
) -> Callable[[], PictureForm]:
    return lambda: PictureForm(content, Wish(confidence, annotate=annotate), model)


def test_the_count_is_that_of_the_counting_method(house: DetectionHouse) -> None:
    found = pictures_of(house).detect(OPERATOR, form())
    boxes = PEOPLE.boxes_xyxy.astype(np.float64)
    expected = people_weights(
        PEOPLE.confidence.astype(np.float64),
        (boxes[:, 3] - boxes[:, 1]) * 640 / 320,
        covered_share(boxes) >= 0.3,
        table=YOLO_RECALL,
    ).total()
    assert found.count == pytest.approx(expected.count)
    assert (found.count_low, found.count_high) == pytest.approx((expected.low, expected.high))
    assert (found.trust, found.trust_reason) == ("ok", "")
    assert [person.box for person in found.detections] == [(10, 20, 30, 90), (50, 20, 70, 90)]
    assert (found.picture.width, found.picture.height) == (320, 240)
    assert found.model == house.model
    assert found.annotated is None
    assert {"decode", "detect", "measure", "total"} == set(found.timings_ms)


def test_the_detector_sees_the_picture_and_is_closed(house: DetectionHouse) -> None:
    pictures_of(house).detect(OPERATOR, form())
    (image,) = house.seen
    assert np.abs(image[8, 8].astype(int) - given.CORNER[::-1]).max() <= 12
    assert house.is_tidy


def test_a_scene_too_dense_is_at_least(house: DetectionHouse) -> None:
    house.is_dense = True
    found = pictures_of(house).detect(OPERATOR, form())
    assert found.count_high is None
    assert found.trust == "saturated"


def test_the_fallback_says_what_it_is_worth(house: DetectionHouse) -> None:
    house.model = builders.model_info(reduced_accuracy=True)
    found = pictures_of(house).detect(OPERATOR, form())
    assert (found.trust, found.model.reduced_accuracy) == ("degraded", True)
    assert "reduced-accuracy" in found.trust_reason


def test_confidence_chooses_boxes_and_leaves_the_count_alone(house: DetectionHouse) -> None:
    plain = pictures_of(house).detect(OPERATOR, form())
    strict = pictures_of(house).detect(OPERATOR, form(confidence=0.9))
    lax = pictures_of(house).detect(OPERATOR, form(confidence=0.01))
    assert (strict.detections, strict.confidence) == ((), 0.9)
    assert (len(lax.detections), lax.confidence) == (2, 0.25)
    assert plain.count == strict.count == lax.count


def test_the_annotated_picture_is_drawn_on_request(house: DetectionHouse) -> None:
    found = pictures_of(house).detect(OPERATOR, form(annotate=True))
    assert found.annotated is not None
    assert found.annotated.startswith(b"\xff\xd8\xff")
    assert found.annotated_url is not None
    assert found.annotated_url.startswith("data:image/jpeg;base64,/9j/")
    assert "draw" in found.timings_ms


def test_a_model_is_chosen_by_name(house: DetectionHouse) -> None:
    pictures = pictures_of(house, known=("crowd.onnx",))
    pictures.detect(OPERATOR, form(model="crowd.onnx"))
    assert house.configs[-1].detection.model == "crowd.onnx"
    with pytest.raises(InvalidInputError) as refused:
        pictures.detect(OPERATOR, form(model="../etc/passwd"))
    assert refused.value.field == "model"
    assert len(house.configs) == 1


def test_viewers_are_refused_before_anything_is_read(house: DetectionHouse) -> None:
    def read() -> PictureForm:
        raise AssertionError("nothing is read")

    with pytest.raises(PermissionDeniedError):
        pictures_of(house).detect(VIEWER, read)


def test_a_bad_picture_costs_no_detection(house: DetectionHouse) -> None:
    with pytest.raises(TooLargeError):
        pictures_of(house).detect(OPERATOR, form(given.bomb()))
    assert house.configs == []


def test_without_any_detector_it_says_so(house: DetectionHouse) -> None:
    house.failure = ModelError("No person detector can be loaded.")
    with pytest.raises(ModelError, match="No person detector"):
        pictures_of(house).detect(OPERATOR, form())


def test_one_account_cannot_keep_everybody_else_out(house: DetectionHouse) -> None:
    """Two of an account may be on their way; somebody else's still finds room."""
    sending, go_on = threading.Semaphore(0), threading.Event()
    pictures = pictures_of(house)

    def slowly() -> PictureForm:
        sending.release()
        assert go_on.wait(10)
        return form()()

    slow = replace(OPERATOR, user_id=71)
    threads = [
        threading.Thread(target=pictures.detect, args=(slow, slowly), name=f"slow-{n}")
        for n in range(2)
    ]
    for thread in threads:
        thread.start()
        assert sending.acquire(timeout=10)
    with pytest.raises(UnavailableError, match="Your earlier pictures"):
        pictures.detect(slow, form())
    pictures.detect(replace(OPERATOR, user_id=72), form())
    go_on.set()
    for thread in threads:
        thread.join(10)
    pictures.detect(slow, form())


def test_one_picture_at_a_time_and_few_waiting(house: DetectionHouse) -> None:
    """Five at once: one is at work, three wait, the fifth is told to come back."""
    at_work, go_on = threading.Event(), threading.Event()
    reading = threading.Semaphore(0)
    house.on_submit = lambda: (at_work.set(), go_on.wait(10))  # type: ignore[assignment,return-value]
    pictures = pictures_of(house)
    counts: list[float] = []

    def read() -> PictureForm:
        reading.release()
        return form()()

    people = [replace(OPERATOR, user_id=number) for number in range(5)]

    def ask(actor: Actor) -> None:
        counts.append(pictures.detect(actor, read).count)

    threads = [
        threading.Thread(target=ask, args=(people[n],), name=f"client-{n}") for n in range(4)
    ]
    for thread in threads:
        thread.start()
        assert reading.acquire(timeout=10)
    assert at_work.wait(10)
    with pytest.raises(UnavailableError) as refused:
        pictures.detect(people[4], read)
    assert refused.value.retry_after_s == 2
    assert len(house.seen) == 1
    go_on.set()
    for thread in threads:
        thread.join(10)
    assert len(counts) == 4
    assert house.is_tidy
