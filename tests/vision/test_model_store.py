"""The order of weights, and what becomes of files that cannot be used."""

from __future__ import annotations

import http.server
import shutil
import socket
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.core.camera import DetectionChoice
from backend.core.clock import Clock, SystemClock
from backend.core.errors import InvalidInputError, ModelError
from backend.vision.heads import ClassMap
from backend.vision.model_store import ModelStore
from backend.vision.model_store.download import DownloadParams
from backend.vision.model_store.fallback import FALLBACK_FOLDER, FALLBACK_NAME
from backend.vision.model_store.shelf import LOW_MEMORY_BYTES, ModelShelf
from tests.builders import ManualClock, image
from tests.vision.tiny_networks import save_classifier, save_detector, spread_boxes

RED = image(width=64, height=64, value=(0, 0, 255))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "models").mkdir()
    return tmp_path


@pytest.fixture(autouse=True)
def _no_package_index(monkeypatch: pytest.MonkeyPatch) -> None:
    """pip finds nothing: no test depends on an index, or waits for one."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")


def _store(
    home: Path,
    model: str = "crowd.onnx",
    *,
    offline: bool = True,
    clock: Clock | None = None,
    imgsz: int = 320,
    download: DownloadParams | None = None,
    shelf: ModelShelf | None = None,
    classes: tuple[str, ...] = (),
) -> ModelStore:
    return ModelStore(
        home=home,
        yolo_model=model,
        imgsz=imgsz,
        confidence=0.25,
        iou=0.5,
        precision="auto",
        offline=offline,
        clock=clock or SystemClock(),
        download=download,
        shelf=shelf,
        classes=ClassMap.of_names(classes),
    )


def _detector_file(path: Path) -> Path:
    return save_detector(path, boxes_cxcywh=spread_boxes())


def _refusals(store: ModelStore) -> dict[str, str]:
    return {refused.source: refused.reason for refused in store.status().refused}


def test_a_named_file_in_models_is_loaded_once_and_shared(home: Path) -> None:
    _detector_file(home / "models" / "crowd.onnx")
    store = _store(home)
    assert store.status().info is None
    first, second = store.open_detector(), store.open_detector()
    assert len(first.detect(RED)) == len(second.detect(RED)) == 8
    status = store.status()
    assert status.info is not None and status.info.name == "crowd"
    assert not status.info.reduced_accuracy and status.error == "" and status.refused == ()
    first.close()
    second.close()
    store.close()


def test_a_path_comes_before_models(home: Path) -> None:
    elsewhere = home / "elsewhere"
    elsewhere.mkdir()
    _detector_file(elsewhere / "mine.onnx")
    store = _store(home, str(elsewhere / "mine.onnx"))
    assert store.prepare().path == "mine.onnx"
    store.close()


def test_relative_paths_are_below_home(home: Path) -> None:
    (home / "own").mkdir()
    _detector_file(home / "own" / "mine.onnx")
    store = _store(home, "own/mine.onnx")
    assert store.prepare().name == "mine"
    store.close()


def test_a_detector_opens_in_many_threads_at_once(home: Path) -> None:
    _detector_file(home / "models" / "crowd.onnx")
    store = _store(home)
    counts: list[int] = []

    def watch() -> None:
        detector = store.open_detector()
        counts.extend(len(detector.detect(RED)) for _ in range(5))
        detector.close()

    threads = [threading.Thread(target=watch) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert counts == [8] * 20
    store.close()


def test_an_export_beside_a_broken_file_is_used_and_the_file_named(home: Path) -> None:
    (home / "models" / "yolo11n.pt").write_bytes(b"garbage" * 1000)
    _detector_file(home / "models" / "yolo11n.onnx")
    store = _store(home, "yolo11n.pt")
    told: list[str] = []
    assert store.prepare(told.append).path == "yolo11n.onnx"
    assert "not a PyTorch weight file" in _refusals(store)["yolo11n.pt"]
    assert any("yolo11n.pt" in line for line in told)
    store.close()


def test_every_refusal_is_in_the_error(home: Path) -> None:
    save_classifier(home / "models" / "crowd.onnx")
    folder = home / "models" / "crowd_openvino_model"
    folder.mkdir()
    (folder / "crowd.xml").write_text("<net/>", encoding="utf-8")
    store = _store(home)
    with pytest.raises(ModelError, match="No person detector") as failed:
        store.open_detector()
    refusals = _refusals(store)
    assert "not a YOLO detector" in refusals["crowd.onnx"]
    assert "crowd.bin is missing" in refusals["crowd_openvino_model"]
    assert "offline" in refusals["reduced-accuracy fallback"]
    assert all(reason in str(failed.value) for reason in refusals.values())
    assert "a sound model such as yolo11s.pt" in str(failed.value)
    assert store.status().error == str(failed.value)
    store.close()


@pytest.mark.parametrize(
    ("name", "reason"),
    [("missing.onnx", "does not exist"), ("notes.txt", "unknown kind")],
)
def test_wrong_paths_are_named(home: Path, name: str, reason: str) -> None:
    (home / "models" / "notes.txt").write_text("hello", encoding="utf-8")
    store = _store(home, name)
    with pytest.raises(ModelError):
        store.prepare()
    assert reason in _refusals(store)[name]
    store.close()


def test_a_failure_is_answered_from_memory_for_a_minute(home: Path) -> None:
    clock = ManualClock()
    store = _store(home, clock=clock)
    with pytest.raises(ModelError):
        store.open_detector()
    _detector_file(home / "models" / "crowd.onnx")
    clock.advance(59)
    with pytest.raises(ModelError, match="No person detector"):
        store.open_detector()
    clock.advance(2)
    store.open_detector().close()
    assert store.status().error == ""
    store.close()


def test_the_shared_real_folder_at_its_own_size(home: Path, assets: Path) -> None:
    store = _store(home, str(assets / "models" / "yolo11n_int8_openvino_model"), imgsz=960)
    info = store.prepare()
    assert (info.name, info.precision, info.input_hw) == ("yolo11n", "int8", (640, 640))
    store.close()


def test_a_folder_without_its_weights_is_refused(home: Path, assets: Path) -> None:
    whole = assets / "models" / "yolo11n_int8_openvino_model"
    broken = home / "models" / "yolo11n_int8_openvino_model"
    broken.mkdir()
    shutil.copyfile(whole / "yolo11n.xml", broken / "yolo11n.xml")
    store = _store(home, "yolo11n_int8_openvino_model")
    with pytest.raises(ModelError, match=r"yolo11n\.bin is missing"):
        store.prepare()
    (broken / "yolo11n.bin").write_bytes((whole / "yolo11n.bin").read_bytes()[:1000])
    with pytest.raises(ModelError, match="yolo11n_int8_openvino_model cannot be used"):
        store.prepare()
    store.close()


def test_cameras_may_use_different_models_each_loaded_once(home: Path) -> None:
    _detector_file(home / "models" / "crowd.onnx")
    _detector_file(home / "models" / "other.onnx")
    shelf = ModelShelf(lambda: 8 * LOW_MEMORY_BYTES)
    store = _store(home, shelf=shelf)
    own = store.open_detector()
    chosen = [store.open_detector(DetectionChoice(model="other.onnx")) for _ in range(2)]
    same = store.open_detector(DetectionChoice(model="crowd.onnx"))
    assert len(shelf.loaded()) == 2
    assert [item.info.name for item in (own, *chosen, same)] == [
        "crowd", "other", "other", "crowd",
    ]  # fmt: skip
    assert all(item.info.remedy == "" for item in chosen)
    assert len(chosen[0].detect(RED)) == 8
    for detector in (own, *chosen, same):
        detector.close()
        detector.close()
    assert len(chosen) == 2 and len(shelf.loaded()) == 2, "one unused is kept"
    store.close()
    assert shelf.loaded() == ()


def test_a_camera_whose_model_cannot_be_loaded_gets_the_installations_and_says_so(
    home: Path,
) -> None:
    _detector_file(home / "models" / "crowd.onnx")
    save_classifier(home / "models" / "other.onnx")
    store = _store(home)
    for name, reason in (("gone.onnx", "no model gone.onnx"), ("other.onnx", "not a YOLO")):
        detector = store.open_detector(DetectionChoice(model=name))
        assert detector.info.name == "crowd"
        assert f"{name} is not used" in detector.info.remedy and reason in detector.info.remedy
        assert reason in _refusals(store)[name]
        detector.close()
    _detector_file(home / "models" / "other.onnx")
    store.open_detector(DetectionChoice(model="other.onnx")).close()
    assert set(_refusals(store)) == {"gone.onnx"}, "what works again is no longer complained of"
    store.close()


def test_a_grid_of_tiles_goes_with_any_model(home: Path) -> None:
    _detector_file(home / "models" / "crowd.onnx")
    store = _store(home)
    detector = store.open_detector(DetectionChoice(tiles=(3, 2)))
    detector.detect(image(width=640, height=480))
    assert detector.info.tiles == 6
    detector.close()
    store.close()


def test_the_list_names_the_installations_own_first(home: Path) -> None:
    _detector_file(home / "models" / "crowd.onnx")
    _detector_file(home / "models" / "area.onnx")
    store = _store(home)
    names = [(item.name, item.is_default) for item in store.available()]
    assert names == [("crowd.onnx", True), ("area.onnx", False), (FALLBACK_FOLDER, False)]
    assert store.status().info is None, "listing loads nothing"
    assert "models fetch fallback" in store.available()[2].problem
    store.close()


def test_the_list_names_one_that_is_to_be_downloaded_and_one_that_lies_elsewhere(
    home: Path,
) -> None:
    (own, *_) = _store(home, "yolo11n.pt").available()
    assert (own.name, own.is_default) == ("yolo11n.pt", True)
    assert "not in models/ yet" in own.problem
    (home / "own").mkdir()
    _detector_file(home / "own" / "mine.onnx")
    store = _store(home, "own/mine.onnx")
    assert store.available()[0].is_usable
    store.check_choice("mine.onnx")
    detector = store.open_detector(DetectionChoice(model="mine.onnx"))
    assert (detector.info.name, detector.info.remedy) == ("mine", "")
    detector.close()
    store.close()


@pytest.mark.parametrize("name", ["gone.onnx", "../crowd.onnx", "weights.pt", "", FALLBACK_FOLDER])
def test_only_usable_models_of_the_list_can_be_chosen(home: Path, name: str) -> None:
    _detector_file(home / "models" / "crowd.onnx")
    with zipfile.ZipFile(home / "models" / "weights.pt", "w") as archive:
        archive.writestr("evil/data.pkl", b"cos\nsystem\n(S'true'\ntR.")
    store = _store(home)
    with pytest.raises(InvalidInputError, match=r"Usable: crowd\.onnx\.") as refused:
        store.check_choice(name)
    assert refused.value.field == "detection_model"
    store.check_choice("crowd.onnx")
    detector = store.open_detector(DetectionChoice(model=name))
    assert detector.info.name == "crowd", "stored once, gone now: never exported by the server"
    assert sorted(path.name for path in (home / "models").iterdir()) == [
        "crowd.onnx", "weights.pt",
    ]  # fmt: skip
    detector.close()
    store.close()


def test_configured_pickles_outside_models_are_refused(home: Path) -> None:
    (home / "own").mkdir()
    with zipfile.ZipFile(home / "own" / "mine.pt", "w") as archive:
        archive.writestr("evil/data.pkl", b"cos\nsystem\n(S'true'\ntR.")
    store = _store(home, "own/mine.pt")
    with pytest.raises(ModelError):
        store.prepare()
    assert "only those copied into models/ are trusted" in _refusals(store)["mine.pt"]
    store.close()


def _save_pt(home: Path, name: str, names: dict[int, str]) -> Path:
    """Save an untrained YOLO11n with classes of its own, as ultralytics' training would."""
    from backend.vision.adapters.ultralytics_env import confine_ultralytics  # noqa: PLC0415

    confine_ultralytics(home / "instance" / "ultralytics")
    ultralytics = pytest.importorskip("ultralytics")
    from ultralytics.nn.tasks import DetectionModel, yaml_model_load  # noqa: PLC0415

    own = ultralytics.YOLO("yolo11n.yaml")
    plan = {**yaml_model_load("yolo11n.yaml"), "nc": len(names)}
    arguments, own.model = own.model.args, DetectionModel(plan, verbose=False)
    own.model.args, own.model.names = arguments, names
    target = home / "models" / name
    own.save(target)
    return target


def test_custom_pytorch_weights_are_exported_once(home: Path) -> None:
    weights = _save_pt(home, "site.pt", {0: "head", 1: "helmet", 2: "bag"})
    told: list[str] = []
    first = _store(home, "site.pt", classes=("head", "helmet"))
    info = first.prepare(told.append)
    assert (info.name, info.runtime) == ("site", "openvino")
    assert any("Exporting site.pt" in line for line in told)
    detector = first.open_detector(DetectionChoice(model="site.pt"))
    assert len(detector.detect(image(width=640, height=360))) == 0, "untrained: sure of nobody"
    assert (detector.info.input_hw, detector.info.remedy) == ((192, 320), "")
    detector.close()
    own = first.available()[0]
    assert (own.name, own.classes, own.problem) == ("site.pt", ("head", "helmet"), "")
    first.check_choice("site.pt")
    first.close()

    told.clear()
    second = _store(home, "site.pt")
    assert "name them in YOLO_CLASSES" in second.available()[0].problem
    with pytest.raises(ModelError, match="none of its classes"):
        second.prepare(told.append)
    assert not any("Exporting" in line for line in told)
    second.close()
    left = sorted(path.name for path in (home / "models").iterdir())
    assert len(left) == 2 and left[1] == weights.name, "no scratch folder stays behind"


def test_a_zip_that_is_no_model_is_refused_by_name(home: Path) -> None:
    shutil.make_archive(str(home / "models" / "yolo11n"), "zip", home, "models")
    (home / "models" / "yolo11n.zip").rename(home / "models" / "yolo11n.pt")
    store = _store(home, "yolo11n.pt")
    with pytest.raises(ModelError, match=r"yolo11n\.pt cannot be exported"):
        store.prepare()
    store.close()


@pytest.fixture
def silent_host() -> Iterator[str]:
    """A host that accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"


def test_a_silent_download_host_costs_little_and_only_once(home: Path, silent_host: str) -> None:
    clock = ManualClock()
    limits = DownloadParams(probe_url=silent_host, probe_timeout_s=2.0)
    store = _store(home, "yolo11n.pt", offline=False, clock=clock, download=limits)
    started = time.monotonic()
    with pytest.raises(ModelError):
        store.prepare()
    assert time.monotonic() - started < 10
    assert "cannot be downloaded" in _refusals(store)["download of yolo11n.pt"]
    store.close()

    again = _store(home, "yolo11n.pt", offline=False, clock=clock, download=limits)
    with pytest.raises(ModelError):
        again.prepare()
    assert "tried less than a day ago" in _refusals(again)["download of yolo11n.pt"]
    clock.advance(25 * 3600)
    with pytest.raises(ModelError):
        again.prepare()
    assert "tried less than a day ago" not in _refusals(again)["download of yolo11n.pt"]
    again.close()


def test_offline_nothing_is_asked(home: Path) -> None:
    asked: list[str] = []

    class Host(http.server.BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            asked.append(self.path)

    server = http.server.HTTPServer(("127.0.0.1", 0), Host)
    thread = threading.Thread(target=server.serve_forever, name="host")
    thread.start()
    limits = DownloadParams(probe_url=f"http://127.0.0.1:{server.server_port}/")
    store = _store(home, "yolo11n.pt", offline=True, download=limits)
    with pytest.raises(ModelError):
        store.prepare()
    server.shutdown()
    thread.join()
    server.server_close()
    assert asked == []
    assert "offline" in _refusals(store)["download of yolo11n.pt"]
    store.close()


def test_custom_names_are_never_asked_for(home: Path) -> None:
    store = _store(home, "stadium.pt", offline=False)
    with pytest.raises(ModelError):
        store.prepare()
    assert set(_refusals(store)) == {"stadium.pt", "reduced-accuracy fallback"}
    assert "cannot be fetched" in _refusals(store)["reduced-accuracy fallback"]
    store.close()


def test_a_broken_fallback_is_fetched_anew(home: Path) -> None:
    folder = home / "models" / FALLBACK_FOLDER
    folder.mkdir()
    for suffix in (".xml", ".bin"):
        (folder / f"{FALLBACK_NAME}{suffix}").write_bytes(b"broken")
    store = _store(home, "stadium.pt", offline=False)
    with pytest.raises(ModelError):
        store.prepare()
    assert "cannot be fetched" in _refusals(store)["reduced-accuracy fallback"]
    store.close()
