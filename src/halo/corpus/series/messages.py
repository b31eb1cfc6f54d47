"""Tables and sentences about prepared series, for the terminal, the model card and the data report."""

from collections.abc import Mapping
from typing import Any

from halo.config import SPLITS

MAX_LISTED = 8


def series_rows(manifest: Mapping[str, Any]) -> list[list[str]]:
    """Returns the first and the last date, the number of series and of values of each split.

    Args:
        manifest: The manifest of prepared series.
    """
    series = manifest["series"]["series"]
    rows = []
    for split in SPLITS:
        dates = [each["dates"][split] for each in series]
        first, last = min(each[0] for each in dates), max(each[1] for each in dates)
        rows.append([split, first, last, f"{len(series):,}", f"{sum(each['values'][split] for each in series):,}"])
    return rows


ROWS_HEADER = ("split", "first date", "last date", "series", "values")
"""The columns of `series_rows`."""


def describe_series(manifest: Mapping[str, Any]) -> list[str]:
    """Returns which series there are, and what a reader should know about the table: a sentence each."""
    entry = manifest["series"]
    names = [each["name"] for each in entry["series"]]
    more = f" and {len(names) - MAX_LISTED:,} more" if len(names) > MAX_LISTED else ""
    return [f"Series: {', '.join(names[:MAX_LISTED])}{more}; predicted: {entry['transform']}.", *entry["notes"]]
