"""Descriptions of the settings that are passed to Lightning, which checks them itself; as JSON schema properties."""

from typing import Any


def _properties(**descriptions: str) -> dict[str, Any]:
    return {key: {"description": description} for key, description in descriptions.items()}


def _component(description: str, **arguments: str) -> dict[str, Any]:
    target = "Class, as package.module.Class."
    return {"description": description, "properties": _properties(_target_=target, **arguments)}


TRAINER: dict[str, Any] = _properties(
    accelerator="Hardware: cpu, gpu, mps, or auto: an accelerator if there is one.",
    devices="Number of devices, or their indices: 1, 2, [0, 1], or auto: all.",
    num_nodes="Number of machines.",
    strategy="How devices work together: auto (a single process, or ddp on several devices), ddp, ...",
    precision="Number format of the computation: 32-true, bf16-mixed, 16-mixed, or auto: bf16-mixed where it is faster,"
    " else 32-true.",
    max_epochs="Passes over the training text, at most. -1: no limit.",
    max_steps="Optimizer steps, at most. -1: no limit.",
    limit_train_batches="Share of the training batches per epoch (1.0: all), or their number.",
    limit_val_batches="Share of the validation batches (1.0: all), or their number.",
    val_check_interval="Validate after this share of an epoch, or after this number of batches.",
    check_val_every_n_epoch="Epochs between two validations.",
    accumulate_grad_batches="Number of batches whose gradients are added up before an optimizer step.",
    log_every_n_steps="Optimizer steps between two entries of the logs.",
    num_sanity_val_steps="Validation batches that are tried before training.",
    deterministic="Whether a GPU returns the same result every time, which is slower.",
    enable_model_summary="Whether Lightning prints its table of layers.",
)

CALLBACKS: dict[str, Any] = {
    "checkpoint": _component(
        "Saves the best and the last weights.",
        dirpath="Folder of the checkpoints.",
        filename="Name of the best checkpoint, without .ckpt.",
        monitor="Logged figure that decides which weights are the best.",
        mode="min if lower figures are better, else max.",
        save_last="Whether to save the last weights too, as last.ckpt.",
        enable_version_counter="Whether to number files instead of overwriting them.",
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
        strict="Whether a missing figure is an error: a run shorter than an epoch has no validation.",
    ),
    "learning_rate": _component(
        "Logs the learning rate.",
        logging_interval="step or epoch.",
    ),
    "diagnosis": _component(
        "Inspects loss, gradients and units, and prints hints if something is wrong.",
        every_n_steps="Optimizer steps between two inspections.",
    ),
    "progress_bar": _component(
        "Shows progress on the terminal.",
        theme="Colours and number format of the bar.",
    ),
}

LOGGERS: dict[str, Any] = {
    "tensorboard": _component(
        "TensorBoard logs, for `tensorboard --logdir outputs/train`.",
        save_dir="Folder of the logs.",
        name="Name of the subfolder.",
        version="Name of a folder below it; empty: none.",
        default_hp_metric="Whether to log a figure named hp_metric.",
    ),
    "csv": _component(
        "The logged figures as csv/metrics.csv.",
        save_dir="Folder of the logs.",
        name="Name of the subfolder.",
        version="Name of a folder below it; empty: none.",
    ),
}
