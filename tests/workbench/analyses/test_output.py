"""The folder of an analysis appears whole, or not at all."""

import pytest

from selfee_rt.errors import ConfigError, FolderError
from selfee_rt.workbench.analyses.output import check_new, new_folder, write_summary, write_table


def test_a_folder_appears_when_everything_has_gone_well(tmp_path):
    with new_folder(tmp_path / "out") as folder:
        write_table(folder / "a.csv", ("x", "y"), [(1, None), ("a,b", 0.1234567)])
        write_summary(folder / "s.json", {"a": [1.5, None]})
        assert not (tmp_path / "out").exists()
    assert (tmp_path / "out" / "a.csv").read_text() == 'x,y\n1,\n"a,b",0.123457\n'
    assert (tmp_path / "out" / "s.json").read_text() == '{\n  "a": [\n    1.5,\n    null\n  ]\n}\n'
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("error", [ConfigError(["no"]), ZeroDivisionError()])
def test_a_failure_leaves_nothing_and_is_told_as_it_is(tmp_path, error):
    with pytest.raises(type(error)) as caught, new_folder(tmp_path / "out"):
        raise error
    assert caught.value is error
    assert not list(tmp_path.iterdir())


def test_a_disk_that_fails_is_an_error_of_ours(tmp_path):
    with pytest.raises(FolderError, match=r"cannot write .*out: .*full"), new_folder(tmp_path / "out"):
        raise OSError("the disk is full")


def test_nothing_is_overwritten(tmp_path):
    (tmp_path / "out").mkdir()
    with pytest.raises(ConfigError, match="nothing is ever overwritten"):
        check_new(tmp_path / "out")
    with pytest.raises(ConfigError, match="there is no folder"):
        check_new(tmp_path / "gone" / "out")
    (tmp_path / ".other.part").mkdir()
    with pytest.raises(FolderError, match=r"cannot make .*\.other\.part"), new_folder(tmp_path / "other"):
        pass
    assert (tmp_path / ".other.part").is_dir()
