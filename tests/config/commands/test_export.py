"""Settings of `halo.export` that do not go together are refused."""

import pytest

from halo.config import ExportConfig, parse
from halo.runtime.errors import InputError
from tests.conftest import compose_config


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (["format=pickle"], "format=pickle: must be onnx, torch, safetensors or hub"),
        (["format=hub", "quantize=int8"], "quantize=int8: is for format=onnx"),
        (["format=onnx", "quantize=int4"], "quantize=int4: must be int8, or null"),
        (["format=onnx", "path=x.txt"], "path=x.txt: is the text for quantize=int8"),
        (["format=onnx", "hub.license=mit"], "hub.license=mit: is for format=hub"),
        (["format=hub", "hub.license='Apache 2.0'"], "hub.license=Apache 2.0: must be an identifier in lower case"),
        (["format=hub", "hub.language=english"], "hub.language=english: must be a language code"),
        (["format=hub", "hub.dataset='my text'"], "hub.dataset=my text: must be a name of letters"),
        ([], "format: no value given; must be onnx"),
    ],
)
def test_settings_that_do_not_fit_are_refused(settings: list[str], message: str) -> None:
    with pytest.raises(InputError) as raised:
        parse(compose_config("export", ["bundle=x", "output=y", *settings]), ExportConfig)
    assert str(raised.value).startswith(message)
    assert len(str(raised.value).splitlines()) == 1
