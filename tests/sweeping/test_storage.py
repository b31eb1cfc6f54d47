"""Tests of the storages of studies: what they hold, and one line for each that cannot be opened."""

import builtins
import threading
from pathlib import Path
from typing import Any
from urllib.parse import quote

import optuna
import pytest

from halo.runtime.errors import InputError
from halo.sweeping.storage import has_password, open_storage, shown_storage
from tests.conftest import EXHAUSTIVE
from tests.support.postgresql import PASSWORD
from tests.support.studying import coordinate, open_trials

NO_SERVER = "postgresql://ada:secret@127.0.0.1:1/sweeps"


def require_same_study(storage: str | None, folder: Path) -> None:
    """Writes into a study through one storage and reads it through another."""
    study = optuna.create_study(study_name="one", storage=open_storage(storage, folder))
    study.tell(study.ask({"x": optuna.distributions.FloatDistribution(0, 1)}), 0.5)
    again = optuna.load_study(study_name="one", storage=open_storage(storage, folder))
    assert [trial.value for trial in again.trials] == [0.5]


def test_the_journal_is_in_the_folder_of_the_study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("study").mkdir()
    require_same_study(None, Path("study"))
    assert [file.name for file in Path("study").iterdir()] == ["study.journal"]


def test_sqlite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    require_same_study("sqlite:///a {b}.db", tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["a {b}.db"]


def test_postgresql(postgresql: str, tmp_path: Path) -> None:
    user = f"halo:{quote(PASSWORD)}@{postgresql}"
    require_same_study(f"postgresql://{user}/postgres", tmp_path)
    refused = {
        f"postgresql://{user}/nowhere": 'database "nowhere" does not exist); create it first: createdb nowhere',
        f"postgresql://halo:wr%7Bng@{postgresql}/postgres": 'password authentication failed for user "halo"); give',
        f"postgresql://{user}/postgres?colour=red": 'invalid connection option "colour"',
    }
    for storage, expected in refused.items():
        assert expected in refusal(storage, tmp_path)
    assert list(tmp_path.iterdir()) == []


def refusal(storage: str | None, folder: Path) -> str:
    """Returns the one line with which a storage is refused, and requires that it has no password."""
    with pytest.raises(InputError) as refused:
        open_storage(storage, folder)
    line = str(refused.value)
    assert "\n" not in line
    assert not any(password in line for password in ("secret", PASSWORD, quote(PASSWORD), "wr{ng", "wr%7Bng"))
    return line


@pytest.mark.parametrize(
    ("storage", "expected"),
    [
        ("sweeps.db", "storage=sweeps.db: must be sqlite:///FILE or postgresql://USER@HOST/DATABASE, or null"),
        ("ada:secret@host/sweeps", "storage=ada:***@host/sweeps: must be sqlite:///FILE or postgresql://"),
        ("postgresql://ada:secret@host:port/s", "storage=postgresql:***@host:port/s: must be sqlite:///FILE"),
        ("", "storage=: must be sqlite:///FILE"),
        ("mysql://ada:secret@host/sweeps", "storage=mysql://ada:***@host/sweeps: must be sqlite:///FILE"),
        ("postgres://ada:secret@host/sweeps", "write postgresql://"),
        ("sqlite://", "storage=sqlite://: workers share a file; write sqlite:///FILE"),
        ("sqlite:///:memory:", "workers share a file"),
        ("sqlite:///missing/sweeps.db", "there is no folder missing; create it first"),
        ("sqlite:///folder", "storage=sqlite:///folder: is a folder; name a file in it"),
        ("sqlite:///text.txt", "cannot be opened (file is not a database); name another file"),
        (NO_SERVER, 'cannot be opened (connection to server at "127.0.0.1", port 1 failed: Connection refused); check'),
    ],
)
def test_a_storage_that_cannot_be_opened(
    storage: str, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("folder").mkdir()
    Path("text.txt").write_text("This is no database, whatever its name says.\n" * 100, encoding="utf-8")
    assert expected in refusal(storage, tmp_path)
    assert sorted(path.name for path in Path().iterdir()) == ["folder", "text.txt"]


def test_a_journal_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "study.journal").write_text("not\nJSON\n", encoding="utf-8")
    assert f"{tmp_path}/study.journal: is not a journal of Optuna; name" in refusal(None, tmp_path)
    (tmp_path / "study.journal").unlink()
    (tmp_path / "study.journal").mkdir()
    assert f"{tmp_path}/study.journal: cannot be opened (Is a directory)" in refusal(None, tmp_path)


def test_a_missing_driver_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without(monkeypatch, "psycopg2")
    line = f"storage={shown_storage(NO_SERVER)}: needs the package psycopg2-binary; pip install psycopg2-binary"
    assert refusal(NO_SERVER, tmp_path) == line


def test_a_missing_optuna_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without(monkeypatch, "optuna")
    assert refusal(None, tmp_path) == "halo.sweep needs the package optuna; pip install 'semblance-halo[sweep]'"


def without(monkeypatch: pytest.MonkeyPatch, package: str) -> None:
    """Makes the imports of a package fail as if it were not installed."""
    original = builtins.__import__

    def fail(name: str, *arguments: Any, **options: Any) -> Any:
        if name.partition(".")[0] == package:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return original(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", fail)


def test_whether_a_url_has_a_password() -> None:
    assert has_password(NO_SERVER)
    assert not has_password("postgresql://ada@host/sweeps")


@pytest.mark.parametrize("kind", ["journal", pytest.param("sqlite", marks=EXHAUSTIVE), "postgresql"])
def test_two_sweeps_share_a_study(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    storage = None
    if kind == "sqlite":
        storage = f"sqlite:///{tmp_path}/sweeps.db"
    elif kind == "postgresql":
        storage = f"postgresql://halo:{quote(PASSWORD)}@{request.getfixturevalue('postgresql')}/postgres"
    finished: list[list[int]] = []

    def work() -> None:
        coordinator, ended = coordinate(open_trials(tmp_path / "sweep", num_trials=6, storage=storage), workers=2)
        coordinator.run()
        finished.append([number for number, _ in ended])

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(finished) == 2
    assert sorted(number for each in finished for number in each) == [0, 1, 2, 3, 4, 5]
    opened = open_trials(tmp_path / "sweep", num_trials=6, storage=storage)
    assert opened.study.metric_names == ["validation_perplexity"]
    trials = opened.all()
    assert [trial.value for trial in trials] == [100, 101, 102, 103, 104, 105]
    assert len({trial.params["optim.lr"] for trial in trials}) == 6
