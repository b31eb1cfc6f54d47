"""Regions: saved and loaded; a damaged or missing file is refused in one line."""

from pathlib import Path

import pytest

from halo.corpus.genomes.regions import Regions
from halo.runtime.errors import InputError


def test_regions_are_loaded_as_they_were_saved(tmp_path: Path) -> None:
    regions = Regions(["chr1", "chrÜ"], [0, 5000], [10, 6000], ["+", "-"])
    regions.save(tmp_path, "train")
    assert Regions.load(tmp_path, "train") == regions
    assert [regions.name(document) for document in range(len(regions))] == ["chr1:1-10", "chrÜ:5001-6000 (-)"]


@pytest.mark.parametrize("content", [None, "[", '{"record": [], "start": [1], "end": [], "strand": []}', "{}"])
def test_a_folder_without_regions_is_refused(content: str | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "test.regions.json").write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=r"test\.regions\.json: not the regions of a genome .*; prepare it with"):
        Regions.load(tmp_path, "test")
