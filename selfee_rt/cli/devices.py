"""Command: which serial ports there are, and which of them have a stimulus board of ours."""

import click

from selfee_rt import build
from selfee_rt.config import MicrocontrollerConfig
from selfee_rt.errors import DeviceError, MissingExtra

WAIT_S = 5.0
"""How long a board may take to boot and answer."""


@click.command()
@click.argument("ports", nargs=-1, metavar="[PORT]...")
@click.option("--ask-all", is_flag=True, help="Open every port that is listed, and ask what is there.")
def devices(ports: tuple[str, ...], ask_all: bool) -> None:
    """List serial ports; open PORTs, and say what answers there.

    Without PORT nothing is opened: opening a port resets an Arduino, and takes it away from whoever uses it.
    """
    listed = () if ports else _listed()
    for port in ports or (listed if ask_all else ()):
        click.echo(f"{port}: {_answer(port)}")


def _listed() -> tuple[str, ...]:
    """Print the ports that there are, and how to name one in a configuration; return them."""
    try:
        from selfee_rt.trigger.ports import serial_ports
    except ImportError as error:
        raise MissingExtra(f"serial ports need pyserial ({error}): pip install 'selfee-rt[devices]'") from error
    found = serial_ports()
    for each in found:
        click.echo(f"{each.port}  {each.description}\n{_section(each.port)}\n")
    if not found:
        click.echo("no serial port found; plug the board in, with a cable that carries data")
    else:
        click.echo("selfee-rt devices PORT opens one (an Arduino is reset by that) and says what answers there.")
    return tuple(each.port for each in found)


def _section(port: str) -> str:
    return f'    [[device]]\n    kind = "microcontroller"\n    name = "led"\n    port = "{_quoted(port)}"'


def _quoted(text: str) -> str:
    r"""For a TOML string; ports beyond COM9 are called \\.\COM10 on Windows."""
    return text.replace("\\", "\\\\")


def _answer(port: str) -> str:
    """What is there, or why that cannot be said; it is off and disarmed afterwards."""
    board = build.actuator(MicrocontrollerConfig(name="asked", port=port, boot_s=WAIT_S))
    try:
        info = board.open()
    except DeviceError as error:
        return str(error)
    finally:
        board.close()
    return "; ".join([info.name, *info.notes])
