"""Space kept back."""

import shutil

import pytest

from selfee_rt.errors import RecordingFailed
from selfee_rt.record.ballast import BALLAST_BYTES, Ballast
from tests.record.disk import small_disk


def test_the_ballast_takes_real_space_and_gives_it_back(tmp_path):
    with small_disk(tmp_path / "disk", size_mib=12) as disk:
        free = shutil.disk_usage(disk).free
        ballast = Ballast(disk)
        assert free - shutil.disk_usage(disk).free == BALLAST_BYTES
        ballast.release()
        ballast.release()
        assert shutil.disk_usage(disk).free == free


def test_a_disk_without_space_for_it_is_refused_and_left_as_it_was(tmp_path):
    with small_disk(tmp_path / "disk", size_mib=1) as disk:
        with pytest.raises(RecordingFailed, match="cannot keep 4 MiB back"):
            Ballast(disk)
        assert list(disk.iterdir()) == []
