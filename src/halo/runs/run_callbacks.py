"""The callbacks of a run: its own, and those that the user configured."""

from collections.abc import Sequence
from dataclasses import dataclass

from lightning.pytorch.callbacks import Callback, ModelCheckpoint

from halo.config import TrainConfig
from halo.runs.run_folder import run_folder
from halo.runtime.errors import require
from halo.training.callbacks.averaging import Averaging, make_averaging
from halo.training.callbacks.energy import EnergyCounter
from halo.training.callbacks.learning_curve import LearningCurve
from halo.training.callbacks.text_samples import TextSamples
from halo.training.callbacks.throughput import Throughput
from halo.training.checkpoints import LastCheckpoint, keep_names_apart
from halo.training.resume.resume_checkpoints import ResumeCheckpoints


@dataclass(frozen=True)
class RunCallbacks:
    """Holds the callbacks of a run.

    Attributes:
        throughput: Measures tokens per second.
        energy: Sums the energy of the processor.
        learning_curve: Records the validations.
        samples: Generates text samples.
        averaging: Averages the weights; None without averaging.
        configured: The callbacks of the `callbacks` group.
    """

    throughput: Throughput
    energy: EnergyCounter
    learning_curve: LearningCurve
    samples: TextSamples
    averaging: Averaging | None
    configured: Sequence[Callback]

    @classmethod
    def of(cls, config: TrainConfig, configured: Sequence[Callback]) -> "RunCallbacks":
        """Creates the callbacks of a run and adds those of the `callbacks` group.

        Raises:
            InputError: The checkpoints would hold other weights than those that were validated.
        """
        averaging = make_averaging(config.averaging)
        for callback in configured:
            if isinstance(callback, ModelCheckpoint):
                has_average = averaging is None or not callback.save_weights_only
                message = f"leaves out the average of averaging={config.averaging.name}; set it to false"
                require(has_average, "callbacks: save_weights_only", True, message)
                keep_names_apart(callback)
        throughput = Throughput()
        return cls(
            throughput=throughput,
            energy=EnergyCounter(),
            learning_curve=LearningCurve(run_folder(config) / "learning_curve.png", throughput),
            samples=TextSamples(config.samples, is_private=config.private),
            averaging=averaging,
            configured=configured,
        )

    def in_order(self) -> list[Callback]:
        """Returns all callbacks in the order in which Lightning is to call them.

        Resume checkpoints come first: they are written before any other callback sees the step. Averaging comes after
        the samples, which are generated with the averaged weights before the trained ones are restored.
        """
        resume = [each for each in self.configured if isinstance(each, ResumeCheckpoints)]
        others = [each for each in self.configured if not isinstance(each, ResumeCheckpoints)]
        averaging = [] if self.averaging is None else [self.averaging]
        own = [self.throughput, self.energy, self.learning_curve, self.samples]
        return [*resume, *own, *averaging, LastCheckpoint(), *others]

    def describe_average(self) -> str | None:
        """Returns a description of the average that the last weights are; None if they are not averaged."""
        return None if self.averaging is None else self.averaging.describe()
