"""When a sync is killed: after some request, or around the writing of some file."""

import time
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Self

from tests.ingestion.faults.mirror import Mirror
from tests.ingestion.faults.runner import Orders, Runner

MOST_REQUESTS = 30
MOST_WRITES = 12


@dataclass(frozen=True)
class Kill:
    """An instant: `write` is that of Orders.dies_at_write; or so long after so many requests."""

    request: int = 0
    seconds_later: float = 0.0
    write: float | None = None

    @classmethod
    def draw(cls, chance: Random) -> Self:
        """Any instant: half of them lie around a write, which takes the least time of all."""
        if chance.random() < 0.5:
            return cls(write=chance.randrange(MOST_WRITES) + chance.choice((0.0, 0.5)))
        return cls(chance.randrange(MOST_REQUESTS), chance.random() * 0.05)


def killed_sync(mirror: Mirror, kill: Kill, folder: Path, full: bool = False) -> bool:
    """Sync, and die at that instant; returns whether it came before the sync's end."""
    with mirror.served() as base:
        now = mirror.store.now + mirror.clock_off
        orders = Orders(mirror.environment(base), now, full, dies_at_write=kill.write)
        runner = Runner(orders, folder)
        if kill.write is None:
            while runner.runs and len(mirror.requests) < kill.request:
                time.sleep(0.001)
            time.sleep(kill.seconds_later)
            runner.kill()
        code = runner.end()
    assert code in (0, -9), runner.said
    return code == -9
