"""A model is loaded ready to use: in evaluation mode, on the device that was asked for."""

from pathlib import Path

import numpy as np
import pytest
import torch

from halo.bundle.loading import load_bundle, load_run, open_model
from halo.evaluation.text_scores import surprisal_bits
from halo.runtime.errors import InputError
from tests.conftest import Run


def test_a_loaded_model_is_in_evaluation_mode(trained: Run) -> None:
    for opened in (load_bundle(trained.folder / "bundle"), load_run(trained.folder)):
        assert not any(module.training for module in opened.model.modules())


def test_a_loaded_model_predicts_without_dropout(trained: Run) -> None:
    opened = load_bundle(trained.folder / "bundle")
    ids = opened.tokenizer.encode("the people in the town")
    inputs_BT = torch.tensor([[opened.tokenizer.eos_id, *ids]])
    with torch.no_grad():
        logits_BTV, _ = opened.model(inputs_BT)
    log_probabilities_TV = logits_BTV[0, :-1].log_softmax(-1)
    expected = -log_probabilities_TV[torch.arange(len(ids)), torch.tensor(ids)] / np.log(2)
    bits = surprisal_bits(opened.model, np.array(ids, dtype=np.uint32), eos_id=opened.tokenizer.eos_id)
    np.testing.assert_allclose(bits, expected.numpy(), atol=1e-4)


def test_a_run_and_its_bundle_hold_the_same_weights(trained: Run) -> None:
    run, bundle = load_run(trained.folder), load_bundle(trained.folder / "bundle")
    assert bundle.is_bundle
    assert not run.is_bundle
    for name, weight in run.model.state_dict().items():
        assert torch.equal(weight, bundle.model.state_dict()[name])


@pytest.mark.parametrize("given", [{"run": None, "bundle": None}, {"run": "a", "bundle": "b"}])
def test_exactly_one_folder_is_named(given: dict[str, str | None]) -> None:
    with pytest.raises(InputError, match="give one model"):
        open_model(**given, device="cpu")


def test_an_unknown_device_is_refused(trained: Run) -> None:
    with pytest.raises(InputError, match="device=abacus: cannot be used here"):
        open_model(run=None, bundle=str(trained.folder / "bundle"), device="abacus")


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no model\.safetensors there"):
        load_bundle(tmp_path)
    with pytest.raises(InputError, match="no checkpoint in it"):
        load_run(tmp_path)
