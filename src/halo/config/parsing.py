"""From the composed YAML to checked dataclasses."""

from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar, cast

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from halo.config.model import RecurrentConfig, TransformerConfig
from halo.config.training import (
    AdamConfig,
    AdamWConfig,
    AveragingConfig,
    CosineConfig,
    EMAConfig,
    NTASGDConfig,
    OneCycleConfig,
    PlateauConfig,
    ScheduleConfig,
    SGDConfig,
)
from halo.runtime.errors import InputError, require

Schema = TypeVar("Schema")

VARIANTS: dict[str, dict[str, type]] = {
    "model": {
        "lstm": RecurrentConfig,
        "awd_lstm": RecurrentConfig,
        "gru": RecurrentConfig,
        "transformer": TransformerConfig,
    },
    "optim": {"sgd": SGDConfig, "adam": AdamConfig, "adamw": AdamWConfig},
    "schedule": {
        "one_cycle": OneCycleConfig,
        "cosine": CosineConfig,
        "plateau": PlateauConfig,
        "constant": ScheduleConfig,
    },
    "averaging": {"none": AveragingConfig, "ema": EMAConfig, "nt_asgd": NTASGDConfig},
}


def parse(composed: DictConfig, schema: type[Schema]) -> Schema:
    """Returns the composed configuration as the dataclass `schema`, every value checked.

    Raises:
        InputError: A key that the schema does not have, a missing or a wrong value; one line with key, value and what
            is allowed.
    """
    try:
        tree = OmegaConf.structured(schema)
        groups = [field.name for field in fields(schema) if field.name in VARIANTS]  # type: ignore[arg-type]
        for group in groups:
            tree = OmegaConf.merge(tree, {group: _variant(composed, group)})
        merged = OmegaConf.merge(tree, composed)
        missing = ", ".join(sorted(OmegaConf.missing_keys(merged)))
        require(not missing, missing, "???", "no value given; `--help` says what it may be")
        return cast(Schema, OmegaConf.to_object(merged))
    except OmegaConfBaseException as error:
        raise InputError(describe(error)) from error
    except (OverflowError, RecursionError) as error:
        what = "a number has too many digits" if isinstance(error, OverflowError) else "a list is nested too deeply"
        raise InputError(f"{what} ({error}); give a value as `--help` shows it") from error


def _variant(composed: DictConfig, group: str) -> DictConfig:
    """Returns the empty schema that the group's `name` selects."""
    name, variants = OmegaConf.select(composed, f"{group}.name", throw_on_missing=False), VARIANTS[group]
    require(name in variants, f"{group}.name", name, f"choose one of {', '.join(variants)}")
    return cast(DictConfig, OmegaConf.structured(variants[name]))


def describe(error: OmegaConfBaseException) -> str:
    """Returns what is wrong with a setting in one line, with its full key."""
    message = str(error).splitlines()[0].rstrip(".")
    return f"{error.full_key}: {message}" if error.full_key else message


def plain(config: Any) -> dict[str, Any]:
    """Returns a configuration dataclass as nested dicts and lists of plain values."""
    return cast(dict[str, Any], OmegaConf.to_container(OmegaConf.structured(config)))


def conf_dir() -> Path:
    """Returns the folder of the YAML files: inside the installed package, or `conf/` of a checkout."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "conf"
    return installed if installed.is_dir() else package.parents[1] / "conf"
