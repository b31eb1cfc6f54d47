"""The callbacks of a run: its own, and those that the user configured."""

from collections.abc import Sequence
from dataclasses import dataclass

from lightning.pytorch.callbacks import Callback

from halo.config import TrainConfig
from halo.runs.run_folder import run_folder
from halo.training.callbacks.averaging import Averaging, make_averaging
from halo.training.callbacks.learning_curve import LearningCurve
from halo.training.callbacks.text_samples import TextSamples
from halo.training.callbacks.throughput import Throughput
from halo.training.resume.resume_checkpoints import ResumeCheckpoints


@dataclass(frozen=True)
class RunCallbacks:
    """What accompanies a run.

    Attributes:
        throughput: Counts tokens and seconds.
        learning_curve: Collects the validations.
        samples: Writes samples of text.
        averaging: Averages the weights; None where nothing is averaged.
        configured: The callbacks of the `callbacks` group.
    """

    throughput: Throughput
    learning_curve: LearningCurve
    samples: TextSamples
    averaging: Averaging | None
    configured: Sequence[Callback]

    @classmethod
    def of(cls, config: TrainConfig, configured: Sequence[Callback]) -> "RunCallbacks":
        """Returns the callbacks of a run."""
        throughput = Throughput()
        return cls(
            throughput=throughput,
            learning_curve=LearningCurve(run_folder(config) / "learning_curve.png", throughput),
            samples=TextSamples(config.samples),
            averaging=make_averaging(config.averaging),
            configured=configured,
        )

    def in_order(self) -> list[Callback]:
        """Returns all of them in the order in which Lightning calls them.

        Resume checkpoints are written before any other callback has seen the step; samples come from the averaged
        weights, so averaging comes after them.
        """
        resume = [each for each in self.configured if isinstance(each, ResumeCheckpoints)]
        others = [each for each in self.configured if not isinstance(each, ResumeCheckpoints)]
        averaging = [] if self.averaging is None else [self.averaging]
        return [*resume, self.throughput, self.learning_curve, self.samples, *averaging, *others]

    def average(self) -> str | None:
        """Returns what the last weights average; None if nothing."""
        return None if self.averaging is None else self.averaging.describe()
