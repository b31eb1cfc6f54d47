"""A prepared genome: a folder like any other, no sequence in two splits, coordinates that lead back to the file."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from halo.config import SPLITS
from halo.corpus.corpus import Corpus
from halo.corpus.genomes.regions import Regions
from halo.corpus.prepare import find_prepared, prepare
from halo.runtime.errors import InputError
from tests.support.genomes import genome_data, prepare_genome, random_sequence, write_fasta

COMPLEMENT = str.maketrans("ACGTN", "TGCAN")
SMALL = ("data.genome.gap=20", "data.genome.region_length=200")


def sequence(corpus: Corpus, split: str, document: int) -> str:
    begin, end = corpus.offsets[split][document : document + 2].tolist()
    assert corpus.ids[split][end - 1] == corpus.tokenizer.eos_id
    return corpus.tokenizer.decode(corpus.ids[split][begin : end - 1].tolist())


@pytest.mark.parametrize("kind", ["char", "kmer"])
def test_regions_lead_back_to_the_file(kind: str, tmp_path: Path) -> None:
    records = {"chr1": random_sequence(9_000, seed=1), "chr2": f"{'N' * 40}{random_sequence(3_001, seed=2)}"}
    settings = (f"data.tokenizer.kind={kind}", "data.genome.kmer_length=4", "data.genome.reverse_complement=true")
    corpus = prepare_genome(tmp_path, records, *settings)
    strands = set()
    for split in SPLITS:
        regions = Regions.load(corpus.folder, split)
        assert len(regions) == corpus.counts[split].documents
        assert corpus.counts[split].characters == sum(regions.end) - sum(regions.start)
        for document in range(len(regions)):
            place = slice(regions.start[document], regions.end[document])
            expected = records[regions.record[document]][place]
            if regions.strand[document] == "-":
                expected = expected.translate(COMPLEMENT)[::-1]
            assert sequence(corpus, split, document) == expected
            strands.add((split, regions.strand[document]))
    assert strands == {("train", "+"), ("train", "-"), ("validation", "+"), ("test", "+")}
    assert corpus.label_names == ["chr1", "chr2"]
    assert find_prepared(genome_data(f"data.path={tmp_path / 'a.fa'}", "data.genome.gap=21")) is None
    assert not corpus.counts["test"].unknown_tokens
    texts = corpus.document_texts("test")
    assert texts is not None
    assert texts.characters.sum() == corpus.counts["test"].characters


def test_no_base_is_in_two_splits_and_all_are_accounted_for(tmp_path: Path) -> None:
    corpus = prepare_genome(tmp_path, {"chr1": random_sequence(20_000, seed=3)})
    seen = np.zeros(20_000, dtype=int)
    for split in SPLITS:
        regions = Regions.load(corpus.folder, split)
        for start, end in zip(regions.start, regions.end, strict=True):
            seen[start:end] += 1
    assert seen.max() == 1
    genome = corpus.manifest["genome"]
    assert (seen == 0).sum() == genome["counts"]["gaps_between_splits"]
    assert sum(sum(each.values()) for each in genome["bases"].values()) == seen.sum()


def test_a_copy_of_held_out_sequence_leaves_the_training_split(tmp_path: Path) -> None:
    strain = random_sequence(6_000, seed=4)
    other = strain.translate(COMPLEMENT)[::-1]
    corpus = prepare_genome(tmp_path, {"strain1": strain, "strain2": f"{random_sequence(70, seed=5)}{other}"})
    copies = corpus.manifest["genome"]["near_duplicates"]
    assert copies["regions"] > 5
    shared = corpus.manifest["genome"]["shared_with_training"]
    assert max(shared.values()) < 0.15, "what is left overlaps by less than a tenth of a region"
    kept = prepare_genome(tmp_path, {"strain1": strain, "strain2": f"A{other}"}, "data.duplicates.documents=false")
    assert min(kept.manifest["genome"]["shared_with_training"].values()) > 0.5
    assert kept.manifest["duplicates"]["dropped_documents"] == 0


def test_given_splits_are_kept_whole(tmp_path: Path) -> None:
    files = {
        split: write_fasta(tmp_path / f"{split}.fa", {"chr": random_sequence(900, seed=n)})
        for n, split in enumerate(SPLITS)
    }
    paths = [f"data.{split}_path={file}" for split, file in files.items()]
    corpus = prepare(genome_data("data.path=null", *paths, f"data.cache_dir={tmp_path / 'cache'}", *SMALL))
    assert {corpus.counts[split].characters for split in SPLITS} == {900}
    assert corpus.label_names == ["chr", "validation.fa|chr", "test.fa|chr"]


@pytest.mark.parametrize(
    ("records", "message"),
    [
        ({"a": "ACGT" * 20}, "cannot be divided into train, validation and test; give more sequence"),
        ({"a": "N" * 500}, r"data\.path=.*a\.fa: no bases left to read"),
        ({"a": random_sequence(900, seed=7)}, "the validation split has 2.. tokens, but at least 4000 are needed"),
    ],
)
def test_too_little_sequence_is_refused_and_nothing_is_left(
    records: Mapping[str, str], message: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=message):
        prepare_genome(tmp_path, records, "data.eval_batch_size=4000")
    assert not (tmp_path / "cache").exists()
