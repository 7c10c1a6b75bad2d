from __future__ import annotations

import threading
from collections.abc import Sequence

from backend.core.measurements import (
    MEASURED_FIELDS,
    CountMethod,
    Handedness,
    LevelOfService,
    MotionSource,
    Quality,
)
from backend.core.risk import Cause, RiskLevel
from backend.core.trust import Trust
from backend.pipeline.metric_row import MetricRow, SecondGatherer, make_row
from backend.pipeline.metrics_writer import MetricsWriter, WriterParams
from tests import builders
from tests.builders import ManualClock


class Table:
    """A database that can be away, or refuse a certain row."""

    def __init__(self) -> None:
        self.transactions: list[list[MetricRow]] = []
        self.is_away = False
        self.refused_time: float | None = None

    def write(self, rows: Sequence[MetricRow]) -> None:
        if self.is_away:
            raise ConnectionError("database is away")
        if any(row.stream_time_s == self.refused_time for row in rows):
            raise ValueError("value out of range")
        self.transactions.append(list(rows))

    @property
    def times(self) -> list[float]:
        return [row.stream_time_s for rows in self.transactions for row in rows]


def snap(time_s: float, *, camera_id: int = 1, count: float = 0, **changes: object) -> object:
    return builders.snapshot(
        camera_id=camera_id,
        stream_time_s=time_s,
        crowd=builders.metrics(count=count),
        published_mono_s=1000.0 + time_s,
        **changes,  # type: ignore[arg-type]
    )


def fill(writer: MetricsWriter, *times: float, camera_id: int = 1) -> None:
    for time_s in times:
        writer.sink(snap(time_s, camera_id=camera_id))  # type: ignore[arg-type]


def test_a_row_is_the_last_snapshot_of_its_stream_second(manual_clock: ManualClock) -> None:
    gatherer = SecondGatherer()
    rows = [
        gatherer.add(snap(time_s, count=count))  # type: ignore[arg-type]
        for time_s, count in ((0.0, 1), (0.5, 2), (0.96, 3), (1.0, 4), (1.5, 5), (2.2, 6))
    ]
    stored = [(row.stream_time_s, row.metrics.count) for row in rows if row]
    assert stored == [(0.96, 3), (1.5, 5)]
    last = gatherer.flush()
    assert last is not None
    assert (last.stream_time_s, last.metrics.count) == (2.2, 6)
    assert last.at == builders.snapshot(stream_time_s=2.2).captured_at
    assert gatherer.flush() is None


def test_a_short_breach_is_not_lost_between_two_rows() -> None:
    cause = Cause("density", RiskLevel.CRITICAL, 6.4, 6.0, "1/m²", "6.4 above 6.0")
    critical = builders.assessment(level=RiskLevel.CRITICAL, score=90.0, causes=(cause,))
    gatherer = SecondGatherer()
    gatherer.add(snap(0.0))  # type: ignore[arg-type]
    gatherer.add(snap(0.2, risk=critical))  # type: ignore[arg-type]
    gatherer.add(snap(0.4, count=7))  # type: ignore[arg-type]
    row = gatherer.flush()
    assert row is not None
    assert (row.metrics.count, row.risk_level, row.risk_score) == (7, "CRITICAL", 90.0)
    assert row.causes[0] == {
        "name": "density",
        "level": "CRITICAL",
        "value": 6.4,
        "limit": 6.0,
        "unit": "1/m²",
        "text": "6.4 above 6.0",
    }


def test_runs_and_segments_do_not_share_a_second() -> None:
    gatherer = SecondGatherer()
    gatherer.add(snap(0.1))  # type: ignore[arg-type]
    assert gatherer.add(snap(0.2, segment=1)) is not None  # type: ignore[arg-type]
    assert gatherer.add(snap(0.3, segment=1, run_id=2)) is not None  # type: ignore[arg-type]


def test_a_second_written_early_is_only_written_again_for_a_worse_level() -> None:
    gatherer = SecondGatherer()
    gatherer.add(snap(0.1))  # type: ignore[arg-type]
    assert gatherer.flush() is not None
    gatherer.add(snap(0.2))  # type: ignore[arg-type]
    assert gatherer.flush() is None
    gatherer.add(snap(0.3, risk=builders.assessment(level=RiskLevel.WARNING)))  # type: ignore[arg-type]
    row = gatherer.flush()
    assert row is not None
    assert row.risk_level == "WARNING"


def test_a_row_has_every_column_and_nothing_else() -> None:
    crowd = builders.metrics(count=3, trust=Trust.UNKNOWN, trust_reason="x" * 500, surge=0.4)
    gatherer = SecondGatherer()
    gatherer.add(builders.snapshot(crowd=crowd))
    row = gatherer.flush()
    assert row is not None
    columns = row.columns()
    assert set(MEASURED_FIELDS) < set(columns)
    assert isinstance(columns["causes"], list)
    assert (columns["trust"], len(columns["trust_reason"])) == ("unknown", 200)
    assert columns["surge"] == 0.4


def test_words_are_stored_as_text_and_what_is_no_number_not_at_all() -> None:
    crowd = builders.metrics(
        level_of_service=LevelOfService.D,
        motion_source=MotionSource.OPTICAL_FLOW,
        count_method=CountMethod.BLEND,
        map_share=0.25,
        oscillation_handedness=Handedness.CLOCKWISE,
        density_per_m2=float("nan"),
        egress_time_s=float("inf"),
        stagnant=True,
    )
    columns = make_row(builders.snapshot(crowd=crowd), builders.assessment()).columns()
    assert (columns["level_of_service"], columns["motion_source"]) == ("D", "optical_flow")
    assert columns["oscillation_handedness"] == "clockwise"
    assert (columns["count_method"], columns["map_share"]) == ("blend", 0.25)
    assert (columns["density_per_m2"], columns["egress_time_s"]) == (None, None)
    assert columns["stagnant"] is True


def test_a_row_keeps_the_interval_and_trust_of_each_number_that_has_its_own() -> None:
    crowd = builders.metrics(
        count=9.0,
        density_per_m2=1.5,
        egress_time_s=70.0,
        coherence=0.5,
        disorder=0.5,
        quality={
            "count": Quality(Trust.OK, "", 9.0, 9.0),
            "time_to_capacity_s": Quality(Trust.OK, "", 5.0, 9.0),
            "density_per_m2": Quality(Trust.ESTIMATED, "from heights", 1.23456, 2.0),
            "egress_time_s": Quality(Trust.OK, "", 60.0, float("inf")),
            "coherence": Quality(Trust.UNKNOWN, "too few"),
            "disorder": Quality(),
        },
    )
    columns = make_row(builders.snapshot(crowd=crowd), builders.assessment()).columns()
    assert columns["quality"] == {
        "density_per_m2": ["estimated", 1.235, 2.0],
        "egress_time_s": ["ok", 60.0, None],
        "coherence": ["unknown", None, None],
    }
    plain = make_row(builders.snapshot(), builders.assessment()).columns()
    assert plain["quality"] is None


def test_rows_are_the_columns_of_the_table() -> None:
    from backend.db.metric_store import METRIC_COLUMNS  # noqa: PLC0415 - a neighbour, on purpose

    row = make_row(builders.snapshot(), builders.assessment())
    assert set(row.columns()) == METRIC_COLUMNS


def test_rows_of_all_cameras_go_into_one_transaction(manual_clock: ManualClock) -> None:
    table = Table()
    writer = MetricsWriter(table.write, manual_clock)
    fill(writer, 0.0, 1.0, 2.0)
    fill(writer, 0.0, 1.0, camera_id=2)
    assert writer.write_due() == 3
    assert len(table.transactions) == 1
    assert writer.stats().written == 3
    assert writer.write_due() == 0


def test_a_second_no_snapshot_ended_is_written_after_two_seconds(
    manual_clock: ManualClock,
) -> None:
    table = Table()
    writer = MetricsWriter(table.write, manual_clock)
    fill(writer, 0.0)
    assert writer.write_due() == 0
    manual_clock.advance(2.0)
    assert writer.write_due() == 1


def test_rows_wait_for_a_database_that_is_away_and_none_is_lost(
    manual_clock: ManualClock,
) -> None:
    table = Table()
    writer = MetricsWriter(table.write, manual_clock)
    table.is_away = True
    fill(writer, *range(5))
    attempts = 0
    for _ in range(20):
        writer.write_due()
        manual_clock.advance(1.0)
        attempts = writer.stats().failures
    assert attempts < 10, "attempts back off"
    stats = writer.stats()
    assert (stats.lost, stats.refused, stats.written) == (0, 0, 0)
    assert stats.consecutive_failures > 0
    assert stats.last_error == "ConnectionError: database is away"
    table.is_away = False
    manual_clock.advance(60.0)
    writer.write_due()
    assert table.times == [0, 1, 2, 3, 4]
    assert writer.stats().consecutive_failures == 0


def test_one_row_the_database_refuses_does_not_hold_up_the_others(
    manual_clock: ManualClock,
) -> None:
    table = Table()
    table.refused_time = 1
    writer = MetricsWriter(table.write, manual_clock)
    fill(writer, *range(5))
    for _ in range(10):
        writer.write_due()
        manual_clock.advance(10.0)
    assert table.times == [0, 2, 3, 4]
    assert writer.stats().refused == 1
    assert writer.stats().waiting == 0


def test_a_full_buffer_lets_the_oldest_go_and_says_so(manual_clock: ManualClock) -> None:
    table = Table()
    table.is_away = True
    writer = MetricsWriter(table.write, manual_clock, WriterParams(buffer_rows=3))
    fill(writer, *range(6))
    assert writer.stats().lost == 2
    table.is_away = False
    writer.write_due()
    assert table.times == [2, 3, 4]


def test_recordings_wait_for_room_instead_of_losing_rows(manual_clock: ManualClock) -> None:
    table = Table()
    writer = MetricsWriter(table.write, manual_clock, WriterParams(recording_rows=2))
    assert writer.wait_for_room(0.0)
    fill(writer, 0, 1, 2)
    assert not writer.wait_for_room(0.0)
    writer.write_due()
    assert writer.wait_for_room(0.0)


def test_stopping_writes_what_is_left() -> None:
    table = Table()
    clock = ManualClock()
    writer = MetricsWriter(table.write, clock, WriterParams(interval_s=30.0))
    writer.start()
    writer.start()
    fill(writer, 0.0, 1.0)
    assert writer.stop()
    assert table.times == [0.0, 1.0]
    assert not any(thread.name == "metrics-writer" for thread in threading.enumerate())


def test_what_cannot_be_written_at_the_end_is_counted_as_lost(manual_clock: ManualClock) -> None:
    table = Table()
    table.is_away = True
    writer = MetricsWriter(table.write, manual_clock)
    writer.start()
    fill(writer, 0.0, 1.0)
    assert not writer.stop()
    assert writer.stats().lost == 2
