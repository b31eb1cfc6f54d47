"""The settings of one command, to suggest from."""

from halo.cli.known_settings import known_settings


def test_settings_of_every_choice_of_a_group_are_known() -> None:
    settings = known_settings("train")
    assert {"seed", "model", "model.hidden", "model.heads", "optim.momentum", "data.splits.train"} <= settings
    assert "defaults" not in settings
    assert not any(each.startswith("hydra") for each in settings)


def test_settings_of_another_command_are_not_known() -> None:
    assert "num_samples" in known_settings("generate")
    assert "num_samples" not in known_settings("train")
    assert not any(each.startswith("model.") for each in known_settings("prepare"))
