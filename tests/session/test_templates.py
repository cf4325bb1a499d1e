"""A template is searched live and offline with the same result."""

import pytest

from selfee_rt.config import ArenaConfig, ModelConfig, VideoFileConfig
from selfee_rt.embed.model import sha256_of
from selfee_rt.errors import ConfigError
from selfee_rt.folder import SessionFolder
from selfee_rt.observe.template import Template
from selfee_rt.session import Session
from selfee_rt.workbench.embedding import no_progress
from selfee_rt.workbench.find import TemplateSettings, cut_template, find
from selfee_rt.workbench.rescore import rescore
from tests.session.rig import assert_verified, configure, run
from tests.workbench.test_fit import write_video

THRESHOLD = 0.5
DROPPED = {"seconds": 15, "seed": 4, "drop": [[150, 151], [230, 250]]}


def quiet(_):
    return no_progress


@pytest.fixture(scope="module")
def template(rig, tmp_path_factory):
    """A template of half a second of a recorded session, in the projection of the rig's reference."""
    folder = tmp_path_factory.mktemp("template")
    run(configure(rig, folder / "s", source={"seconds": 6}))
    settings = TemplateSettings(
        recording=folder / "s",
        span=(60, 74),
        name="example",
        out=folder / "t.npz",
        threshold=THRESHOLD,
        reference=rig / "reference.npz",
    )
    cut_template(settings, progress=quiet)
    return folder / "t.npz"


def found_live(folder):
    with SessionFolder(folder) as session:
        return [bout for bout in session.bouts() if bout.source == "template"]


def found_offline(template, path, rig):
    model = ModelConfig(file=rig / "model.onnx", threads=1)
    arena = ArenaConfig(name="arena")
    return list(find(Template.load(template), [path], None, model=model, arena=arena, progress=quiet))


def ends(matches):
    return [(each.start_index, each.stop_index, each.start_media_ns, each.stop_media_ns) for each in matches]


def with_template(rig, template, out, **sections):
    return configure(rig, out, observe={"template": [{"file": str(template)}]}, **sections)


def test_a_session_with_gaps_finds_what_is_found_in_its_folder_and_when_it_is_rescored(rig, template, tmp_path):
    _, last = run(with_template(rig, template, tmp_path / "s", source=DROPPED))
    live = found_live(tmp_path / "s")
    assert len(live) >= 3
    assert {(bout.arena, bout.label) for bout in live} == {("arena", "template:example")}
    assert any(bout.source == "template" for bout in last.bouts)
    assert_verified(tmp_path / "s")
    with SessionFolder(tmp_path / "s") as session:
        assert [each.sha256 for each in session.record.templates] == [sha256_of(template)]
    offline = found_offline(template, tmp_path / "s", rig)
    assert ends(live) == ends(each.match for each in offline)
    assert not any(bout.start_index < 240 < bout.stop_index for bout in live), "a match spans the long gap"
    again = [bout for decision in rescore(tmp_path / "s") for bout in decision.bouts if bout.source == "template"]
    assert again == live[: len(again)]
    assert len(live) - len(again) <= 1, "only what was pending at the end may be missing"


def test_a_replayed_video_gives_what_is_found_in_the_video(rig, template, tmp_path):
    write_video(tmp_path / "v.mkv", 200, seed=3)
    observe = {"template": [{"file": str(template), "threshold": 1.0}]}
    source = VideoFileConfig(path=tmp_path / "v.mkv", speed="max")
    config = configure(rig, tmp_path / "s", observe=observe).model_copy(update={"source": source})
    run(config)
    live = found_live(tmp_path / "s")
    model = ModelConfig(file=rig / "model.onnx", threads=1)
    offline = find(
        Template.load(template), [tmp_path / "v.mkv"], 1.0, model=model, arena=config.arena[0], progress=quiet
    )
    assert live
    assert ends(live) == ends(each.match for each in offline)


def test_the_template_is_found_where_it_was_cut(rig, template):
    offline = found_offline(template, template.parent / "s", rig)
    best = min(offline, key=lambda each: each.match.cost)
    assert (best.match.start_index, best.match.stop_index) == (60, 74)
    assert best.match.cost < 1e-6


def test_a_template_of_another_projection_is_refused_before_anything_is_opened(rig, template, tmp_path):
    settings = TemplateSettings(
        recording=template.parent / "s", span=(60, 74), name="own", out=tmp_path / "t.npz", threshold=THRESHOLD
    )
    cut_template(settings, progress=quiet)
    with pytest.raises(ConfigError, match="projected in another way than this session"):
        Session(with_template(rig, tmp_path / "t.npz", tmp_path / "s")).start()
    assert not (tmp_path / "s").exists()


def test_without_a_reference_the_template_says_how_to_project(rig, template, tmp_path):
    sections = {"reference": None, "detector": [], "template": [{"file": str(template)}]}
    run(configure(rig, tmp_path / "s", observe=sections))
    live = found_live(tmp_path / "s")
    assert live
    assert ends(live) == ends(each.match for each in found_offline(template, tmp_path / "s", rig))


def test_two_templates_of_one_name_and_a_missing_one_are_refused(rig, template, tmp_path):
    for files, expected in (((template, template), "two have the same name"), ((tmp_path / "x",), "there is no templ")):
        observe = {"template": [{"file": str(file)} for file in files]}
        with pytest.raises(ConfigError, match=expected):
            Session(configure(rig, tmp_path / "s", observe=observe)).start()
