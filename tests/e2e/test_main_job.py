"""The main job, as a person would see it: real process, real network, real video."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import pytest
import requests

from tests.builders import cut_video, write_video
from tests.e2e.world import Client, World, wait_until
from tests.fixtures_rtsp import RtspCamera

pytestmark = [pytest.mark.assets, pytest.mark.timeout(420)]


def _metrics(client: Client, camera: dict[str, Any]) -> list[dict[str, Any]]:
    return client.items(f"/api/metrics/{camera['id']}")


def _alerts(client: Client, camera: dict[str, Any]) -> list[dict[str, Any]]:
    return client.items(f"/api/alerts/?camera_id={camera['id']}")


def test_one_person_at_a_time_is_counted_stored_recorded_and_silent(
    admin: Client, assets: Path, tmp_path: Path
) -> None:
    name = "one-by-one-person-detection.mp4"
    clip = cut_video(assets / "videos" / name, tmp_path / name, seconds=60)
    camera = admin.analyse("One by one", clip)
    assert camera["job"]["state"] == "finished", camera["job"]
    assert camera["job"]["fraction"] == 1.0
    assert camera["job"]["frames_done"] == 600

    # the last rows are stored by the next transaction, up to a second after the last frame
    rows = wait_until(
        lambda: found if len(found := _metrics(admin, camera)) >= 58 else None,
        timeout_s=10.0,
        what="about one row per second",
    )
    assert len(rows) <= 61
    assert max(row["count"] for row in rows) >= 1
    assert {row["risk_level"] for row in rows} == {"SAFE"}
    assert {row["density_per_m2"] for row in rows} == {None}, "no area was given"
    assert _alerts(admin, camera) == []

    recordings = admin.items(f"/api/recordings/?camera_id={camera['id']}")
    assert recordings
    video = admin.call("GET", f"/api/recordings/{recordings[0]['id']}/video?download=1")
    assert video.status_code == 200
    assert "attachment" in video.headers["Content-Disposition"]
    with av.open(io.BytesIO(video.content)) as container:
        assert container.streams.video[0].codec_context.name == "h264"
    part = admin.call(
        "GET", f"/api/recordings/{recordings[0]['id']}/video", headers={"Range": "bytes=0-99"}
    )
    assert (part.status_code, len(part.content)) == (206, 100)


def test_an_empty_scene_stays_safe_and_silent(admin: Client, tmp_path: Path) -> None:
    video = write_video(tmp_path / "empty.mp4", frames=300, width=640, height=360, moving=False)
    camera = admin.analyse("Empty", video)
    assert camera["job"]["state"] == "finished", camera["job"]
    rows = _metrics(admin, camera)
    assert {row["count"] for row in rows} == {0}
    assert {row["risk_level"] for row in rows} == {"SAFE"}
    assert _alerts(admin, camera) == []


@pytest.mark.parametrize("name", ["street-night-dense.mp4", "stadium-stand-dense.mp4"])
def test_a_crowd_the_detector_cannot_see_is_never_safe_with_trust_ok(
    admin: Client, assets: Path, name: str
) -> None:
    camera = admin.analyse(name, assets / "videos" / name)
    rows = _metrics(admin, camera)
    assert rows
    for row in rows:
        assert not (row["risk_level"] == "SAFE" and row["trust"] == "ok"), row
    # boxes find next to nobody here: the density map counts, and nothing says how full it is
    last = rows[-1]
    assert last["count_method"] in {"map", "blend"}, last
    assert last["trust"] == "estimated", last
    assert last["risk_level"] != "SAFE", last
    assert last["count_low"] > 60
    assert last["count_low"] < last["count"] < last["count_high"]


@pytest.mark.parametrize(
    ("content", "word"), [(b"", "empty"), (b"this is not a video" * 100, "video")]
)
def test_what_is_not_a_video_is_refused_in_plain_words(
    admin: Client, content: bytes, word: str
) -> None:
    camera = admin.add_camera(name=f"Refused {len(content)}", source_type="upload")
    problem = admin.json(
        "POST",
        f"/api/cameras/{camera['id']}/upload",
        expect=422,
        files={"video": ("clip.mp4", content)},
    )
    assert word in problem["detail"].lower()


def test_a_viewer_may_look_but_not_add_cameras(admin: Client, world: World) -> None:
    admin.json(
        "POST",
        "/api/users/",
        expect=201,
        json={"username": "vera", "password": "only-here-to-look", "role": "viewer"},
    )
    viewer = Client(world.base_url, "vera", "only-here-to-look")
    body = viewer.login()
    if body["user"]["must_change_password"]:
        viewer.json(
            "PATCH",
            "/api/auth/me",
            json={"current_password": viewer.password, "new_password": "still-only-looking"},
        )
        viewer.password = "still-only-looking"
        viewer.login()
    assert viewer.json("GET", "/api/cameras/")["total"] >= 0
    refused = viewer.call(
        "POST",
        "/api/cameras/",
        json={"name": "Mine", "source_type": "rtsp", "source": "rtsp://127.0.0.1/x"},
    )
    assert refused.status_code == 403
    assert refused.headers["Content-Type"].startswith("application/problem+json")


def test_an_rtsp_camera_survives_its_server_and_the_process_survives_a_crash(
    admin: Client, world: World, rtsp_camera: RtspCamera
) -> None:
    camera = admin.add_camera(name="Gate", source_type="rtsp", source=rtsp_camera.url)
    path = f"/api/cameras/{camera['id']}"
    admin.json("POST", f"{path}/start")

    def status(wanted: str) -> dict[str, Any]:
        def ask() -> dict[str, Any] | None:
            seen: dict[str, Any] = admin.json("GET", path)
            return seen if seen["status"]["status"] == wanted else None

        return wait_until(ask, timeout_s=60, what=f"status {wanted}")

    status("live")
    wait_until(lambda: admin.json("GET", path)["current"], timeout_s=30, what="the first numbers")
    assert next(_jpegs(admin, path)).startswith(b"\xff\xd8")

    rtsp_camera.kill()
    lost = status("reconnecting")
    assert lost["status"]["message"]
    wait_until(
        lambda: admin.json("GET", f"/api/metrics/{camera['id']}/current")["trust"] == "unknown",
        timeout_s=30,
        what="the stale numbers to be marked unknown",
    )
    rtsp_camera.start()
    status("live")

    world.stop(kill=True)
    world.start()
    admin.login()
    status("live")
    admin.json("POST", f"{path}/stop")
    status("offline")


def _jpegs(client: Client, path: str) -> Iterator[bytes]:
    """Yield the pictures of the live MJPEG stream."""
    with client.call("GET", f"{path}/stream", stream=True) as answer:
        assert answer.headers["Content-Type"].startswith("multipart/x-mixed-replace")
        pending = b""
        for chunk in answer.iter_content(8192):
            pending += chunk
            begin, end = pending.find(b"\xff\xd8"), pending.find(b"\xff\xd9")
            if 0 <= begin < end:
                yield pending[begin : end + 2]
                pending = pending[end + 2 :]


def test_nothing_but_the_bare_health_answer_is_open(world: World) -> None:
    assert requests.get(f"{world.base_url}/healthz", timeout=5).json() == {"status": "ok"}
    for path in ("/api/cameras/", "/api/system/health", "/api/openapi.json"):
        assert requests.get(world.base_url + path, timeout=5).status_code == 401
