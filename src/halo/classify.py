"""Train a classifier of texts on a language model, and measure it."""

from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

from halo.cli.app import command
from halo.cli.current_job import repeat_command, run_folder
from halo.config import AUTO, ClassifyConfig, TrainConfig, parse
from halo.config.parsing import command_defaults
from halo.runtime.errors import Stopped, require
from halo.runtime.hydra_quoting import argument
from halo.runtime.threads import limit_threads, measure_cores
from halo.training.resume.checkpoint_files import has_resume_checkpoint, run_folder_of

if TYPE_CHECKING:
    from omegaconf import DictConfig


@command("classify")
def main(composed: "DictConfig") -> None:
    """Trains the language model if none is given, then the classifier, and measures it beside its baselines."""
    composed.run_dir = _run_dir(composed)
    config = parse(composed, ClassifyConfig)
    folder = Path(str(config.run_dir))
    limit_threads(measure_cores(), keeps_number=config.resume is not None and has_resume_checkpoint(folder))

    from halo.api.components import make_components
    from halo.classification.training.fit_classifier import fit_classifier
    from halo.classification.training.language_model import LanguageModelRun

    language_model = _language_model_config(composed, folder)
    run = LanguageModelRun(
        language_model,
        callbacks=make_components(language_model.callbacks, key="callbacks"),
        loggers=make_components(language_model.logger, key="logger"),
    )
    try:
        fit_classifier(config, run, loggers=make_components(config.logger, key="logger"))
    except Stopped as stopped:
        from hydra.core.hydra_config import HydraConfig

        from halo.reports.console import relative_to_cwd

        settings = argument("run_dir", str(relative_to_cwd(folder))), "resume=auto"
        stopped.hint = f"resume with `{repeat_command(HydraConfig.get(), *settings, without=('resume', 'run_dir'))}`"
        raise


def _run_dir(composed: "DictConfig") -> str:
    """Returns the run's folder: the resumed run's, the one that `run_dir` names, or the one that Hydra created."""
    resume = composed.resume
    if resume is None or resume == AUTO:
        require(resume is None or composed.run_dir is not None, "resume", resume, "name the folder: run_dir=FOLDER")
        return str(run_folder(composed.run_dir))
    folder = run_folder_of(Path(str(resume)).expanduser())
    is_same = composed.run_dir is None or Path(composed.run_dir).resolve() == folder.resolve()
    require(is_same, "run_dir", composed.run_dir, f"a run resumes in its own folder, {folder}; leave run_dir out")
    return str(folder)


def _language_model_config(composed: "DictConfig", folder: Path) -> TrainConfig:
    """Returns the settings of halo.train for the language model, whose run folder is below that of the classifier."""
    from omegaconf import DictConfig, OmegaConf

    resume = None if composed.resume is None else AUTO
    changes = {"run_dir": str(folder / "language_model"), "resume": resume}
    own = composed.copy()
    OmegaConf.set_struct(own, value=False)
    own_names, needed = ({field.name for field in fields(each)} for each in (ClassifyConfig, TrainConfig))
    defaults = command_defaults("train")
    merged = OmegaConf.merge({name: defaults[name] for name in needed - own_names}, own, changes)
    assert isinstance(merged, DictConfig)
    for name in own_names - needed:
        del merged[name]
    return parse(merged, TrainConfig)


if __name__ == "__main__":
    main()
