"""Settings of where the workers of a sweep run."""

from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag
from pydantic.dataclasses import dataclass

from halo.config.custom import variant_of
from halo.config.fields import OPTIONS, Allowed, Count, CountFromZero, NonEmpty, NonNegative, Positive


@dataclass(config=OPTIONS)
class LauncherConfig:
    """Settings that every launcher has."""

    name: str = Field(description="Name of the launcher.")


@dataclass(config=OPTIONS)
class LocalLauncherConfig(LauncherConfig):
    """Settings of workers that are processes of the command, on its own machine."""

    name: Literal["local"] = Field(description="Name of the launcher.")


@dataclass(config=OPTIONS)
class SlurmLauncherConfig(LauncherConfig):
    """Settings of workers that are tasks of a SLURM array job."""

    name: Literal["slurm"] = Field(description="Name of the launcher.")
    partition: NonEmpty | None = Field(description="Partition. null: the cluster's default.")
    account: NonEmpty | None = Field(description="Account that is charged. null: your default.")
    qos: NonEmpty | None = Field(description="Quality of service. null: the default.")
    time_minutes: Count = Field(
        description="Time limit of a worker, in minutes; it is requeued until the study is finished.",
    )
    signal_seconds: Count = Field(
        description="Seconds before the time limit at which a worker's trials write resume checkpoints.",
    )
    max_requeues: CountFromZero = Field(
        description="Times that a worker is requeued at its time limit; pre-emption does not count.",
    )
    cpus_per_worker: Count = Field(description="CPU cores of each worker.")
    gpus_per_worker: CountFromZero = Field(description="GPUs of each worker.")
    memory_gb: Positive | None = Field(description="Memory of each worker, in GB. null: the cluster's default.")
    max_parallel: Count | None = Field(description="Workers that run at a time. null: no limit.")
    setup: list[NonEmpty] = Field(description="Shell commands before the worker starts, such as `module load cuda`.")
    options: Annotated[
        dict[NonEmpty, bool | int | str], Allowed("names and values of options: {constraint: a100, exclusive: true}")
    ] = Field(description="Further options of sbatch, without the dashes.")


@dataclass(config=OPTIONS)
class RayLauncherConfig(LauncherConfig):
    """Settings of workers that are tasks of a Ray cluster."""

    name: Literal["ray"] = Field(description="Name of the launcher.")
    address: NonEmpty | None = Field(
        description="HOST:PORT of the cluster, or auto for the one of this machine. null: RAY_ADDRESS, or else a "
        "cluster of this machine alone, for the time of the command.",
    )
    cpus_per_worker: Count = Field(description="CPU cores of each worker.")
    gpus_per_worker: NonNegative = Field(description="GPUs of each worker; a fraction shares one.")


LauncherVariant = Annotated[
    Annotated[LocalLauncherConfig, Tag("LocalLauncherConfig")]
    | Annotated[SlurmLauncherConfig, Tag("SlurmLauncherConfig")]
    | Annotated[RayLauncherConfig, Tag("RayLauncherConfig")],
    Discriminator(variant_of(LocalLauncherConfig, SlurmLauncherConfig, RayLauncherConfig)),
]
