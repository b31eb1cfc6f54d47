"""Carried states are gathered in the order of the ranks, and redistributed over another number of processes."""

import torch

from halo.training.resume.ranks import gather_from_ranks, redistribute_streams


def carry_state(*streams: int) -> dict[str, object]:
    return {"state": [(torch.tensor(streams),)], "total_nll": float(len(streams)), "num_tokens": len(streams)}


def test_streams_are_redistributed_in_their_order() -> None:
    two = [carry_state(0, 1, 2), carry_state(3, 4)]
    alone = redistribute_streams(two, world_size=1, rank=0)
    assert (alone["state"][0][0].tolist(), alone["total_nll"], alone["num_tokens"]) == ([0, 1, 2, 3, 4], 5.0, 5)
    three = [redistribute_streams(two, world_size=3, rank=rank) for rank in range(3)]
    assert [each["state"][0][0].tolist() for each in three] == [[0, 1], [2, 3], [4]]
    assert [each["num_tokens"] for each in three] == [5, 0, 0]


def test_the_same_number_of_processes_keeps_its_states() -> None:
    two = [carry_state(0, 1, 2), carry_state(3, 4)]
    assert redistribute_streams(two, world_size=2, rank=1) is two[1]


def test_at_the_start_of_an_epoch_there_is_no_state() -> None:
    none = {"state": None, "total_nll": 0.0, "num_tokens": 0}
    assert redistribute_streams([none] * 2, world_size=1, rank=0)["state"] is None


def test_one_process_gathers_itself() -> None:
    assert gather_from_ranks("own", 1) == ["own"]
