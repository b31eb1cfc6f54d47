"""Print or write JSON schemas of the settings, for editors.

With them editors complete and check files of `conf/`.

    python -m halo.schema train                    prints the schema of conf/train.yaml
    python -m halo.schema --output schemas         writes the schemas of all commands and groups

A file of `conf/` names its schema in a comment that the YAML language server of editors reads:

    # yaml-language-server: $schema=../../schemas/model.json

The schemas describe files, not whole configurations: no setting is required, since `defaults` may bring it, every value
may be an interpolation such as `${run_dir}`, and groups may name a `_target_`. `halo.config.parse` checks the rest.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from halo.config import SCHEMAS
from halo.config.json_schemas import file_schema, file_schemas
from halo.runtime.errors import InputError, reason


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints the schema of one command, or writes those of all commands and groups into a folder."""
    parser = argparse.ArgumentParser("halo.schema", description="Prints or writes JSON schemas of the settings.")
    parser.add_argument("command", nargs="?", choices=SCHEMAS, help="the command whose schema is printed")
    parser.add_argument("--output", type=Path, metavar="FOLDER", help="write all schemas into this folder instead")
    parsed = parser.parse_args(arguments)
    if (parsed.command is None) == (parsed.output is None):
        parser.error("give either a command or --output FOLDER")
    if parsed.command is not None:
        print(json.dumps(file_schema(SCHEMAS[parsed.command]), indent=2))
        return
    try:
        write_schemas(parsed.output)
    except OSError as error:
        message = InputError(f"--output={parsed.output}: the schemas cannot be written ({reason(error)})")
        print(f"error: {message}", file=sys.stderr)
        sys.exit(2)


def write_schemas(folder: Path) -> None:
    """Writes one file for each command and each group, such as `train.json` and `model.json`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, schema in file_schemas().items():
        (folder / f"{name}.json").write_text(json.dumps(schema, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
