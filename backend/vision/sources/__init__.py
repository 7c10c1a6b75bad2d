"""Video sources: files, uploads, RTSP, HTTP and USB cameras as one `FrameSource`."""

from backend.vision.sources.base import (
    FrameSource,
    ProbeResult,
    SourceLimits,
    SourceStart,
)
from backend.vision.sources.factory import make_source
from backend.vision.sources.probe import probe_source, probe_upload
from backend.vision.sources.redact import redact_source
from backend.vision.sources.validate import validate_source

__all__ = [
    "FrameSource",
    "ProbeResult",
    "SourceLimits",
    "SourceStart",
    "make_source",
    "probe_source",
    "probe_upload",
    "redact_source",
    "validate_source",
]
