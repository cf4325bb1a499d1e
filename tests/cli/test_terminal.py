"""The terminal's view and lines, drawn from a session's state alone."""

from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from selfee_rt.cli.summary import ending, one_line
from selfee_rt.cli.terminal import plain, view
from selfee_rt.observe.teaching import Tally
from selfee_rt.session import Snapshot
from selfee_rt.types import Bout, Drift, Exposure, Observation, SourceInfo, StageStatus
from selfee_rt.wire import RuleStatus

STAGES = ("acquire", "compose", "embed", "decide", "publish", "record", "video", "total")


def snapshot(**changes):
    exposure = Exposure(98, 0, 0, 0, 100, 0, 0, 0)
    observation = Observation(
        "left", exposure, 98, "winging", (0.25, 0.75), {"selfee": 0.125}, True, "off", 0, 0, 0, 0, 0
    )
    state = Snapshot(
        source=SourceInfo("camera one", 640, 480, False, 30.0, None, "device", True, False),
        folder=Path("sessions/one"),
        labels=("chasing", "winging"),
        lookahead_ms=66.7,
        elapsed_s=3725.0,
        fps_in=30.0,
        fps_out=29.0,
        n_exposures=101,
        n_observed=94,
        losses={"edge": 4, "channel:embed": 3},
        stages=tuple(StageStatus(name, 101, 94, 0, 1.25, 2.0, 3.5, 4.75) for name in STAGES),
        latest={"left": observation},
        thresholds={"selfee": 0.1},
        bouts=(Bout("left", "chasing", 10, 40, 0, 1_000_000_000),),
        n_alarms=7,
        n_merged_alarms=2,
        recording="on",
        how="stopped by SIGINT",
        error=None,
    )
    return replace(state, **changes)


def shown(**changes):
    return plain(view(snapshot(**changes), 100), 100)


def test_the_view_shows_what_is_said_and_what_is_lost():
    text = shown()
    for part in ("camera one", "1:02:05", "winging", "0.75", "+0.125", "alarm above", "+0.100", "channel:embed 3"):
        assert part in text
    assert "chasing 1.0 s" in text
    assert "94 of 101" in text


def test_what_was_taught_is_shown_with_what_had_been_foreseen():
    assert "taught: winging 30 (12 foreseen)" in shown(teaching={"winging": Tally(30, 12)})
    assert "taught" not in shown()


def test_the_view_fits_a_terminal_of_eighty_columns():
    assert max(len(line) for line in plain(view(snapshot(), 80), 80).splitlines()) <= 80


def test_nothing_known_yet_is_said_so():
    text = shown(latest={}, bouts=(), losses={}, n_observed=0)
    assert "waiting for the first live frame" in text
    assert "none yet" in text


def test_a_detector_that_warms_up_says_so_and_is_not_zero():
    exposed = snapshot().latest["left"]
    quiet = replace(exposed, scores={"selfee": None}, alarm=None, label=None, probabilities=None)
    assert "warming up" in shown(latest={"left": quiet})
    assert "warming up" in one_line(snapshot(latest={"left": quiet}))
    assert "ALARM" not in one_line(snapshot(latest={"left": quiet}))


def test_what_has_drifted_is_one_short_line_and_nothing_where_nothing_has():
    drifts = {"left": (Drift("grey", 3000, 83.25, 120.5),)}
    said = "left grey 83.25 instead of 120.5 since 3,000"
    assert f"drift: {said}" in shown(drifts=drifts)
    assert f"drift: {said}" in one_line(snapshot(drifts=drifts))
    assert "drift" not in shown()
    assert "drift" not in one_line(snapshot())
    both = {arena: (*drifts["left"], Drift("contrast", 9, 1.0, 2.0)) for arena in ("left", "right")}
    assert max(len(line) for line in plain(view(snapshot(drifts=both), 80), 80).splitlines()) <= 80


def test_a_failed_recording_is_in_the_view_and_in_the_summary():
    assert "failed: disk full" in shown(recording="failed: disk full")
    assert any("failed: disk full" in line for line in ending(snapshot(recording="failed: disk full")))


def test_latency_is_only_spoken_of_where_a_camera_sets_the_pace():
    unpaced = replace(snapshot().source, paced=False, can_wait=True)
    assert "latency" in one_line(snapshot())
    assert "latency" not in one_line(snapshot(source=unpaced))
    assert not any("Latency" in line for line in ending(snapshot(source=unpaced)))


def test_the_summary_adds_up_and_says_where_the_session_is():
    text = "\n".join(ending(snapshot()))
    assert "94 observed + 7 lost (3 channel:embed, 4 edge)" in text
    assert "stopped by SIGINT" in text
    assert str(Path("sessions/one")) in text
    assert "7 exposures with an alarm, in 2 alarms" in text


@pytest.mark.parametrize(("frames", "progress"), [(None, None), (202, 0.5), (50, 1.0)])
def test_progress_is_of_what_a_file_promises(frames, progress):
    assert snapshot(source=replace(snapshot().source, frames=frames)).progress == progress


def rule(**changes):
    values = {"armed": False, "remaining_s": None, "trials": 12, "light_s": 1.2, "verdicts": {"fired": 12, "late": 3}}
    return RuleStatus(**{**values, "device": "led_left", "device_state": "ok", "makes_light": True, **changes})


def coloured(**changes):
    console = Console(width=100, color_system="standard", force_terminal=True, legacy_windows=False)
    with console.capture() as capture:
        console.print(view(snapshot(**changes), 100))
    return capture.get()


RED = "\x1b[1;37;41m"


def test_a_rule_says_whether_it_is_armed_for_how_long_and_what_it_did():
    text = shown(stimulation={"opto": rule(armed=True, remaining_s=1774.9)})
    for part in ("ARMED 0:29:34", "12", "1.2", "3 late", "led_left: ok"):
        assert part in text
    assert "12 trials" in one_line(snapshot(stimulation={"opto": rule()}))
    assert "disarmed" in shown(stimulation={"opto": rule()})
    assert "ALARM" not in shown(stimulation={"opto": rule()})


def test_arming_that_ends_within_five_minutes_is_shown_as_such():
    soon = rule(armed=True, remaining_s=299.0, alarm="arming ends soon")
    assert f"{RED}ARMED 0:04:59" in coloured(stimulation={"opto": soon})
    assert f"{RED}ARMED" not in coloured(stimulation={"opto": rule(armed=True, remaining_s=299.0)})
    assert f"{RED} ALARM  opto: arming ends soon" in coloured(stimulation={"opto": soon})
    assert "ALARM opto: arming ends soon" in one_line(snapshot(stimulation={"opto": soon}))


@pytest.mark.parametrize("why", ["arming has ended: it was armed for 1800 s", "its device is lost: no answer"])
def test_what_switched_a_rule_off_cannot_be_overlooked(why):
    state = "lost: no answer" if "lost" in why else "ok"
    text = coloured(stimulation={"opto": rule(alarm=why, device_state=state)})
    assert f"{RED} ALARM  opto: {why}" in text
    assert (f"{RED}led_left: LOST" in text) == ("lost" in why)
    first = shown(stimulation={"opto": rule(alarm=why)}).splitlines()[1]
    assert "ALARM" in first, "it stands above everything else"


def test_rules_fit_a_terminal_of_eighty_columns():
    why = "its device is lost: the board on /dev/ttyACM0 did not answer within 50 ms (device.answer_within_ms)"
    states = {
        "opto on wing extension": rule(alarm=why, device_state=why.replace("its device is ", "")),
        "second": rule(armed=True, remaining_s=12.0),
    }
    text = plain(view(snapshot(stimulation=states), 80), 80)
    assert max(len(line) for line in text.splitlines()) <= 80
    assert "ARMED 0:00:12" in text
    assert "LOST" in text
