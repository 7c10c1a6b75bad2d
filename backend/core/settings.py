"""The settings a process is started with, as the rooms below ``config.py`` see them.

``config.py`` reads the environment and hands an object of this shape to ``create_app``;
nothing in ``backend`` imports ``config``.
"""

from __future__ import annotations

from datetime import tzinfo
from pathlib import Path
from typing import Protocol


class Settings(Protocol):
    """Frozen start-up settings; names and units as in the configuration table of the README."""

    @property
    def home(self) -> Path:
        """Folder that holds instance/, uploads/, recordings/, models/ and logs/."""

    @property
    def host(self) -> str: ...
    @property
    def port(self) -> int: ...
    @property
    def threads(self) -> int:
        """Requests, streams and sockets served at the same time."""

    @property
    def database_url(self) -> str: ...
    @property
    def secret_key(self) -> str:
        """Key for session tokens; read from the key file in instance/ when not given."""

    @property
    def encryption_key(self) -> str:
        """Fernet key for secrets at rest; kept outside the database."""

    @property
    def admin_password(self) -> str | None: ...
    @property
    def demo_camera(self) -> bool:
        """An installation that never had a camera begins with a simulated one."""

    @property
    def timezone(self) -> tzinfo: ...
    @property
    def public_https(self) -> bool:
        """Cookies carry ``Secure`` and HSTS is sent: the site is served over TLS."""

    @property
    def trusted_proxies(self) -> int:
        """Number of proxies in front whose X-Forwarded-* headers are believed; 0 = none."""

    @property
    def allowed_hosts(self) -> tuple[str, ...]:
        """Host names the site answers to; empty = any well-formed name."""

    @property
    def registration_open(self) -> bool: ...
    @property
    def access_token_minutes(self) -> int: ...
    @property
    def refresh_token_days(self) -> int: ...
    @property
    def login_rate_limit(self) -> str: ...
    @property
    def redis_url(self) -> str | None: ...

    # model
    @property
    def yolo_model(self) -> str: ...
    @property
    def yolo_confidence(self) -> float: ...
    @property
    def yolo_iou(self) -> float: ...
    @property
    def yolo_imgsz(self) -> int: ...
    @property
    def inference_precision(self) -> str:
        """``auto`` (fastest the CPU carries), ``f32``, ``bf16`` or ``f16``."""

    @property
    def inference_runtime(self) -> str:
        """``auto``, ``openvino``, ``onnxruntime`` or ``torch``."""

    @property
    def inference_device(self) -> str:
        """``auto``, ``cpu``, ``gpu`` (Intel), ``gpu.1``, ``cuda`` or ``cuda:0`` …"""

    @property
    def yolo_classes(self) -> tuple[str, ...]:
        """Class names, lower case, that count as people; empty = the usual ones."""

    @property
    def density_model(self) -> str:
        """``auto`` (the network that came with CrowdSafe), ``off``, or a file in models/."""

    @property
    def density_interval_s(self) -> float:
        """Seconds between two density maps of a dense place, at most 4: a map counts for 5."""

    @property
    def offline(self) -> bool:
        """Never try to download weights."""

    # sources
    @property
    def file_source_folders(self) -> tuple[Path, ...]:
        """``file`` cameras may only open videos below these folders."""

    @property
    def allow_private_sources(self) -> bool:
        """RTSP/HTTP cameras on private (RFC 1918, loopback) addresses are allowed."""

    @property
    def source_open_timeout_s(self) -> float: ...
    @property
    def source_read_timeout_s(self) -> float: ...
    @property
    def video_decoding(self) -> str:
        """``auto``, ``software``, or the device cameras' pictures are decoded on."""

    @property
    def max_upload_mb(self) -> int: ...
    @property
    def max_video_minutes(self) -> int: ...
    @property
    def max_video_megapixels(self) -> float: ...

    # recording, streaming
    @property
    def recording_segment_s(self) -> int: ...
    @property
    def recording_height(self) -> int: ...
    @property
    def recording_days(self) -> int: ...
    @property
    def recording_min_free_mb(self) -> int: ...
    @property
    def stream_max_fps(self) -> float: ...
    @property
    def stream_width(self) -> int: ...
    @property
    def heatmap_sigma_px(self) -> float: ...

    # live defaults (the settings page overrides them)
    @property
    def live_defaults(self) -> dict[str, object]:
        """Key -> default of every live setting given in the environment (see services.settings)."""

    @property
    def telegram_base_url(self) -> str: ...
    @property
    def log_level(self) -> str: ...
    @property
    def log_json(self) -> bool: ...
