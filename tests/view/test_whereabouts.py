"""Where the animal was on the map at a time that is over: from the folder, else from what came over the wire."""

import msgspec
import numpy as np
import pytest

from selfee_rt.folder import SessionFolder
from selfee_rt.view.chart import chart_of_reference, chart_of_stored
from selfee_rt.view.finished import Finished
from selfee_rt.view.model import Model
from selfee_rt.view.trail import READING
from selfee_rt.view.whereabouts import Whereabouts
from tests.session.rig import configure, run, running, wait_until

S = 1_000_000_000


@pytest.fixture(scope="module")
def folder(rig, tmp_path_factory):
    """Twelve seconds of a session: three blocks and more."""
    path = tmp_path_factory.mktemp("whereabouts") / "s"
    run(configure(rig, path, source={"seconds": 12}))
    return path


@pytest.fixture
def opened():
    """Opens folders, wholly read, with the whereabouts of their animals."""
    made = []

    def make(path):
        source = Finished(path)
        source.start()
        wait_until(lambda: source.part_read == 1.0)
        chart = chart_of_reference(path, source.record.model.sha256)
        found = Whereabouts(source.model, chart, is_over=True)
        made.extend((source, found))
        return found, chart, source.model

    yield make
    for each in made:
        each.close()


def read(whereabouts, arena, at_ns):
    """Places and why there are none, once they have been read."""
    found = []

    def is_read():
        found[:] = whereabouts.at(arena, at_ns)
        return found[1] != READING

    wait_until(is_read)
    return found


def test_the_point_is_where_the_embedding_of_that_moment_lies(folder, opened):
    whereabouts, chart, model = opened(folder)
    with SessionFolder(folder) as session:
        vectors = dict(session.embeddings("arena"))
    extent = model.extent("arena")
    for at_ns in (extent[0], extent[0] + S, 3_970_000_000, 4 * S, 8 * S + 7, extent[1]):
        rows, _ = model.between("arena", at_ns - 3 * S, at_ns)
        places, why = read(whereabouts, "arena", at_ns)
        assert why == ""
        expected = [chart.place(vectors[index]) for index in rows["index"].tolist()]
        assert np.allclose(places, expected, atol=1e-5)
    assert len(places) == 91, "three seconds, both ends included"


def test_where_nothing_was_observed_there_is_no_point(folder, opened):
    assert read(opened(folder)[0], "arena", 100 * S)[1] == "nothing was observed then"


def test_a_session_that_stored_no_embeddings_says_so(rig, tmp_path, opened):
    run(configure(rig, tmp_path / "s", source={"seconds": 1}, record={"embeddings_every": 0}))
    places, why = read(opened(tmp_path / "s")[0], "arena", S // 2)
    assert (len(places), why) == (0, "the session stored no embeddings (record.embeddings_every = 0)")


def test_every_third_embedding_makes_a_coarser_tail(rig, tmp_path, opened):
    run(configure(rig, tmp_path / "s", source={"seconds": 5}, record={"embeddings_every": 3}))
    places, why = read(opened(tmp_path / "s")[0], "arena", 4 * S)
    assert (len(places), why) == (31, "")


def test_another_sessions_folder_is_not_believed(folder, opened):
    _, chart, model = opened(folder)
    model.session = msgspec.structs.replace(model.session, session_id="another")
    stranger = Whereabouts(model, chart, is_over=False)
    try:
        assert "another session" in read(stranger, "arena", 2 * S)[1]
    finally:
        stranger.close()


def test_what_came_over_the_wire_stands_in_where_there_is_no_folder(stage):
    model = Model(msgspec.structs.replace(stage.session, folder=None))
    rng = np.random.default_rng(0)
    known = rng.normal(size=(50, 8)).astype(np.float32)
    from selfee_rt.view.chart import chart_of

    chart = chart_of("x", known, np.full(50, -1), (), known.mean(axis=0), None)
    whereabouts = Whereabouts(model, chart, is_over=False)
    for stage.index in range(300):
        message = stage.observation("left")
        model.apply("observation.left", message)
        if stage.index % 3 == 0:
            whereabouts.see("left", message.media_ns, known[stage.index // 6])
    assert np.allclose(whereabouts.now("left")[-1], chart.points[297 // 6], atol=1e-5)
    places, _ = whereabouts.at("left", 5 * S)
    assert np.allclose(places[-1], chart.points[150 // 6], atol=1e-5)
    whereabouts.see("left", 0, known[7])
    assert np.allclose(whereabouts.now("left"), chart.points[[7]], atol=1e-5), "the camera's clock jumped back"
    whereabouts.close()


def test_a_session_that_runs_is_looked_back_on_from_its_folder(rig, tmp_path):
    with running(configure(rig, tmp_path / "s", source={"speed": 1.0, "seconds": None})) as session:
        wait_until(lambda: session.snapshot().n_observed > 60, 30)
        source = Finished(session.folder)
        source.start()
        wait_until(lambda: source.part_read == 1.0)
        chart = chart_of_reference(session.folder, source.record.model.sha256)
        live = Whereabouts(source.model, chart, is_over=False)
        last_ns = source.model.extent("arena")[1]
        wait_until(lambda: len(live.at("arena", last_ns)[0]) >= 30)
        first = live.at("arena", last_ns)[0]
        source.close()
        again = Finished(session.folder)
        wait_until(lambda: session.snapshot().n_observed > 140, 30)
        again.start()
        wait_until(lambda: again.part_read == 1.0)
        live._model = again.model
        later_ns = again.model.extent("arena")[1]
        wait_until(lambda: np.array_equal(live.at("arena", last_ns)[0], first))
        wait_until(lambda: len(live.at("arena", later_ns)[0]) > 80), "what came meanwhile is read too"
        live.close()
        again.close()


def test_without_a_reference_the_session_itself_is_the_map(rig, tmp_path):
    run(configure(rig, tmp_path / "s", source={"seconds": 2}))
    chart = chart_of_stored(tmp_path / "s", ("chasing", "copulation", "nothing", "winging"), "there is no reference")
    with SessionFolder(tmp_path / "s") as session:
        vectors = dict(session.embeddings("arena"))
        labels = [each.label for each in session.observations()]
    assert len(chart.points) == len(vectors)
    for row, index in enumerate(vectors):
        assert np.allclose(chart.place(vectors[index]), chart.points[row], atol=1e-4)
    assert {chart.labels[each] for each in chart.label_of if each >= 0} == set(labels) - {None}
    assert chart.says == f"{len(vectors)} moments of the session, since there is no reference"


def test_why_a_session_is_no_map_is_said(rig, tmp_path):
    run(configure(rig, tmp_path / "s", source={"seconds": 1}, record={"embeddings_every": 0}))
    assert "stored no embeddings" in chart_of_stored(tmp_path / "s", (), "there is no reference")
    run(configure(rig, tmp_path / "t", source={"seconds": 1}, record={"embeddings_every": 20}))
    assert "fewer than 3" in chart_of_stored(tmp_path / "t", (), "there is no reference")
