"""The command `latency`: measures the loop on the user's own rig, by running an ordinary session."""

import dataclasses
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from selfee_rt import build
from selfee_rt.cli.recordings import FILE, MODEL, REGION, arena_of
from selfee_rt.compose.interval import frame_interval
from selfee_rt.config import BaslerConfig, DeviceConfig, NullConfig, SessionConfig, load
from selfee_rt.decide import Rules
from selfee_rt.embed.model import read_card
from selfee_rt.errors import ConfigError
from selfee_rt.protocols import Actuator
from selfee_rt.publish.client import ask
from selfee_rt.session import Parts, Session
from selfee_rt.signals import on_stop_signal
from selfee_rt.workbench.latency.camera_loop import measure_camera_loop
from selfee_rt.workbench.latency.facts import facts_of
from selfee_rt.workbench.latency.marks import CanMark, Marking, MarkWhenSeen
from selfee_rt.workbench.latency.measurement import Measurement
from selfee_rt.workbench.latency.probes import ProbePlan
from selfee_rt.workbench.latency.report import check_report, text, write_report
from selfee_rt.workbench.latency.sessions import RULE, CameraLoop, SoftwareLoop, usual
from selfee_rt.workbench.latency.software_loop import measure_software_loop
from selfee_rt.workbench.latency.told import Told, read

WARM_UP_S = 3.0
PAUSE_MS = (400.0, 800.0)
FLASH_PERIODS = 3
"""So many exposures show a flash of the software loop, unless --on-ms says otherwise."""
LEARN_FROM = 8
"""Lights of the camera loop that only show how bright they are."""
ARM_TIMEOUT_S = 45.0


@click.command()
@click.argument("config_file", metavar="[CONFIG]", type=FILE, required=False)
@click.option(
    "--device", "device_name", metavar="NAME", help="The [[device]] of CONFIG to measure; a rehearsal if none."
)
@click.option("--software", is_flag=True, help="Measure the software loop, though CONFIG names a camera and a device.")
@click.option("--probes", type=click.IntRange(min=1), default=200, show_default=True, help="How many; p99 needs 100.")
@click.option("--on-ms", type=click.FloatRange(min=1), help="Length of one flash or light.")
@click.option("--size", type=(int, int), default=(640, 480), show_default=True, help="Synthetic picture, in pixels.")
@click.option(
    "--fps", type=click.FloatRange(min=0, min_open=True), default=30, show_default=True, help="Synthetic rate."
)
@MODEL
@REGION
@click.option("--seed", type=int, default=0, show_default=True, help="Of the probes' times.")
@click.option("--report", type=FILE, help="Write a report to share (.html or .json).")
@click.option("--out", type=FILE, help="Keep the session here; it must not exist.")
def latency(config_file: Path | None, device_name: str | None, software: bool, **given: Any) -> None:
    """Measure how long it takes from light to response, on this machine.

    Without CONFIG, or with --software: flashes drawn into synthetic pictures, until the device has confirmed the
    response (CONFIG gives the model, what is observed, and the device). With CONFIG and --device: the device's own LED,
    seen by the camera of CONFIG, until the device marks the response; both edges are on the device's clock.
    """
    report = given["report"]
    if report is not None:
        check_report(report)
    base = None if config_file is None else load(config_file)
    if base is None or software:
        found = _software_loop(base, device_name, given)
    else:
        if device_name is None:
            raise ConfigError(["the camera loop needs --device, a [[device]] of CONFIG; or add --software"])
        found = _camera_loop(base, device_name, given)
    click.echo(text(found))
    if report is not None:
        write_report(found, report)
        click.echo(f"written: {report}")


def _software_loop(base: SessionConfig | None, device_name: str | None, given: dict[str, Any]) -> Measurement:
    """Flashes in the synthetic arena."""
    (width_px, height_px), fps = given["size"], given["fps"]
    on_ms = given["on_ms"] or FLASH_PERIODS * 1000 / fps
    plan = ProbePlan(given["probes"], on_ms, PAUSE_MS, WARM_UP_S, given["seed"])
    base = usual(given["model"]) if base is None else _with_model(base, given["model"])
    device = NullConfig(name="null") if device_name is None else _device(base, device_name)
    loop = SoftwareLoop(plan, width_px, height_px, fps, base.model, base.observe, device)
    with _folder(given["out"]) as folder:
        told, facts = _run(loop.session(folder), plan)
    return dataclasses.replace(measure_software_loop(told, RULE, plan.at_s(), on_ms), facts=facts)


def _camera_loop(base: SessionConfig, device_name: str, given: dict[str, Any]) -> Measurement:
    """The device's LED, seen by the camera."""
    base = _with_model(base, given["model"])
    region = None if given["region"] is None else arena_of(given["region"], invert=False).region
    on_ms = given["on_ms"] or light_ms(base)
    plan = ProbePlan(given["probes"] + LEARN_FROM, on_ms, PAUSE_MS, WARM_UP_S, given["seed"])
    loop = CameraLoop.of(base, device_name, plan, region)
    with _folder(given["out"]) as folder:
        config = loop.session(folder)
        told, facts = _run(config, plan, CameraLoopParts(config, loop.arena.name))
    exposure_us = base.source.exposure_us if isinstance(base.source, BaslerConfig) else None
    found = measure_camera_loop(told, learned_from=LEARN_FROM, window_ms=on_ms + PAUSE_MS[0], exposure_us=exposure_us)
    return dataclasses.replace(found, facts=facts)


class CameraLoopParts(Parts):
    """A session whose device also marks when its light was seen."""

    def __init__(self, config: SessionConfig, arena: str) -> None:
        super().__init__(config)
        self._arena = arena

    def actuator(self, config: DeviceConfig) -> Actuator:
        """The device, with marks."""
        device = super().actuator(config)
        assert isinstance(device, CanMark)
        return Marking(device)

    def rules(self, rules: Rules | None) -> Rules | None:
        """The rule of the lights, and the marks."""
        return None if rules is None else MarkWhenSeen(rules, self._arena, LEARN_FROM)


def light_ms(config: SessionConfig) -> float:
    """As long as the lookahead: never shorter than the frame period, and over before any response can come."""
    interval_ms = read_card(build.model_path(config.model)).interval_ms
    fps = getattr(config.source, "fps", None)
    if fps is None:
        return 0.8 * interval_ms
    return frame_interval(interval_ms, fps, allow_mismatch=config.model.allow_interval_mismatch).actual_ms


def _with_model(config: SessionConfig, file: Path | None) -> SessionConfig:
    if file is None:
        return config
    return config.model_copy(update={"model": config.model.model_copy(update={"file": file})})


def _device(config: SessionConfig, name: str) -> DeviceConfig:
    for device in config.device:
        if device.name == name:
            return device
    known = ", ".join(device.name for device in config.device) or "there is none"
    raise ConfigError([f"--device: no device is called {name!r}; expected one of: {known}"])


@contextmanager
def _folder(kept: Path | None) -> Iterator[Path]:
    """Where the session goes: the folder that was asked for, or one that is deleted afterwards."""
    if kept is not None:
        yield kept
        return
    with tempfile.TemporaryDirectory(prefix="selfee_rt_latency_") as folder:
        yield Path(folder) / "session"


def _run(config: SessionConfig, plan: ProbePlan, parts: Parts | None = None) -> tuple[Told, dict[str, str]]:
    """Run the session; what its log says, and on what it ran."""
    click.echo(f"{plan.count} probes, about {plan.seconds():.0f} s; Ctrl-C ends it early", err=True)
    session = run_session(config, parts)
    told = read(session.folder, config.arena[0].name)
    probes = f"{plan.count} of {plan.on_ms:.1f} ms, pauses of {plan.pause_ms[0]:g} to {plan.pause_ms[1]:g} ms"
    return told, facts_of(told.record, device=config.device[0].kind, probes=f"{probes}, seed {plan.seed}")


def run_session(config: SessionConfig, parts: Parts | None = None) -> Session:
    """Run a session to its end with its rule armed; raises what ended it if it did not end in order."""
    session = Session(config, parts=parts)
    with on_stop_signal(lambda name: session.stop(f"stopped by {name}")):
        session.start()
        try:
            ask(session.folder, "arm", {"rules": [RULE]}, timeout_s=ARM_TIMEOUT_S)
            session.wait()
        except BaseException:
            session.stop("the self-test failed")
            raise
        finally:
            session.finish()
    if session.error is not None:
        raise session.error
    return session
