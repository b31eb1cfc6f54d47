"""Settings become networks: counted before they are built, and refused where they cannot be."""

import pytest
import torch
from torch import Tensor, nn

from halo.config import CustomModelConfig
from halo.models.ensemble import Ensemble
from halo.models.language_model import LanguageModel, ModelOutput, Network, State
from halo.models.model_spec import ModelSpec, build_model
from halo.models.output import SoftmaxOutput
from halo.runtime.errors import InputError
from tests.conftest import MODELS, model_config, vocabulary

WORDS = vocabulary(40)


class TinyModel(Network):
    """Predicts from the current word alone."""

    def __init__(self, *, vocab_size: int, features: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, features)
        self.output = SoftmaxOutput(self.embedding)

    def read(self, ids_BT: Tensor, state: State | None) -> ModelOutput:
        return ModelOutput(self.embedding(ids_BT), [], pointer_output=None, penalty=None)


def tiny(*, ensemble_size: int = 1, **arguments: object) -> CustomModelConfig:
    target = f"{__name__}.TinyModel"
    return CustomModelConfig(target=target, arguments=arguments, ensemble_size=ensemble_size)


def num_weights(model: LanguageModel) -> int:
    return sum(weight.numel() for weight in model.parameters())


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("change", ["ensemble_size=1", "ensemble_size=3", "subword_lengths=[2,4]"])
def test_the_weights_are_counted_before_they_are_built(name: str, change: str) -> None:
    spec = ModelSpec.of(model_config(name, change), WORDS)
    assert spec.num_weights == num_weights(spec.build())


def test_a_network_that_does_not_fit_into_memory_is_refused() -> None:
    with pytest.raises(InputError, match=r"model=[\d,.]+ GiB for [\d,]+ weights: this machine has"):
        build_model(model_config("lstm", "hidden=1000000", "embedding=1000000"), WORDS)


def test_a_custom_model_is_built_with_its_arguments_and_the_vocabulary() -> None:
    model = build_model(tiny(features=3), WORDS)
    assert num_weights(model) == 3 * 40 + 40
    ensemble = build_model(tiny(features=3, ensemble_size=2), WORDS)
    assert isinstance(ensemble, Ensemble)
    assert num_weights(ensemble) == 2 * num_weights(model)
    assert ensemble(torch.zeros(2, 3, dtype=torch.int64))[0].shape == (2, 3, 40)


def test_a_custom_model_without_its_class_is_refused_and_nothing_is_imported() -> None:
    with pytest.raises(InputError, match=r"model\._target_=no\.such\.Model: a custom model, .* model_class=no\.such"):
        ModelSpec.of(CustomModelConfig(target="no.such.Model", arguments={}), WORDS)
    spec = ModelSpec.of(
        CustomModelConfig(target="no.such.Model", arguments={"features": 3}), WORDS, model_class=TinyModel
    )
    assert isinstance(spec.build(), TinyModel)


def test_only_networks_can_be_members_of_an_ensemble() -> None:
    with pytest.raises(InputError, match=r"model\.ensemble_size=2: 1 is needed: LanguageModel"):
        ModelSpec.of(tiny(ensemble_size=2), WORDS, model_class=LanguageModel)
