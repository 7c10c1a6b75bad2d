"""What a detection on demand says of locations: a count that is entered, or why it is not."""

from __future__ import annotations

from dataclasses import dataclass

from backend.core.errors import InvalidInputError
from backend.core.locations import AreaRef, CountSource, Location
from backend.core.trust import Trust
from backend.db import camera_store, location_store
from backend.db.base import SessionFactory
from backend.services.actor import Actor
from backend.services.detection.views import DetectionView, LocationUpdateView
from backend.services.live_state import LiveState
from backend.services.locations.entries import EntryDraft, LocationEntries
from backend.services.locations.stored import load_stored


@dataclass(frozen=True, slots=True)
class LocationCounts:
    """Enters what a camera was found to show where nothing measures it all the time.

    Attributes:
        session_factory: Reads locations.
        live: Knows which cameras measure now.
        entries: Takes the numbers.
    """

    session_factory: SessionFactory
    live: LiveState
    entries: LocationEntries

    def note(self, actor: Actor, view: DetectionView) -> tuple[LocationUpdateView, ...]:
        """Enter a camera's count in the locations it alone shows; returns every one it is in."""
        if view.camera_id is None:
            return ()
        with self.session_factory() as session:
            camera = camera_store.find_camera(session, view.camera_id)
            if camera is None:
                return ()
            ids = location_store.ids_shown_by(session, camera.id)
            shown = [one.location for each in ids for one in load_stored(session, each)[0]]
        return tuple(self._enter(actor, view, location, camera.name) for location in shown)

    def _enter(
        self, actor: Actor, view: DetectionView, location: Location, camera_name: str
    ) -> LocationUpdateView:
        count = round(view.count)
        reason = self._why_not(view, location)
        if not reason:
            high = "" if view.count_high is None else f"–{view.count_high:.0f}"
            draft = EntryDraft(
                count=count,
                source=CountSource.API.value,
                at=view.captured_at,
                note=f"Detection on demand: {view.count:.1f} people ({view.count_low:.0f}{high}) "
                f"found by camera {camera_name}.",
            )
            try:
                entered = self.entries.enter(actor, location.location_id, draft)
            except InvalidInputError as error:
                reason = str(error)
            else:
                return LocationUpdateView(location.location_id, location.name, True, entered.note)
        return LocationUpdateView(location.location_id, location.name, False, reason)

    def _why_not(self, view: DetectionView, location: Location) -> str:
        """Return why a count is not the location's; empty where it is."""
        camera_id = view.camera_id or 0
        if location.areas != (AreaRef(camera_id),):
            return "It is not this camera's whole picture alone: its number is made of other areas."
        if not location.cameras_see_all:
            return "This camera does not show everybody in it."
        if view.is_running or self.live.is_fresh(camera_id):
            return "The running camera measures it all the time."
        if view.trust == Trust.UNKNOWN.value:
            return "The picture cannot be counted."
        if view.count_high is None:
            return f"The picture is too dense to be counted: at least {view.count_low:.0f} people."
        return ""
