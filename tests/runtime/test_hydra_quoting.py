"""Hydra reads a quoted value as the text that was quoted."""

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from hypothesis import example, given
from hypothesis import strategies as st

from halo.runtime.hydra_quoting import quote_value


@given(st.text(st.characters(exclude_categories=["C", "Z"]) | st.sampled_from(" '\"\\,=${}[]()")))
@example("C:\\runs\\")
@example("it's \\'quoted\\' and ends in \\")
def test_a_quoted_value_is_read_as_it_was(text: str) -> None:
    if "${" in text:
        return  # an interpolation, which Hydra resolves in quoted values too
    override = OverridesParser.create().parse_override(f"key={quote_value(text)}")
    assert override.value() == text


@pytest.mark.parametrize("text", ["null", "true", "1e3", "a,b"])
def test_what_hydra_would_take_for_another_type_stays_text(text: str) -> None:
    assert OverridesParser.create().parse_override(f"key={quote_value(text)}").value() == text
