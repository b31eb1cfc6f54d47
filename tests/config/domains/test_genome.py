"""Settings of genomes: ranges, and what does not go together, in one line."""

import pytest

from halo.runtime.errors import InputError
from tests.support.genomes import genome_data


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("data.genome.kmer_length=9", r"data\.genome\.kmer_length=9"),
        ("data.genome.soft_mask=lower", r"data\.genome\.soft_mask=lower"),
        ("data.genome.min_quality=0", r"data\.genome\.min_quality=0"),
        ("data.genome.region_length=2000", "must be more than twice data.genome.gap=1000"),
        ("data.genome.soft_mask=keep", "data.cleaning.case=upper: must be keep with data.genome.soft_mask=keep"),
        ("data.tokenizer.kind=word", "data.tokenizer.kind=word: must be char or kmer with data=genome"),
        ("data.tokenizer.eos=line", "data.tokenizer.eos=line: must be document with data=genome"),
        ("data.engine=ray", "data.engine=ray: must be local with data=genome"),
        ("data.genome=null", "data.tokenizer.kind=kmer: is for nucleotide sequences; set data=genome"),
    ],
)
def test_unsuitable_settings_are_refused(setting: str, message: str) -> None:
    kind = ("data.tokenizer.kind=kmer",) if setting == "data.genome=null" else ()
    with pytest.raises(InputError, match=message) as raised:
        genome_data(setting, *kind)
    assert "\n" not in str(raised.value)


def test_letters_of_soft_masked_repeats_can_be_kept() -> None:
    config = genome_data("data.genome.soft_mask=keep", "data.cleaning.case=keep").genome
    assert config is not None
    assert config.soft_mask == "keep"
