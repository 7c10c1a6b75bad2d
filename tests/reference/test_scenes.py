"""The scenes of CROWD-SCIENCE section 5: level, incident and cause of each."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.core.risk import RiskLevel
from backend.risk.alert_rules import IncidentFamily
from tests.reference.scene_book import Outcome, Scene, play, read_scenes

INLINE = """\
id,area_m2,people,arrangement,motion,speed_mps,duration_s,expected_level,expect_incident,expected_cause
empty,100,0,none,none,0,600,SAFE,no,
three-still,100,3,cluster 2 m2,still,0,120,SAFE,no,
two-way-1.4,100,140,lanes,counter,1.0,120,SAFE,no,
seated-1.8,100,180,lattice,jitter,0.1,300,SAFE,no,
caution-2.5,100,250,lattice,uniform,0.9,120,CAUTION,yes,density
local-hot-spot,100,41,cluster 9 m2,still,0.05,120,WARNING,yes,density
warning-4.5-stuck,100,450,lattice,still,0.05,120,WARNING,yes,density or stagnation
critical-7-still,100,700,lattice,still,0.02,120,CRITICAL,yes,density
critical-passage,12,84,lattice,still,0.05,120,CRITICAL,yes,density
critical-brief,100,700->100,lattice,uniform,0.5,60,SAFE,no,
flicker-5.9-6.1,100,590<->610,lattice,uniform,0.3,120,CRITICAL,"yes, one",density
panic-1.5,100,150,random,isotropic,2.8,30,WARNING,yes,rapid movement
camera-lost-caution,100,300,lattice,uniform,0.5,180,WARNING,yes,blindness
recover,100,700->100,lattice,uniform,0.8,150,CRITICAL then SAFE,"yes, resolved by itself",density
"""
"""A few scenes kept here so that they are checked where the test assets are not at hand."""


def _check_level(scene: Scene, outcome: Outcome) -> None:
    worst = max(outcome.shown)
    if scene.expected_level == "CRITICAL then SAFE":
        assert worst is RiskLevel.CRITICAL
        assert outcome.shown[-1] is RiskLevel.SAFE
    elif scene.expected_level.startswith("at least "):
        assert outcome.shown[-1] >= RiskLevel[scene.expected_level.removeprefix("at least ")]
    else:
        assert worst is RiskLevel[scene.expected_level]


def _check_incident(scene: Scene, outcome: Outcome) -> None:
    expected, opened = scene.expect_incident, outcome.incidents()
    if expected == "no":
        assert opened == []
    elif expected == "status only":
        assert opened == []
        assert outcome.is_unknown_at_end
    elif expected == "yes, SPIKE information only":
        assert [change.incident.family for change in opened] == [IncidentFamily.SURGE]
        assert outcome.raised() == []
    else:
        assert outcome.raised()
    if expected == "yes, SPIKE":
        assert IncidentFamily.SURGE in {change.incident.family for change in opened}
    if expected == "yes, one":
        assert len(opened) == 1
    if expected == "yes, resolved by itself":
        assert len(outcome.cleared()) == len(opened)


def _check_cause(scene: Scene, outcome: Outcome) -> None:
    named = scene.expected_cause.removesuffix(", held")
    if named in {"", "unknown"}:
        return
    allowed = {name.strip().replace(" ", "_") for name in named.split(" or ")}
    told = {cause.name for change in outcome.changes for cause in change.causes}
    if named == "surge" and max(outcome.shown) is RiskLevel.SAFE:
        assert told == {"surge"}
    else:
        assert outcome.causes_at_worst & allowed
        assert told & allowed


def _check(scene: Scene) -> None:
    outcome = play(scene)
    _check_level(scene, outcome)
    _check_incident(scene, outcome)
    _check_cause(scene, outcome)


@pytest.mark.parametrize("scene", read_scenes(INLINE.splitlines()), ids=lambda scene: scene.id)
def test_scene(scene: Scene) -> None:
    _check(scene)


@pytest.mark.assets
def test_every_scene_of_the_book(assets: Path) -> None:
    text = (assets / "data" / "scenes.csv").read_text(encoding="utf-8").splitlines()
    scenes = read_scenes(text)
    assert len(scenes) >= 33
    wrong = {}
    for scene in scenes:
        try:
            _check(scene)
        except AssertionError as error:
            wrong[scene.id] = str(error).splitlines()[0]
    assert wrong == {}


@pytest.mark.assets
def test_the_inline_scenes_are_those_of_the_book(assets: Path) -> None:
    text = (assets / "data" / "scenes.csv").read_text(encoding="utf-8").splitlines()
    book = {scene.id: scene for scene in read_scenes(text)}
    for scene in read_scenes(INLINE.splitlines()):
        assert book[scene.id] == scene
