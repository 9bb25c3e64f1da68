"""`python -m benchmarks.webhooks`: deliveries at a steady rate, and a kill -9 in the middle.

A sender in this process delivers at its rate whatever the answers, and again what got no 200; the
receiver is a process of its own. Then a sync takes everything into the lake, and what was answered
200 and isn't there is lost.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from benchmarks.store_process import served_store
from stripe_pipeline.demo.store.access import DEMO_KEY
from stripe_pipeline.demo.store.deliveries import DEMO_SECRET, Deliverer, Outcome
from stripe_pipeline.ingestion.sync import sync
from stripe_pipeline.lake import Lake
from stripe_pipeline.settings import Settings, load_settings

TICKS = os.sysconf("SC_CLK_TCK")


def main(
    seconds: Annotated[int, typer.Option(min=1, help="For how long")] = 60,
    rate: Annotated[int, typer.Option(min=1, help="Deliveries a second")] = 1_000,
    customers: Annotated[int, typer.Option(min=50, help="Size of the merchant")] = 200,
) -> None:
    """Measure how deliveries are answered, and count those that are lost."""
    with (
        tempfile.TemporaryDirectory(prefix="stripe-pipeline-bench-") as folder,
        served_store(customers, 1, Path(folder)) as store,
    ):
        environment = _environment(Path(folder), store.base)
        os.environ.update(environment)
        settings = load_settings(_env_file=None)
        sync(settings)
        bodies = _bodies(settings, seconds * rate)
        with _receiving(environment) as receiver:
            outcome = asyncio.run(_delivered(receiver, bodies, rate, seconds))
        _print(outcome, receiver, len(bodies))
        _print_drain(settings, outcome)


def _environment(home: Path, base: str) -> dict[str, str]:
    return {
        "STRIPE_API_KEY": DEMO_KEY,
        "STRIPE_API_BASE": base,
        "STRIPE_PIPELINE_HOME": str(home),
        "STRIPE_PIPELINE_RATE_LIMIT": "100000",
        "STRIPE_WEBHOOK_SECRET": DEMO_SECRET,
    }


def _bodies(settings: Settings, count: int) -> list[bytes]:
    """The merchant's own events, over and over under new ids, as Stripe writes them."""
    bodies = [
        body
        for batch in Lake(settings.lake).read("events", ["body"])
        for body in batch["body"].to_pylist()
    ]
    decoded = [msgspec.json.decode(body) for body in bodies[:2_000]]
    now = int(time.time())
    return [
        msgspec.json.format(
            msgspec.json.encode(
                decoded[number % len(decoded)] | {"id": f"evt_load{number}", "created": now}
            ),
            indent=2,
        )
        for number in range(count)
    ]


@dataclass
class Receiver:
    """The process that receives, and the CPU seconds that its deliveries took."""

    environment: Mapping[str, str]
    cpu: float = 0.0

    def start(self, port: str = "0") -> None:
        """Start it; port 0 takes a free one."""
        command = [sys.executable, "-m", "stripe_pipeline.cli", "webhooks", "--port", port]
        self.process = subprocess.Popen(
            command, env={**os.environ, **self.environment}, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.address = self.process.stdout.readline().split()[2]
        self.cpu -= self._seconds()  # of the start

    def kill(self) -> None:
        """Kill -9."""
        self.cpu += self._seconds()
        self.process.kill()
        self.process.communicate()

    def kill_and_start_again(self) -> None:
        """Kill -9, and a new process at the same address."""
        self.kill()
        self.start(self.address.rpartition(":")[2].partition("/")[0])

    def _seconds(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS


@contextmanager
def _receiving(environment: Mapping[str, str]) -> Iterator[Receiver]:
    receiver = Receiver(environment)
    receiver.start()
    try:
        yield receiver
    finally:
        receiver.kill()


async def _delivered(
    receiver: Receiver, bodies: list[bytes], rate: int, seconds: int
) -> tuple[Outcome, Outcome]:
    """Deliver; returns what came of the first half, and of the one in which the receiver dies."""
    half = len(bodies) // 2
    steady = await Deliverer(receiver.address).deliver(bodies[:half], rate)
    deliverer = Deliverer(receiver.address)
    sending = asyncio.create_task(deliverer.deliver(bodies[half:], rate))
    await asyncio.sleep(seconds / 4)
    await asyncio.to_thread(receiver.kill_and_start_again)
    return steady, await sending


def _print(outcomes: tuple[Outcome, Outcome], receiver: Receiver, count: int) -> None:
    steady, killed = outcomes
    attempts = steady.attempts.get(0, 0) + killed.attempts.get(0, 0)
    accepted = len(steady.accepted) + len(killed.accepted)
    typer.echo(f"sent {count:,}; accepted {accepted:,}; attempts without an answer {attempts:,}")
    for name, outcome in (("steady", steady), ("with a kill -9", killed)):
        ordered = sorted(outcome.seconds)
        p50, p99 = (ordered[int(len(ordered) * share)] * 1_000 for share in (0.5, 0.99))
        typer.echo(f"milliseconds to a 200, {name}: p50 {p50:.1f}, p99 {p99:.1f}")
    typer.echo(f"the receiver's CPU: {receiver.cpu / count * 1_000:.2f} ms a delivery")


def _print_drain(settings: Settings, outcomes: tuple[Outcome, Outcome]) -> None:
    accepted = {each for outcome in outcomes for each in outcome.accepted}
    began, cpu_began = time.perf_counter(), time.process_time()
    report = sync(settings, deliveries_only=True)
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu_began
    found = [
        identifier
        for batch in Lake(settings.lake).read("events", ["id"])
        for identifier in batch["id"].to_pylist()
    ]
    doubled = len(found) - len(set(found))
    typer.echo(f"lost {len(accepted - set(found)):,}; twice in the lake {doubled:,}")
    typer.echo(
        f"into the lake in {seconds:.1f} s ({cpu:.1f} CPU seconds, {report.requests:,} requests)"
    )


if __name__ == "__main__":
    typer.run(main)
