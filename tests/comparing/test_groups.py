"""Settings that vary, and their texts."""

from halo.comparing.groups import label_of, same_seed_copies, settings_key, short_setting_names, value_text, varied_keys


def test_a_setting_of_some_runs_only_does_not_vary() -> None:
    assert varied_keys([{"optim.lr": 1, "model.heads": 2}, {"optim.lr": 2}]) == ["optim.lr"]
    assert varied_keys([]) == []


def test_a_number_and_its_text_are_two_values() -> None:
    assert settings_key({"a": 1}) != settings_key({"a": "1"})
    assert varied_keys([{"a": 1}, {"a": "1"}]) == ["a"]


def test_labels_have_one_line_and_no_control_characters() -> None:
    assert value_text("a\n\x1b[31mb") == "a \ufffd[31mb"
    assert len(value_text("x" * 500)) == 60
    assert label_of({"a": [1, None]}, {"a": "a", "b": "b"}) == "a=[1, null]"


def test_the_choice_of_a_file_has_the_name_of_its_group() -> None:
    assert short_setting_names(["optim.name", "model.name", "data.path"]) == {
        "optim.name": "optim",
        "model.name": "model",
        "data.path": "path",
    }


def test_the_same_seed_with_other_figures_is_no_copy() -> None:
    assert same_seed_copies([1, 1, 1], [(5.0, 6.0), (5.1, 6.0), (5.0, 6.0)]) == [2]
