"""Tests of the lock on the journal: what a writer that died has left is removed, and nothing else."""

from pathlib import Path

import optuna
import pytest
from optuna.storages.journal import JournalFileBackend

from halo.sweeping.journal_lock import JournalLock, remove_torn_line


@pytest.mark.parametrize(
    ("before", "after"),
    [(b"", b""), (b"{}\n", b"{}\n"), (b"{}\n{}\n{", b"{}\n{}\n"), (b'{"a', b""), (b"{}\n\n", b"{}\n\n")],
)
def test_a_torn_line_is_removed(before: bytes, after: bytes, tmp_path: Path) -> None:
    file = tmp_path / "journal"
    file.write_bytes(before)
    remove_torn_line(str(file))
    assert file.read_bytes() == after


def test_a_study_goes_on_after_a_torn_line(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = tmp_path / "study.journal"

    def open_study() -> optuna.Study:
        storage = optuna.storages.JournalStorage(JournalFileBackend(str(file), lock_obj=JournalLock(str(file))))
        return optuna.create_study(study_name="one", storage=storage, load_if_exists=True)

    first = open_study()
    first.tell(first.ask({"x": optuna.distributions.FloatDistribution(0, 1)}), 1.0)
    whole = file.read_bytes()
    file.write_bytes(whole + whole[:37])  # as a writer leaves it that is killed, or whose disk is full
    first.tell(first.ask(), 2.0)
    assert [trial.value for trial in open_study().trials] == [1.0, 2.0]
    assert "removed its last 37 bytes" in caplog.text
    assert list(tmp_path.iterdir()) == [file]
