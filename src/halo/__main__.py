"""The `halo` program: runs the command that its first argument names."""

import difflib
import runpy
import sys
from collections.abc import Sequence

from halo.cli.command_list import command_list, commands
from halo.cli.standard_streams import print_message, print_output, standard_streams


def main() -> None:
    """Runs `halo COMMAND SETTINGS...` exactly as `python -m halo.COMMAND SETTINGS...` would run it."""
    with standard_streams():
        _run(sys.argv[1:])


def _run(arguments: Sequence[str]) -> None:
    if not arguments or arguments[0] in ("-h", "--help"):
        print_output(command_list())
        return
    if arguments[0] == "--version":
        from halo import __version__

        print_output(f"halo {__version__}")
        return
    name = arguments[0]
    if name not in commands():
        near = difflib.get_close_matches(name, commands(), n=1)
        hint = f"did you mean {near[0]}?" if near else "`halo --help` lists the commands"
        print_message(f"error: {name!r}: unknown command; {hint}")
        sys.exit(2)
    del sys.argv[1]
    # As the main module, so that processes which Lightning or multiprocessing starts find the command again.
    runpy.run_module(f"halo.{name}", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
