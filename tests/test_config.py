"""config.py: environment in, frozen settings out."""

from __future__ import annotations

import re
import stat
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from config import PROJECT_ROOT, Settings, load_settings


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home folder named in the environment; no .env is read."""
    monkeypatch.setenv("CROWDSAFE_HOME", str(tmp_path))
    monkeypatch.setitem(Settings.model_config, "env_file", None)
    return tmp_path


def test_defaults_are_safe(home: Path) -> None:
    settings = load_settings()
    assert settings.host == "127.0.0.1"
    assert settings.registration_open is False
    assert settings.trusted_proxies == 0
    assert settings.admin_password is None
    assert settings.database_url == f"sqlite:///{home}/instance/crowdsafe.db"
    assert settings.file_source_folders == (home / "videos",)


def test_the_variable_HOME_is_not_our_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CROWDSAFE_HOME")
    monkeypatch.setenv("HOME", "/somewhere/else")
    assert load_settings().home == PROJECT_ROOT


def test_keys_are_generated_once_and_readable_by_the_owner_only(home: Path) -> None:
    first, second = load_settings(), load_settings()
    assert first.secret_key == second.secret_key
    assert first.encryption_key == second.encryption_key
    for name in ("secret_key", "encryption_key"):
        assert stat.S_IMODE((home / "instance" / name).stat().st_mode) == 0o600


def test_settings_are_frozen(home: Path) -> None:
    with pytest.raises(ValidationError):
        load_settings().port = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CROWDSAFE_TIMEZONE", "Mars/Olympus"),
        ("YOLO_IMGSZ", "641"),
        ("YOLO_CONFIDENCE", "1.5"),
        ("CROWDSAFE_PORT", "70000"),
        ("SECRET_KEY", "short"),
        ("CROWDSAFE_ADMIN_PASSWORD", "short"),
        ("CROWDSAFE_PRECISION", "f8"),
        ("INFERENCE_RUNTIME", "caffe"),
        ("INFERENCE_DEVICE", "cuda:x"),
        ("INFERENCE_DEVICE", "gpu:0"),
        ("DENSITY_MODEL", "models/square.onnx"),
        ("DENSITY_MODEL", "../square.onnx"),
        ("DENSITY_MODEL", ""),
        ("DENSITY_INTERVAL_S", "0.1"),
        ("DENSITY_INTERVAL_S", "5"),
        ("YOLO_CLASSES", "person,\x07"),
        ("YOLO_CLASSES", "p" * 61),
    ],
)
def test_a_bad_value_names_its_variable(
    home: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError, match=name):
        load_settings()


def test_inference_settings(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load_settings()
    assert (settings.inference_runtime, settings.inference_device) == ("auto", "auto")
    assert settings.yolo_classes == ()
    monkeypatch.setenv("INFERENCE_RUNTIME", "torch")
    monkeypatch.setenv("INFERENCE_DEVICE", "cuda:1")
    monkeypatch.setenv("YOLO_CLASSES", "Pedestrian, rider,,")
    settings = load_settings()
    assert (settings.inference_runtime, settings.inference_device) == ("torch", "cuda:1")
    assert settings.yolo_classes == ("pedestrian", "rider")


def test_density_settings(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load_settings()
    assert (settings.density_model, settings.density_interval_s) == ("auto", 1.0)
    for given, meant in (("OFF", "off"), (" auto ", "auto"), ("square.onnx", "square.onnx")):
        monkeypatch.setenv("DENSITY_MODEL", given)
        assert load_settings().density_model == meant


def test_folders_split_at_the_path_separator(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CROWDSAFE_FILE_FOLDERS", f"{home}/a:{home}/b")
    assert load_settings().file_source_folders == (home / "a", home / "b")


def test_live_defaults_hold_only_what_the_environment_gives(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert load_settings().live_defaults == {}
    monkeypatch.setenv("EMA_ALPHA", "0.5")
    assert load_settings().live_defaults == {"ema_alpha": 0.5}


def test_the_time_zone_is_an_object(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CROWDSAFE_TIMEZONE", "Asia/Kolkata")
    assert load_settings().timezone == ZoneInfo("Asia/Kolkata")


def test_secrets_stay_out_of_the_representation(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "123:very-secret")
    assert "very-secret" not in repr(load_settings())


def test_the_example_file_names_every_setting_and_nothing_else() -> None:
    text = (PROJECT_ROOT / ".env.example").read_text(encoding="utf-8")
    named = set(re.findall(r"^#?([A-Z][A-Z0-9_]+)=", text, flags=re.MULTILINE))
    assert named == {str(field.alias) for field in Settings.model_fields.values()}
