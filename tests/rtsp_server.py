"""A real RTSP camera for tests: H.264 test pictures on rtsp://127.0.0.1:PORT/cam.

Run by the system's Python (Debian: python3-gi, gir1.2-gst-rtsp-server-1.0), not by the
virtual environment's. Prints "ready PORT" when it listens and runs until it is killed.

    python3 rtsp_server.py [PORT] [--user NAME:PASSWORD]
"""

from __future__ import annotations

import argparse
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402 - after require_version

PIPELINE = (
    "( videotestsrc is-live=true pattern=ball ! "
    "video/x-raw,width=320,height=240,framerate=25/1 ! "
    "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=25 bitrate=300 threads=1 ! "
    "video/x-h264,profile=baseline ! rtph264pay name=pay0 pt=96 config-interval=1 )"
)


def require_password(server: GstRtspServer.RTSPServer, user: str, password: str) -> None:
    """Let in only ``user`` with ``password`` (HTTP Basic)."""
    auth = GstRtspServer.RTSPAuth()
    token = GstRtspServer.RTSPToken()
    token.set_string(GstRtspServer.RTSP_TOKEN_MEDIA_FACTORY_ROLE, "viewer")
    auth.add_basic(GstRtspServer.RTSPAuth.make_basic(user, password), token)
    server.set_auth(auth)


def main() -> int:
    """Serve until killed."""
    parser = argparse.ArgumentParser(description="RTSP test camera")
    parser.add_argument("port", type=int, nargs="?", default=0)
    parser.add_argument("--user", default="")
    arguments = parser.parse_args()
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(str(arguments.port))
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(PIPELINE)
    factory.set_shared(True)
    if arguments.user:
        user, _, password = arguments.user.partition(":")
        require_password(server, user, password)
        factory.add_role_from_structure(
            Gst.Structure.new_from_string(
                "viewer,media.factory.access=true,media.factory.construct=true"
            )
        )
    server.get_mount_points().add_factory("/cam", factory)
    if server.attach(None) == 0:
        sys.stderr.write("cannot listen\n")
        return 1
    sys.stdout.write(f"ready {server.get_bound_port()}\n")
    sys.stdout.flush()
    GLib.MainLoop().run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
