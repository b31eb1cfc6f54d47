"""Sentences about a genome: every count has words; near duplicates and repeats are reported, and warned of."""

from pathlib import Path

from halo.corpus.genomes.messages import COUNT_NAMES, describe_genome, described_counts, genome_rows, genome_warnings
from tests.support.genomes import prepare_genome, random_sequence

COMPLEMENT = str.maketrans("ACGT", "TGCA")


def test_what_was_read_and_left_out_is_described(tmp_path: Path) -> None:
    sequence = f"{random_sequence(9_000, seed=1)}{'N' * 30}{'R' * 3}acgtacgtacgt"
    manifest = prepare_genome(tmp_path, {"chr1": sequence, "chr2": random_sequence(3_000, seed=2)}).manifest
    assert set(manifest["genome"]["counts"]) <= set(COUNT_NAMES)
    assert described_counts(manifest)["in runs of ten N or more, left out"] == 33
    lines = describe_genome(manifest)
    assert lines[0] == "Read: 12,045 letters of 2 records"
    assert "  12 in lower case (soft-masked)" in lines
    assert lines[-1] == (
        "Repeats: 0.0% of the validation and 0.0% of the test 31-mers also occur in the training split, on either "
        "strand."
    )
    rows = genome_rows(manifest)
    assert [row.split for row in rows] == ["train", "validation", "test"]
    assert all(0.45 < row.gc < 0.55 for row in rows)
    assert genome_warnings(manifest) == []


def test_copies_are_warned_of(tmp_path: Path) -> None:
    strain = random_sequence(6_000, seed=4)
    records = {"strain1": strain, "strain2": f"{random_sequence(70, seed=5)}{strain.translate(COMPLEMENT)[::-1]}"}
    dropped = prepare_genome(tmp_path, records).manifest
    assert any(
        "with copies of validation or test regions on either strand: dropped" in line
        for line in describe_genome(dropped)
    )
    assert any("of the training bases were dropped" in line for line in genome_warnings(dropped))
    kept = prepare_genome(tmp_path, records, "data.duplicates.documents=false").manifest
    assert any("kept, since data.duplicates.documents=false" in line for line in describe_genome(kept))
    assert any("31-mers also occur in training" in line for line in genome_warnings(kept))
