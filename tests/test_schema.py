"""`python -m halo.schema` prints one schema, or writes all of them."""

import json
from pathlib import Path

import pytest

from halo.config.introspection.json_schemas import file_schemas
from halo.schema import main


def test_the_schema_of_a_command_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    main(["prepare"])
    assert json.loads(capsys.readouterr().out) == file_schemas()["prepare"]


def test_all_schemas_are_written(tmp_path: Path) -> None:
    main(["--output", str(tmp_path / "schemas")])
    assert {file.stem for file in (tmp_path / "schemas").iterdir()} == file_schemas().keys()


@pytest.mark.parametrize("arguments", [[], ["train", "--output", "x"], ["nothing"]])
def test_wrong_arguments_end_with_status_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SystemExit) as caught:
        main(["--output", str(tmp_path / "file" / "schemas")])
    assert caught.value.code == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
