"""The pages lead to one another: every link to a file leads to one, and no page about the closed loop is forgotten."""

import re

import pytest

from tests.support import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
LOOP = {"triggers", "devices", "device_protocol", "wiring", "aligning", "latency", "bonsai"}


def linked(page):
    """What the page links to, relative to itself."""
    found = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", page.read_text(encoding="utf-8"))
    return {(page.parent / each).resolve() for each in found}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_file_leads_to_one(page):
    assert not [path for path in linked(page) if not path.exists()]


def test_from_the_page_on_triggers_one_comes_to_all_about_the_closed_loop():
    reached, ahead = set(), {ROOT / "docs" / "triggers.md"}
    while ahead:
        page = ahead.pop()
        reached.add(page)
        ahead |= {each for each in linked(page) if each.suffix == ".md" and each.stem in LOOP} - reached
    assert {page.stem for page in reached} == LOOP
