"""The text of `--help`."""

import string

import hydra
from omegaconf import OmegaConf, open_dict

from halo.config import conf_dir


def help_text(name: str) -> str:
    """Returns what `--help` prints for a command."""
    with hydra.initialize_config_dir(str(conf_dir()), version_base="1.3"):
        composed = hydra.compose(name, return_hydra_config=True)
    template = string.Template(composed.hydra.help.template)
    with open_dict(composed):
        del composed["hydra"]
    groups = [folder for folder in sorted(conf_dir().iterdir()) if folder.is_dir() and folder.name != "hydra"]
    lines = [f"{each.name}: {', '.join(sorted(file.stem for file in each.glob('*.yaml')))}\n" for each in groups]
    return template.substitute(APP_CONFIG_GROUPS="".join(lines), CONFIG=OmegaConf.to_yaml(composed))
