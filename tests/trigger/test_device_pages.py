"""The pages on devices and on Bonsai say what the program takes and sends."""

import re
import tomllib
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from typing import get_args

import pytest
from pydantic import TypeAdapter

from selfee_rt import wire
from selfee_rt.config import DeviceConfig, PublishConfig
from selfee_rt.stimuli import Verdict
from selfee_rt.wire import make
from tests.support import ROOT
from tests.trigger.orders import order, pulse

DOCS = ROOT / "docs"
KINDS = {each.model_fields["kind"].default for each in get_args(get_args(DeviceConfig)[0])}
WORKFLOW = ElementTree.parse(DOCS / "selfee_rt.bonsai").getroot()
BONSAI = "{https://bonsai-rx.org/2018/workflow}"
ZEROMQ = "{clr-namespace:Bonsai.ZeroMQ;assembly=Bonsai.ZeroMQ}"


def examples(page):
    blocks = re.findall(r"```toml\n(.*?)```", (DOCS / page).read_text(), re.DOTALL)
    return [each for block in blocks for each in tomllib.loads(block)["device"]]


@pytest.mark.parametrize("page", ["devices.md", "bonsai.md"])
def test_each_example_of_a_device_is_one_that_the_program_takes(page):
    assert examples(page)
    for each in examples(page):
        TypeAdapter(DeviceConfig).validate_python(each)


def test_the_page_has_a_row_for_every_kind_of_device():
    rows = re.findall(r"^\| `(\w+)` \|", (DOCS / "devices.md").read_text(), re.MULTILINE)
    assert set(rows) == KINDS


def test_the_workflow_connects_to_where_a_session_publishes_by_default():
    addresses = {each.text for each in WORKFLOW.iter(f"{ZEROMQ}ConnectionString")}
    assert addresses == {">" + PublishConfig().observations}
    topics = [each.text for each in WORKFLOW.iter(f"{ZEROMQ}Topic")]
    assert topics == ["trigger.left", "observation.left"]


def test_every_edge_of_the_workflow_joins_two_of_its_nodes_in_their_order():
    n_nodes = len(WORKFLOW.find(f"{BONSAI}Workflow/{BONSAI}Nodes"))
    edges = [(int(each.get("From")), int(each.get("To"))) for each in WORKFLOW.iter(f"{BONSAI}Edge")]
    assert all(0 <= start < end < n_nodes for start, end in edges)
    assert {end for _, end in edges} == set(range(n_nodes)) - {0, 6}


def test_the_expression_of_page_and_workflow_lets_pass_what_was_fired_and_nothing_else():
    (expression,) = (each.text for each in WORKFLOW.iter() if each.tag.endswith("}Expression") and each.text.strip())
    assert expression in (DOCS / "bonsai.md").read_text()
    word, skip, length, wanted = re.fullmatch(
        r'it\.Substring\(it\.IndexOf\("(\w+)"\) \+ (\d+), (\d+)\) == "(\w+)"', expression
    ).groups()
    for verdict in get_args(Verdict):
        said = replace(order(pulse(5)).trigger, verdict=verdict, why="fired", evidence={"verdict": "fired"})
        text = wire.encode(make.trigger(said, "session-1")).decode()
        start = text.index(word) + int(skip)
        assert (text[start : start + int(length)] == wanted) == (verdict == "fired")
