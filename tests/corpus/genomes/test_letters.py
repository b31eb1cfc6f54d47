"""Letters: case, N, IUPAC codes, RNA, qualities and alignment gaps; proteins are refused."""

from collections import Counter

import numpy as np
import pytest

from halo.corpus.genomes.letters import pieces_of, reverse_complement
from halo.corpus.genomes.records import SequenceRecord
from halo.runtime.errors import InputError
from tests.support.genomes import genome_config, random_bases

N10, N9 = "N" * 10, "N" * 9


def pieces(letters: str, *settings: str, qualities: str = "") -> tuple[list[tuple[int, str]], Counter[str]]:
    counts: Counter[str] = Counter()
    record = SequenceRecord("chr1", "a.fa, line 1", "", "a.fa", letters.encode(), qualities.encode())
    found = pieces_of(record, genome_config(*settings), counts)
    return [(piece.start, piece.letters.tobytes().decode()) for piece in found], +counts


def test_long_runs_of_n_divide_a_record_and_short_ones_stay() -> None:
    found, counts = pieces(f"{N10}{'ACGT' * 3}{N9}{'ACGT' * 3}{N10}NN{'GATTACA' * 2}")
    assert found == [(10, f"{'ACGT' * 3}{N9}{'ACGT' * 3}"), (55, "GATTACA" * 2)]
    assert counts == {"unknown": 31, "unknown_left_out": 22, "unknown_runs": 2}
    assert pieces(f"ACGT{N10}", "unknown=keep")[0] == [(0, f"ACGT{N10}")]


def test_lower_case_is_raised_dropped_or_kept() -> None:
    text = "ACGTACGTACacgtnACGTTACGTA"
    assert pieces(text)[0] == [(0, text.upper())]
    assert pieces(text)[1] == {"soft_masked": 5, "unknown": 1}
    assert pieces(text, "soft_mask=drop")[0] == [(0, "ACGTACGTAC"), (15, "ACGTTACGTA")]
    assert pieces(text, "soft_mask=keep")[0] == [(0, text)]


def test_short_pieces_between_gaps_are_left_out_and_counted() -> None:
    found, counts = pieces(f"ACGTACGTAC{N10}ACGT{N10}ACGTACGTACG")
    assert [letters for _, letters in found] == ["ACGTACGTAC", "ACGTACGTACG"]
    assert counts["short_pieces_left_out"] == 4
    assert pieces("ACG")[0] == [(0, "ACG")]


def test_ambiguous_codes_and_rna() -> None:
    assert pieces("ACGURYKxACGTACGT")[0] == [(0, "ACGTNNNNACGTACGT")]
    assert pieces("ACGURYKxACGTACGT")[1] == {
        "rna": 1,
        "ambiguous": 3,
        "masked_x": 1,
        "soft_masked": 1,
        "unknown": 4,
    }
    assert pieces("ACGTRACGTACGT", "ambiguous=keep")[0] == [(0, "ACGTRACGTACGT")]
    with pytest.raises(InputError, match="record chr1 has the IUPAC code r at position 5"):
        pieces("ACGTrACGTACGT", "ambiguous=refuse")


def test_poor_bases_become_n_and_alignment_gaps_are_removed() -> None:
    found, counts = pieces("ACGTA", "min_quality=20", qualities="5I4I!")
    assert found == [(0, "ACNTN")]
    assert counts["poor_quality"] == 2
    assert pieces("AC--GT")[0] == [(0, "ACGT")]
    assert pieces("AC--GT")[1] == {"alignment_gaps": 2}


@pytest.mark.parametrize(
    ("letters", "message"),
    [
        ("MVLSPADKTNVKAAWGKVGAHAGEYGAEALERMFLSFPTTKTYFPHF", "looks like a protein"),
        ("MKVRWDSHYKMVRWDSHYVV", "no nucleotide sequence"),
        ("ACGTACGTACGTACGTE", "E at position 17"),
        ("ACGT7ACGT", "has 7 at position 5, which is no nucleotide"),
        ("ACGT\x07ACGT", "has byte 0x07 at position 5"),
    ],
)
def test_what_is_no_nucleotide_sequence_is_refused(letters: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        pieces(letters)


def test_the_reverse_complement_of_the_reverse_complement_is_the_sequence() -> None:
    letters = random_bases(500, seed=1, letters=b"ACGTRYSWKMBDHVNacgtryswkmbdhvn")
    assert np.array_equal(reverse_complement(reverse_complement(letters)), letters)
