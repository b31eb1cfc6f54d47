"""The inside of a layer over a sentence as a step that is shown: gates and states, or attention.

Shape letters: T tokens of the sentence, H units.
"""

from torch import Tensor

from halo.models.recurrent import RecurrentModel
from halo.models.transformer import TransformerModel
from halo.runtime.errors import require
from halo.showing.attention import attention_weights
from halo.showing.gates import LayerTrace, trace_layers
from halo.showing.lesson import Cell, Section, Strip, Table
from halo.showing.material import Material

NUM_UNITS = 18
"""Units of a layer that are shown: those whose state changes most over the sentence."""

EQUATIONS = {
    "input": "The input gate says how much of the new content is written into the cell, the forget gate how much of "
    "the cell is kept, and the output gate how much of it is shown as the hidden state: c = forget c + input new, "
    "h = output tanh(c).",
    "reset": "The reset gate says how much of the last state enters the new content, and the update gate how much of "
    "the last state is kept: h = (1 - update) new + update h.",
}


def layer_section(material: Material, inputs_T: Tensor, *, layer: int | None, head: int) -> Section:
    """Returns the step of a layer: gates and states of a recurrent one, attention of a transformer's.

    Args:
        material: The model and the texts.
        inputs_T: The tokens that it reads, int64, on the device of the model.
        layer: The layer, counted from 1; None for the last.
        head: Head of a transformer, counted from 1.

    Raises:
        InputError: The model has no such layer or head.
    """
    network, tokens = material.network, [material.name(each) for each in inputs_T.tolist()]
    if not isinstance(network, RecurrentModel | TransformerModel):
        told = f"The layers of {type(network).__name__} are its own; halo.show opens those of this package."
        return Section("layer", "Inside the network", (told,))
    number = layer or len(network.layers)
    require(
        number <= len(network.layers),
        "layer",
        number,
        f"must be at most {len(network.layers)}, the number of its layers",
    )
    if isinstance(network, RecurrentModel):
        require(head == 1, "head", head, "is of transformers; leave it out")
        trace = trace_layers(network, inputs_T)[number - 1]
        return _recurrent(trace, tokens, number=number, layers=len(network.layers), rounds=_rounds(network))
    weights_NTT = attention_weights(network, inputs_T)[number - 1]
    require(head <= len(weights_NTT), "head", head, f"must be at most {len(weights_NTT)}, the number of its heads")
    where = f"Head {head} of {len(weights_NTT)}, layer {number} of {len(network.layers)}"
    return _attention(weights_NTT[head - 1].cpu(), tokens, where)


def _rounds(network: RecurrentModel) -> int:
    return len(getattr(network.layers[0], "gates", ()))


def _recurrent(trace: LayerTrace, tokens: list[str], *, number: int, layers: int, rounds: int) -> Section:
    state_TH = (trace.hidden_TH if trace.cell_TH is None else trace.cell_TH).cpu()
    units = state_TH.shape[1]
    chosen = state_TH.diff(dim=0).abs().sum(0).topk(min(NUM_UNITS, units)).indices.sort().values
    means = [gate_TH.mean(1).tolist() for gate_TH in trace.gates.values()]
    states = {"cell": trace.cell_TH, "hidden state": trace.hidden_TH}
    strips = {name: each.cpu()[:, chosen] for name, each in states.items() if each is not None}
    limits = {name: float(each.abs().max()) for name, each in strips.items()}
    rows = []
    for place, token in enumerate(tokens):
        gates: list[Cell] = [f"{mean[place]:.2f}" for mean in means]
        drawn = [Strip(tuple(each[place].tolist()), -limits[name], limits[name]) for name, each in strips.items()]
        rows.append((token, *gates, *drawn))
    text = [EQUATIONS[next(iter(trace.gates))]]
    if rounds:
        text.append(
            f"In this Mogrifier LSTM input and last output multiply each other in {rounds} rounds before they reach "
            "these gates (Melis et al. 2020)."
        )
    ranges = ", ".join(f"{name} from {-limit:.2f} to {limit:.2f}" for name, limit in limits.items())
    text.append(
        f"Gates: mean over the {units} units, from 0 (closed) to 1 (open). States: the {len(chosen)} units that change "
        f"most over the sentence, a block for each; {ranges}, and 0 in the middle."
    )
    header = ("read", *trace.gates, *strips)
    table = Table(f"Layer {number} of {layers}", header, tuple(rows), (0, *range(1 + len(means), len(header))))
    return Section("layer", "Gates and state over the sentence", tuple(text), (table,))


def _attention(weights_TT: Tensor, tokens: list[str], where: str) -> Section:
    rows = []
    high = float(weights_TT[1:].max()) if len(tokens) > 1 else 1.0  # the first token can only attend to itself
    for place, token in enumerate(tokens):
        weights = weights_TT[place, : place + 1]
        strongest = int(weights.argmax())
        rows.append(
            (token, Strip(tuple(weights.tolist()), 0.0, high), tokens[strongest], f"{float(weights.max()):.2f}")
        )
    text = (
        "Each token looks at itself and at the tokens before it, and never ahead. The weights of a row sum to 1; the "
        "new vector of the token is the average of the others' values with these weights.",
        f"There is a block for each token from the first to the token itself; the highest is {high:.2f}.",
    )
    header = ("token", "attends to", "most to", "weight")
    table = Table(where, header, tuple(rows), (0, 1, 2))
    return Section("layer", "Attention over the sentence", text, (table,))
