"""A run on two processes is the same as on one, step by step, and speaks with one voice."""

from pathlib import Path

import pytest

from tests.support.on_ranks import Case, train_on_ranks

STEPS = 200
LSTM = ["model.dropout_input=0.3", "model.dropout_hidden=0.2", "model.dropout_output=0.3", "model.dropout_weights=0.2"]
EVERY_STEP = [
    *("trainer.max_steps=200", "trainer.max_epochs=-1", "callbacks=none", "logger=none"),
    "sampled_softmax.num_frequent=null",  # a sample has the targets of its own process
]
CASES = {
    # five streams on two processes: unequal shares, with targets that only one of them has
    "dropout": [*LSTM, "model.dropout_embedding=0.1", "data.batch_size=5", "averaging=ema"],
    "accumulated": ["trainer.accumulate_grad_batches=2", "schedule=plateau"],
    "clipped": ["gradient_clip.value=0.05", "averaging=nt_asgd", "optim=sgd", "data.variable_sequence_length=true"],
    "transformer": ["model=transformer", "model.heads=2", "model.context=16", "model.dropout_input=0",
                    "model.dropout_attention=0", "model.dropout_hidden=0", "model.dropout_output=0"],
}  # fmt: skip


@pytest.mark.exhaustive
@pytest.mark.parametrize("names", [["dropout"], ["accumulated", "clipped", "transformer"]])
def test_losses_of_200_steps_do_not_depend_on_the_number_of_processes(
    names: list[str], tiny: list[str], tmp_path: Path
) -> None:
    base = [*tiny, *EVERY_STEP, f"data.cache_dir={tmp_path / 'cache'}", "trainer=ddp_cpu", "trainer.devices=auto"]
    cases = [Case(name, [*base, *CASES[name]]) for name in names]
    one, two = (train_on_ranks(cases, tmp_path / str(ranks), ranks=ranks) for ranks in (1, 2))
    for name in names:
        batches = STEPS * (2 if name == "accumulated" else 1)
        assert len(one[name].losses) == len(two[name].losses) == batches
        assert two[name].losses == pytest.approx(one[name].losses, rel=1e-4), name
        for key, weight in one[name].weights.items():
            assert two[name].weights[key].allclose(weight, rtol=1e-2, atol=1e-3), (name, key)
