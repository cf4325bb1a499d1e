"""What docs/session_folder.md says is true: every table and column is in it, and its examples run."""

import re
import sqlite3

import pytest

from selfee_rt.folder.schema import EMBEDDING_TABLES, LOG_TABLES
from selfee_rt.record.log import SessionLog
from tests.record.history import make_folder, write
from tests.support import ROOT

DOCUMENT = (ROOT / "docs" / "session_folder.md").read_text(encoding="utf-8")
TABLES = LOG_TABLES | EMBEDDING_TABLES


def sections() -> dict[str, str]:
    """Text below each heading of the third level."""
    parts = re.split(r"^##+ (.*)$", DOCUMENT, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def examples(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", DOCUMENT, flags=re.DOTALL)


@pytest.fixture
def session(tmp_path):
    path = make_folder(tmp_path / "session", ["arena"])
    log = SessionLog(path)
    write(log, ["edge", "observed", "observed", "edge"], ["arena"])
    log.end("stopped", 3)
    log.close()
    return path


@pytest.mark.parametrize("table", TABLES)
def test_every_column_of_a_table_is_described(table):
    described = set(re.findall(r"`(\w+)`", sections()[table]))
    assert {column.split()[0] for column in TABLES[table]} - described == set()


def test_the_python_example_runs(session, capsys):
    (example,) = examples("python")
    exec(example, {"path": session})
    assert capsys.readouterr().out.splitlines()[0] == "1 chasing {'selfee': 0.1}"


def test_the_sql_example_runs(session):
    (example,) = examples("sql")
    database = sqlite3.connect(session / "log.sqlite")
    assert database.execute(example.replace("AND o.alarm", "")).fetchall()[0][:3] == (1, "chasing", 0.75)
    assert database.execute(example).fetchall() == []
    database.close()
