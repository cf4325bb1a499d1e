"""The command line: `selfee-rt`."""

import logging
import sys
from importlib import import_module

import click

from selfee_rt import __version__
from selfee_rt.errors import SelfeeRTError

COMMANDS = {
    "demo": "selfee_rt.cli.live:demo",
    "run": "selfee_rt.cli.live:run",
    "replay": "selfee_rt.cli.live:replay",
    "view": "selfee_rt.cli.view:view",
    "setup": "selfee_rt.cli.setup:setup",
    "check": "selfee_rt.cli.check:check",
    "cameras": "selfee_rt.cli.machine:cameras",
    "devices": "selfee_rt.cli.devices:devices",
    "doctor": "selfee_rt.cli.machine:doctor",
    "arm": "selfee_rt.cli.control:arm",
    "disarm": "selfee_rt.cli.control:disarm",
    "fire": "selfee_rt.cli.control:fire",
    "latency": "selfee_rt.cli.latency:latency",
    "verify": "selfee_rt.cli.verify:verify",
    "keys": "selfee_rt.cli.keys:keys",
    "simulate": "selfee_rt.cli.simulate:simulate",
    "convert": "selfee_rt.cli.convert:convert_command",
    "align": "selfee_rt.cli.align:align_command",
    "labels": "selfee_rt.cli.labels:labels_command",
    "background": "selfee_rt.cli.background:background_command",
    "fit": "selfee_rt.cli.analysis:fit_command",
    "embed": "selfee_rt.cli.analysis:embed_command",
    "template": "selfee_rt.cli.find:template_command",
    "find": "selfee_rt.cli.find:find_command",
    "analyze": "selfee_rt.cli.analyze:analyze",
    "evaluate": "selfee_rt.cli.evaluation:evaluate_command",
    "evaluate-anomaly": "selfee_rt.cli.evaluate_anomaly:evaluate_anomaly_command",
    "train": "selfee_rt.cli.training:train",
    "export": "selfee_rt.cli.export:export",
    "engine": "selfee_rt.cli.engine:engine",
    "bench": "selfee_rt.cli.bench:bench",
    "inspect": "selfee_rt.cli.inspect:inspect",
}
"""Each command and where it is; a module is imported only when its command is asked for."""


class Commands(click.Group):
    """Finds commands by name, and turns this package's errors into one line and exit status 1."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands, in the order of a user's day."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command; None if there is none of this name."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except SelfeeRTError as error:
            click.echo(f"selfee-rt: {error}", err=True)
            sys.exit(1)


@click.group(cls=Commands)
@click.version_option(__version__, package_name="selfee-rt", message="selfee-rt %(version)s")
def main() -> None:
    """Watch animals through a camera: what they do and how strange it is, frame by frame, without keypoints."""
    logging.basicConfig(level=logging.WARNING, format="selfee-rt: %(message)s")
