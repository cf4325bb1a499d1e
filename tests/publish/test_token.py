"""The token of the control socket."""

import os
import stat
from pathlib import Path

import pytest

from selfee_rt.errors import FolderError
from selfee_rt.folder.schema import TOKEN_FILE
from selfee_rt.publish.token import make_token


def test_the_token_is_what_the_file_says_and_another_each_time(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in "ab"]
    tokens = []
    for folder in folders:
        folder.mkdir()
        tokens.append(make_token(folder))
        assert (folder / TOKEN_FILE).read_text(encoding="ascii") == tokens[-1]
        assert len(tokens[-1]) >= 40
    assert tokens[0] != tokens[1]


@pytest.mark.skipif(os.name != "posix", reason="no POSIX permissions here")
def test_the_token_is_readable_by_its_user_only(tmp_path: Path) -> None:
    make_token(tmp_path)
    assert stat.S_IMODE((tmp_path / TOKEN_FILE).stat().st_mode) == 0o600


def test_a_token_is_never_overwritten(tmp_path: Path) -> None:
    token = make_token(tmp_path)
    with pytest.raises(FolderError, match=r"control_token.*new session folder"):
        make_token(tmp_path)
    assert (tmp_path / TOKEN_FILE).read_text(encoding="ascii") == token


def test_a_folder_that_is_not_there_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(FolderError, match="cannot write the control token"):
        make_token(tmp_path / "missing")
