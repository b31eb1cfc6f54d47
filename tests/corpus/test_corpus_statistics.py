"""Statistics of a corpus: frequencies and coverage add up, and examples show rare steps."""

from dataclasses import replace
from pathlib import Path

from halo.config import SPLITS, DataConfig
from halo.corpus.corpus_statistics import NUM_EXAMPLES, choose_examples
from halo.corpus.prepare import prepare
from halo.corpus.store.statistics_file import CleaningExample
from tests.corpus.test_prepare import config

__all__ = ["config"]  # a fixture


def test_rare_steps_are_shown_and_no_line_twice() -> None:
    common = [CleaningExample(f"Line {i}", f"line {i}", ["case"]) for i in range(100)]
    rare = CleaningExample("x@y.org", "<email>", ["emails"])
    chosen = choose_examples([*common, rare, rare])
    assert len(chosen) == NUM_EXAMPLES
    assert chosen.count(rare) == 1
    assert choose_examples([]) == []


def test_frequencies_and_coverage_add_up(config: DataConfig) -> None:
    corpus = prepare(config)
    statistics, counts = corpus.statistics, corpus.counts["train"]
    assert statistics.ranks[-1] == statistics.types
    assert statistics.frequencies == sorted(statistics.frequencies, reverse=True)
    assert statistics.frequent[0][1] == statistics.frequencies[0]
    assert statistics.coverage["train"][-1] == 1
    assert statistics.coverage["train"] == sorted(statistics.coverage["train"])
    assert 0 < statistics.singletons < statistics.types <= counts.tokens - counts.eos_tokens
    assert statistics.sentences >= statistics.sentences_exact > 0
    assert all(statistics.beginnings[name] for name in SPLITS)


def test_names_have_the_capitals_that_they_mostly_have_within_sentences(config: DataConfig, tmp_path: Path) -> None:
    sentences = ["Now Wuhan is far.", "We saw Wuhan, and Wuhan saw us.", "The Virus came.", "the virus and the virus."]
    lines = [
        f"{first} {second} Number {number}." for number in range(40) for first in sentences for second in sentences
    ]
    (tmp_path / "names.txt").write_text("\n".join(dict.fromkeys(lines)), encoding="utf-8")
    changed = replace(config, path=[str(tmp_path / "names.txt")], documents="line", cache_dir=str(tmp_path / "cache"))
    corpus = prepare(replace(changed, duplicates=replace(config.duplicates, documents=False, paragraphs=False)))
    assert corpus.statistics.cased_forms == {"wuhan": "Wuhan"}
    counts = corpus.word_statistics().counts
    assert counts.sum() == corpus.counts["train"].tokens
    assert counts[corpus.tokenizer.eos_id] == corpus.counts["train"].eos_tokens
