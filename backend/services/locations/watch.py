"""The watch of all locations: once a second, from what cameras see and people send in."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from types import MappingProxyType
from typing import Final, TypeAlias

from sqlalchemy.exc import SQLAlchemyError

from backend.core.clock import Clock
from backend.core.duration import age_words
from backend.core.locations import CountEntry, Location, LocationReading
from backend.core.trust import Trust
from backend.db.base import SessionFactory
from backend.risk.blindness import MIN_STALE_S, HeldRisk
from backend.risk.params import RiskParams
from backend.services.live_state import LiveState
from backend.services.location_alerts import LocationListener, LocationNews
from backend.services.locations.balance_rows import save_balances
from backend.services.locations.health import WatchStats
from backend.services.locations.minutes import MinuteLog
from backend.services.locations.sights import CameraSights, Sights
from backend.services.locations.watch_load import ReadDefinitions, read_definitions
from backend.services.locations.watched import WatchedLocation

logger = logging.getLogger(__name__)

ROUND_S: Final = 1.0
RETRY_S: Final = 5.0
"""Pause before definitions are read again that could not be."""
WRITE_S: Final = 60.0
"""Time between two transactions of minutes and balances."""

Chore: TypeAlias = Callable[[datetime, float], None]
"""Done after the readings of each round, with its time: aware UTC and monotonic seconds."""
_Command: TypeAlias = Callable[[WatchedLocation], None]


class LocationWatch:
    """Thread ``locations``: owns the meters, levels and minutes of all locations.

    Other threads read what it has published, or leave it a command.

    Args:
        session_factory, clock: As everywhere.
        live: What cameras see.
        alerts: Told of every reading.
        params: Live settings to begin with.
        chores: Done after the readings of each round, on the same thread; one that raises is
            logged and counted.
    """

    def __init__(
        self,
        *,
        session_factory: SessionFactory,
        clock: Clock,
        live: LiveState,
        alerts: LocationListener,
        params: RiskParams,
        chores: tuple[Chore, ...] = (),
    ) -> None:
        self._open = session_factory
        self._clock = clock
        self._alerts = alerts
        self._chores = chores
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        # filled by any thread, emptied by its own
        self._is_changed = threading.Event()
        self._is_changed.set()
        self._commands: deque[tuple[int, _Command]] = deque()
        self._new_params: deque[RiskParams] = deque((params,), maxlen=1)
        # owned by the thread
        self._params = params
        self._watched: dict[int, WatchedLocation] = {}
        self._cameras = CameraSights(live)
        self._minutes = MinuteLog(session_factory)
        self._load_at_s = self._write_at_s = 0.0
        self._rounds = self._failures = self._load_failures = self._write_failures = 0
        # published, replaced as a whole
        self._in_force: tuple[Location, ...] = ()
        self._news: Mapping[int, LocationNews] = MappingProxyType({})

    def add_chore(self, chore: Chore) -> None:
        """Append a chore; only while the application is being built."""
        self._chores += (chore,)

    def reload(self) -> None:
        """Read the definitions again at the next round; for any thread."""
        self._is_changed.set()

    def enter(self, location_id: int, entry: CountEntry) -> None:
        """Take a number that was sent in from the next round on; for any thread."""
        self._commands.append(
            (location_id, lambda watched: watched.enter(entry, now=self._clock.now()))
        )

    def correct(self, location_id: int, count: float, *, at: datetime) -> None:
        """Begin a balance of lines anew at the next round; for any thread."""
        self._commands.append((location_id, lambda watched: watched.correct(count, at=at)))

    def set_params(self, params: RiskParams) -> None:
        """Use other live settings from the next round on; for any thread."""
        self._new_params.append(params)

    def locations(self) -> tuple[Location, ...]:
        """Return the locations in force, by name."""
        return self._in_force

    def reading(self, location_id: int) -> LocationReading | None:
        """Return what is known of a location now; None until it has been read."""
        news = self._news.get(location_id)
        return None if news is None else self._aged(news)

    def readings(self) -> tuple[LocationReading, ...]:
        """Return what is known of all locations now."""
        return tuple(self._aged(news) for news in self._news.values())

    def stats(self) -> WatchStats:
        """Return counters for health."""
        return WatchStats(
            locations=len(self._in_force),
            rounds=self._rounds,
            failures=self._failures + self._cameras.failures,
            load_failures=self._load_failures,
            unwritten=self._minutes.waiting,
            lost=self._minutes.lost,
            write_failures=self._write_failures,
            is_running=self._thread is not None and self._thread.is_alive(),
        )

    def start(self) -> None:
        """Start the thread; no effect while it runs."""
        if self._thread is not None and self._thread.is_alive():
            return
        self._stop.clear()
        self._thread = threading.Thread(target=self.run, name="locations")
        self._thread.start()

    def stop(self, timeout_s: float = 15.0) -> None:
        """Write what is left and end; idempotent."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout_s)
            if self._thread.is_alive():
                logger.error("locations.stop_timed_out")

    def run(self) -> None:
        """Watch until stopped; a round that comes late is not made up for."""
        next_s = self._clock.monotonic()
        while not self._stop.wait(max(next_s - self._clock.monotonic(), 0.0)):
            self._guarded("round", self.step)
            next_s = max(next_s + ROUND_S, self._clock.monotonic())
        self._guarded("end", self.finish)

    def step(self) -> None:
        """Read every location once, tell of it, write what is due."""
        at, mono_s = self._clock.now(), self._clock.monotonic()
        self._load_if_due(at, mono_s)
        self._obey()
        self._read(at, mono_s)
        for chore in self._chores:
            self._guarded("chore", partial(chore, at, mono_s))
        if mono_s >= self._write_at_s:
            self._write(at, mono_s)
        self._minutes.prune(self._watched, now=at)
        self._rounds += 1

    def finish(self) -> None:
        """Write minutes under way and balances: nothing more will come."""
        at = self._clock.now()
        if not self._minutes.flush():
            logger.error("locations.minutes_lost rows=%s reason=left", self._minutes.waiting)
        self._save_balances(at)

    def _load_if_due(self, at: datetime, mono_s: float) -> None:
        """Read the definitions where they have changed; old ones stay while that fails."""
        if not self._is_changed.is_set() or mono_s < self._load_at_s:
            return
        self._is_changed.clear()  # before the reading: a change meanwhile is read again
        try:
            with self._open() as session:
                read = read_definitions(session, known=self._watched.keys(), now=at)
        except Exception:  # whatever the database holds, what is watched stays watched
            self._is_changed.set()
            self._load_at_s = mono_s + RETRY_S
            self._load_failures += 1
            logger.exception("locations.not_read")
            return
        self._load_failures = 0
        self._go_by(read)

    def _go_by(self, read: ReadDefinitions) -> None:
        watched: dict[int, WatchedLocation] = {}
        for location in read.locations:
            location_id = location.location_id
            known = self._watched.get(location_id) or WatchedLocation(
                location,
                self._params,
                balance=read.balances.get(location_id),
                entries=read.entries.get(location_id, ()),
            )
            known.set_location(location)
            watched[location_id] = known
        self._watched = watched
        self._cameras.want(read.locations)
        self._in_force = read.locations
        self._alerts.set_locations(read.locations)

    def _obey(self) -> None:
        """Carry out what others have asked for."""
        while self._new_params:
            self._params = self._new_params.popleft()
            for watched in self._watched.values():
                watched.set_params(self._params)
        for _ in range(len(self._commands)):
            location_id, command = self._commands.popleft()
            known = self._watched.get(location_id)
            if known is not None:
                self._guarded(f"command location={location_id}", partial(command, known))
            elif self._load_failures:
                self._commands.append((location_id, command))  # perhaps a new one

    def _read(self, at: datetime, mono_s: float) -> None:
        """Read all locations; a bug in one costs that one this round."""
        sights, held = self._cameras.look(), self._alerts.held_locations
        news: dict[int, LocationNews] = {}
        for location_id, watched in self._watched.items():
            try:
                found = self._read_one(watched, sights, held.get(location_id), at, mono_s)
            except Exception:
                self._failures += 1
                logger.exception("locations.round_failed location=%s", location_id)
                before = self._news.get(location_id)
                if before is not None:
                    news[location_id] = before
                continue
            news[location_id] = found
            self._alerts.take_location(found)
            self._minutes.note(found.location, found.reading)
        self._news = MappingProxyType(news)

    def _read_one(
        self,
        watched: WatchedLocation,
        sights: Sights,
        held: HeldRisk | None,
        at: datetime,
        mono_s: float,
    ) -> LocationNews:
        is_simulated = self._cameras.is_simulated(watched.location)
        return watched.read(sights, at=at, mono_s=mono_s, held=held, is_simulated=is_simulated)

    def _write(self, at: datetime, mono_s: float) -> None:
        """Write the minutes that are over, and the balances as they are."""
        self._write_at_s = mono_s + WRITE_S - at.second + 1  # soon after the minute is over
        self._minutes.end_before(at)
        is_written = self._minutes.write() and self._save_balances(at)
        self._write_failures = 0 if is_written else self._write_failures + 1
        if not is_written:
            self._write_at_s = mono_s + RETRY_S

    def _save_balances(self, at: datetime) -> bool:
        balances = {
            location_id: watched.balance
            for location_id, watched in self._watched.items()
            if watched.balance is not None
        }
        if not balances:
            return True
        try:
            with self._open() as session, session.begin():
                save_balances(session, balances, now=at)
        except SQLAlchemyError:
            logger.exception("locations.balances_not_written")
            return False
        return True

    def _aged(self, news: LocationNews) -> LocationReading:
        """Return a reading as it may be believed now: one that is old is never shown as live."""
        age_s = self._clock.monotonic() - news.mono_s
        if age_s <= MIN_STALE_S:
            return news.reading
        reason = f"This number has not been worked out for {age_words(age_s)}."
        return replace(news.reading, trust=Trust.UNKNOWN, trust_reason=reason)

    def _guarded(self, what: str, action: Callable[[], object]) -> None:
        try:
            action()
        except Exception:  # a bug costs one round of one thing, never the watch
            self._failures += 1
            logger.exception("locations.failed what=%s", what)
