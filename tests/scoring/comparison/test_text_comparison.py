"""The same texts under several models: means over words that all have scored, and paired differences."""

from pathlib import Path

import pytest

from halo.config import ScoreConfig, parse
from halo.runtime.errors import InputError
from halo.scoring.comparison.text_comparison import compare_texts
from halo.scoring.scorer import score_texts
from tests.conftest import compose_config
from tests.support.tiny_bundles import tiny_bundle

TEXTS = ["the virus spreads in the air", "the zyzzyva spreads fast", "", "doctors know why"]


def score_config(*settings: str) -> ScoreConfig:
    return parse(compose_config("score", [*settings, "bundle=x", "ngrams=false"]), ScoreConfig)


def test_means_and_differences_are_those_of_the_words(tmp_path: Path) -> None:
    (tmp_path / "texts.txt").write_text("\n".join(TEXTS))
    printed: list[str] = []
    bundles = {"first": tiny_bundle(seed=0), "second": tiny_bundle(seed=1)}
    config = score_config(f"path={tmp_path / 'texts.txt'}", "models=[a,b]")
    summary = compare_texts(bundles, config, print_text=printed.append)
    bits = {
        name: sum(each.total_bits for each in score_texts(bundle, TEXTS, with_distributions=False)) / 13
        for name, bundle in bundles.items()
    }
    for name, expected in bits.items():
        assert summary[name]["bits_per_word"] == pytest.approx(expected, abs=1e-4)
        assert summary[name]["unknown_words"] == 1
    (difference,) = summary["differences_from_first"]
    assert difference["bits_per_word"] == pytest.approx(bits["second"] - bits["first"], abs=1e-4)
    low, high = difference["interval"]
    assert low < difference["bits_per_word"] < high
    assert "The vocabularies differ" not in printed[0]
    assert max(map(len, printed[0].split("\n"))) <= 80


def test_different_vocabularies_are_said_unless_words_are_spelled() -> None:
    bundles = {"words": tiny_bundle(), "characters": tiny_bundle(kind="char")}
    for oov, is_said in (("unk", True), ("spell", False)):
        printed: list[str] = []
        compare_texts(bundles, score_config("text=the zyzzyva", f"oov={oov}"), print_text=printed.append)
        assert ("The vocabularies differ" in printed[0]) == is_said


def test_texts_without_a_common_word_are_refused() -> None:
    with pytest.raises(InputError, match="no word has a surprisal under all models"):
        compare_texts({"m": tiny_bundle()}, score_config("text=zyzzyva", "oov=na"), print_text=print)
