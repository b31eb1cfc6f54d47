"""Tells the settings of a sweep from those of halo.train on one command line."""

import re
from collections.abc import Sequence

from halo.cli.arguments import MULTIRUN, Arguments
from halo.cli.known_settings import settings_in_files
from halo.runtime.errors import InputError
from halo.runtime.hydra_quoting import SETTING, escape_interpolations, quote_value

PARAMETERS = "search_space.parameters"
OF_A_RANGE = ("low", "high", "step", "log", "choices")
"""The keys of the description of a parameter's values."""


def separate_settings(arguments: Arguments) -> Arguments:
    """Returns a command line of halo.sweep alone: what belongs to halo.train is in its setting `overrides`.

    Raises:
        InputError: The command line asks for a Hydra multirun.
    """
    is_multirun = {"-m", "--multirun"} & {*arguments.options} or MULTIRUN in arguments.settings
    if is_multirun:
        raise InputError("-m: halo.sweep chooses the values itself, from search_space; leave it out")
    own, of_train = list[str](), list[str]()
    for each in arguments.settings:
        (own if _is_own(each) else of_train).append(each)
    settings = [part for each in own for part in _parameter(each)]
    if of_train:
        quoted = ",".join(quote_value(escape_interpolations(each)) for each in of_train)
        given = next((each for each in settings if each.startswith("overrides=[") and each != "overrides=[]"), None)
        settings = [each for each in settings if not each.startswith("overrides=")]
        before = f"{given.removeprefix('overrides=[').removesuffix(']')}," if given else ""
        settings.append(f"overrides=[{before}{quoted}]")
    return arguments._replace(settings=settings)


def _is_own(setting: str) -> bool:
    match = SETTING.fullmatch(setting)
    key = match["key"] if match else setting.lstrip("~+")
    top = re.split(r"[./@]", key)[0]
    return top == "hydra" or top in settings_in_files("sweep")


def _parameter(setting: str) -> Sequence[str]:
    """Returns a setting of one parameter as Hydra can read it: the name of a parameter has dots itself.

    >>> _parameter("search_space.parameters.optim.lr.high=0.1")
    ['++search_space.parameters={optim.lr: {high: 0.1}}']
    >>> _parameter("search_space.parameters.model.hidden=[64,128]")[-1]
    '++search_space.parameters={model.hidden: [64,128]}'
    >>> _parameter("~search_space.parameters.optim.lr")
    ['++search_space.parameters={optim.lr: null}']
    """
    prefix, key, value = re.fullmatch(r"([+~]*)([^=]*)=?(.*)", setting, re.DOTALL).groups()  # type: ignore[union-attr]
    name = key.removeprefix(f"{PARAMETERS}.")
    if name == key:
        return [setting]
    if prefix == "~":
        return [f"++{PARAMETERS}={{{name}: null}}"]
    parent, _, last = name.rpartition(".")
    if parent and last in OF_A_RANGE:
        return [f"++{PARAMETERS}={{{parent}: {{{last}: {value}}}}}"]
    # First without a value: Hydra would merge two descriptions, and there would be choices as well as a range.
    return [f"++{PARAMETERS}={{{name}: {each}}}" for each in ("null", value)]
