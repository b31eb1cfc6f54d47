"""Settings of `halo.genome`."""

import pytest

from halo.config import GenomeCommandConfig, parse
from halo.runtime.errors import InputError
from tests.conftest import compose_config


def parsed(*settings: str) -> GenomeCommandConfig:
    return parse(compose_config("genome", ["run=x", *settings]), GenomeCommandConfig)


@pytest.mark.parametrize("output", ["a.bedgraph", "a.BG", "a.tsv", "a.csv", "a.jsonl", "a.parquet"])
def test_every_format_of_scores_is_accepted(output: str) -> None:
    assert parsed(f"output={output}").output == output


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (["region=x:1-2"], "region=x:1-2: is a part of path; give a path"),
        (["variants=v.vcf"], "variants=v.vcf: needs the sequences"),
        (["path=a.fa", "variants=v.vcf", "region=x"], "region=x: cannot be combined with variants"),
        (["output=a.txt"], "output=a.txt: must end in .bedgraph, .bg, .tsv, .csv, .jsonl or .parquet"),
        (["path=a.fa", "variants=v.vcf", "output=a.bg"], "output=a.bg: must end in .tsv, .csv, .jsonl or .parquet"),
        (["window=2", "output=a.tsv"], "window=2: is for bedGraph"),
        (["window=0"], "window=0"),
        (["context=-1"], "context=-1"),
        (["max_order=13"], "max_order=13"),
    ],
)
def test_settings_that_do_not_fit_are_refused(settings: list[str], message: str) -> None:
    with pytest.raises(InputError, match=message.replace(".", r"\.")):
        parsed(*settings)
