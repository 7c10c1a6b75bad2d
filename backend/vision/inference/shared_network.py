"""One pool of requests for all users of a network.

A camera that kept requests of its own would hold their buffers while it waits for its next
picture: sixteen cameras would hold what four pictures under way need. Here a request is lent for
one picture and given back as soon as its answer is read.

Giving back never waits: a request given back unanswered is lent again once it has answered.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from enum import Enum, auto

from backend.core.errors import UnavailableError
from backend.core.frame import Image
from backend.vision.inference.unanswered import close_when_answered, has_answered
from backend.vision.network import Network, NetworkInfo, NetworkRequest, Output

SPARE = 2
"""Requests beyond those that compute: painted or read while the others work."""
MAX_SIZES = 8
"""Input sizes whose requests are kept; those of the size longest unused are let go. No fewer than
the canvases of `density.scaling` and one more: what is let go is compiled again."""
LEND_TIMEOUT_S = 30.0
_SLICE_S = 0.05


class _Stage(Enum):
    """Where one lent request is in its life."""

    PAINTING = auto()
    STARTED = auto()
    READING = auto()
    DETACHED = auto()
    """The answer was copied out and the request lent to somebody else."""
    ABANDONED = auto()
    """Given back before it answered; nobody reads the answer."""
    CLOSED = auto()


class _Pool:
    """Requests of one input size; guarded by the network's condition."""

    def __init__(self) -> None:
        self.idle: list[NetworkRequest] = []
        self.lent: deque[_Lease] = deque()
        self.opening = 0
        self.is_dropped = False

    @property
    def size(self) -> int:
        return len(self.idle) + len(self.lent) + self.opening


class _Lease:
    """A request lent for one picture (implements `network.NetworkRequest`)."""

    def __init__(self, owner: SharedNetwork, pool: _Pool, request: NetworkRequest) -> None:
        self.pool = pool
        self.request = request
        self.stage = _Stage.PAINTING
        self.is_awaited = False
        self.started_s = 0.0
        self.copied: tuple[Output, ...] = ()
        self.failure: Exception | None = None
        self._owner = owner

    @property
    def canvas(self) -> Image:
        """See `NetworkRequest.canvas`; holds whatever was painted before."""
        return self.request.canvas

    def start(self) -> None:
        """See `NetworkRequest.start`."""
        if self.stage is not _Stage.PAINTING:
            raise ValueError("a lent request serves one picture; open another one")
        self.started_s = time.monotonic()
        self.request.start()
        self.stage = _Stage.STARTED

    def wait(self, timeout_s: float) -> bool:
        """See `NetworkRequest.wait`."""
        deadline_s = time.monotonic() + timeout_s
        self.is_awaited = True  # whoever needs a request leaves this one to us
        try:
            while self.stage is _Stage.STARTED:
                left_s = deadline_s - time.monotonic()
                if self.request.wait(min(max(left_s, 0.0), 1.0)):
                    return True
                if left_s <= 0:
                    return False
            return True
        finally:
            self.is_awaited = False

    def outputs(self) -> tuple[Output, ...]:
        """See `NetworkRequest.outputs`; valid until `close`."""
        return self._owner.read(self)

    def close(self) -> None:
        """Give the request back, answered or not; never waits; idempotent."""
        self._owner.take_back(self)


class SharedNetwork:
    """A network whose requests all cameras borrow (implements `network.Network`).

    ``info.parallel + SPARE`` requests of each input size exist at most. `open_request` lends
    one and waits while all are out; it never waits for a borrower that does something else
    meanwhile: the answer of the request started longest ago, for which nobody waits yet, is
    copied to its borrower and the request lent anew. So borrowers cannot lock each other out,
    however many requests each of them wants.

    Args:
        network: The compiled network; closed with this one.
        spare: Requests beyond ``info.parallel``.
        lend_timeout_s: How long `open_request` waits while all requests are out.
    """

    def __init__(
        self, network: Network, *, spare: int = SPARE, lend_timeout_s: float = LEND_TIMEOUT_S
    ) -> None:
        self._network = network
        self._spare = spare
        self._lend_timeout_s = lend_timeout_s
        self._changed = threading.Condition()
        self._pools: dict[tuple[int, int], _Pool] = {}
        self._is_closed = False

    @property
    def info(self) -> NetworkInfo:
        """See `Network.info`."""
        return self._network.info

    @property
    def capacity(self) -> int:
        """Requests of one input size at most."""
        return max(1, self.info.parallel) + self._spare

    def open_request(self, input_hw: tuple[int, int]) -> NetworkRequest:
        """Lend a request for one picture of ``input_hw``; close it to give it back.

        Raises:
            UnavailableError: The network is closed, or no request came free in
                ``lend_timeout_s`` because the runtime does not answer; at once where all of them
                have been without an answer for so long already.
        """
        deadline_s = time.monotonic() + self._lend_timeout_s
        with self._changed:
            pool = self._pool_for(input_hw)
            while not pool.idle and pool.size >= self.capacity:
                self._refuse_when_closed()
                if time.monotonic() >= deadline_s or self._hangs(pool):
                    raise UnavailableError(
                        f"no request of {self.info.name} came free within "
                        f"{self._lend_timeout_s:g} s; the runtime does not answer"
                    )
                self._wait_for_room(pool)
            self._refuse_when_closed()
            if pool.idle:
                return self._lend(pool, pool.idle.pop())
            pool.opening += 1
        return self._lend_new(pool, input_hw)

    def close(self) -> None:
        """See `Network.close`; never waits for requests: those that are still out are closed
        when they come back."""
        with self._changed:
            self._is_closed = True
            for pool in self._pools.values():
                self._drop(pool)
            self._pools.clear()
            self._changed.notify_all()
        self._network.close()

    # ── for the leases ───────────────────────────────────────────────────────────────────

    def read(self, lease: _Lease) -> tuple[Output, ...]:
        """Return a lease's outputs: the request's own buffers, or the copy made of them."""
        with self._changed:
            if lease.failure is not None:
                raise lease.failure
            if lease.stage is _Stage.DETACHED:
                return lease.copied
            lease.stage = _Stage.READING
        return lease.request.outputs()

    def take_back(self, lease: _Lease) -> None:
        """Make a lease's request free again: now, or once what is under way in it has ended."""
        with self._changed:
            stage, lease.copied = lease.stage, ()
            if stage is _Stage.ABANDONED:
                return
            lease.stage = _Stage.ABANDONED if stage is _Stage.STARTED else _Stage.CLOSED
            if stage in {_Stage.DETACHED, _Stage.CLOSED}:
                return
            if lease.stage is _Stage.CLOSED or has_answered(lease.request, 0.0):
                self._reclaim(lease)
            if lease.pool.is_dropped:
                self._drop(lease.pool)
            self._changed.notify_all()

    # ── inside ───────────────────────────────────────────────────────────────────────────

    def _refuse_when_closed(self) -> None:
        if self._is_closed:
            raise UnavailableError(f"{self.info.name} has been closed")

    def _pool_for(self, input_hw: tuple[int, int]) -> _Pool:
        """Return the size's pool, most recently used last; the oldest of too many goes."""
        pool = self._pools.pop(input_hw, None) or _Pool()
        self._pools[input_hw] = pool
        while len(self._pools) > MAX_SIZES:
            self._drop(self._pools.pop(next(iter(self._pools))))
        return pool

    def _drop(self, pool: _Pool) -> None:
        pool.is_dropped = True
        while pool.idle:
            pool.idle.pop().close()
        for lease in [item for item in pool.lent if item.stage is _Stage.ABANDONED]:
            pool.lent.remove(lease)
            close_when_answered(lease.request)

    def _hangs(self, pool: _Pool) -> bool:
        """Whether all requests were given up and are without an answer for too long already."""
        latest_s = time.monotonic() - self._lend_timeout_s
        return not pool.opening and all(
            lease.stage is _Stage.ABANDONED
            and lease.started_s <= latest_s
            and not has_answered(lease.request, 0.0)
            for lease in pool.lent
        )

    def _reclaim(self, lease: _Lease) -> None:
        """Put the request of a lease that nobody reads any more among the idle ones."""
        lease.stage = _Stage.CLOSED
        lease.pool.lent.remove(lease)
        lease.pool.idle.append(lease.request)

    def _lend(self, pool: _Pool, request: NetworkRequest) -> _Lease:
        lease = _Lease(self, pool, request)
        pool.lent.append(lease)
        return lease

    def _lend_new(self, pool: _Pool, input_hw: tuple[int, int]) -> _Lease:
        """Open another request; the first of a size may compile the network (seconds)."""
        try:
            request = self._network.open_request(input_hw)
        except BaseException:
            with self._changed:
                pool.opening -= 1
                self._changed.notify_all()
            raise
        with self._changed:
            pool.opening -= 1
            return self._lend(pool, request)

    def _wait_for_room(self, pool: _Pool) -> None:
        """Wait a moment for a request to come back, or free one whose borrower is elsewhere."""
        for lease in pool.lent:
            if lease.stage is _Stage.ABANDONED and has_answered(lease.request, 0.0):
                self._reclaim(lease)
                return
        left = next(
            (item for item in pool.lent if item.stage is _Stage.STARTED and not item.is_awaited),
            None,
        )
        if left is None:
            self._changed.wait(_SLICE_S)
            return
        self._changed.release()
        try:
            is_answered = has_answered(left.request, _SLICE_S)
        finally:
            self._changed.acquire()
        if is_answered and left.stage is _Stage.STARTED and not left.is_awaited:
            self._detach(left)

    def _detach(self, lease: _Lease) -> None:
        """Copy a lease's answer to its borrower and make the request free."""
        try:
            lease.copied = tuple(part.copy() for part in lease.request.outputs())
        except Exception as error:  # noqa: BLE001 - its borrower hears of it, in `outputs`
            lease.failure = error
        lease.stage = _Stage.DETACHED
        lease.pool.lent.remove(lease)
        lease.pool.idle.append(lease.request)
        self._changed.notify_all()
