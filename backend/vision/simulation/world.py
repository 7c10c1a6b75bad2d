"""One scenario under way: the crowd, its script and the time."""

from __future__ import annotations

import numpy as np

from backend.vision.simulation.crowd import STEP_S, Crowd, Standing
from backend.vision.simulation.places import PLACES
from backend.vision.simulation.scripts import CONTROL_S, Gates, make_script

_STEPS_A_DECISION = round(CONTROL_S / STEP_S)


class World:
    """A scenario's people over time. The same scenario and seed give the same people always.

    Args:
        scenario: Its name.
        seed: From 0.
    """

    def __init__(self, scenario: str, *, seed: int) -> None:
        from shapely import Polygon, prepare  # noqa: PLC0415 - heavy

        self.place = PLACES[scenario]
        self._seen = Polygon(self.place.seen)
        prepare(self._seen)
        self._crowd = Crowd(self.place.shut or self.place.walkable)
        rng = np.random.default_rng([seed, 1])
        self._script = make_script(scenario, self._crowd, self.place, rng)
        self._script.start()
        self._steps = 0

    @property
    def time_s(self) -> float:
        """Seconds since the start."""
        return self._steps * STEP_S

    @property
    def gates_shut(self) -> bool:
        """Whether there are gates and they are shut."""
        return isinstance(self._script, Gates) and not self._script.is_open

    def step(self) -> None:
        """Let `STEP_S` pass."""
        if self._steps % _STEPS_A_DECISION == 0:
            self._script.step(self.time_s)
        self._crowd.step()
        self._steps += 1

    def in_picture(self) -> Standing:
        """Everybody who is in the picture and not behind a wall."""
        from shapely import contains_xy  # noqa: PLC0415 - heavy

        everybody = self._crowd.standing()
        seen = contains_xy(self._seen, everybody.positions_m)
        return Standing(
            ids=everybody.ids[seen],
            positions_m=everybody.positions_m[seen],
            facing=everybody.facing[seen],
            speed_mps=everybody.speed_mps[seen],
            walked_m=everybody.walked_m[seen],
        )

    def standing(self) -> Standing:
        """Everybody there is, in the picture or not."""
        return self._crowd.standing()
