"""Files, folders, patterns and lists become videos; whatever does not is named."""

from pathlib import Path

import pytest

from selfee_rt.errors import ConfigError
from selfee_rt.workbench.dataset import find_videos


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b.mp4", "a.MKV", "notes.pdf", "deep/c.avi", "odd", "x[1].mp4"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    return tmp_path


def names(folder: Path, *given: str) -> list[str]:
    return [str(path.relative_to(folder).as_posix()) for path in find_videos([folder / each for each in given])]


def test_a_folder_means_its_videos_by_name(folder: Path) -> None:
    assert names(folder, ".") == ["a.MKV", "b.mp4", "x[1].mp4"]


def test_a_file_that_is_named_may_have_any_ending(folder: Path) -> None:
    assert names(folder, "odd", "b.mp4", "x[1].mp4") == ["odd", "b.mp4", "x[1].mp4"]


def test_a_pattern_means_the_videos_that_match(folder: Path) -> None:
    assert names(folder, "*.mp4") == ["b.mp4", "x[1].mp4"]
    assert names(folder, "**/[ac].*") == ["a.MKV", "deep/c.avi"]


def test_a_list_names_one_a_line_relative_to_its_folder(folder: Path) -> None:
    (folder / "deep" / "list.txt").write_text("# ours\n../b.mp4\n\nc.avi\n")
    assert [path.name for path in find_videos([folder / "deep" / "list.txt"])] == ["b.mp4", "c.avi"]


def test_everything_that_means_no_video_is_named_at_once(folder: Path) -> None:
    (folder / "empty").mkdir()
    (folder / "list.txt").write_text("gone.mp4\nother.txt\n")
    with pytest.raises(ConfigError) as caught:
        find_videos([folder / "absent.mp4", folder / "empty", folder / "*.mov", folder / "list.txt"])
    problems = "\n".join(caught.value.problems)
    assert len(caught.value.problems) == 5
    for part in ("absent.mp4 does not exist", "empty holds no video", "*.mov holds no video", "gone.mp4", "line 2"):
        assert part in problems


def test_a_video_that_is_named_twice_is_refused(folder: Path) -> None:
    with pytest.raises(ConfigError, match=r"b\.mp4 is named twice"):
        find_videos([folder / "b.mp4", folder])


def test_a_list_that_is_no_text_is_refused(folder: Path) -> None:
    (folder / "list.txt").write_bytes(b"\xff\xfe\x00bad")
    with pytest.raises(ConfigError, match="cannot be read as a list of videos"):
        find_videos([folder / "list.txt"])
