"""Texts that are too small: one line that names the reason, and settings that suit them."""

from dataclasses import replace
from pathlib import Path

import pytest

from halo.config import DataConfig, TrainConfig
from halo.corpus.prepare import prepare
from halo.corpus.text_size import small_batches
from halo.runtime.errors import InputError
from tests.conftest import data_config


@pytest.fixture
def config(tiny_config: TrainConfig) -> DataConfig:
    return replace(tiny_config.data, batch_size=28, sequence_length=25, eval_batch_size=10)


def with_settings(config: DataConfig, settings: list[str]) -> DataConfig:
    """Returns the configuration with the given settings, as `data.batch_size=3`."""
    pairs = (setting.removeprefix("data.").split("=") for setting in settings)
    return replace(config, **{key: int(value) for key, value in pairs})  # type: ignore[arg-type]


@pytest.mark.parametrize("tokens", [(160, 20, 20), (700, 10, 10), (40, 3, 2), (10, 1, 1), (30, 700, 5)])
def test_the_suggested_settings_suffice(tokens: tuple[int, int, int]) -> None:
    train, validation, test = tokens
    config = data_config()
    settings = small_batches({"train": train, "validation": validation, "test": test}, config)
    changed = with_settings(config, settings)
    assert changed.batch_size * changed.sequence_length <= train
    assert max(changed.eval_batch_size, changed.report_batch_size) <= min(validation, test)
    assert settings == small_batches({"train": train, "validation": validation, "test": test}, config)


def test_a_text_that_is_large_enough_needs_no_other_settings() -> None:
    assert small_batches({"train": 10_000, "validation": 1000, "test": 1000}, data_config()) == []


def test_no_settings_suffice_for_an_empty_split() -> None:
    assert small_batches({"train": 10_000, "validation": 0, "test": 1000}, data_config()) == []


def test_a_page_is_refused_with_settings_that_it_suffices_for(config: DataConfig, tmp_path: Path) -> None:
    page = tmp_path / "page.txt"
    page.write_text("\n".join(" ".join(f"w{i}x{j}" for j in range(10)) for i in range(20)))
    config = replace(config, path=str(page))
    with pytest.raises(InputError, match=r"the train split has 176 tokens, but at least 700 are needed") as caught:
        prepare(config)
    _, _, advice = str(caught.value).partition(", or set ")
    assert prepare(with_settings(config, advice.split())).counts["train"].tokens == 176


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("😀😀 🎉\n\n" * 40, r"of which the step special removed \d+ characters"),
        ("<p><br></p>\n\n" * 40, r"of which the step html removed \d+ tags and references; leave the step html out"),
        ("\u200b\u200b\n\n" * 40, r"of which the step control removed \d+ characters; leave the step control out"),
    ],
)
@pytest.mark.parametrize("given", [False, True])
def test_a_text_of_which_cleaning_leaves_nothing_is_refused_with_the_step(
    config: DataConfig, tmp_path: Path, text: str, reason: str, given: bool
) -> None:
    file, other, third = (tmp_path / f"{name}.txt" for name in "abc")
    for each, content in ((file, text), (other, "some other words"), (third, "some third words")):
        each.write_text(content, encoding="utf-8")
    if given:
        config = replace(config, path=None, train_path=str(other), validation_path=str(third), test_path=str(file))
    else:
        config = replace(config, path=str(file))
    setting = "data.test_path" if given else "data.path"
    with pytest.raises(InputError, match=rf"^{setting}={file}: nothing is left of the text after cleaning, {reason}"):
        prepare(config)
    assert not Path(config.cache_dir).exists()


def test_marks_alone_are_no_text_unless_the_step_that_removes_signs_is_left_out(
    config: DataConfig, tmp_path: Path
) -> None:
    file = tmp_path / "lines.txt"
    file.write_text("*** ### ***\n\n" * 40, encoding="utf-8")
    small = replace(config, path=str(file), batch_size=2, sequence_length=5, eval_batch_size=1, report_batch_size=1)
    with pytest.raises(InputError, match=r"nothing is left of the text after cleaning but marks \(") as caught:
        prepare(small)
    assert "\n" not in str(caught.value)
    steps = str(caught.value).partition("data.cleaning.steps=[")[2].rstrip("]").split(",")
    kept = replace(small.duplicates, documents=False, paragraphs=False)
    morse = replace(small, cleaning=replace(small.cleaning, steps=steps), duplicates=kept)
    assert prepare(morse).counts["train"].tokens > 0
