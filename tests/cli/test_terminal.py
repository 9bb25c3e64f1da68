"""What a terminal shows while Stripe is read: tried in a real one, a pseudo-terminal."""

import fcntl
import io
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from stripe_pipeline.terminal.progress import SyncLines
from stripe_pipeline.terminal.sync_table import SyncTable
from tests.fake_stripe.fixtures import KEY
from tests.fake_stripe.server import Account, Answer, Request, serving
from tests.fake_stripe.shop import stock

from ..conftest import clean_environment

HEIGHT = 30
SHOW_CURSOR, HIDE_CURSOR = "\x1b[?25h", "\x1b[?25l"
SYNC = """
import logging, sys
from pathlib import Path
from stripe_pipeline.settings import load_settings
from stripe_pipeline.stripe_client.lists import shards
from stripe_pipeline.ingestion.sync import sync
from stripe_pipeline.terminal.progress import SyncLines, progress
from stripe_pipeline.terminal.stopping import ended_by_sigterm
shards.SHARDS = 2
with ended_by_sigterm(), progress(Path(sys.argv[1])):
    report = sync(load_settings(), progress=SyncLines())
    print("said by a library")
    logging.getLogger("stripe_pipeline").info("Read %s rows", report.rows)
"""


class Terminal:
    """A process in a pseudo-terminal, and everything that it has shown."""

    def __init__(self, width: int, arguments: list[str], environment: dict[str, str]) -> None:
        self.text = ""
        self.pid, self._fd = pty.fork()
        if self.pid == 0:  # pragma: no cover - the child
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", HEIGHT, width, 0, 0))
            os.execvpe(arguments[0], arguments, environment)

    def wait_for(self, words: str) -> None:
        deadline = time.monotonic() + 120
        while words not in self.text:
            assert time.monotonic() < deadline, self.text
            assert self._read(), self.text

    def press_ctrl_c(self) -> None:
        os.write(self._fd, b"\x03")

    def end(self) -> int:
        """Read to the end; returns the exit code."""
        while self._read():
            pass
        os.close(self._fd)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def _read(self) -> bool:
        ready, _, _ = select.select([self._fd], [], [], 120)
        try:
            more = os.read(self._fd, 65536) if ready else b""
        except OSError:  # the process has closed its side
            return False
        self.text += more.decode()
        return bool(more)


@pytest.fixture
def store() -> Iterator[str]:
    """An account that answers slowly enough to be watched."""
    account = Account()
    stock(account, 1500)
    account.fault = _slowly
    with serving(account) as address:
        yield address


def _slowly(request: Request) -> Answer | None:
    time.sleep(0.1)
    return None


def _start(width: int, folder: Path, base: str) -> Terminal:
    environment = clean_environment() | {
        "STRIPE_API_KEY": KEY,
        "STRIPE_API_BASE": base,
        "STRIPE_PIPELINE_HOME": str(folder / "home"),
        "STRIPE_PIPELINE_RATE_LIMIT": "1000",
        "TERM": "xterm-256color",
    }
    # A developer may say how wide their own terminal is.
    environment.pop("COLUMNS", None)
    return Terminal(width, [sys.executable, "-c", SYNC, str(folder / "log")], environment)


def _plain(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text).replace("\r", "\n")


@pytest.mark.parametrize("width", [100, 60])
def test_a_table_while_it_reads_and_nothing_of_it_after(
    store: str, tmp_path: Path, width: int
) -> None:
    terminal = _start(width, tmp_path, store)
    terminal.wait_for("left")
    assert terminal.end() == 0
    text = _plain(terminal.text)
    assert re.search(r"customers +[\d,]+ +[\d,]+/s", text)
    assert re.search(r"[\d,]+ objects, [\d,]+/s, [\d,]+ requests, \d+/s, \d+ s left", text)
    assert re.search(r"products +1 +1/s .*done", text)
    assert max(len(line) for line in text.splitlines() if "/s" in line) <= width
    assert ("━" in text) == (width > 72)
    # Each line that stays comes once, and the last thing is a terminal as it was.
    assert len(re.findall(r"Read 3\d\d\d rows", text)) == 1
    assert "said by a library" not in text
    assert "said by a library" in (tmp_path / "log").read_text()
    assert terminal.text.rindex(SHOW_CURSOR) > terminal.text.rindex(HIDE_CURSOR)
    after = _plain(terminal.text[terminal.text.index("rows") :])
    assert "objects" not in after


@pytest.mark.parametrize("how", ["Ctrl-C", "SIGTERM"])
def test_a_run_that_is_stopped_leaves_a_sane_terminal(store: str, tmp_path: Path, how: str) -> None:
    terminal = _start(80, tmp_path, store)
    terminal.wait_for("objects")
    if how == "Ctrl-C":
        terminal.press_ctrl_c()
    else:
        os.kill(terminal.pid, signal.SIGTERM)
    assert terminal.end() != 0
    assert terminal.text.rindex(SHOW_CURSOR) > terminal.text.rindex(HIDE_CURSOR)
    if how == "SIGTERM":
        assert _plain(terminal.text).count("The run was stopped before its end") == 1


def test_elsewhere_a_line_in_five_seconds_at_most(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    caplog.set_level("INFO", "stripe_pipeline")
    lines = SyncLines()
    for page in range(300):
        now[0] += 0.1
        lines.advance("customers", page * 100, page, 0.5)
    lines.finish()
    assert 5 <= len(caplog.messages) <= 6
    assert re.fullmatch(r"Read [\d,]+ customers so far \(\d+ requests in all\)", caplog.messages[0])


def test_what_remains_is_estimated_from_the_share() -> None:
    now = [0.0]
    table = SyncTable(clock=lambda: now[0])
    for second in range(11):
        now[0] = float(second)
        table.advance("customers", second * 100, second, second / 40 if second else None)
        table.advance("products", 7, second, 1.0)
    text = _rendered(table, 100)
    assert re.search(r"customers +1,000 +100/s .* 30 s", text)
    assert re.search(r"products +7 .*done", text)
    assert "1,007 objects, 101/s, 10 requests, 1/s, 30 s left" in text
    assert "25 %" in _rendered(table, 60)
    table.clear()
    assert _rendered(table, 60).strip() == ""


def _rendered(table: SyncTable, width: int) -> str:
    console = Console(file=io.StringIO(), width=width, force_terminal=False)
    console.print(table)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()
