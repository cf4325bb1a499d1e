"""The report holds everything in one file, and says why where there is nothing to show."""

import re
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree

import numpy as np
import pytest
from click.testing import CliRunner

from selfee_rt.cli import main
from selfee_rt.workbench.evaluate import drawing
from selfee_rt.workbench.evaluate.evaluation import evaluate
from selfee_rt.workbench.evaluate.figures_embedding import similarity_by_lag
from selfee_rt.workbench.evaluate.report import drawn, html
from tests.support import need_module
from tests.tiny_model import write_tiny_model
from tests.workbench.evaluate.material import inputs, labelled, settings, silent, turns, write_labels
from tests.workbench.test_fit import write_video

need_module("matplotlib.figure")
need_module("sklearn")


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    label_of = turns(400)
    label_of[50:60] = -1
    given = settings(
        inputs(tmp_path_factory.mktemp("report"), a=labelled(label_of, name="<a>")),
        classifiers=("knn:5",),
        smoothings=("none", "hmm"),
        lags=(0, 4),
        map_points=120,
    )
    return evaluate(given, progress=silent)


def test_the_report_refers_to_nothing_outside_itself_and_escapes_names(found):
    page = html(found, drawn(found), "selfee-rt evaluate '<a>'")
    sources = re.findall(r'(?:src|href)="([^"]{0,40})', page)
    assert len(sources) == 6
    assert all(source.startswith("data:image/") for source in sources)
    assert "<script" not in page
    assert "http" not in re.sub(r"data:image/[^\"]*", "", page)
    assert "selfee-rt evaluate &#x27;&lt;a&gt;&#x27;" in page
    for said in ("macro F1", "bout F1", "onset error (ms)", "seed", "sha of <a>".replace("<", "&lt;")[:6], "m" * 64):
        assert said in page


def test_every_figure_is_well_formed_and_the_same_again(found):
    for first, again in zip(drawn(found), drawn(found), strict=True):
        (mime, one), (_, other) = drawing.content(first), drawing.content(again)
        assert one == other
        if mime == "image/svg+xml":
            ElementTree.fromstring(one)
        else:
            assert one.startswith(b"\x89PNG")


def test_axes_have_units_and_texts_lie_inside_and_apart(found):
    for each in drawn(found):
        canvas = each.figure.canvas
        canvas.draw()
        whole = each.figure.bbox
        for axes in (axes for axes in each.figure.axes if axes.get_visible()):
            assert axes.get_xlabel()
            boxes = [label.get_window_extent() for label in axes.get_yticklabels() if label.get_text()]
            assert all(whole.x0 <= box.x0 and box.x1 <= whole.x1 for box in boxes)
            boxes.sort(key=lambda box: box.y0)
            assert all(below.y1 <= above.y0 + 1 for below, above in pairwise(boxes))
            title = axes.title.get_window_extent()
            assert title.y1 <= whole.y1


def test_figures_without_anything_to_show_say_why(found):
    bare = replace(found, lags=(), chances=())
    says = {each.title: each.says for each in drawn(bare) if each.figure is None}
    assert says == {
        "Accuracy bought with delay": "No HMM was asked for; give --smoothing hmm to see what waiting would buy.",
        "Reliability": "No classifier gave probabilities.",
    }
    assert all(f'class="empty">{text}' in html(bare, drawn(bare), "") for text in says.values())


def test_the_autocorrelation_compares_each_segment_with_its_middle_and_spans_no_gap(found):
    rows = labelled(turns(400), missing=[150])
    one = replace(found, recordings=(rows,))
    got = similarity_by_lag(one, centre=False)
    assert got.shape == (2, 100)
    np.testing.assert_allclose(got[:, 50], 1, atol=1e-5)
    first = rows.embedding[:100].astype(np.float64)
    expected = first @ first[50] / np.linalg.norm(first, axis=1) / np.linalg.norm(first[50])
    np.testing.assert_allclose(got[0], expected, atol=1e-5)


@pytest.fixture
def folder(tmp_path):
    inputs(tmp_path, a=labelled(turns(240)))
    return tmp_path


def ran(folder, *more):
    arguments = ["evaluate", folder / "e.h5", "--labels", folder / "a.csv", "--classifier", "knn:5", "--gap", 4, *more]
    return CliRunner().invoke(main, [str(each) for each in arguments])


def test_the_command_prints_tables_and_writes_report_and_numbers(folder):
    result = ran(folder, "--smoothing", "mode:5", "--out", folder / "r.html", "--json")
    assert result.exit_code == 0, result.output
    for said in ("Classifiers and smoothings", "Each label", "With and without stimulus", "note:", "written:"):
        assert said in result.output
    assert (folder / "r.html").read_text().startswith("<!DOCTYPE html>")
    assert '"mean_average_precision"' in (folder / "r.json").read_text()
    again = ran(folder, "--out", folder / "r.html", "--json")
    assert again.exit_code == 1
    assert again.stderr.count("nothing is ever overwritten") == 2


@pytest.mark.parametrize(
    ("more", "status", "says"),
    [
        (("--json",), 1, "give --out report.html too"),
        (("--out", "r.txt"), 1, "choose a name that ends in .html"),
        (("--out", "none/r.html"), 1, "make it first"),
        (("--paper",), 2, "--paper settles --classifier"),
        (("--smoothing", "median:3"), 1, "there is no such smoothing"),
        (("--leave-out", "fly"), 1, "nothing has this label"),
        (("--blocks", "1"), 1, "expected at least 2"),
    ],
)
def test_wrong_options_are_refused_in_one_line(folder, more, status, says):
    result = ran(folder, *more)
    assert result.exit_code == status
    assert says in result.stderr
    assert "Traceback" not in result.output


def test_the_paper_preset_needs_200_examples_and_says_so(folder):
    write_labels(folder / "a.csv", np.where(np.arange(240) < 160, turns(240), -1))
    arguments = ["evaluate", folder / "e.h5", "--labels", folder / "a.csv", "--paper", "--gap", 4]
    result = CliRunner().invoke(main, [str(each) for each in arguments])
    assert result.exit_code == 1
    assert "k is 200, but the reference has" in result.stderr


def test_the_paper_preset_pads_the_edges_of_videos(tmp_path):
    write_tiny_model(tmp_path / "model.onnx")
    write_video(tmp_path / "a.mkv", 260, seed=1)
    write_labels(tmp_path / "a.csv", turns(260, bout=13))
    arguments = ["evaluate", tmp_path / "a.mkv", "--labels", tmp_path / "a.csv", "--model", tmp_path / "model.onnx"]
    result = CliRunner().invoke(main, [str(each) for each in (*arguments, "--paper", "--blocks", 6, "--gap", 4)])
    assert result.exit_code == 0, result.output
    assert "260" in result.output.split()
    assert "a.mkv: the first and last 2 exposures are padded as in the paper" in " ".join(result.output.split())
