"""The folder of an export: complete or absent, and never instead of something else."""

import contextlib
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from halo.runtime.atomic_files import UNFINISHED
from halo.runtime.errors import InputError, reason, require

EXPORT_FILE = "export.json"
"""The file by which an export is recognised; it lists the others."""


@contextlib.contextmanager
def export_folder(output: Path, *, source: Path) -> Iterator[Path]:
    """Yields a temporary folder that becomes `output` at the end of the context; nothing is left after an exception.

    An earlier export at `output` is replaced as a whole.

    Args:
        output: The folder to write. It may exist if it is empty or an export.
        source: The run folder or bundle that is exported.

    Raises:
        InputError: The folder holds something else, overlaps with the model's own, or cannot be written.
    """
    _require_writable(output, source)
    output = Path(os.path.abspath(output))  # noqa: PTH100  keeps links
    unfinished, old = (output.with_name(f".{output.name}.{os.getpid()}{end}") for end in (UNFINISHED, ".old"))
    missing = [each for each in output.parents if not os.path.lexists(each)]
    finished = False
    try:
        unfinished.mkdir(parents=True)
        yield unfinished
        names = sorted(path.name for path in unfinished.iterdir())
        (unfinished / EXPORT_FILE).write_text(json.dumps({"files": names}, indent=2) + "\n", encoding="utf-8")
        if output.exists():
            output.rename(old)
        try:
            unfinished.rename(output)
        except OSError:
            with contextlib.suppress(OSError):
                old.rename(output)
            raise
        finished = True
    except OSError as error:
        raise _not_writable(output, error) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)
        with contextlib.suppress(OSError):
            for each in [] if finished else missing:
                each.rmdir()


def _require_writable(output: Path, source: Path) -> None:
    """Raises `InputError` unless a folder is apart from that of the model, and new, empty or an export."""
    try:
        ours, model = output.resolve(), source.resolve()
        overlaps = ours == model or ours.is_relative_to(model) or model.is_relative_to(ours)
        allowed = f"overlaps with the folder of the model, {source}; name one outside it"
        require(not overlaps, "output", output, allowed)
        if os.path.lexists(output):
            require(output.is_dir() and not output.is_symlink(), "output", output, "is not a folder; name another one")
            foreign = sorted({path.name for path in output.iterdir()} - _exported_names(output))
            found = f"holds {foreign[0]}, which is not part of an export" if foreign else ""
            require(not foreign, "output", output, f"{found}; name another folder, or move that")
    except OSError as error:
        raise _not_writable(output, error) from error


def _exported_names(folder: Path) -> set[str]:
    """Returns the names of the files of an export; none if a folder is no export."""
    try:
        names = json.loads((folder / EXPORT_FILE).read_bytes())["files"]
        return {EXPORT_FILE, *map(str, names)}
    except (OSError, ValueError, TypeError, KeyError):
        return set()


def _not_writable(output: Path, error: OSError) -> InputError:
    advice = "name another folder, or free some space"
    return InputError(f"output={output}: cannot be written ({reason(error)}); {advice}")
