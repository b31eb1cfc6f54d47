"""The lock on the journal of a study, which also removes the torn line that a full disk or a crash has left."""

import logging
import os

from optuna.storages.journal import JournalFileOpenLock

log = logging.getLogger(__name__)


class JournalLock(JournalFileOpenLock):
    """Locks a journal while a process appends to it, on shared file systems too (NFS 3 and later).

    A process that is killed, or whose disk is full, while it appends leaves part of a line. Optuna would append the
    next entry to that part, and nobody could read the journal after that. Whoever gets the lock removes the part,
    which was no entry yet: its writer never went on.

    Args:
        path: The journal. Absolute, since Optuna looks at the lock's age while it waits.
    """

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self._journal = path

    def acquire(self) -> bool:
        """Waits for the lock, and returns True with the journal in order."""
        super().acquire()
        try:
            remove_torn_line(self._journal)
        except BaseException:
            self.release()
            raise
        return True


def remove_torn_line(path: str) -> None:
    """Cuts a file after its last line break, if it does not end with one; needs the lock."""
    with open(path, "rb+") as file:  # noqa: PTH123  the path is text, as Optuna's interface has it
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 1))
        if file.read(1) in (b"", b"\n"):
            return
        file.seek(0)
        whole = file.read().rfind(b"\n") + 1
        file.truncate(whole)
        log.warning("%s: removed its last %d bytes, an entry that was never finished", path, size - whole)
