"""Benchmark texts come out as the literature counts them: of each line its words and one `<eos>`, and nothing else."""

import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from halo.config import DataConfig, PrepareConfig, parse
from halo.corpus.prepare import prepare
from tests.conftest import compose_config

SMALL = ["data.batch_size=2", "data.sequence_length=4", "data.eval_batch_size=2"]
WIKITEXT_FILES = {"train": "wiki.train.tokens", "validation": "wiki.valid.tokens", "test": "wiki.test.tokens"}
MINIATURE = {
    "train": (
        " \n = Stone bridge = \n \n The Bridge of <unk> is 1 @,@ 200 metres long , a quarter @-@ mile less or so . \n"
        ' It \'s old ; " very old " . \n \n \n = = History = = \n \n <unk> built it in 1 @.@ 5 years – a record . \n \n'
    ),
    "validation": " \n = Stone wall = \n \n The wall is a <unk> @-@ built record\u00a0of &amp; café life . \n",
    "test": " \n = Bridge = \n \n It is old , old , old .\n \n ",  # the last line without its end
}


@pytest.fixture
def miniature(tmp_path: Path) -> Path:
    """A folder of three files in the form of WikiText."""
    folder = tmp_path / "miniature"
    folder.mkdir()
    for split, name in WIKITEXT_FILES.items():
        (folder / name).write_text(MINIATURE[split], encoding="utf-8")
    return folder


def data_config(cache_dir: Path, *overrides: str) -> DataConfig:
    return parse(compose_config("prepare", [f"data.cache_dir={cache_dir}", *overrides]), PrepareConfig).data


def reference_tokens(file: Path) -> list[str]:
    tokens = []
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            tokens += [*line.split(), "<eos>"]
    return tokens


def test_wikitext_is_counted_to_the_token(miniature: Path, tmp_path: Path) -> None:
    config = data_config(tmp_path / "cache", "data=wikitext2", f"data.path={miniature}", *SMALL)
    corpus = prepare(config)
    vocabulary = corpus.tokenizer.vocabulary()
    assert set(vocabulary) == set(reference_tokens(miniature / WIKITEXT_FILES["train"]))
    for split, name in WIKITEXT_FILES.items():
        expected = [vocabulary.get(token, vocabulary["<unk>"]) for token in reference_tokens(miniature / name)]
        assert corpus.ids[split].tolist() == expected
        assert corpus.counts[split].documents == corpus.counts[split].eos_tokens


def test_a_zip_is_a_folder_too(miniature: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "miniature.zip", "w") as archive:
        for file in miniature.iterdir():
            archive.write(file, file.name)
    from_folder, from_zip = (
        prepare(data_config(tmp_path / "cache", "data=wikitext2", f"data.path={path}", *SMALL))
        for path in (miniature, tmp_path / "miniature.zip")
    )
    assert from_folder.folder == from_zip.folder


def test_what_cleaning_leaves_empty_is_an_end_too_and_never_from_the_cache_of_another_setting(tmp_path: Path) -> None:
    for split in WIKITEXT_FILES:
        (tmp_path / f"{split}.txt").write_text("one two three\n😀\n" * 4)
    paths = [f"data.{split}_path={tmp_path / split}.txt" for split in WIKITEXT_FILES]
    per_line = data_config(tmp_path / "cache", "data=text", "data.documents=line", *paths, *SMALL)
    per_line = replace(per_line, duplicates=replace(per_line.duplicates, documents=False))
    assert prepare(per_line).counts["test"].eos_tokens == 4
    assert prepare(replace(per_line, documents="every_line")).counts["test"].eos_tokens == 8


def test_the_penn_treebank_is_counted_to_the_token(ptb_folder: Path, tmp_path: Path) -> None:
    corpus = prepare(data_config(tmp_path / "cache", "data=ptb", f"data.path={ptb_folder}"))
    assert {split: counts.tokens for split, counts in corpus.counts.items()} == {
        "train": 929_589,
        "validation": 73_760,
        "test": 82_430,
    }
    assert corpus.tokenizer.vocab_size == 10_000
    for split, name in {"train": "train", "validation": "valid", "test": "test"}.items():
        tokens = reference_tokens(ptb_folder / f"ptb.{name}.txt")
        assert corpus.ids[split].tolist() == list(map(corpus.tokenizer.vocabulary().__getitem__, tokens))
