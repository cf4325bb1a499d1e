"""A recording is decoded once, however brutally an earlier attempt was ended; what is kept is whole or absent."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from selfee_rt import build
from selfee_rt.config import (
    ArenaConfig,
    FirstSecondsBackgroundConfig,
    Region,
    StoredBackgroundConfig,
    SyntheticConfig,
    VideoFileConfig,
)
from selfee_rt.errors import ConfigError, FolderError, SourceError
from selfee_rt.workbench.dataset import Material, identity, plan, planning, read_recording
from selfee_rt.workbench.dataset.lock import only_here
from tests.support import ROOT, need_module
from tests.workbench.dataset.small import Pictures, walk

SIZE = (20, 24)
LEFT = ArenaConfig(name="left", region=Region(x=0, y=0, width=32, height=48))
RIGHT = ArenaConfig(name="right", region=Region(x=32, y=0, width=32, height=48))


def background(seconds: float) -> ArenaConfig:
    return ArenaConfig(name="arena", background=FirstSecondsBackgroundConfig(seconds=seconds, contrast="bright"))


DIES = """
import os, sys
from pathlib import Path
from selfee_rt.config import VideoFileConfig
from selfee_rt.workbench.dataset import Material, plan
materials = [Material(Path(each).stem, VideoFileConfig(path=Path(each), speed="max")) for each in sys.argv[2:]]
def progress(name):
    return lambda done, promised: os._exit(9) if (name, done) == ("two", 64) else None
plan(materials, Path(sys.argv[1]), (20, 24)).carry_out(progress)
"""


def material(path: Path) -> Material:
    return Material(path.stem, VideoFileConfig(path=path, speed="max"))


def nothing_is_decoded(name: str):
    raise AssertionError(f"{name} is decoded again")


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return walk(tmp_path_factory.mktemp("videos") / "one.mkv", frames=40)


@pytest.fixture(scope="module")
def two(one: Path) -> Path:
    return walk(one.with_name("two.mkv"), frames=100, fps=25, seed=1)


def test_what_is_kept_is_what_is_read_at_once(one: Path, two: Path, tmp_path: Path) -> None:
    kept = plan([material(one), material(two)], tmp_path / "new" / "cache", SIZE).carry_out().recordings
    for path, recording in zip((one, two), kept, strict=True):
        read = read_recording(build.source(VideoFileConfig(path=path, speed="max")), path.stem, SIZE)
        assert (recording.name, recording.fps, recording.ended) == (path.stem, read.fps, read.ended)
        assert recording.index.tolist() == read.index.tolist()
        assert (recording.grey == read.grey).all()
        assert not recording.grey.flags.writeable
        base = recording.grey.base
        assert isinstance(base, np.memmap)


def test_what_is_kept_is_not_decoded_again(one: Path, two: Path, tmp_path: Path) -> None:
    plan([material(one), material(two)], tmp_path, SIZE).carry_out()
    again = plan([material(two), material(one)], tmp_path, SIZE)
    assert (again.missing, again.needed_bytes) == ((), 0)
    assert [each.name for each in again.carry_out(nothing_is_decoded).recordings] == ["two", "one"]


def test_a_plan_says_what_it_needs_and_progress_is_told(one: Path, tmp_path: Path) -> None:
    planned = plan([material(one)], tmp_path, SIZE, [LEFT, RIGHT])
    assert planned.needed_bytes == 40 * 2 * 20 * 24
    assert str(planned).startswith("1 of 1 recordings to decode: 0.00 GB in ")
    told: list[tuple[str, int, int | None]] = []
    planned.carry_out(lambda name: lambda done, promised: told.append((name, done, promised)))
    assert told == [("one", 32, 40), ("one", 40, 40)]


def test_every_arena_becomes_a_recording_of_its_own_by_one_decoding(one: Path, tmp_path: Path) -> None:
    left, right = plan([material(one)], tmp_path, SIZE, [LEFT, RIGHT]).carry_out().recordings
    assert (left.name, right.name) == ("one, left", "one, right")
    config = VideoFileConfig(path=one, speed="max")
    assert (left.grey == read_recording(build.source(config), "", SIZE, arena=LEFT).grey).all()
    assert (right.grey == read_recording(build.source(config), "", SIZE, arena=RIGHT).grey).all()


@pytest.mark.parametrize(
    "change",
    [
        {"size_px": (24, 20)},
        {"arenas": [LEFT]},
        {"arenas": [ArenaConfig(name="arena", invert=True)]},
        {"arenas": [background(1.0)], "preprocessing": "selfee_mouse"},
    ],
    ids=["size", "region", "invert", "preparation"],
)
def test_whatever_decides_a_pixel_is_part_of_the_key(one: Path, tmp_path: Path, change: dict) -> None:
    plan([material(one)], tmp_path, SIZE).carry_out()
    assert len(plan([material(one)], tmp_path, **{"size_px": SIZE, **change}).missing) == 1


def test_the_background_is_part_of_the_key(two: Path, tmp_path: Path) -> None:
    def missing(arena: ArenaConfig) -> int:
        return len(plan([material(two)], tmp_path / "cache", SIZE, [arena], "selfee_mouse").missing)

    plan([material(two)], tmp_path / "cache", SIZE, [background(1.0)], "selfee_mouse").carry_out()
    assert (missing(background(1.0)), missing(background(1.2))) == (0, 1)
    np.save(tmp_path / "ground.npy", np.zeros((48, 64), np.uint8))
    stored = ArenaConfig(
        name="arena", background=StoredBackgroundConfig(file=tmp_path / "ground.npy", contrast="bright")
    )
    plan([material(two)], tmp_path / "cache", SIZE, [stored], "selfee_mouse").carry_out()
    assert missing(stored) == 0
    np.save(tmp_path / "ground.npy", np.ones((48, 64), np.uint8))
    assert missing(stored) == 1


def test_another_file_of_the_same_name_and_another_grey_range_are_decoded(one: Path, tmp_path: Path) -> None:
    plan([material(one)], tmp_path, SIZE).carry_out()
    (tmp_path / "other").mkdir()
    other = walk(tmp_path / "other" / "one.mkv", frames=40, seed=5)
    assert len(plan([material(other)], tmp_path, SIZE).missing) == 1
    full = Material("one", VideoFileConfig(path=one, speed="max", range="limited"))
    assert len(plan([full], tmp_path, SIZE).missing) == 1


def test_a_large_file_is_known_by_pieces_its_size_and_its_time(one: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = VideoFileConfig(path=one, speed="max")
    assert identity.content_of(config).startswith("sha256 ")
    monkeypatch.setattr(identity, "WHOLE_UP_TO_BYTES", 100)
    monkeypatch.setattr(identity, "SAMPLE_BYTES", 8)
    assert identity.content_of(config).startswith(f"{one.stat().st_size} bytes of {one.stat().st_mtime_ns} sampled ")


@pytest.mark.parametrize("place", [0, 1000, -1], ids=["first", "between", "last"])
def test_the_pieces_of_a_large_file_reach_from_its_first_byte_to_its_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: int
) -> None:
    import os

    monkeypatch.setattr(identity, "SAMPLE_BYTES", 100)
    content = bytearray(identity.SAMPLES * 100)
    (tmp_path / "large").write_bytes(content)
    before, status = identity.sampled(tmp_path / "large"), (tmp_path / "large").stat()
    content[place] = 1
    (tmp_path / "large").write_bytes(content)
    os.utime(tmp_path / "large", ns=(status.st_atime_ns, status.st_mtime_ns))
    assert identity.sampled(tmp_path / "large") != before


def test_a_killed_process_leaves_what_was_whole_and_nothing_wrong(one: Path, two: Path, tmp_path: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", DIES, tmp_path, one, two], cwd=ROOT, timeout=120)
    assert killed.returncode == 9
    partial = list(tmp_path.glob("two*.partial"))
    assert len(partial) == 1
    planned = plan([material(one), material(two)], tmp_path, SIZE)
    assert [job.material.name for job in planned.missing] == ["two"]
    recordings = planned.carry_out().recordings
    whole = read_recording(build.source(VideoFileConfig(path=two, speed="max")), "two", SIZE)
    assert (recordings[1].grey == whole.grey).all()
    assert not list(tmp_path.glob("*.partial"))


def test_pictures_without_their_header_do_not_count(one: Path, tmp_path: Path) -> None:
    plan([material(one)], tmp_path, SIZE).carry_out()
    next(tmp_path.glob("*.json")).unlink()
    assert len(plan([material(one)], tmp_path, SIZE).missing) == 1


def _cut(pictures: Path, header: Path) -> None:
    pictures.write_bytes(pictures.read_bytes()[:-1])


def _gone(pictures: Path, header: Path) -> None:
    pictures.unlink()


def _no_json(pictures: Path, header: Path) -> None:
    header.write_text("{")


def _other_key(pictures: Path, header: Path) -> None:
    header.write_text(json.dumps({**json.loads(header.read_text()), "key": "0"}))


@pytest.mark.parametrize("harm", [_cut, _gone, _no_json, _other_key])
def test_a_broken_prepared_recording_says_what_to_do(one: Path, tmp_path: Path, harm) -> None:
    plan([material(one)], tmp_path, SIZE).carry_out()
    harm(next(tmp_path.glob("*.grey")), next(tmp_path.glob("*.json")))
    with pytest.raises(ConfigError, match=r"is not a prepared recording .*; delete it and prepare it again"):
        plan([material(one)], tmp_path, SIZE)


def test_a_disk_that_is_too_small_is_refused_before_anything_begins(
    one: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planning.shutil, "disk_usage", lambda path: type("Usage", (), {"free": 40 * 20 * 24 - 1}))
    with pytest.raises(FolderError, match="too small for 1 of 1 recordings to decode"):
        plan([material(one)], tmp_path / "cache", SIZE)
    assert not (tmp_path / "cache").exists()
    (tmp_path / "left.grey.partial").write_bytes(b"1")  # will be deleted, and so counts as room
    assert plan([material(one)], tmp_path, SIZE).free_bytes == 40 * 20 * 24


def test_a_disk_that_fills_up_costs_only_the_recording_at_hand(one: Path, two: Path, tmp_path: Path) -> None:
    resource = need_module("resource")

    planned = plan([material(one), material(two)], tmp_path, SIZE)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, limits[1]))
    try:
        with pytest.raises(FolderError, match=r"cannot write what two becomes to .*; what was decoded before is kept"):
            planned.carry_out()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert [job.material.name for job in plan([material(one), material(two)], tmp_path, SIZE).missing] == ["two"]
    assert not list(tmp_path.glob("*.partial"))


def test_two_processes_do_not_prepare_in_one_folder(one: Path, tmp_path: Path) -> None:
    planned = plan([material(one)], tmp_path, SIZE)
    with only_here(tmp_path), pytest.raises(FolderError, match="if another process prepares there, wait for it"):
        planned.carry_out()
    planned.carry_out()
    with only_here(tmp_path):  # what is whole may be read meanwhile
        plan([material(one)], tmp_path, SIZE).carry_out()


def test_a_folder_that_is_a_file_is_refused(one: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FolderError, match="choose another folder"):
        plan([material(one)], tmp_path / "file", SIZE).carry_out()


def test_what_cannot_be_read_is_named_or_left_out(one: Path, tmp_path: Path) -> None:
    bad = [tmp_path / "bad.mp4", tmp_path / "absent.mp4"]
    bad[0].write_text("no video")
    materials = [material(bad[0]), material(one), material(bad[1])]
    with pytest.raises(ConfigError) as caught:
        plan(materials, tmp_path / "cache", SIZE)
    assert [problem.split(":")[0] for problem in caught.value.problems] == [
        "bad cannot be read",
        "absent cannot be read",
    ]
    prepared = plan(materials, tmp_path / "cache", SIZE, leave_out_unreadable=True).carry_out()
    assert [each.name for each in prepared.recordings] == ["one"]
    assert list(prepared.left_out) == list(caught.value.problems)
    with pytest.raises(ConfigError, match="there is no recording to learn from"):
        plan(materials[:1], tmp_path / "cache", SIZE, leave_out_unreadable=True).carry_out()


def test_a_recording_that_fails_while_it_is_decoded_is_named_or_left_out(
    one: Path, two: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Breaks(Pictures):
        def read(self, timeout_s: float):
            raise SourceError("the disk was pulled out")

    def source(config: VideoFileConfig):
        return Breaks([]) if config.path == one else built(config)

    built = build.source
    strict = plan([material(two), material(one)], tmp_path, SIZE)
    lenient = plan([material(one), material(two)], tmp_path, SIZE, leave_out_unreadable=True)
    monkeypatch.setattr(build, "source", source)
    with pytest.raises(SourceError, match="one cannot be read: the disk was pulled out"):
        strict.carry_out()
    assert len(list(tmp_path.glob("*.json"))) == 1  # what was decoded before is kept
    prepared = lenient.carry_out()
    assert [each.name for each in prepared.recordings] == ["two"]
    assert prepared.left_out == ("one cannot be read: the disk was pulled out",)


def test_the_same_recording_twice_is_refused(one: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.mkv"
    copy.write_bytes(one.read_bytes())
    with pytest.raises(ConfigError, match="copy is the same recording as one"):
        plan([material(one), material(copy)], tmp_path, SIZE)


def test_the_synthetic_arena_is_a_recording_too_and_its_dropped_exposures_keep_their_place(tmp_path: Path) -> None:
    config = SyntheticConfig(seconds=1.0, speed="max", drop=((5, 7),), width_px=64, height_px=64)
    planned = plan([Material("arena", config)], tmp_path, SIZE)
    recording = planned.carry_out().recordings[0]
    assert recording.index.tolist() == [*range(5), *range(8, 30)]
    assert plan([Material("arena", config)], tmp_path, SIZE).missing == ()
    assert len(plan([Material("arena", config.model_copy(update={"seed": 3}))], tmp_path, SIZE).missing) == 1


def test_every_recording_that_does_not_suit_the_arena_is_named(one: Path, two: Path, tmp_path: Path) -> None:
    outside = ArenaConfig(name="a", region=Region(x=60, y=0, width=8, height=8))
    with pytest.raises(ConfigError) as caught:
        plan([material(one), material(two)], tmp_path, SIZE, [outside], leave_out_unreadable=True)
    assert [problem.split(":")[0] for problem in caught.value.problems] == ["one", "two"]
    assert "the picture is 64x48 px" in caught.value.problems[0]
