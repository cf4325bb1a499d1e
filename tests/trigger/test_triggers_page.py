"""What docs/triggers.md says is true: its examples are read, its messages are said, its grammar is the grammar."""

import re
import tomllib
from pathlib import Path
from typing import get_args

import pytest

from selfee_rt.config.session import parse as parse_session
from selfee_rt.config.trigger import TriggerConfig
from selfee_rt.errors import ConfigError
from selfee_rt.stimuli import Verdict
from selfee_rt.trigger.condition import compile_condition
from selfee_rt.trigger.grammar import DEEPEST, parse
from selfee_rt.trigger.quantities import SIGNS
from selfee_rt.trigger.syntax import Atom
from selfee_rt.trigger.tokens import WORDS, spelt
from tests.support import ROOT

PAGE = (ROOT / "docs" / "triggers.md").read_text(encoding="utf-8")
LABELS = ("winging", "chasing", "still", "wing extension", "Courtship", "match")


def blocks(language):
    """The fenced blocks of one language."""
    return re.findall(rf"```{language}\n(.*?)```", PAGE, flags=re.DOTALL)


def first_cells():
    """What the first column of every table holds between backticks."""
    return re.findall(r"^\| `([^`]+)` \|", PAGE, flags=re.MULTILINE)


CONDITIONS = [cell for cell in first_cells() if cell not in get_args(Verdict)]
INLINE = ["not (label is still for 10 s)", "'wing extension' > 0.8", 'label is "Courtship"', "bout of 'match' starts"]


def compiled(text):
    """Put to work in an arena that has everything of which the page speaks."""
    return compile_condition(
        parse(text), labels=LABELS, detectors=("selfee",), templates=("wing_flick",), longest_step_ns=10**8
    )


def session(example):
    """An example, with what it leaves out: a source, the devices that its rules name, arming."""
    document = {"source": {"kind": "synthetic"}, "stimulation": {"arm_for_s": 60}, **tomllib.loads(example)}
    named = {rule["device"] for rule in document["trigger"]}
    document.setdefault("device", [{"kind": "null", "name": name} for name in sorted(named)])
    return parse_session(document, where="docs/triggers.md", base=Path())


@pytest.mark.parametrize("example", blocks("toml"))
def test_every_example_of_a_configuration_is_accepted(example):
    for rule in session(example).trigger:
        assert rule.when is None or compiled(rule.when)


def test_every_key_of_a_rule_is_explained():
    assert [key for key in TriggerConfig.model_fields if not re.search(rf"\b{key}\b", PAGE)] == []


@pytest.mark.parametrize("text", CONDITIONS + INLINE)
def test_every_condition_on_the_page_is_read(text):
    assert compiled(text)
    assert text in PAGE


def test_every_kind_of_condition_and_every_word_is_on_the_page():
    assert {type(part) for text in CONDITIONS for part in parts(parse(text).root)} >= set(get_args(Atom))
    written = set(re.findall(r"\w+", " ".join(CONDITIONS)))
    assert WORDS - written == {"min"}


def parts(node):
    """The node and everything in it."""
    yield node
    for child in (*getattr(node, "parts", ()), *([node.part] if hasattr(node, "part") else ())):
        yield from parts(child)


@pytest.mark.parametrize("block", blocks("text"))
def test_every_message_on_the_page_is_what_is_said(block):
    said, shown, caret = block.splitlines()
    with pytest.raises(ConfigError) as caught:
        compile_condition(
            parse(shown.strip()), labels=LABELS[:2] + LABELS[3:4], detectors=(), templates=(), longest_step_ns=1
        )
    assert str(caught.value) == f"{said}\n{shown}\n{caret}"


def test_every_verdict_is_explained():
    assert set(first_cells()) & set(get_args(Verdict)) == set(get_args(Verdict))


def test_the_words_and_signs_of_the_written_grammar_are_those_that_are_read():
    (grammar,) = blocks("ebnf")
    grammar = re.sub(r"\?.*?\?", "", grammar)
    terminals = set(re.findall(r"'([^']+)'|\"([^\"]+)\"", grammar))
    assert {first or second for first, second in terminals} == WORDS | set(SIGNS) | {"(", ")", "'", '"'}


def test_every_rule_of_the_written_grammar_is_defined_once_and_used():
    (grammar,) = blocks("ebnf")
    bare = re.sub(r"\?.*?\?|'[^']*'|\"[^\"]*\"", "", grammar)
    defined = re.findall(r"^(\w+) *=", bare, flags=re.MULTILINE)
    assert len(defined) == len(set(defined))
    right = set(re.findall(r"\w+", re.sub(r"^\w+ *=", "", bare, flags=re.MULTILINE)))
    assert right | {"condition"} == set(defined)


def test_the_numbers_of_the_page_are_those_of_the_program():
    assert f"at most {DEEPEST} deep" in PAGE
    assert f"{TriggerConfig.model_fields['blank_ms'].default:g} by default" in PAGE
    assert f"{TriggerConfig.model_fields['sham_block'].default} by default" in PAGE


def test_a_name_that_the_page_says_is_quoted_is_quoted():
    assert [spelt(name) for name in ("wing-extension_2", "2nd", "Wing", "wing tip", "s")] == [
        "wing-extension_2",
        "'2nd'",
        "'Wing'",
        "'wing tip'",
        "'s'",
    ]
