"""What is said about prepared series: dates in order, names, and notes."""

from halo.corpus.series.messages import describe_series, series_rows


def test_splits_follow_one_another_and_notes_are_kept() -> None:
    dates = {"train": ["2020-01-02", "2020-06-01"], "validation": ["2020-06-02", "2020-07-01"]}
    dates["test"] = ["2020-07-02", "2020-08-01"]
    values = {"train": 1500, "validation": 30, "test": 30}
    each = [{"name": f"s{number}", "dates": dates, "values": values} for number in range(10)]
    manifest = {"series": {"transform": "returns", "series": each, "notes": ["a gap."]}}
    rows = series_rows(manifest)
    assert rows[0] == ["train", "2020-01-02", "2020-06-01", "10", "15,000"]
    ends = [date for row in rows for date in row[1:3]]
    assert ends == sorted(ends)
    assert describe_series(manifest) == [
        "Series: s0, s1, s2, s3, s4, s5, s6, s7 and 2 more; predicted: returns.",
        "a gap.",
    ]
