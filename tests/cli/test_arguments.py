"""Options are those of Hydra; a wrong one is an `InputError`."""

import pytest

from halo.cli.arguments import parse_arguments
from halo.runtime.errors import InputError


def test_settings_and_options_may_stand_in_any_order() -> None:
    parsed = parse_arguments(["model.hidden=8,16", "-m", "--config-dir", "own", "seed=2", "--cfg=job"])
    assert parsed.options == ["-m", "--config-dir", "own", "--cfg=job"]
    assert parsed.settings == ["model.hidden=8,16", "seed=2"]
    assert not parsed.wants_help
    assert parse_arguments(["seed=2", "-h"]).wants_help


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--nothing"], r"unrecognized arguments: --nothing; settings are given as KEY=VALUE"),
        (["--experimental-rerun", "x.pickle"], "unrecognized arguments: --experimental-rerun"),
        (["--multi"], "unrecognized arguments: --multi"),
        (["--config-dir"], "--config-dir/-cd: expected one argument"),
        (["--cfg", "none"], "--cfg/-c: invalid choice: 'none'"),
    ],
)
def test_a_wrong_option_is_refused_in_one_line(arguments: list[str], message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        parse_arguments(arguments)
    assert "\n" not in str(caught.value)


def test_every_option_exists_in_hydra() -> None:
    from hydra._internal.utils import get_args_parser

    of_hydra = {option for action in get_args_parser()._actions for option in action.option_strings}
    for option in ("--help", "--cfg", "--info", "--multirun", "--config-dir", "--config-name", "--package", "-sc"):
        assert option in of_hydra
        value = {"--cfg": ["job"], "--info": ["all"]}.get(
            option, ["x"] if "config" in option or "pack" in option else []
        )
        parse_arguments([option, *value])
