"""What is written in a format is read back as it was, or it is not written."""

import string

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from selfee_rt.config import LabelsConfig
from selfee_rt.errors import LabelsError
from selfee_rt.workbench.labels import UNLABELLED, Writable, labels_of, read_scored, write_labels
from selfee_rt.workbench.labels.authors import FLY_CODES

SETTINGS = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)

NAME = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Zl", "Zp")), min_size=1, max_size=8).map(
    lambda name: name.strip() or "x"
)
AWKWARD = st.sampled_from(
    [UNLABELLED, "background", "NA", "a,b", 'say "x"', "frame", "a\tb", "Behavior", "#1", "0", "-1"]
)
FPS = st.sampled_from([1.0, 12.5, 25.0, 29.97, 30000 / 1001, 59.94, 120.0, 239.76, 999.0, 1000.0])


def sequences(name):
    """Labels of up to 80 exposures in runs, as scored ones come."""
    run = st.tuples(name, st.integers(1, 8))
    return st.lists(run, min_size=1, max_size=10).map(
        lambda parts: tuple(label for label, count in parts for _ in range(count))
    )


def there_and_back(folder, format_, labels, config=None, *, fps=25.0, suffix="csv", exposures=True, read_fps=None):
    config = config or LabelsConfig()
    path = folder / f"labels.{suffix}"
    path.unlink(missing_ok=True)
    write_labels(path, format_, Writable(labels, config, fps))
    return labels_of(read_scored(path, config), config, exposures=len(labels) if exposures else None, fps=read_fps)


@SETTINGS
@given(labels=sequences(NAME | AWKWARD))
def test_our_own_format_carries_everything(tmp_path, labels):
    assert there_and_back(tmp_path, "csv", labels, exposures=False) == labels


@SETTINGS
@given(labels=sequences(st.sampled_from(list(FLY_CODES.values()))))
def test_the_fly_format_carries_the_authors_labels_and_the_length(tmp_path, labels):
    assert there_and_back(tmp_path, "fly", labels, exposures=False) == labels


@SETTINGS
@given(labels=sequences(NAME | AWKWARD))
def test_the_fly_format_carries_any_label_that_has_a_code(tmp_path, labels):
    names = sorted(set(labels) - {UNLABELLED})
    config = LabelsConfig(codes={name: code + 7 for code, name in enumerate(names)})
    if names:
        assert there_and_back(tmp_path, "fly", labels, config, exposures=False) == labels


WORD = st.text(string.ascii_letters + "_-éß0123456789#", min_size=1, max_size=8).filter(lambda word: word[0] != "#")


@SETTINGS
@given(labels=sequences(WORD | st.just(UNLABELLED)), fps=FPS)
def test_the_mouse_format_carries_words_of_a_known_length(tmp_path, labels, fps):
    if set(labels) != {UNLABELLED}:
        assert there_and_back(tmp_path, "mouse", labels, fps=fps, read_fps=fps) == labels


@SETTINGS
@given(
    labels=sequences(NAME | AWKWARD),
    fps=FPS,
    format_=st.sampled_from(["boris-aggregated", "boris-tabular"]),
    suffix=st.sampled_from(["csv", "tsv"]),
    stated=st.booleans(),
)
def test_boris_carries_any_label_at_any_frame_rate(tmp_path, labels, fps, format_, suffix, stated):
    if set(labels) != {UNLABELLED}:
        read_fps = fps if stated else None
        assert there_and_back(tmp_path, format_, labels, fps=fps, suffix=suffix, read_fps=read_fps) == labels


@SETTINGS
@given(
    labels=sequences(WORD),
    fps=FPS,
    format_=st.sampled_from(["mouse", "boris-aggregated", "boris-tabular"]),
)
def test_events_carry_a_label_of_the_rest(tmp_path, labels, fps, format_):
    config = LabelsConfig(unscored=labels[0])
    if UNLABELLED not in labels and len(set(labels)) > 1:
        assert there_and_back(tmp_path, format_, labels, config, fps=fps) == labels
        assert labels[0] not in [
            word for line in (tmp_path / "labels.csv").read_text().split("\n")[1:] for word in line.split(",")
        ]


@SETTINGS
@given(labels=sequences(NAME | AWKWARD))
def test_deepethogram_carries_every_label_and_what_nobody_scored(tmp_path, labels):
    assert there_and_back(tmp_path, "deepethogram", labels, exposures=False) == labels


@SETTINGS
@given(labels=sequences(NAME | AWKWARD), rest=st.booleans())
def test_simba_carries_labels_of_every_exposure_beside_its_features(tmp_path, labels, rest):
    labels = tuple("z" if label == UNLABELLED else label for label in labels)
    names = sorted(set(labels))
    unscored = names[0] if rest and len(names) > 1 else UNLABELLED
    config = LabelsConfig(targets=tuple(name for name in names if name != unscored), unscored=unscored)
    features, path = tmp_path / "features.csv", tmp_path / "out.csv"
    rows = [f"{index},{index / 3},0" for index in range(len(labels))]
    features.write_text("\n".join([",feature one,feature two", *rows]) + "\n")
    path.unlink(missing_ok=True)
    write_labels(path, "simba", Writable(labels, config, features=features))
    assert labels_of(read_scored(path, config), config) == labels
    assert [line.split(",")[:3] for line in path.read_text().split("\n")[1:-1] if line] == [
        row.split(",") for row in rows
    ]


@pytest.mark.parametrize(
    ("format_", "labels", "choices", "words"),
    [
        ("fly", ("a", "nothing"), {}, r"'a' has no code, .* expected of nothing, .*\n\[labels\]\ncodes = .*\"a\" = 7"),
        ("fly", ("a", "b"), {"codes": {"a": 1, "b": 1}}, "a and b have the same code"),
        ("fly", ("a",), {"codes": {"a": 6}}, "unlabel and a have the same code"),
        ("mouse", ("a b",), {}, "'a b' has a space"),
        ("mouse", ("unlabel",), {}, "no exposure has a label"),
        (
            "mouse",
            ("a", "rest", "unlabel"),
            {"unscored": "rest"},
            "exposure 2 is 'unlabel', .* would confuse with 'rest'",
        ),
        ("boris-tabular", ("a", "unlabel"), {"unscored": "rest"}, "exposure 1 is 'unlabel'"),
        ("simba", ("a", "unlabel"), {}, "exposure 1 is 'unlabel'; SimBA knows 0 and 1 only"),
        ("simba", ("a", "a"), {"unscored": "a"}, "every exposure is 'a'"),
        ("csv", (" a",), {}, "the label ' a' cannot be written"),
        ("csv", ("a\nb",), {}, "cannot be written"),
        ("deepethogram", ("",), {}, "cannot be written"),
        ("csv", (), {}, "there are no labels to write"),
    ],
)
def test_what_a_format_would_lose_is_refused_and_nothing_is_written(tmp_path, format_, labels, choices, words):
    path = tmp_path / "out"
    with pytest.raises(LabelsError, match=words):
        write_labels(path, format_, Writable(labels, LabelsConfig(**choices), 25.0))
    assert not path.exists()


@pytest.mark.parametrize("format_", ["mouse", "boris-aggregated", "boris-tabular"])
def test_times_need_a_frame_rate_that_milliseconds_can_tell(tmp_path, format_):
    with pytest.raises(LabelsError, match="the frame rate is needed; give --fps or --video"):
        write_labels(tmp_path / "out", format_, Writable(("a",)))
    with pytest.raises(LabelsError, match="got 2000 fps, expected at most 1000"):
        write_labels(tmp_path / "out", format_, Writable(("a",), fps=2000.0))


def test_a_file_is_never_overwritten(tmp_path):
    (tmp_path / "out").write_text("mine")
    with pytest.raises(LabelsError, match="exists; nothing is ever overwritten"):
        write_labels(tmp_path / "out", "csv", Writable(("a",)))
    assert (tmp_path / "out").read_text() == "mine"


def test_features_of_another_recording_are_refused(tmp_path):
    (tmp_path / "f.csv").write_text(",x,a\n0,1,0\n")
    content = Writable(("a", "b"), features=tmp_path / "f.csv")
    with pytest.raises(LabelsError, match="holds features of 1 exposures, expected 2"):
        write_labels(tmp_path / "out", "simba", content)
    with pytest.raises(LabelsError, match="has a column 'a' already"):
        write_labels(tmp_path / "out", "simba", Writable(("a",), features=tmp_path / "f.csv"))
