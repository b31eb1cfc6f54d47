"""A comparison as a file: CSV with a row for each run, Markdown, or JSON with everything."""

import csv
import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from halo.comparing.comparison import MEASURES, ComparedRun, Comparison
from halo.comparing.groups import value_text
from halo.comparing.output.terminal import change_text, comparison_text, figure_text, interval_text, p_text, ranks
from halo.comparing.wording import REPORTED
from halo.config import SPLITS
from halo.reports.console import number
from halo.runtime.atomic_files import atomic_write, json_text
from halo.runtime.errors import InputError, reason

BEGINNINGS = {
    "csv": "rank,run,status,",
    "markdown": "<!-- halo compare -->\n",
    "json": '{\n  "runs": [',
    "table": "Ranked by",
}
"""How a file of each format begins; a file that begins otherwise is not replaced."""


def render(comparison: Comparison, kind: str) -> str:
    """Returns a comparison as text.

    Args:
        comparison: The comparison.
        kind: `table`, `csv`, `markdown` or `json`.
    """
    if kind == "csv":
        return _csv(comparison)
    if kind == "markdown":
        return _markdown(comparison)
    return f"{json_text(comparison.as_dict()) if kind == 'json' else comparison_text(comparison)}\n"


def require_writable(output: str, kind: str) -> None:
    """Raises `InputError` if a file cannot be written, or is something else than a comparison in this format."""
    file = Path(output)
    try:
        if os.path.isdir(file):  # noqa: PTH112  Path.is_dir raises for a name that is too long
            raise InputError(f"output={output}: is a folder; name a file in it")
        if os.path.lexists(file):
            with file.open(encoding="utf-8", errors="replace") as lines:
                beginning = lines.read(len(BEGINNINGS[kind]))
            if beginning not in ("", BEGINNINGS[kind]):
                raise InputError(f"output={output}: exists and is no comparison; name another file, or remove it")
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"output={output}: cannot be written ({reason(error)}); name another file") from error


def write_file(comparison: Comparison, output: str, kind: str) -> None:
    """Writes a comparison to a file; the folders above it are created.

    Raises:
        InputError: It cannot be written, or is something else than a comparison.
    """
    require_writable(output, kind)
    try:
        atomic_write(Path(output), render(comparison, kind))
    except (OSError, ValueError) as error:
        raise InputError(f"output={output}: cannot be written ({reason(error)}); name another file") from error


# CSV


def _csv(comparison: Comparison) -> str:
    rows = list(_rows(comparison))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _field(value) for name, value in row.items()} for row in rows)
    return text.getvalue()


def _rows(comparison: Comparison) -> Iterator[dict[str, Any]]:
    """Yields for each run its figures, and the difference of its group from the reference."""
    rank_of = dict(zip((group.key for group in comparison.groups), ranks(comparison.groups), strict=True))
    for run in comparison.runs:
        yield {
            "rank": rank_of.get(run.group),
            "run": run.name,
            "status": run.status,
            "reason": run.reason,
            "seed": run.seed,
            **{key: value_text(run.settings[key]) if key in run.settings else None for key in comparison.varied},
            **_figures(run),
            **_difference(run, comparison),
            "folder": run.folder,
        }


def _figures(run: ComparedRun) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    for split in SPLITS:
        result = None if run.figures is None else run.figures.splits[split]
        low, high = (None, None) if result is None else result.perplexity_interval or (None, None)
        columns |= {
            f"{split}_perplexity": None if result is None else result.perplexity,
            f"{split}_perplexity_low": low,
            f"{split}_perplexity_high": high,
            f"{split}_bits_per_character": None if result is None else result.bits_per_character,
        }
    for name in ("num_parameters", "minutes", "tokens_per_second", "verdict"):
        columns[name] = getattr(run.figures, name, None)
    return columns


def _difference(run: ComparedRun, comparison: Comparison) -> dict[str, Any]:
    difference = comparison.difference(run.group)
    found = None if difference is None else difference.splits.get(REPORTED)
    columns: dict[str, Any] = {f"{REPORTED}_difference": None if found is None else found.change}
    for kind in ("documents", "seeds"):
        test = getattr(found, f"over_{kind}", None)
        for name in ("low", "high", "p_value", "corrected_p_value"):
            columns[f"{kind}_{name}"] = getattr(test, name, None)
    return columns


def _field(value: Any) -> Any:
    """Returns a value as a field; a text that a spreadsheet would take for a formula gets an apostrophe before it.

    >>> _field("=1+1"), _field("@x"), _field("lr"), _field(-0.5), _field(None)
    ("'=1+1", "'@x", 'lr', -0.5, '')
    """
    if value is None:
        return ""
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value


# Markdown


def _markdown(comparison: Comparison) -> str:
    parts = [BEGINNINGS["markdown"].rstrip(), f"# Runs ranked by {comparison.split} {MEASURES[comparison.measure]}"]
    parts.append("\n".join(f"- {_text(line)}" for line in [*comparison.summary, *comparison.obstacles]))
    header = ["rank", "run", *comparison.varied.values(), "seeds", "validation", "test", "minutes", "parameters"]
    rows = [
        [
            rank,
            ", ".join(comparison.runs[index].name for index in group.runs),
            *(value_text(group.settings[key]) if key in group.settings else "-" for key in comparison.varied),
            str(len(group.runs)),
            *(figure_text(comparison, group, split) for split in ("validation", "test")),
            number(group.minutes, digits=1),
            f"{group.num_parameters:,}",
        ]
        for rank, group in zip(ranks(comparison.groups), comparison.groups, strict=True)
    ]
    parts += [_table(header, rows)] if rows else []
    differences = list(_difference_rows(comparison))
    if differences:
        header = ["run", "compared with", "difference", "95% interval", "p", "Holm", "p (seeds)", "Holm"]
        parts += [f"## Differences on {REPORTED} text; below 0 is better", _table(header, differences)]
    others = [[run.name, run.status, run.reason] for run in comparison.runs if run.status != "finished"]
    parts += ["## Not ranked", _table(["run", "status", "why"], others)] if others else []
    parts += ["\n".join(f"- {_text(line)}" for line in comparison.notes)] if comparison.notes else []
    return "\n\n".join(parts) + "\n"


def _difference_rows(comparison: Comparison) -> Iterator[list[str]]:
    for each in comparison.differences:
        found = each.splits.get(REPORTED)
        if found is not None:
            tests = [found.over_documents, found.over_seeds]
            cells = [
                ("-", "-") if test is None else (p_text(test.p_value), p_text(test.corrected_p_value)) for test in tests
            ]
            labels = [comparison.group(key).label for key in (each.group, each.reference)]
            change = change_text(found.change, comparison)
            yield [*labels, change, interval_text(found, comparison), *(cell for pair in cells for cell in pair)]


def _table(header: list[str], rows: list[list[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(
        f"| {' | '.join(map(_text, line))} |" if line is not lines[1] else f"|{'|'.join(line)}|" for line in lines
    )


def _text(text: str) -> str:
    r"""Returns a text in which Markdown finds no markup.

    >>> print(_text("a|b `c` <d> [e](f)"), _text("x_y"))
    a\|b \`c\` \<d> \[e](f) x\_y
    """
    return "".join(f"\\{character}" if character in "\\`*_|<[#" else character for character in " ".join(text.split()))
