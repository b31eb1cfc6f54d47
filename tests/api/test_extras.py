"""A missing package of the extra `train` is one line; a fault of this package stays a fault."""

import pytest

from halo.api.extras import training_packages
from halo.runtime.errors import InputError


def test_only_packages_of_others_are_reported_as_missing() -> None:
    message = r"halo\.fit needs the package lightning; pip install 'semblance-halo\[train\]'"
    with pytest.raises(InputError, match=message), training_packages("halo.fit"):
        raise ModuleNotFoundError("no", name="lightning.pytorch")
    with pytest.raises(ModuleNotFoundError), training_packages("halo.fit"):
        raise ModuleNotFoundError("no", name="halo.gone")
