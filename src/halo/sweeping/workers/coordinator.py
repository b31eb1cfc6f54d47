"""Keeps the workers of a sweep busy: takes trials, starts their processes, and records how they end."""

import errno
import logging
import os
import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn, TypeVar

from halo.runtime.errors import InputError, Stopped, counted, is_disk_full
from halo.sweeping.storage import storage_errors
from halo.sweeping.trials import MAX_RESTARTS, Claim, Trials
from halo.sweeping.workers.trial_process import Ending, TrialProcess, signal_name
from halo.training.resume.stop_signals import StopSignals

SIGNAL_SECONDS = 0.25
"""How soon a signal is noticed."""

OTHERS_SECONDS = 2.0
"""How often a worker without a trial looks whether one of another worker has to be taken up."""

DISK_SECONDS = 10.0
"""How often a full disk is tried again."""

SERVER_SECONDS = 300
"""How long a storage is tried that does not answer."""

ROOM_BYTES = 2**22
"""How much has to fit onto a disk that was full, or twice the largest file of the trial."""

Result = TypeVar("Result")
log = logging.getLogger(__name__)


class SweepStopped(Stopped):
    """A sweep was stopped by a signal; its unfinished trials go on when it is started again.

    Args:
        signal_number: The signal.
        numbers: The numbers of the unfinished trials.
    """

    def __init__(self, signal_number: int, numbers: Sequence[int]) -> None:
        super().__init__(signal_number, step=0)
        self.numbers = numbers

    def __str__(self) -> str:
        trials = counted(len(self.numbers), "unfinished trial")
        which = f" ({', '.join(map(str, self.numbers))})" if self.numbers else ""
        return f"stopped by {signal_name(self.signal_number)} with {trials}{which}; {self.hint}"


@dataclass
class Slot:
    """A worker of this process.

    Attributes:
        name: Its name in the record.
        environment: The variables that its trials get, such as the number of threads.
        running: The process that trains its trial; None without one.
        waiting: The trial that waits for room on the disk; None if none does.
    """

    name: str
    environment: dict[str, str]
    running: TrialProcess | None = None
    waiting: Claim | None = None

    @property
    def is_free(self) -> bool:
        """Whether the worker has no trial."""
        return self.running is None and self.waiting is None


@dataclass
class Coordinator:
    """Runs the trials of a sweep until the study has all of them.

    Attributes:
        trials: The trials.
        command: Returns the program and arguments that start a trial, or go on with it.
        variables: Returns the environment variables of a trial, besides those of its worker.
        objectives: The figures of a run that the sweep minimises.
        slots: The workers.
        on_end: Called with each trial that is finished, and how it ended.
    """

    trials: Trials
    command: Callable[[Claim], Sequence[str]]
    variables: Callable[[Claim], dict[str, str]]
    objectives: Sequence[str]
    slots: Sequence[Slot]
    on_end: Callable[[Claim, Ending], None]
    _ended: "queue.SimpleQueue[Slot]" = field(default_factory=queue.SimpleQueue)
    _signals: StopSignals = field(default_factory=StopSignals)
    _next_look: float = 0.0
    _next_try: float = 0.0
    _is_disk_full: bool = False
    _is_server_gone: bool = False
    _is_stopping: bool = False
    _others_run: bool = False

    def run(self) -> None:
        """Runs the trials.

        Raises:
            SweepStopped: A signal has stopped the sweep; its trials have written resume checkpoints.
            InputError: The storage cannot be used any more; the trials have been stopped in the same way.
        """
        with self._signals.restored():
            self._signals.listen()
            try:
                while self._signals.received is None and self._fill():
                    self._wait(SIGNAL_SECONDS)
            except BaseException:
                self._stop_all()
                raise
            if self._signals.received is not None:
                self._stop(self._signals.received)

    def _fill(self) -> bool:
        """Gives trials to free workers; returns whether there is anything left to wait for."""
        now = time.monotonic()
        if now >= self._next_try:
            self._next_try = now + DISK_SECONDS
            for slot in self.slots:
                if slot.waiting is not None and has_room(slot.waiting.run_dir):
                    claim, slot.waiting = slot.waiting, None
                    log.info("Trial %d: there is room on the disk again; it goes on", claim.number)
                    self._start(slot, claim)
        free = [slot for slot in self.slots if slot.is_free]
        if free and now >= self._next_look:
            self._give(free)
        return self._others_run or any(not slot.is_free for slot in self.slots)

    def _give(self, free: Sequence[Slot]) -> None:
        for slot in free:
            while slot.is_free:
                claim = self._record(self.trials.next)
                if claim is None:
                    self._others_run = self._record(self.trials.others_run)
                    self._next_look = time.monotonic() + OTHERS_SECONDS
                    return
                self._take_up(slot, claim)

    def _take_up(self, slot: Slot, claim: Claim) -> None:
        """Starts a trial, unless its process has been killed too often."""
        if claim.attempts and claim.attempts[-1]["ending"] is None:
            log.info("Trial %d: its worker was killed; it is taken up again", claim.number)
        if claim.restarts > MAX_RESTARTS:
            self._finish(claim, Ending("fail", reason=f"its process was killed {claim.restarts} times"))
        else:
            self._start(slot, claim)

    def _start(self, slot: Slot, claim: Claim) -> None:
        self._record(lambda: self.trials.begin(claim, worker=slot.name, now=time.time()))
        environment = {**slot.environment, **self.variables(claim)}
        try:
            slot.running = TrialProcess.start(claim, self.command(claim), environment)
        except OSError as error:
            if not is_disk_full(error):
                raise
            self._wait_for_disk(slot, claim)
            return
        threading.Thread(target=self._announce, args=(slot, slot.running), daemon=True).start()

    def _announce(self, slot: Slot, running: TrialProcess) -> None:
        running.process.wait()
        self._ended.put(slot)

    def _wait(self, seconds: float) -> None:
        """Waits for the end of a trial's process, and records it."""
        try:
            slot = self._ended.get(timeout=seconds)
        except queue.Empty:
            return
        assert slot.running is not None
        running, slot.running = slot.running, None
        ending = running.ending(self.objectives)
        if ending.kind in ("killed", "disk full"):
            self._go_on(slot, running.claim, ending)
        else:
            self._finish(running.claim, ending)
        self._next_look = 0.0

    def _go_on(self, slot: Slot, claim: Claim, ending: Ending) -> None:
        """Takes up a trial whose process was killed, or lets it wait for room on the disk."""
        kind = "stopped" if self._is_stopping else ending.kind
        try:
            self._record(lambda: self.trials.end_attempt(claim, kind, now=time.time()))
        except Exception:
            if not self._is_stopping:  # if the record cannot be written, it is the reason for stopping
                raise
        if self._is_stopping:
            self.trials.release(claim)
        elif ending.kind == "disk full":
            self._wait_for_disk(slot, claim)
        elif claim.restarts > MAX_RESTARTS:
            self._finish(claim, Ending("fail", reason=f"its process was killed {claim.restarts} times {ending.reason}"))
        else:
            times = f"{claim.restarts} of at most {MAX_RESTARTS} times"
            log.info(
                "Trial %d: its process was killed %s; it is taken up again, %s", claim.number, ending.reason, times
            )
            self._start(slot, claim)

    def _wait_for_disk(self, slot: Slot, claim: Claim) -> None:
        log.warning("Trial %d: the disk is full; it goes on when there is room on it", claim.number)
        slot.waiting = claim
        self._next_try = time.monotonic() + DISK_SECONDS

    def _finish(self, claim: Claim, ending: Ending) -> None:
        if claim.attempts and claim.attempts[-1]["ending"] is None:
            self._record(lambda: self.trials.end_attempt(claim, ending.kind, now=time.time()))
        values = ending.values if ending.kind == "complete" else None
        self._record(lambda: self.trials.finish(claim, ending.kind, values=values, reason=ending.reason))
        self.on_end(claim, ending)

    def _record(self, action: Callable[[], Result]) -> Result:
        """Reads or writes the record of the study; waits as long as its disk is full, and for a server to come back."""
        until = time.monotonic() + SERVER_SECONDS
        while True:
            try:
                return action()
            except storage_errors() as error:
                is_over = self._is_stopping or self._signals.received is not None or time.monotonic() > until
                if is_over:
                    problem = "the server or file of the study does not answer any more"
                    raise InputError(f"storage: {problem}; repeat the command once it does") from error
                if not self._is_server_gone:
                    log.warning("The storage does not answer; trying again for %d minutes", SERVER_SECONDS // 60)
                self._is_server_gone = True
                time.sleep(1.0)
            except OSError as error:
                if not is_disk_full(error) or self._is_stopping or self._signals.received is not None:
                    raise
                if not self._is_disk_full:
                    log.warning("The record of the trials cannot be written: the disk is full; waiting for room on it")
                self._is_disk_full = True
                time.sleep(min(DISK_SECONDS, 1.0))

    def _stop(self, signal_number: int) -> NoReturn:
        """Stops all trials after a signal."""
        running = [slot.running.claim.number for slot in self.slots if slot.running is not None]
        if running:
            trials = counted(len(running), "trial")
            log.info("Stopping %s: each writes a resume checkpoint; a second signal ends them at once", trials)
        self._stop_all()
        raise SweepStopped(signal_number, sorted(running))

    def _stop_all(self) -> None:
        """Stops all trials, and waits until they have ended; kills them if this is interrupted."""
        self._is_stopping = True
        for slot in self.slots:
            if slot.waiting is not None:
                self.trials.release(slot.waiting)
                slot.waiting = None
            if slot.running is not None:
                slot.running.stop()
        try:
            while any(slot.running is not None for slot in self.slots):
                self._wait(SIGNAL_SECONDS)
        except BaseException:
            for slot in self.slots:
                if slot.running is not None:
                    slot.running.kill()
            raise


def has_room(run_dir: Path) -> bool:
    """Returns whether twice the largest file of a trial fits onto its disk, and into the user's quota."""
    try:
        run_dir.mkdir(parents=True, exist_ok=True)
        largest = max((file.stat().st_size for file in run_dir.rglob("*") if file.is_file()), default=0)
        probe = run_dir / ".room"
        try:
            with probe.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, max(2 * largest, ROOM_BYTES))
        finally:
            probe.unlink(missing_ok=True)
    except OSError as error:
        if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", None)):
            return False
        raise InputError(f"{run_dir}: cannot be written ({error.strerror}); repeat the command once it can") from error
    return True
