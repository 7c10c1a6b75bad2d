"""The first camera of a new installation: a simulated crowd, so that the dashboard lives at once.

Runs before every start of the server and so imports next to nothing until there is work.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Engine, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.core.camera import SourceType
from backend.core.clock import Clock, SystemClock
from backend.db.accounts import AuditEntry
from backend.db.base import make_session_factory
from backend.db.cameras import Camera
from backend.services.actor import SYSTEM_ACTOR
from backend.services.audit import AuditLog
from backend.services.secret_box import SecretBox

NAME: Final = "Simulated crowd"
SCENARIO: Final = "peak"


def ensure_first_camera(
    engine: Engine, *, encryption_key: str, clock: Clock | None = None
) -> int | None:
    """Add the simulated camera, wanted to run, where there never was any camera.

    Once it is deleted it stays away: the audit trail remembers it.

    Args:
        engine: The migrated database.
        encryption_key: For the source at rest.
        clock: The machine's own unless a test brings one.

    Returns:
        Its id, None where nothing was to be done.
    """
    clock = clock or SystemClock()
    try:
        with make_session_factory(engine)() as session, session.begin():
            if _had_a_camera(session):
                return None
            camera = _new_camera(clock, SecretBox(encryption_key))
            session.add(camera)
            session.flush()
            AuditLog(clock=clock).record(
                session,
                SYSTEM_ACTOR,
                action="camera.create",
                object_type="camera",
                object_id=camera.id,
                after={"name": NAME, "source_type": camera.source_type, "source_display": SCENARIO},
            )
            return camera.id
    except IntegrityError:
        return None  # another process of this installation was quicker


def _had_a_camera(session: Session) -> bool:
    cameras = session.scalar(select(func.count(Camera.id)))
    if cameras:
        return True
    remembered = select(AuditEntry.id).where(AuditEntry.object_type == "camera").limit(1)
    return session.scalars(remembered).first() is not None


def _new_camera(clock: Clock, secret_box: SecretBox) -> Camera:
    from backend.services.simulation.known import use_scenario  # noqa: PLC0415 - seldom needed

    now = clock.now()
    camera = Camera(
        name=NAME,
        source_type=SourceType.SIMULATED.value,
        source_encrypted=secret_box.encrypt(SCENARIO),
        source_display=SCENARIO,
        # nobody looks at days of a drawn crowd; real recordings need the disk
        record=False,
        should_run=True,
        run_count=0,
        created_at=now,
        updated_at=now,
    )
    use_scenario(camera, {}, before="", now=SCENARIO)
    return camera
