"""The ending of an output file says its format; a file and a text are not given together."""

import pytest

from halo.config.commands.scoring.text_files import ENDINGS, output_ending, require_ending
from halo.runtime.errors import InputError
from tests.config.commands.scoring.test_score import score_config


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_endings_of_formats_are_known_in_any_case(ending: str) -> None:
    assert output_ending(f"a{ending.upper()}") == ending
    require_ending(f"folder/a{ending}")


@pytest.mark.parametrize("output", ["a.xlsx", "csv", "a.csv.zip"])
def test_other_endings_are_refused_with_those_that_are_known(output: str) -> None:
    assert output_ending(output) == ""
    with pytest.raises(InputError, match=f"output={output}: must end in .csv, .tsv, .jsonl or .parquet"):
        require_ending(output)


def test_a_text_has_no_columns_and_no_file_beside_it() -> None:
    with pytest.raises(InputError, match=r"path=a\.txt: cannot be combined with text"):
        score_config("path=a.txt", "text=b")
    with pytest.raises(InputError, match="text_field=c: names a column of path"):
        score_config("text=b", "text_field=c")
