"""Serves many clients at once: is anything lost, how long do they wait, and does the server's memory grow?

Each client keeps one connection and sends several requests in turn: generations, whose words are counted, and now and
then next words and scores. A request counts as an error unless its answer is complete. The memory is that of the server
after a warm-up, after each round, and at the end.

    python benchmarks/serve_load.py outputs/train/DATE/TIME --clients 200 --rounds 3
"""

import argparse
import asyncio
import json
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

CHUNK_END = b"\r\n"


@dataclass
class Counts:
    """What the clients have seen."""

    seconds: list[float] = field(default_factory=list)
    first_word_seconds: list[float] = field(default_factory=list)
    words: int = 0
    refused: int = 0
    errors: list[str] = field(default_factory=list)


class Client:
    """A client with a connection of its own."""

    def __init__(self, address: str, counts: Counts) -> None:
        parts = urlsplit(address)
        self.host, self.port, self.counts = str(parts.hostname), int(parts.port or 80), counts

    async def run(self, requests: int, words: int) -> None:
        """Sends requests in turn; every fourth asks for next words or scores."""
        reader, writer = await asyncio.open_connection(self.host, self.port)
        try:
            for number in range(requests):
                began = time.perf_counter()
                if number % 4 == 3:
                    body = await self._ask(reader, writer, "/api/next", {"text": "the " * 20})
                    complete = body is not None and "words" in json.loads(body)
                else:
                    fields = {"num_words": words, "seed": number, "num_alternatives": 5}
                    body = await self._ask(reader, writer, "/api/generate", fields)
                    number_of_words = 0 if body is None else body.count(b"event: word\n")
                    self.counts.words += number_of_words
                    complete = body is not None and number_of_words == words and b"event: done\n" in body
                if complete:
                    self.counts.seconds.append(time.perf_counter() - began)
                elif body is not None:
                    self.counts.errors.append(f"an incomplete answer: {body[:100]!r}")
        finally:
            writer.close()

    async def _ask(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str, fields: Mapping[str, object]
    ) -> bytes | None:
        """Returns the body of an answer; None where it was an error."""
        content = json.dumps(fields).encode()
        head = f"POST {path} HTTP/1.1\r\nHost: {self.host}:{self.port}\r\nContent-Type: application/json\r\n"
        began = time.perf_counter()
        writer.write(f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content)
        await writer.drain()
        status_line = await reader.readline()
        headers = {}
        while (line := await reader.readline()) not in (CHUNK_END, b""):
            name, _, value = line.decode().partition(":")
            headers[name.lower()] = value.strip()
        body = b""
        if headers.get("transfer-encoding") == "chunked":
            while size := int(await reader.readline(), 16):
                if not body:
                    self.counts.first_word_seconds.append(time.perf_counter() - began)
                body += await reader.readexactly(size)
                await reader.readline()
            await reader.readline()
        else:
            body = await reader.readexactly(int(headers.get("content-length", 0)))
        status = int(status_line.split()[1])
        if status in (429, 503):
            self.counts.refused += 1
        elif status != 200:
            self.counts.errors.append(f"{status}: {body[:100]!r}")
        return body if status == 200 else None


async def load(address: str, *, clients: int, requests: int, words: int) -> Counts:
    """Returns what clients at once have seen."""
    counts = Counts()
    runs = [Client(address, counts).run(requests, words) for _ in range(clients)]
    for outcome in await asyncio.gather(*runs, return_exceptions=True):
        if isinstance(outcome, BaseException):
            counts.errors.append(f"{type(outcome).__name__}: {outcome}")
    return counts


@contextmanager
def served(model: str, settings: list[str]) -> Iterator[tuple[str, int]]:
    """Starts a server, yields its address and process id, and stops it."""
    command = [sys.executable, "-m", "halo.serve", model, "port=0", "requests_per_minute=0", *settings]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if found := re.search(r"http://\S+", line):
                yield found[0], process.pid
                return
        sys.exit("the server has not started")
    finally:
        process.terminate()
        process.wait(timeout=30)


def memory_mib(pid: int) -> float:
    """Returns the resident memory of a process in MiB (Linux)."""
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:  # noqa: PTH123
        return int(re.findall(r"VmRSS:\s+(\d+)", file.read())[0]) / 1024


def quantile(values: list[float], share: float) -> float:
    """Returns the value below which a share of the values lies."""
    return statistics.quantiles(values, n=100)[round(100 * share) - 1] if len(values) > 1 else sum(values)


def main() -> None:
    """Prints the figures of each round."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="a run folder or a bundle")
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--requests", type=int, default=8, help="of each client in a round")
    parser.add_argument("--words", type=int, default=40, help="of each generation")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("settings", nargs="*", help="settings of halo.serve, such as threads=1")
    arguments = parser.parse_args()
    errors = 0
    with served(arguments.model, arguments.settings) as (address, pid):
        asyncio.run(load(address, clients=8, requests=4, words=5))  # a warm-up
        before = memory_mib(pid)
        print(f"{arguments.clients} clients, {arguments.requests} requests each; memory {before:.0f} MiB")
        for number in range(1, arguments.rounds + 1):
            began = time.perf_counter()
            counts = asyncio.run(
                load(address, clients=arguments.clients, requests=arguments.requests, words=arguments.words)
            )
            seconds = time.perf_counter() - began
            errors += len(counts.errors) + counts.refused
            print(
                f"round {number}: {len(counts.seconds)} answers in {seconds:.1f} s, {counts.refused} refused, "
                f"{len(counts.errors)} errors; {counts.words / seconds:,.0f} words/s; "
                f"p50 {quantile(counts.seconds, 0.5):.2f} s, p95 {quantile(counts.seconds, 0.95):.2f} s, "
                f"first word p95 {quantile(counts.first_word_seconds, 0.95):.2f} s; memory {memory_mib(pid):.0f} MiB"
            )
            for error in counts.errors[:3]:
                print(f"  {error}")
    sys.exit(errors > 0)


if __name__ == "__main__":
    main()
