"""Training with the weights divided among the processes (FSDP), for models that do not fit one device.

With `trainer.strategy=ddp` every process holds all weights, their gradients and the states of the optimizer. Here each
holds a part of them. The weights of a unit, a layer or everything outside the layers, are gathered from all processes
just before the unit computes, and released after it (ZeRO stage 3, Rajbhandari et al. 2020; Zhao et al. 2023, PyTorch
FSDP). The engine is torch's `fully_shard` (FSDP2) in Lightning's `ModelParallelStrategy`. Its `FSDPStrategy` has
the older engine, which joins the parameters of a unit into one, so that biases could not be told from matrices any
more, and refuses CPUs.

A sharded parameter is a `DTensor`: it has the shape of the whole one and holds the rows of this process. Checkpoints
hold whole tensors, under the same names and in the same order as those of any other run: a run may be resumed on one
process, with ddp or with fsdp.
"""

from collections.abc import Mapping
from typing import Any

import torch
from lightning.pytorch.core.optimizer import LightningOptimizer
from lightning.pytorch.strategies import ModelParallelStrategy, Strategy
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.utils._pytree import tree_map

from halo.models.recurrent import RecurrentModel
from halo.models.transformer import TransformerModel

STEPS = ("training_step", "validation_step", "test_step")
"""The methods of a LightningModule that compute with its weights."""


class ShardedStrategy(ModelParallelStrategy):
    """Divides weights, gradients and optimizer states among all processes, and writes whole checkpoints."""

    strategy_name = "fsdp"

    def __init__(self) -> None:
        super().__init__(tensor_parallel_size=1, save_distributed_checkpoint=False)

    def setup_environment(self) -> None:
        """Connects the processes; all of them read different streams of the text."""
        self._data_parallel_size = self.num_nodes * self.num_processes
        super().setup_environment()

    def shard(self, module: nn.Module) -> None:
        """Divides the weights of a module among the processes, in place.

        Each layer of a recurrent model or a transformer is a unit, and everything else is one more: word vectors and
        softmax, which may be the same. A layer whose weights are dropped (`model.dropout_weights`) is called with other
        weights than its own, so it is not a unit. The weights of the last unit stay gathered from the forward to the
        backward pass, which begins with them.

        Args:
            module: A module in which every process has the same weights.
        """
        from torch.distributed.fsdp import fully_shard, register_fsdp_forward_method

        mesh = self.device_mesh["data_parallel"]
        for network in list(module.modules()):
            if isinstance(network, TransformerModel) or (
                isinstance(network, RecurrentModel) and network.dropout_weights == 0
            ):
                for layer in network.layers:
                    fully_shard(layer, mesh=mesh)
        fully_shard(module, mesh=mesh)
        for name in STEPS:
            if hasattr(module, name):
                register_fsdp_forward_method(module, name)

    @property
    def lightning_restore_optimizer(self) -> bool:
        """Whether Lightning calls `load_optimizer_state_dict`."""
        return True

    def lightning_module_state_dict(self) -> dict[str, Any]:
        """Returns the whole weights on the first process, and nothing on others; every process has to call it."""
        assert self.lightning_module is not None
        return whole_state_dict(self.lightning_module)

    def load_checkpoint(self, checkpoint_path: Any, *options: Any, **named: Any) -> dict[str, Any]:
        """Returns the content of a checkpoint, as on a single process; Lightning 2.5 passes no options."""
        return Strategy.load_checkpoint(self, checkpoint_path, *options, **named)

    def load_model_state_dict(self, checkpoint: Mapping[str, Any], strict: bool = True) -> None:
        """Loads this process's part of the weights of a checkpoint."""
        assert self.lightning_module is not None
        load_whole_state_dict(self.lightning_module, checkpoint["state_dict"])

    def optimizer_state(self, optimizer: Optimizer) -> dict[str, Any]:
        """Returns the whole state of an optimizer on the first process; every process has to call it."""
        inner = optimizer._optimizer if isinstance(optimizer, LightningOptimizer) else optimizer
        return _whole_on_first_process(inner.state_dict())

    def load_optimizer_state_dict(self, checkpoint: Mapping[str, Any]) -> None:
        """Loads this process's part of the optimizer states of a checkpoint."""
        for optimizer, saved in zip(self.optimizers, checkpoint["optimizer_states"], strict=True):
            parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
            parts = {
                number: {name: part_of(value, parameters[number]) for name, value in values.items()}
                for number, values in saved["state"].items()
            }
            optimizer.load_state_dict({**saved, "state": parts})


def is_sharded(module: nn.Module) -> bool:
    """Returns whether the weights of a module are divided among processes."""
    return any(hasattr(parameter, "full_tensor") for parameter in module.parameters()) or any(_units(module))


def release_weights(module: nn.Module) -> None:
    """Releases the weights that are still gathered from other processes, so that `parameters()` are those to train.

    Units gather their weights again when they compute. Without sharding nothing happens.
    """
    for unit in _units(module):
        unit.reshard()


def whole(tensor: Tensor) -> Tensor:
    """Returns a tensor with the parts of all processes; every process has to call it. Other tensors are returned."""
    full_tensor = getattr(tensor, "full_tensor", None)
    return tensor if full_tensor is None else full_tensor()


def part_of(value: Any, like: Tensor) -> Any:
    """Returns this process's part of a whole tensor, divided like a parameter.

    Args:
        value: A tensor of the parameter's shape; anything else is returned unchanged.
        like: The parameter.
    """
    if not hasattr(like, "full_tensor") or not isinstance(value, Tensor) or value.shape != like.shape:
        return value
    from torch.distributed.tensor import DTensor, distribute_tensor

    assert isinstance(like, DTensor)
    # All processes have read the same file: none has to send its tensor to the others.
    return distribute_tensor(value.to(like.device), like.device_mesh, like.placements, src_data_rank=None)


def whole_state_dict(module: nn.Module) -> dict[str, Any]:
    """Returns the state dict of a module with whole tensors; of a sharded one on the first process only, on the CPU.

    Every process has to call it.
    """
    if not is_sharded(module):
        return module.state_dict()
    release_weights(module)
    return _whole_on_first_process(module.state_dict())


def load_whole_state_dict(module: nn.Module, weights: Mapping[str, Any]) -> None:
    """Loads a state dict of whole tensors; into a sharded module, the part of this process."""
    release_weights(module)
    own = module.state_dict(keep_vars=True)
    module.load_state_dict(
        {name: part_of(value, own[name]) if name in own else value for name, value in weights.items()}
    )


def _units(module: nn.Module) -> list[Any]:
    return [each for each in module.modules() if hasattr(each, "reshard")]


def _whole_on_first_process(state: dict[str, Any]) -> dict[str, Any]:
    """Returns a state with whole tensors on the CPU; nothing on processes other than the first."""
    is_first = torch.distributed.get_rank() == 0

    def gather(value: Any) -> Any:
        gathered = whole(value) if isinstance(value, Tensor) else value
        return gathered.cpu() if is_first and isinstance(gathered, Tensor) else value if not is_first else gathered

    gathered: dict[str, Any] = tree_map(gather, state)
    return gathered if is_first else {}
