"""Console tables are complete and narrow, and the commands that are printed run as they stand."""

import math
import shlex
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from rich.cells import cell_len

from halo.config import SPLITS
from halo.corpus.text_counts import TextCounts
from halo.reports.console import (
    breakdown_table,
    corpus_table,
    metrics_table,
    next_commands,
    relative_to_cwd,
    result_table,
    seeds_table,
    show_samples,
    table,
)
from halo.runtime.hydra_quoting import literal_settings
from tests.support.run_metrics import run_metrics, text_metrics


def width(text: str) -> int:
    return max(map(cell_len, text.splitlines()))


@pytest.mark.parametrize("columns", ["20", "300"])
def test_a_table_does_not_depend_on_the_terminal_and_loses_nothing(
    monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    long = "/a/path/without/any/space/" + "x" * 100
    shown = table("title", ["", long], [["[red]row[/]", "1"], [long, "2"]])
    assert shown.startswith("title\n")
    assert width(shown) == 80
    assert "[red]row[/]" in shown
    assert shown.count("x") == 200
    assert width(table("title", ["a", "b"], [["c", "d"]])) < 15
    assert width(table("title", ["", long], [["row", "1"]], width=160)) > 80


@pytest.mark.parametrize("with_ngrams", [True, False])
def test_a_row_for_each_model_that_was_evaluated(*, with_ngrams: bool) -> None:
    shown = result_table(run_metrics(with_ngrams=with_ngrams))
    assert ("Kneser-Ney 5-gram" in shown) == with_ngrams
    assert shown.count("7.0") == (3 if with_ngrams else 2) * len(SPLITS)
    assert width(shown) <= 80


def test_all_metrics_of_three_texts_fit_80_columns_in_full() -> None:
    shown = metrics_table(dict.fromkeys(SPLITS, text_metrics()))
    assert width(shown) <= 80
    for figure in ("1,234.6 M", "12.3456", "12345.68", "11111.1-22222.2", "1.2345", "0.0123", "12.34%"):
        assert shown.count(figure) >= 3, figure
    assert "NLL (nats/token)" in shown


HUGE = 5.4321e34
LONG_LABELS = ["a very long label " * 6, "https://example.org/" + "x" * 90, "とても長いラベル" * 9, ""]


def heights(shown: str) -> int:
    """Returns the number of lines between the heading and the end of a table."""
    return len(shown.split("┡")[1].splitlines()) - 2


def test_the_largest_figures_fit_80_columns_without_a_wrapped_cell() -> None:
    part = {"tokens": 1_000, "share_of_nll": 1.0, "perplexity": HUGE}
    interval, labels = [1.23e33, 9.87e35], dict.fromkeys(LONG_LABELS, part)
    huge = text_metrics(perplexity=HUGE, perplexity_interval=interval, perplexity_known_words=math.inf, nll=80.1234)
    shown = metrics_table(dict.fromkeys(SPLITS, huge))
    assert width(shown) <= 80
    assert heights(shown) == 10
    broken_down = breakdown_table("test", {**huge, "by_label": labels})
    assert width(broken_down) <= 80
    assert heights(broken_down) == len(labels) + 3
    assert "label: (none)" in broken_down
    metrics = {key: HUGE if key.endswith("perplexity") else value for key, value in run_metrics().items()}
    long_description = "best saved by val/nll, step 1234567 of 2345678; step 1234000 was better and not saved, averaged"
    shown = result_table({**metrics, "chosen_weights": long_description, "minutes": 1e5, "num_parameters": 10**10})
    assert width(shown) <= 80
    assert heights(shown) == 4
    seed = {f"{split}_perplexity": HUGE for split in SPLITS}
    spread = dict.fromkeys(("mean", "standard_deviation", "lowest", "highest"), HUGE)
    seeds = {"seeds": {"4294967295": seed}, "spread": dict.fromkeys(SPLITS, spread), "minutes": 1e5}
    assert width(seeds_table(seeds)) <= 80
    assert heights(seeds_table(seeds)) == 4


def test_the_table_of_a_text_on_a_long_path_has_the_path_above_it() -> None:
    path = "/somewhere" * 12
    title, place, *lines = metrics_table({path: text_metrics()}).splitlines()
    assert title == "Metrics of"
    assert place.strip() == path
    assert width("\n".join(lines)) <= 80


def test_the_table_of_a_huge_corpus_fits_80_columns() -> None:
    counts = TextCounts(123_456_789, 12_345_678_901, 123_456_789_012, 12_345_678_901, 1_234_567_890, 1, 1.0)
    none = {"documents": 1, "dropped_documents": 0, "units": 1, "dropped_units": 0, "counts": {}}
    manifest = {
        "duplicates": {**none, "dropped_by_kept_split": {}, "shared_counts": {}},
        "settings": {"cleaning": {"keep_characters": None}},
        "line_ends": {"examined": 100, "early": 90},
    }
    statistics = SimpleNamespace(cleaning={"special": 9_000}, characters_read=10_000, removed={"%": 3_000})
    tokenizer = SimpleNamespace(vocab_size=12_345_678)
    corpus = {"counts": dict.fromkeys(SPLITS, counts), "tokenizer": tokenizer, "manifest": manifest}
    shown = corpus_table(cast(Any, SimpleNamespace(**corpus, statistics=statistics, location="outputs/cache/0123")))
    assert width(shown) <= 80
    assert shown.count("12,345.7 M") == 6
    assert "data.cleaning.steps" in shown


def test_the_breakdown_has_the_largest_labels_and_counts_the_others() -> None:
    shown = breakdown_table("validation", text_metrics(tokens=10_000))
    assert shown.startswith("Validation loss breakdown (metrics.json has 18 more labels)\n")
    assert "label: label 30 " in shown
    assert "label: label 18 " not in shown
    assert "count in training text: <unk>" in shown
    assert "position in document: 1,001 or more" in shown
    assert "10.0%" in shown
    assert breakdown_table("own.txt", text_metrics(by_label={})).startswith("Loss breakdown of own.txt\n")


def test_seeds_are_listed_with_mean_and_spread() -> None:
    figures = {f"{split}_perplexity": 100.25 for split in SPLITS}
    spread = {"mean": 101.5, "standard_deviation": 1.25, "lowest": 100.25, "highest": 102.75}
    metrics = {"seeds": {"1": figures, "2": figures}, "spread": dict.fromkeys(SPLITS, spread), "minutes": 2.0}
    shown = seeds_table(metrics)
    assert shown.count("100.25-102.75") == 3
    assert "seed 2" in shown
    assert width(shown) <= 80


def test_samples_are_wrapped_line_by_line() -> None:
    shown = show_samples(["word " * 40 + "\nnext", "second"])
    assert width(shown) <= 80
    assert shown.endswith("\nnext\n\n---\n\nsecond")


FOLDERS = ["outputs/train/2026-11-24/04-34-35", "my runs/a,b", "it's", "naïve#1", "1", "null", "a=b(c)", "back\\slash"]


PROMPTS = ["the virus", "don't stop", "null", "'quoted'", 'say "no"', "a $b `c` \\n!", "вирус, (x)"]


@pytest.mark.parametrize("folder", FOLDERS)
@pytest.mark.parametrize("prompt", PROMPTS)
def test_printed_commands_can_be_pasted(
    folder: str, prompt: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / folder / "tensorboard").mkdir(parents=True)
    (tmp_path / folder / "tensorboard" / "events.out.tfevents.1").touch()
    printed = next_commands(tmp_path / folder, prompt=prompt, model_class="own.Model", cache_dir="my cache")
    first, generate, evaluate, tensorboard = printed.splitlines()
    assert first == f"Run folder: {folder}"
    for line, name, last in (
        (generate, "generate", ("prompt", prompt)),
        (evaluate, "evaluate", ("cache_dir", "my cache")),
    ):
        words = shlex.split(line)
        assert words[:3] == ["python", "-m", f"halo.{name}"]
        settings = [OverridesParser.create().parse_override(each) for each in literal_settings(words[3:])]
        assert not any(each.is_sweep_override() for each in settings)
        read = {each.key_or_group: each.value() for each in settings}
        assert read == {"run": folder, "model_class": "own.Model", last[0]: last[1]}
    assert shlex.split(tensorboard) == ["tensorboard", "--logdir", folder]


def test_no_command_is_printed_that_has_nothing_to_work_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert next_commands(tmp_path / "run") == "Run folder: run\n  python -m halo.evaluate run=run"


def test_a_path_is_relative_below_the_current_folder_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert relative_to_cwd(tmp_path / "a" / "b") == Path("a/b")
    assert relative_to_cwd(tmp_path.parent) == tmp_path.parent
