"""The report: what a person and a program are told."""

import json
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfee_rt.errors import ConfigError, FolderError
from selfee_rt.workbench.latency.histogram import MOST_BINS, histogram, svg, text_lines
from selfee_rt.workbench.latency.measurement import Measurement, Series, Tally
from selfee_rt.workbench.latency.report import check_report, document, html, text, write_report


def measurement(answered=200, undetected=0, **tally):
    values = tuple(10 + number / 100 for number in range(answered))
    return Measurement(
        loop="software",
        tally=Tally(answered=answered, undetected=undetected, unfired=0, unconfirmed=0, **tally),
        totals=(Series("added", "from <a> to b", values),),
        apart=(Series("lookahead", "from a to c", values),),
        hops=(Series("device", "from c to b", values),),
        n_exposures=5000,
        losses={"edge": 4},
        notes=("A note.",),
        facts={"machine": "a <fast> one"},
    )


@given(st.lists(st.floats(0, 1e5), min_size=1, max_size=200))
def test_every_value_is_in_the_bin_that_holds_it(values):
    drawn = histogram(values)
    assert sum(drawn.counts) == len(values) and len(drawn.counts) <= MOST_BINS
    edges = drawn.edges_ms
    slack = 1e-9 * max(edges)
    for low, high, count in zip(edges, edges[1:], drawn.counts, strict=False):
        assert sum(low + slack <= value < high - slack for value in values) <= count
        assert count <= sum(low - slack <= value <= high + slack for value in values)


def test_no_values_make_no_histogram():
    assert histogram([]) is None


def test_a_bin_with_anything_in_it_has_a_bar():
    lines = text_lines(histogram([1.0] * 10_000 + [5.0]))
    assert lines[-1].endswith("▏ 1")


def test_the_drawing_is_well_formed_and_its_bars_have_the_heights_of_the_counts():
    drawn = histogram([1.0, 1.1, 1.1, 2.0])
    root = ElementTree.fromstring(svg(drawn, "a <title>", [("p50", 1.1)]))
    bars = [float(each.get("height")) for each in root if each.tag.endswith("rect")]
    most = max(bars)
    assert [round(each / most * max(drawn.counts)) for each in bars] == list(drawn.counts)


def test_the_terminal_shows_percentiles_and_says_when_nothing_was_amiss():
    said = text(measurement())
    assert "200 probes, 200 answered" in said and "WARNING" not in said
    row = next(line for line in said.splitlines() if line.startswith("  added"))
    assert row.split() == ["added", "10.99", "11.89", "11.97", "10.00", "11.99", "0.58"]


def test_a_percentile_that_falls_on_an_unanswered_probe_is_not_a_number():
    said = text(measurement(answered=190, undetected=10))
    row = next(line for line in said.splitlines() if line.startswith("  added"))
    assert row.split()[1:4] == ["10.99", "11.89", ">max"]
    assert "WARNING: 10 of 200 probes were not detected" in said


def test_too_few_probes_make_no_percentile():
    said = text(measurement(answered=10))
    row = next(line for line in said.splitlines() if line.startswith("  added"))
    assert row.split()[1:4] == ["10.04", "-", "-"]


def test_without_any_answer_there_is_a_report_and_no_number():
    nothing = measurement(answered=0, undetected=30)
    assert "(no probe was answered)" in text(nothing)
    assert "No probe was answered." in html(nothing)
    assert document(nothing)["latencies"]["total"]["added"]["p50_ms"] is None


class Links(HTMLParser):
    """What a page refers to, and whether its tags close."""

    def __init__(self):
        super().__init__()
        self.outside, self.open = [], []

    def handle_starttag(self, tag, attrs):
        self.outside += [value for name, value in attrs if name in ("src", "href")]
        if tag not in ("meta", "rect", "path"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in ("rect", "path"):
            assert self.open.pop() == tag


def test_the_page_is_whole_refers_to_nothing_outside_and_escapes_what_it_is_told():
    page = html(measurement(undetected=1))
    reader = Links()
    reader.feed(page)
    assert not reader.outside and not reader.open
    assert "a &lt;fast&gt; one" in page and "from &lt;a&gt; to b" in page
    assert "1 of 201 probes were not detected" in page
    assert page.count("<svg") == 1


def test_the_document_holds_every_value_and_every_count():
    told = json.loads(json.dumps(document(measurement(undetected=3, doubled=2)), allow_nan=False))
    assert told["probes"]["probes"] == 203 and told["probes"]["undetected"] == 3 and told["probes"]["doubled"] == 2
    assert len(told["latencies"]["hops"]["device"]["values_ms"]) == 200
    assert told["latencies"]["total"]["added"]["n"] == 203
    assert told["flaws"] == [
        "3 of 203 probes were not detected",
        "2 of 203 probes were answered more than once; the first answer counts",
    ]


@pytest.mark.parametrize("name", ["report.html", "report.json", "REPORT.HTML"])
def test_the_file_is_what_its_name_says(name, tmp_path):
    path = tmp_path / name
    check_report(path)
    write_report(measurement(), path)
    begins = "{" if path.suffix == ".json" else "<!DOCTYPE html>"
    assert path.read_text(encoding="utf-8").startswith(begins)
    with pytest.raises(ConfigError, match="exists; nothing is ever overwritten"):
        check_report(path)
    with pytest.raises(FolderError, match="cannot write"):
        write_report(measurement(), path)


def test_a_file_that_cannot_be_written_is_refused_with_every_reason(tmp_path):
    with pytest.raises(ConfigError) as refused:
        check_report(tmp_path / "nowhere" / "report.pdf")
    assert len(refused.value.problems) == 2
