"""Typed, frozen settings; the only reader of the environment and of ``.env``."""

from __future__ import annotations

import os
import re
import secrets
from datetime import tzinfo
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from cryptography.fernet import Fernet
from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

PROJECT_ROOT = Path(__file__).resolve().parent
MAX_CLASS_NAME = 60
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,119}")
_RATE = re.compile(
    r"[1-9][0-9]* ?(/|per) ?([1-9][0-9]* ?)?(second|minute|hour|day)s?", re.IGNORECASE
)


class Settings(BaseSettings):
    """Settings from the environment, then ``.env``, then the defaults below.

    Field names are the environment variables, lower case; the aliases give the exact names.
    """

    model_config = SettingsConfigDict(
        env_file=PROJECT_ROOT / ".env",
        env_file_encoding="utf-8",
        frozen=True,
        extra="ignore",
    )

    home: Path = Field(PROJECT_ROOT, alias="CROWDSAFE_HOME")
    host: str = Field("127.0.0.1", alias="CROWDSAFE_HOST")
    port: int = Field(5001, alias="CROWDSAFE_PORT", ge=0, le=65535)
    threads: int = Field(128, alias="CROWDSAFE_THREADS", ge=8, le=2000)
    database_url_raw: str | None = Field(None, alias="DATABASE_URL")
    secret_key_raw: str | None = Field(None, alias="SECRET_KEY", min_length=32, repr=False)
    encryption_key_raw: str | None = Field(None, alias="CROWDSAFE_ENCRYPTION_KEY", repr=False)
    admin_password: str | None = Field(
        None, alias="CROWDSAFE_ADMIN_PASSWORD", min_length=10, repr=False
    )
    demo_camera: bool = Field(True, alias="CROWDSAFE_DEMO_CAMERA")
    timezone_name: str = Field("UTC", alias="CROWDSAFE_TIMEZONE")
    public_https: bool = Field(False, alias="CROWDSAFE_HTTPS")
    trusted_proxies: int = Field(0, alias="CROWDSAFE_TRUSTED_PROXIES", ge=0, le=5)
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = Field((), alias="CROWDSAFE_ALLOWED_HOSTS")
    registration_open: bool = Field(False, alias="CROWDSAFE_REGISTRATION")
    access_token_minutes: int = Field(15, alias="CROWDSAFE_ACCESS_MINUTES", ge=1, le=1440)
    refresh_token_days: int = Field(14, alias="CROWDSAFE_REFRESH_DAYS", ge=1, le=365)
    login_rate_limit: str = Field("10 per minute", alias="CROWDSAFE_LOGIN_RATE_LIMIT")
    redis_url: str | None = Field(None, alias="REDIS_URL", repr=False)

    yolo_model: str = Field("yolo11s.pt", alias="YOLO_MODEL")
    yolo_confidence: float = Field(0.25, alias="YOLO_CONFIDENCE", gt=0, lt=1)
    yolo_iou: float = Field(0.5, alias="YOLO_IOU", gt=0, lt=1)
    yolo_imgsz: int = Field(960, alias="YOLO_IMGSZ", ge=320, le=1920, multiple_of=32)
    inference_precision: Literal["auto", "f32", "bf16", "f16"] = Field(
        "auto", alias="CROWDSAFE_PRECISION"
    )
    inference_runtime: Literal["auto", "openvino", "onnxruntime", "torch"] = Field(
        "auto", alias="INFERENCE_RUNTIME"
    )
    inference_device: str = Field(
        "auto", alias="INFERENCE_DEVICE", pattern=r"^(auto|cpu|gpu(\.\d{1,2})?|cuda(:\d{1,2})?)$"
    )
    yolo_classes: Annotated[tuple[str, ...], NoDecode] = Field((), alias="YOLO_CLASSES")
    density_model: str = Field("auto", alias="DENSITY_MODEL")
    density_interval_s: float = Field(1.0, alias="DENSITY_INTERVAL_S", ge=0.2, le=4)
    offline: bool = Field(False, alias="CROWDSAFE_OFFLINE")

    file_source_folders_raw: Annotated[tuple[Path, ...], NoDecode] = Field(
        (), alias="CROWDSAFE_FILE_FOLDERS"
    )
    allow_private_sources: bool = Field(True, alias="CROWDSAFE_ALLOW_PRIVATE_SOURCES")
    source_open_timeout_s: float = Field(10.0, alias="CROWDSAFE_OPEN_TIMEOUT_S", gt=0, le=120)
    source_read_timeout_s: float = Field(5.0, alias="CROWDSAFE_READ_TIMEOUT_S", gt=0, le=120)
    video_decoding: Literal[
        "auto", "software", "cuda", "vaapi", "videotoolbox", "d3d11va", "qsv"
    ] = Field("auto", alias="VIDEO_DECODING")
    max_upload_mb: int = Field(4096, alias="CROWDSAFE_MAX_UPLOAD_MB", ge=1)
    max_video_minutes: int = Field(720, alias="CROWDSAFE_MAX_VIDEO_MINUTES", ge=1)
    max_video_megapixels: float = Field(36.0, alias="CROWDSAFE_MAX_VIDEO_MEGAPIXELS", gt=0)

    recording_segment_s: int = Field(300, alias="CROWDSAFE_SEGMENT_S", ge=5, le=3600)
    recording_height: int = Field(720, alias="CROWDSAFE_RECORDING_HEIGHT", ge=240, le=2160)
    recording_days: int = Field(14, alias="CROWDSAFE_RECORDING_DAYS", ge=1)
    recording_min_free_mb: int = Field(1024, alias="CROWDSAFE_MIN_FREE_MB", ge=0)
    stream_max_fps: float = Field(12.0, alias="CROWDSAFE_STREAM_FPS", gt=0, le=60)
    stream_width: int = Field(960, alias="CROWDSAFE_STREAM_WIDTH", ge=320, le=3840)
    heatmap_sigma_px: float = Field(15.0, alias="HEATMAP_SIGMA", gt=0, le=200)

    cluster_eps_px: float | None = Field(None, alias="CLUSTER_EPS_PX")
    cluster_min_samples: int | None = Field(None, alias="CLUSTER_MIN_SAMPLES")
    anomaly_velocity_zscore: float | None = Field(None, alias="ANOMALY_VELOCITY_ZSCORE")
    coherence_window: int | None = Field(None, alias="COHERENCE_WINDOW")
    proximity_threshold_px: float | None = Field(None, alias="PROXIMITY_THRESHOLD_PX")
    ema_alpha: float | None = Field(None, alias="EMA_ALPHA")
    telegram_bot_token: str | None = Field(None, alias="TELEGRAM_BOT_TOKEN", repr=False)
    telegram_chat_id: str | None = Field(None, alias="TELEGRAM_CHAT_ID")
    telegram_base_url: str = Field("https://api.telegram.org", alias="TELEGRAM_BASE_URL")

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", alias="CROWDSAFE_LOG_LEVEL"
    )
    log_json: bool = Field(False, alias="CROWDSAFE_LOG_JSON")

    @field_validator("home")
    @classmethod
    def _absolute_home(cls, value: Path) -> Path:
        return value.expanduser().resolve()

    @field_validator("timezone_name")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(
                f"CROWDSAFE_TIMEZONE {value!r} is not an IANA zone such as Europe/Berlin"
            ) from error
        return value

    @field_validator("encryption_key_raw")
    @classmethod
    def _usable_key(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                Fernet(value)
            except ValueError as error:
                raise ValueError(
                    "must be a Fernet key: 32 url-safe base64-encoded bytes"
                ) from error
        return value

    @field_validator("login_rate_limit")
    @classmethod
    def _known_rate(cls, value: str) -> str:
        if _RATE.fullmatch(value.strip()) is None:
            raise ValueError(f"CROWDSAFE_LOGIN_RATE_LIMIT {value!r} is not like '10 per minute'")
        return value

    @field_validator("allowed_hosts", "yolo_classes", mode="before")
    @classmethod
    def _split_at_commas(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("yolo_classes")
    @classmethod
    def _known_class_names(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for name in value:
            if len(name) > MAX_CLASS_NAME or not name.isprintable():
                raise ValueError(
                    f"YOLO_CLASSES: {name[:40]!r} is not a class name; give names such as "
                    "'person, rider', or class numbers, separated by commas"
                )
        return tuple(name.lower() for name in value)

    @field_validator("density_model")
    @classmethod
    def _known_density_choice(cls, value: str) -> str:
        name = value.strip()
        if name.lower() in {"auto", "off"}:
            return name.lower()
        if _FILE_NAME.fullmatch(name) is None:
            raise ValueError(
                f"DENSITY_MODEL {value[:60]!r} is not 'auto', 'off' or the name of a weight file "
                "in models/; give the name without a folder"
            )
        return name

    @field_validator("file_source_folders_raw", mode="before")
    @classmethod
    def _split_folders(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(Path(part) for part in value.split(os.pathsep) if part.strip())
        return value

    @cached_property
    def timezone(self) -> tzinfo:
        """Zone of the venue, for reports and defaults."""
        return ZoneInfo(self.timezone_name)

    @property
    def instance_dir(self) -> Path:
        """Database, keys and caches."""
        return self.home / "instance"

    @cached_property
    def database_url(self) -> str:
        """SQLAlchemy URL; SQLite in instance/ unless DATABASE_URL says otherwise."""
        return self.database_url_raw or f"sqlite:///{self.instance_dir / 'crowdsafe.db'}"

    @cached_property
    def secret_key(self) -> str:
        """SECRET_KEY, or one generated once and kept in instance/secret_key."""
        return self.secret_key_raw or self._kept_key("secret_key", secrets.token_urlsafe(48))

    @cached_property
    def encryption_key(self) -> str:
        """CROWDSAFE_ENCRYPTION_KEY, or one generated once and kept in instance/encryption_key."""
        return self.encryption_key_raw or self._kept_key(
            "encryption_key", Fernet.generate_key().decode()
        )

    @cached_property
    def file_source_folders(self) -> tuple[Path, ...]:
        """Folders ``file`` cameras may read; ``videos/`` below the home by default."""
        folders = self.file_source_folders_raw or (self.home / "videos",)
        return tuple(folder.expanduser().resolve() for folder in folders)

    @cached_property
    def live_defaults(self) -> dict[str, object]:
        """Live settings given in the environment; the settings page overrides them."""
        names = (
            "cluster_eps_px",
            "cluster_min_samples",
            "anomaly_velocity_zscore",
            "coherence_window",
            "proximity_threshold_px",
            "ema_alpha",
            "telegram_bot_token",
            "telegram_chat_id",
        )
        return {name: value for name in names if (value := getattr(self, name)) is not None}

    def _kept_key(self, name: str, fresh: str) -> str:
        """Read the key file ``name``; create it (owner-readable only) the first time."""
        path = self.instance_dir / name
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return path.read_text(encoding="utf-8").strip()
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(fresh)
        return fresh


def load_settings() -> Settings:
    """Read the environment once; raises pydantic's ValidationError naming the bad variable."""
    return Settings()
