"""The command `latency`: measures the loop on the user's own rig, by running an ordinary session."""

import shlex
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from selfee_rt.cli.recordings import FILE, MODEL, REGION, arena_of
from selfee_rt.compose.interval import frame_interval
from selfee_rt.config import BaslerConfig, DeviceConfig, ModelConfig, NullConfig, ObserveConfig, SessionConfig, load
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
from selfee_rt.workbench.latency.sessions import CameraLoop, SoftwareLoop
from selfee_rt.workbench.latency.software_loop import measure_software_loop
from selfee_rt.workbench.latency.told import read, unpaced
