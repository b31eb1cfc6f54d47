"""Notices that a run gets less of its cores than before, because other programs have started."""

from typing import NamedTuple

PATIENCE_SECONDS = 30.0  # neighbours that are gone sooner cost less than reading about them
MIN_LOST_CORES = 0.3
MIN_SLOWDOWN = 1.5


class Interval(NamedTuple):
    """Describes the training steps between two measurements.

    Attributes:
        seconds: Their duration.
        cpu_seconds: The time that the process computed, on all cores together.
        tokens: The number of tokens trained on.
    """

    seconds: float
    cpu_seconds: float
    tokens: int

    @property
    def cores(self) -> float:
        """The number of cores that the process got."""
        return self.cpu_seconds / self.seconds

    @property
    def seconds_per_token(self) -> float:
        """The duration of the training on a token."""
        return self.seconds / self.tokens


class Contention(NamedTuple):
    """Describes how much a run suffers from other programs.

    Attributes:
        slowdown: How many times as long its steps take as in its fastest interval.
        cores: The number of cores that it gets.
        cores_before: The number of cores that it got in its fastest interval.
    """

    slowdown: float
    cores: float
    cores_before: float


class ContentionMonitor:
    """Compares each interval with the fastest one so far.

    A run is held up by other programs where its steps take longer and it gets less of its cores, for half a minute.
    Longer steps alone may have many reasons; a smaller share of the cores has only this one.
    """

    def __init__(self) -> None:
        self._fastest: Interval | None = None
        self._seconds = 0.0  # of the intervals in a row that were held up
        self._is_reported = False

    def add(self, interval: Interval) -> Contention | None:
        """Returns how much the run is held up, once, when it has been for `PATIENCE_SECONDS`; otherwise None."""
        if interval.seconds <= 0 or not interval.tokens:
            return None
        fastest = self._fastest
        if fastest is None or interval.seconds_per_token < fastest.seconds_per_token:
            fastest = self._fastest = interval
        slowdown = interval.seconds_per_token / fastest.seconds_per_token
        is_held_up = slowdown >= MIN_SLOWDOWN and fastest.cores - interval.cores >= MIN_LOST_CORES
        self._seconds = self._seconds + interval.seconds if is_held_up else 0.0
        if self._seconds < PATIENCE_SECONDS or self._is_reported:
            return None
        self._is_reported = True
        return Contention(slowdown, interval.cores, fastest.cores)
