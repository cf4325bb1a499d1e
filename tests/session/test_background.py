"""A model that wants its background subtracted: live, replayed and offline are the same, bit for bit."""

import msgspec
import numpy as np
import pytest
from click.testing import CliRunner

from selfee_rt.cli import main
from selfee_rt.compose.background_file import read_background
from selfee_rt.config import ModelConfig, RecordedConfig, SessionConfig
from selfee_rt.errors import ConfigError
from selfee_rt.folder import SessionFolder
from selfee_rt.session.check import expect
from selfee_rt.session.plan import make_plan
from selfee_rt.workbench.embedding import OpenRecording
from selfee_rt.workbench.rescore import rescore
from tests.session.rig import assert_verified, configure, fates, run, running, told, wait_until
from tests.tiny_model import write_tiny_model

MADE = {"kind": "first_seconds", "seconds": 2, "contrast": "bright"}
UNLABELLED = {"reference": None, "smoothing": {"kind": "none"}, "detector": []}
FLIES = {"kind": "synthetic", "width_px": 160, "height_px": 120, "speed": "max", "seconds": 5}


@pytest.fixture(scope="module")
def mouse(rig, tmp_path_factory):
    """A folder with a tiny model whose card asks for the mouse preparation."""
    folder = tmp_path_factory.mktemp("mouse")
    card = write_tiny_model(folder / "model.onnx", size_px=(32, 24))
    write_tiny_model(
        folder / "model.onnx", size_px=(32, 24), card=msgspec.structs.replace(card, preprocessing="selfee_mouse")
    )
    return folder


def session(mouse, out, background, **sections):
    arena = [{"name": "arena", "background": background}]
    return configure(mouse, out, **{"observe": UNLABELLED, "source": FLIES, "arena": arena, **sections})


def stored(background):
    return {"kind": "file", "file": str(background), "contrast": "bright"}


def embedded(folder):
    with SessionFolder(folder) as found:
        return dict(found.embeddings("arena"))


def offline(config):
    with OpenRecording(config.source, config.model, config.arena[0]) as recording:
        return {live.exposure.index: live.image for live in recording.live_frames()}, recording.losses


def assert_same(some, others, count):
    shared = some.keys() & others.keys()
    assert len(shared) == count
    for index in shared:
        np.testing.assert_array_equal(some[index], others[index])


def test_what_was_live_can_be_replayed_and_composed_offline_bit_for_bit(mouse, tmp_path):
    config = session(mouse, tmp_path / "live", MADE, record={"folder": str(tmp_path / "live"), "video": "ffv1"})
    _, last = run(config)
    assert fates(tmp_path / "live") == {
        ("arena", "background"): 60,
        ("arena", "edge"): 4,
        ("arena", "observed"): 86,
    }
    assert last.losses == {"background": 60, "edge": 4}
    assert_verified(tmp_path / "live")
    live = embedded(tmp_path / "live")
    assert len({vector.tobytes() for vector in live.values()}) > 80, "the live frames do not differ"

    kept = tmp_path / "live" / "background_arena.png"
    recorded = RecordedConfig(folder=tmp_path / "live", speed="max")
    again = session(mouse, tmp_path / "again", stored(kept)).model_copy(update={"source": recorded})
    run(again)
    assert_same(embedded(tmp_path / "again"), live, 86)
    assert_verified(tmp_path / "again")
    np.testing.assert_array_equal(read_background(tmp_path / "again" / "background_arena.png"), read_background(kept))

    first, losses = offline(config)
    assert sum(loss.count for loss in losses if loss.hop == "background") == 60
    assert sum(loss.count for loss in losses if loss.hop == "edge") == 4
    assert_same(first, offline(again)[0], 86)
    with OpenRecording(config.source, config.model, config.arena[0]) as recording:
        assert_same({e.exposure.index: e.vector[0] for e in recording.embeddings()}, live, 86)
    assert [row[0] for row in told(tmp_path / "live")] == [
        observation.exposure.index for decision in rescore(tmp_path / "live") for observation in decision.observations
    ]


def test_exposures_dropped_while_the_background_is_made_are_lost_at_the_source_and_it_takes_as_much_longer(
    mouse, tmp_path
):
    config = session(mouse, tmp_path / "s", MADE, source={**FLIES, "drop": [[10, 14], [100, 100]]})
    run(config)
    assert fates(tmp_path / "s") == {
        ("arena", "background"): 60,
        ("arena", "source"): 6,
        ("arena", "edge"): 4,
        ("arena", "gap"): 4,
        ("arena", "observed"): 150 - 60 - 6 - 4 - 4,
    }
    assert_verified(tmp_path / "s")


def test_one_arena_may_have_a_stored_picture_and_another_make_its_own(mouse, tmp_path):
    run(session(mouse, tmp_path / "first", MADE))
    picture = tmp_path / "first" / "background_arena.png"
    left = {"x": 0, "y": 0, "width": 80, "height": 120}
    arenas = [
        {"name": "left", "region": left, "background": stored(picture)},
        {"name": "right", "region": {**left, "x": 80}, "background": MADE},
    ]
    run(session(mouse, tmp_path / "s", None, arena=arenas))
    assert {hop: count for (arena, hop), count in fates(tmp_path / "s").items() if arena == "left"} == {
        "background": 60,
        "edge": 4,
        "observed": 86,
    }
    assert_verified(tmp_path / "s")
    cut = read_background(tmp_path / "s" / "background_left.png")
    np.testing.assert_array_equal(cut, read_background(picture)[:, :80])


def test_a_session_that_is_stopped_before_its_background_is_made_has_observed_nothing_and_says_so(mouse, tmp_path):
    config = session(mouse, tmp_path / "s", MADE, source={**FLIES, "speed": 1.0, "seconds": 60})
    with running(config) as session_:
        wait_until(lambda: session_.snapshot().n_exposures > 5)
    found = fates(tmp_path / "s")
    assert found.pop(("arena", "observed")) == 0
    assert {hop for _, hop in found} <= {"background", "source"}
    assert not list((tmp_path / "s").glob("background_*"))
    assert_verified(tmp_path / "s")


def test_a_picture_that_is_missing_from_a_session_is_found_by_verify(mouse, tmp_path):
    run(session(mouse, tmp_path / "s", MADE))
    (tmp_path / "s" / "background_arena.png").unlink()
    with pytest.raises(AssertionError, match=r"background_arena\.png is missing; it was used"):
        assert_verified(tmp_path / "s")


def test_a_model_that_wants_a_background_is_refused_without_one_and_told_what_to_do(mouse, tmp_path):
    with pytest.raises(ConfigError, match=r"'arena' has no background, but the model tiny .*selfee-rt background"):
        make_plan(session(mouse, tmp_path / "s", None))


def test_a_background_for_a_model_that_wants_none_is_refused(rig, tmp_path):
    with pytest.raises(ConfigError, match=r"'arena' has a background, but .*grey_resize, which subtracts none"):
        make_plan(session(rig, tmp_path / "s", MADE))


def test_an_inverted_arena_is_refused_with_a_background_and_without(mouse, tmp_path):
    with pytest.raises(ConfigError, match="invert and background exclude each other"):
        session(mouse, tmp_path / "s", None, arena=[{"name": "arena", "invert": True, "background": MADE}])
    with pytest.raises(ConfigError, match=r"'arena' is inverted, .*leave invert out"):
        make_plan(session(mouse, tmp_path / "s", None, arena=[{"name": "arena", "invert": True}]))


def test_every_problem_of_every_arena_is_listed_at_once(mouse, tmp_path):
    region = {"x": 100, "y": 0, "width": 80, "height": 100}
    arenas = [
        {"name": "a", "region": region, "background": MADE},
        {"name": "b", "background": stored(tmp_path / "nowhere.png")},
        {"name": "c", "background": {**MADE, "seconds": 5}},
    ]
    with pytest.raises(ConfigError) as caught:
        expect(session(mouse, tmp_path / "s", None, arena=arenas))
    found = "\n".join(caught.value.problems)
    assert "'a': its region spans x 100..179" in found
    assert "cannot read the background" in found
    assert "'c': its background is made from the first 150 exposures, and there are only 150" in found


def test_a_background_of_another_size_is_refused_with_the_sizes_that_would_do(mouse, tmp_path):
    np.save(tmp_path / "bg.npy", np.zeros((50, 50), np.uint8))
    with pytest.raises(ConfigError, match="50x50 px, expected 160x120: the camera's picture"):
        expect(session(mouse, tmp_path / "s", stored(tmp_path / "bg.npy")))


def test_a_session_that_cannot_start_leaves_no_folder(mouse, tmp_path):
    with pytest.raises(ConfigError):
        run(session(mouse, tmp_path / "s", stored(tmp_path / "nowhere.png")))
    assert not (tmp_path / "s").exists()


def test_check_says_which_preparation_and_which_background(mouse, rig, tmp_path):
    for folder, background, words in (
        (mouse, MADE, ["selfee_mouse: background subtracted", "from the first 2 s", "brighter than its ground"]),
        (rig, None, ["grey_resize: grey, resized"]),
    ):
        config = session(folder, tmp_path / "s", background)
        path = tmp_path / "session.json"
        path.write_text(config.model_dump_json(exclude_none=True))
        (tmp_path / "session.toml").write_text(toml(config))
        result = CliRunner().invoke(main, ["check", str(tmp_path / "session.toml")])
        assert result.exit_code == 0, result.output
        for word in words:
            assert word in result.output


def toml(config: SessionConfig) -> str:
    """The part of a configuration that these tests change, as TOML."""
    background = config.arena[0].background
    lines = [
        '[source]\nkind = "synthetic"\nwidth_px = 160\nheight_px = 120\nspeed = "max"\nseconds = 5',
        f"[model]\nfile = '{config.model.file}'\nthreads = 1",
        "[observe]\nsmoothing = {kind = 'none'}",
        '[[arena]]\nname = "arena"',
    ]
    if background is not None:
        lines.append(f'background = {{kind = "{background.kind}", seconds = 2, contrast = "bright"}}')
    return "\n".join(lines)


def test_offline_work_without_a_background_is_refused_with_the_same_words(mouse, tmp_path):
    config = session(mouse, tmp_path / "s", None)
    with pytest.raises(ConfigError, match="has no background"):
        OpenRecording(config.source, ModelConfig(file=mouse / "model.onnx"), config.arena[0])
