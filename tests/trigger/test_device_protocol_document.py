"""docs/device_protocol.md says what the code does."""

import re

from selfee_rt.stimuli import Train
from selfee_rt.trigger.board_messages import Kind, Status, fire, request
from selfee_rt.trigger.framing import encode
from tests.support import ROOT

DOCUMENT = (ROOT / "docs" / "device_protocol.md").read_text(encoding="utf-8")


def rows(header):
    """The cells of the table with this header."""
    table = DOCUMENT.split(header, 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table]


def test_its_example_is_the_frame_that_is_sent():
    body = request(Kind.FIRE, 7, fire(Train(5000, 25_000, 2), withheld=False))
    assert re.search(r"body +([0-9a-f ]+)\n", DOCUMENT).group(1) == body.hex(" ")
    assert re.search(r"frame +([0-9a-f ]+)\n", DOCUMENT).group(1) == encode(body).hex(" ")


def test_it_lists_every_request():
    named = {int(number): name.replace("-", "_").upper() for number, name, *_ in rows("| type | name |")}
    assert named == {kind.value: kind.name for kind in Kind}


def test_it_lists_every_status():
    assert [int(number) for number, _ in rows("| status | meaning |")] == [status.value for status in Status]
