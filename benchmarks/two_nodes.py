"""Trains on two machines, kills one of them and resumes, on a single machine with two network namespaces.

    sudo python benchmarks/two_nodes.py [SETTING ...]

Each namespace has an address of its own, and a pair of virtual network devices connects them. torchrun starts one
process in each, and they meet by the c10d rendezvous. In the second part, all processes of the second machine are
killed with SIGKILL once a resume checkpoint is written; the other one has to end by itself. The same command then
resumes. The run that was killed has to have the figures of the run that was not. Needs root and the command `ip`.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
ADDRESSES = ("10.77.0.1", "10.77.0.2")
SETTINGS = ("trainer=ddp_cpu", "trainer.devices=auto", "trainer.num_nodes=2", "resume=auto")
LONGEST = 600  # seconds that any part may take
FIGURES = ("train_perplexity", "validation_perplexity", "test_perplexity")


def run(*command: str) -> None:
    """Runs a command that has to succeed."""
    subprocess.run(command, check=True, capture_output=True)


def connect(names: tuple[str, str]) -> None:
    """Makes two network namespaces with an address each."""
    for name in names:
        run("ip", "netns", "add", name)
    run("ip", "link", "add", names[0], "netns", names[0], "type", "veth", "peer", "name", names[1], "netns", names[1])
    for name, address in zip(names, ADDRESSES, strict=True):
        run("ip", "-n", name, "address", "add", f"{address}/24", "dev", name)
        for device in (name, "lo"):
            run("ip", "-n", name, "link", "set", device, "up")


def start(names: tuple[str, str], settings: list[str], folder: Path) -> list[subprocess.Popen[str]]:
    """Starts the same command on both machines."""
    processes = []
    for number, (name, address) in enumerate(zip(names, ADDRESSES, strict=True)):
        torchrun = [sys.executable, "-m", "torch.distributed.run", "--nnodes=2", "--nproc-per-node=1"]
        meeting = ["--rdzv-backend=c10d", f"--rdzv-endpoint={ADDRESSES[0]}:29500", "--rdzv-id=1"]
        # By itself torchrun compares the endpoint with the name of the machine, which the namespaces share.
        meeting.append(f"--rdzv-conf=is_host={int(number == 0)}")
        command = [*torchrun, *meeting, f"--local-addr={address}", "-m", "halo.train", *settings]
        variables = {"GLOO_SOCKET_IFNAME": name, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "OMP_NUM_THREADS": "1"}
        log = (folder / f"{name}.log").open("w")
        processes.append(
            subprocess.Popen(
                ["ip", "netns", "exec", name, *command],
                env={**os.environ, **variables},
                stdout=log,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )
        )
    return processes


def kill(process: subprocess.Popen[str]) -> None:
    """Kills a torchrun and the processes that it has started, which are in sessions of their own."""
    listing = ["ps", "-o", "pid=", "--ppid", str(process.pid)]
    children = subprocess.run(listing, capture_output=True, text=True, check=False)
    for child in [*map(int, children.stdout.split()), process.pid]:
        os.kill(child, signal.SIGKILL)
    process.wait()


def show(names: tuple[str, str], folder: Path) -> None:
    """Prints what each machine has printed, without torchrun's own reports."""
    for number, name in enumerate(names, start=1):
        text = (folder / f"{name}.log").read_text()
        lines = text.splitlines()
        of_halo = [line for line in lines if line.startswith(("epoch", "error", "Resuming", "Run folder", "Model:"))]
        print(f"  machine {number} printed {len(lines)} lines, of which:")
        print("\n".join(f"    {line}" for line in of_halo) or "    nothing of halo")


def main() -> None:
    """Trains undisturbed, trains until one machine is killed, and resumes; prints what happened."""
    names = (f"halo{os.getpid()}a", f"halo{os.getpid()}b")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        every = ["callbacks.resume.every_n_steps=20", f"data.cache_dir={folder / 'cache'}"]
        settings = [*SETTINGS, *every, *sys.argv[1:]]
        processes: list[subprocess.Popen[str]] = []
        try:
            connect(names)
            print(f"Two machines: {names[0]} {ADDRESSES[0]}, {names[1]} {ADDRESSES[1]}")
            print("1. A run that nothing disturbs")
            processes = start(names, [*settings, f"run_dir={folder / 'whole'}"], folder)
            codes = [each.wait(LONGEST) for each in processes]
            show(names, folder)
            print(f"  exit statuses {codes}", flush=True)
            if any(codes):
                sys.exit((folder / f"{names[0]}.log").read_text())
            print("2. The second machine is killed")
            processes = start(names, [*settings, f"run_dir={folder / 'killed'}"], folder)
            began = time.monotonic()
            while not list((folder / "killed").glob("checkpoints/resume*")) and time.monotonic() < began + LONGEST:
                time.sleep(0.05)
            kill(processes[1])
            killed = time.monotonic()
            code = processes[0].wait(LONGEST)
            print(f"  the first machine ended {time.monotonic() - killed:.1f} s later with status {code}")
            show(names, folder)
            print("3. The same command again")
            processes = start(names, [*settings, f"run_dir={folder / 'killed'}"], folder)
            codes = [each.wait(LONGEST) for each in processes]
            show(names, folder)
            print(f"  exit statuses {codes}")
            whole, resumed = (json.loads((folder / name / "metrics.json").read_text()) for name in ("whole", "killed"))
            for name in FIGURES:
                print(f"  {name}: {whole[name]!r} undisturbed, {resumed[name]!r} killed and resumed")
            print("  equal" if all(whole[name] == resumed[name] for name in FIGURES) else "  DIFFERENT")
        finally:
            for each in processes:
                if each.poll() is None:
                    kill(each)
            for name in names:
                subprocess.run(["ip", "netns", "delete", name], check=False, capture_output=True)


if __name__ == "__main__":
    if os.geteuid() != 0 or shutil.which("ip") is None:
        sys.exit("needs root and the command ip, to make network namespaces")
    main()
