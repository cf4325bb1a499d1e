"""Each exposure of each arena has exactly one fate, whatever happens."""

from selfee_rt.folder import SessionFolder
from tests.session.rig import assert_verified, configure, fates, run, running, wait_until


def test_at_max_only_the_edges_are_lost(rig, tmp_path):
    session, last = run(configure(rig, tmp_path / "s"))
    assert session.error is None
    assert fates(tmp_path / "s") == {("arena", "observed"): 146, ("arena", "edge"): 4}
    assert (last.n_observed, last.losses, last.n_exposures) == (146, {"edge": 4}, 150)
    assert_verified(tmp_path / "s")


def test_dropped_exposures_are_lost_at_the_source_and_their_neighbours_to_the_gap(rig, tmp_path):
    source = {"drop": [[40, 41], [100, 100]]}
    run(configure(rig, tmp_path / "s", source=source))
    assert fates(tmp_path / "s") == {
        ("arena", "observed"): 150 - 3 - 4 - 8,
        ("arena", "source"): 3,
        ("arena", "edge"): 4,
        ("arena", "gap"): 8,
    }
    assert_verified(tmp_path / "s")


def test_a_network_that_is_too_slow_for_its_camera_loses_exposures_in_the_channel_and_counts_them(rig, tmp_path):
    config = configure(
        rig,
        tmp_path / "s",
        source={"speed": 1.0, "fps": 250, "seconds": 3},
        model={"file": None, "threads": 1},  # the shipped one takes several ms
        observe={"reference": None, "detector": []},
    )
    _, last = run(config)
    found = {hop: count for (_, hop), count in fates(tmp_path / "s").items()}
    lost = found.get("channel:embed", 0) + found.get("source", 0)
    assert lost > 0, "nothing was lost at 250 frames/s: the test does not test what it says"
    assert found["observed"] > 0
    assert sum(found.values()) == last.n_exposures
    assert_verified(tmp_path / "s")


def test_every_arena_has_an_account_of_its_own(rig, tmp_path):
    arenas = [
        {"name": "left", "region": {"x": 0, "y": 0, "width": 80, "height": 120}},
        {"name": "right", "region": {"x": 80, "y": 0, "width": 80, "height": 120}},
    ]
    run(configure(rig, tmp_path / "s", arena=arenas))
    found = fates(tmp_path / "s")
    assert found["left", "observed"] == found["right", "observed"] == 146
    assert_verified(tmp_path / "s")


def test_a_session_without_one_whole_live_frame_is_all_edge(rig, tmp_path):
    run(configure(rig, tmp_path / "s", seconds=0.1))
    assert fates(tmp_path / "s") == {("arena", "observed"): 0, ("arena", "edge"): 3}
    assert_verified(tmp_path / "s")


def test_a_stop_at_any_moment_leaves_the_account_whole(rig, tmp_path):
    config = configure(rig, tmp_path / "s", source={"speed": 1.0, "seconds": None})
    with running(config) as session:
        wait_until(lambda: session.snapshot().n_observed > 5)
    fates(tmp_path / "s")
    with SessionFolder(tmp_path / "s") as folder:
        assert folder.ended is not None
        assert "the test is over" in str(folder.ended)
    assert_verified(tmp_path / "s")
