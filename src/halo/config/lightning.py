"""Descriptions of the settings that are passed to Lightning, which checks them itself; as JSON schema properties.

The files of conf/ set some of these arguments. The others have Lightning's defaults, and can be set in the same way.
"""

from collections.abc import Iterator, Mapping
from typing import Any


def _properties(**descriptions: str) -> dict[str, Any]:
    return {key: {"description": description} for key, description in descriptions.items()}


def _component(description: str, **arguments: str) -> dict[str, Any]:
    target = "Class, as package.module.Class."
    return {"description": description, "properties": _properties(_target_=target, **arguments)}


TRAINER: dict[str, Any] = _properties(
    accelerator="Hardware: cpu, gpu, mps, or auto: an accelerator if there is one.",
    devices="Number of devices, or their indices: 1, 2, [0, 1]; auto: all, or as many as torchrun or srun has started.",
    num_nodes="Number of machines; auto: those on which torchrun or srun has started the command; slurm: the same, and "
    "refused outside a job of SLURM.",
    strategy="How devices work together: auto (a single process, or ddp on several devices), ddp (each holds all "
    "weights), fsdp (each holds a part of them).",
    precision="Number format of the computation: 32-true, bf16-mixed, 16-mixed, or auto: bf16-mixed where it is faster,"
    " else 32-true.",
    max_epochs="Passes over the training text, at most. -1: no limit.",
    min_epochs="Passes over the training text, at least, whatever callbacks say. Not set: no minimum.",
    max_steps="Optimizer steps, at most. -1: no limit.",
    min_steps="Optimizer steps, at least, whatever callbacks say. Not set: no minimum.",
    max_time="Duration of the training, at most, as DAYS:HOURS:MINUTES:SECONDS. Not set: no limit.",
    limit_train_batches="Share of the training batches per epoch (1.0: all), or their number.",
    limit_val_batches="Share of the validation batches (1.0: all), or their number.",
    overfit_batches="Share of the training batches, or their number, that training and validation both use instead of "
    "their own, to see whether a model can memorise them. Not set: 0, off.",
    fast_dev_run="Number of batches of a trial run without checkpoints and logs; true: one. Not set: false.",
    val_check_interval="Validate after this share of an epoch, or after this number of batches.",
    check_val_every_n_epoch="Epochs between two validations.",
    accumulate_grad_batches="Number of batches whose gradients are added up before an optimizer step.",
    log_every_n_steps="Optimizer steps between two entries of the logs.",
    num_sanity_val_steps="Validation batches that are tried before training.",
    deterministic="Whether a GPU returns the same result every time, which is slower.",
    benchmark="Whether cuDNN tries which algorithm is the fastest. Not set: as PyTorch is configured.",
    inference_mode="Whether validation uses torch.inference_mode instead of torch.no_grad. Not set: true.",
    enable_progress_bar="Whether to show progress. Not set: on a terminal.",
    enable_model_summary="Whether Lightning prints its table of layers.",
    enable_autolog_hparams="Whether Lightning logs hyperparameters of its own. Not set: true.",
    profiler="Measures where the time goes: simple, advanced (with cProfile) or pytorch. Not set: none.",
    detect_anomaly="Whether PyTorch looks for the operation that produced a NaN, which is slow. Not set: false.",
    sync_batchnorm="Whether devices share the statistics of batch normalization. Not set: false.",
    reload_dataloaders_every_n_epochs="Epochs after which batches are made anew. Not set: 0, never.",
)
"""The arguments of `lightning.Trainer`, except for those in `RESERVED`."""

RESERVED = {
    "callbacks": "use the callbacks group",
    "logger": "use the logger group",
    "default_root_dir": "use run_dir",
    "gradient_clip_val": "use gradient_clip.value",
    "gradient_clip_algorithm": "use gradient_clip.algorithm",
    "enable_checkpointing": "use callbacks.checkpoint",
    "plugins": "halo writes the checkpoints itself",
    "use_distributed_sampler": "streams are already distributed over devices",
    "barebones": "use callbacks=none logger=none",
    "limit_test_batches": "the whole test split is measured",
    "limit_predict_batches": "nothing is predicted in training; use halo.generate",
    "model_registry": "use run_dir",
}
"""Arguments of `lightning.Trainer` that halo sets itself, with what to use instead."""

CALLBACKS: dict[str, Any] = {
    "checkpoint": _component(
        "Saves the best and the last weights.",
        dirpath="Folder of the checkpoints.",
        filename="Name of the best checkpoint, without .ckpt.",
        monitor="Logged figure that decides which weights are the best.",
        mode="min if lower figures are better, else max.",
        save_last="Whether to save the last weights too, as last.ckpt.",
        save_top_k="Number of the best checkpoints to keep; -1: all. Not set: 1.",
        save_weights_only="Whether to leave out the state of the optimizer. Not set: false.",
        save_on_exception="Whether to save a checkpoint when a run fails. Not set: false.",
        save_on_train_epoch_end="Whether to save at the end of an epoch instead of after validation. Not set: false.",
        every_n_train_steps="Optimizer steps between two checkpoints. Not set: every validation.",
        every_n_epochs="Epochs between two checkpoints. Not set: every validation.",
        train_time_interval="Time between two checkpoints. Not set: every validation.",
        auto_insert_metric_name="Whether names of files contain those of figures. Not set: true.",
        enable_version_counter="Whether to number files instead of overwriting them.",
        verbose="Whether to report each checkpoint. Not set: false.",
    ),
    "resume": _component(
        "Saves resume checkpoints: everything a run needs to resume exactly. Ctrl-C and SIGTERM save one and stop.",
        dirpath="Folder of the resume checkpoints.",
        every_n_steps="Optimizer steps between two resume checkpoints. null: not by steps.",
        every_n_minutes="Minutes between two resume checkpoints. null: not by time.",
    ),
    "early_stopping": _component(
        "Stops a run that no longer improves.",
        monitor="Logged figure that has to improve.",
        mode="min if lower figures are better, else max.",
        patience="Validations without improvement before the run stops.",
        min_delta="Change of the figure that counts as an improvement. Not set: 0.",
        stopping_threshold="Figure that is good enough to stop. Not set: none.",
        divergence_threshold="Figure that is bad enough to stop. Not set: none.",
        strict="Whether a missing figure is an error: a run shorter than an epoch has no validation.",
        check_finite="Whether to stop when the figure is not a finite number. Not set: true.",
        check_on_train_epoch_end="Whether to check at the end of an epoch instead of after validation. Not set: false.",
        log_rank_zero_only="Whether only the first process reports. Not set: false.",
        verbose="Whether to report each improvement. Not set: false.",
    ),
    "learning_rate": _component(
        "Logs the learning rate.",
        logging_interval="step or epoch.",
        log_momentum="Whether to log the momentum too. Not set: false.",
        log_weight_decay="Whether to log the weight decay too. Not set: false.",
    ),
    "diagnosis": _component(
        "Inspects loss, gradients and units, and prints hints if something is wrong.",
        every_n_steps="Optimizer steps between two inspections.",
        patience="Optimizer steps for which something must look wrong before a hint is printed. Not set: 200.",
    ),
    "progress_bar": _component(
        "Shows progress on the terminal.",
        theme="Colours and number format of the bar.",
        refresh_rate="Batches between two updates of the bar. Not set: 100.",
        leave="Whether the bars of finished epochs stay. Not set: false.",
        console_kwargs="Arguments of rich.console.Console. Not set: none.",
    ),
}

LOGGERS: dict[str, Any] = {
    "tensorboard": _component(
        "TensorBoard logs, for `tensorboard --logdir outputs/train`.",
        save_dir="Folder of the logs.",
        name="Name of the subfolder.",
        version="Name of a folder below it; empty: none.",
        sub_dir="Name of a folder below that. Not set: none.",
        prefix="Text before the names of figures. Not set: none.",
        default_hp_metric="Whether to log a figure named hp_metric.",
        log_graph="Whether to log the graph of the model. Not set: false.",
    ),
    "csv": _component(
        "The logged figures as csv/metrics.csv.",
        save_dir="Folder of the logs.",
        name="Name of the subfolder.",
        version="Name of a folder below it; empty: none.",
        prefix="Text before the names of figures. Not set: none.",
        flush_logs_every_n_steps="Entries of the log that are written together. Not set: 100.",
    ),
    "mlflow": _component(
        "MLflow, in a database in the run folder or on a server; a resumed run continues its MLflow run.",
        save_dir="Folder of the database, and of the id of the MLflow run.",
        tracking_uri="Store: http://HOST:5000, sqlite:///FILE or file:FOLDER. null: the environment variable "
        "MLFLOW_TRACKING_URI, or if that is not set a database in save_dir.",
        experiment_name="Name of the experiment that the run belongs to.",
        run_name="Name of the run. null: one that MLflow makes up.",
        tags="Further tags of the run, by name. Not set: none.",
        log_model="Whether to store the checkpoints too. Not set: false.",
        prefix="Text before the names of figures. Not set: none.",
        artifact_location="Where checkpoints are stored. Not set: the server chooses.",
        run_id="Id of an MLflow run to continue. Not set: a new one, or that of the run that is resumed.",
        synchronous="Whether training waits until figures are stored. Not set: true.",
    ),
    "wandb": _component(
        "Weights & Biases: settings and figures, and nothing else.",
        save_dir="Folder that W&B writes in, below wandb.",
        project="Name of the project that the run belongs to.",
        name="Name of the run. null: one that W&B makes up.",
        offline="Whether to keep the logs in the run folder instead of sending them; `wandb sync` sends them later.",
        log_model="Whether to upload the checkpoints too: true, false, or all.",
        machine_info="Whether to log the machine, and how busy it is.",
        entity="User or team that the project belongs to. Not set: yours.",
        group="Group of runs that W&B shows together. Not set: none.",
        job_type="Kind of run, such as train. Not set: none.",
        tags="Tags of the run. Not set: none.",
        notes="A longer description of the run. Not set: none.",
        id="Id of a run to continue. Not set: a new one, or that of the run that is resumed.",
        prefix="Text before the names of figures. Not set: none.",
        checkpoint_name="Name of the uploaded checkpoint. Not set: model-ID.",
    ),
}


def lightning_settings() -> set[str]:
    """Returns the full names of all arguments that are passed to Lightning, set in conf/ or not.

    >>> {"trainer.profiler", "callbacks.checkpoint.save_top_k", "trainer.callbacks"} <= lightning_settings()
    True
    """
    groups = {"trainer": TRAINER, "callbacks": CALLBACKS, "logger": LOGGERS}
    names = (f"{group}.{name}" for group, described in groups.items() for name in _names(described))
    return {*names, *(f"trainer.{name}" for name in RESERVED)}


def _names(described: Mapping[str, Any]) -> Iterator[str]:
    for name, schema in described.items():
        yield name
        yield from (f"{name}.{below}" for below in _names(schema.get("properties", {})))
