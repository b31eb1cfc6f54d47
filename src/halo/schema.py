"""Print or write JSON schemas of the settings, for editors.

With them editors complete and check files of `conf/`.

    python -m halo.schema train                    prints the schema of conf/train.yaml
    python -m halo.schema --output schemas         writes the schemas of all commands and groups

A file of `conf/` names its schema in a comment that the YAML language server of editors reads:

    # yaml-language-server: $schema=../../schemas/model.json

The schemas describe files, not whole configurations: no setting is required, since `defaults` may bring it, every value
may be an interpolation such as `${run_dir}`, and groups may name a `_target_`. `halo.config.parse` checks the rest.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from halo.cli.arguments import OptionParser
from halo.cli.standard_streams import print_message, print_output, standard_streams
from halo.config import SCHEMAS
from halo.config.introspection.json_schemas import file_schema, file_schemas
from halo.runtime.errors import InputError, reason


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints the schema of one command, or writes those of all commands and groups into a folder."""
    with standard_streams():
        try:
            _run(arguments)
        except InputError as error:
            print_message(f"error: {error}")
            sys.exit(2)


def _run(arguments: Sequence[str] | None) -> None:
    parser = OptionParser("halo.schema", description="Prints or writes JSON schemas of the settings.")
    parser.hint = "`--help` explains the arguments"
    parser.add_argument("command", nargs="?", choices=SCHEMAS, help="the command whose schema is printed")
    parser.add_argument("--output", type=Path, metavar="FOLDER", help="write all schemas into this folder instead")
    parsed = parser.parse_args(arguments)
    if (parsed.command is None) == (parsed.output is None):
        parser.error("give either a command or --output FOLDER")
    if parsed.command is not None:
        print_output(json.dumps(file_schema(SCHEMAS[parsed.command]), indent=2))
        return
    try:
        write_schemas(parsed.output)
    except OSError as error:
        message = f"--output={parsed.output}: the schemas cannot be written ({reason(error)}); name another folder"
        raise InputError(message) from error


def write_schemas(folder: Path) -> None:
    """Writes one file for each command and each group, such as `train.json` and `model.json`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, schema in file_schemas().items():
        (folder / f"{name}.json").write_text(json.dumps(schema, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
