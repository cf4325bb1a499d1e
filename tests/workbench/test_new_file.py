"""A report's file is refused for every reason at once, and replaces none."""

import pytest

from selfee_rt.errors import ConfigError, FolderError
from selfee_rt.workbench.new_file import check_new_file, new_file_problems, write_new_file

KIND = ("a page", (".html", ".htm"))


def test_a_file_that_can_be_made_has_no_problem_whatever_the_case_of_its_ending(tmp_path):
    assert new_file_problems("--out", tmp_path / "r.HTM", *KIND) == []
    check_new_file("--out", tmp_path / "r.html", *KIND)


def test_every_problem_is_said_with_its_option_and_what_to_do(tmp_path):
    (tmp_path / "r.pdf").write_text("mine")
    with pytest.raises(ConfigError) as refused:
        check_new_file("--out", tmp_path / "r.pdf", *KIND)
    exists, ending = refused.value.problems
    assert exists == f"--out {tmp_path / 'r.pdf'} exists; nothing is ever overwritten, choose another file"
    assert ending == f"--out {tmp_path / 'r.pdf'}: a page; choose a name that ends in .html or .htm"
    (folder,) = new_file_problems("--out", tmp_path / "no" / "r.html", *KIND)
    assert folder.endswith(f"there is no folder {tmp_path / 'no'}; make it first")


def test_a_file_that_came_meanwhile_is_kept(tmp_path):
    write_new_file(tmp_path / "r.html", "µ")
    with pytest.raises(FolderError, match="cannot write"):
        write_new_file(tmp_path / "r.html", "other")
    assert (tmp_path / "r.html").read_text(encoding="utf-8") == "µ"
