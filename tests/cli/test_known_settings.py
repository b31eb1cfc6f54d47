"""The settings of one command, to suggest from."""

from halo.cli.known_settings import groups_of, known_settings, settings_in_files


def test_settings_of_every_choice_of_a_group_are_known() -> None:
    settings = known_settings("train")
    assert {"seed", "model", "model.hidden", "model.heads", "optim.momentum", "data.splits.train"} <= settings
    assert "defaults" not in settings
    assert not any(each.startswith("hydra") for each in settings)


def test_arguments_of_lightning_are_known() -> None:
    assert {"trainer.profiler", "callbacks.checkpoint.save_top_k", "logger.csv.prefix"} <= known_settings("train")
    assert "trainer.profiler" not in known_settings("prepare")


def test_settings_come_with_the_choices_that_have_them() -> None:
    assert settings_in_files("train")["optim.momentum"] == ["optim=sgd"]
    assert settings_in_files("train")["seed"] == []
    assert groups_of("prepare") == {"data"}
    assert groups_of("evaluate") == set()


def test_settings_of_another_command_are_not_known() -> None:
    assert "num_samples" in known_settings("generate")
    assert "num_samples" not in known_settings("train")
    assert not any(each.startswith("model.") for each in known_settings("prepare"))
