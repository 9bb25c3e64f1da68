"""A user's home with live sends on, its Stripe account, and the web UI on it."""

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from stripe_pipeline.activation.consent import record_consent
from stripe_pipeline.demo.home import DEMO_CUSTOMERS, DEMO_SEED, demo_settings
from stripe_pipeline.demo.store import Options, Store, build_store, serve
from stripe_pipeline.settings import load_settings
from stripe_pipeline.settings.demo_mark import DEMO_NOW, MARKER

from ..conftest import clean_environment
from .dagster_ui import Ui, serving

EXPORTS = {"published", "email_export", "sms_export", "push_export"}


@dataclass
class Gate:
    """Lets an account's answers through until it is closed for those that follow."""

    is_open: threading.Event = field(default_factory=threading.Event)
    is_met: threading.Event = field(default_factory=threading.Event)

    def pass_through(self, asked: str) -> None:
        """Hold a request back while the gate is closed."""
        if not self.is_open.is_set():
            self.is_met.set()
            self.is_open.wait(120)


@dataclass
class UiShop:
    """The home, its account and its UI."""

    home: Path
    store: Store
    gate: Gate
    env: dict[str, str]
    ui: Ui

    def welcome(self, name: str) -> str:
        """Let a customer come who is to be welcomed; returns the address."""
        self.store.now += 60
        [(some,)] = self.store.reader.execute(
            "select id from objects where resource = 'customers' and is_listed limit 1"
        ).fetchall()
        address = f"{name}@fresh.example"
        new = {"id": f"cus_{name}", "email": address, "name": name, "created": self.store.now}
        whole = self.store.read("customers", some) or {}
        self.store.put(whole | new | {"metadata": {}, "phone": None, "deleted": False})
        settings = load_settings(_env_file=None, STRIPE_PIPELINE_HOME=self.home)
        record_consent(settings, "email", address, "opt_in", "a test", DEMO_NOW)
        return address

    def messages(self) -> list[dict[str, Any]]:
        """Every live message that can be seen outside."""
        paths = self.home.glob("exports/*/*-live-*/*.jsonl")
        return [json.loads(line) for path in paths for line in path.read_text().splitlines()]

    def to(self, address: str) -> list[dict[str, Any]]:
        """The live messages to an address."""
        return [each for each in self.messages() if each.get("email") == address]

    def start(self, *command: str) -> subprocess.Popen[str]:
        """Begin a command in a terminal."""
        return subprocess.Popen(
            [sys.executable, "-m", "stripe_pipeline.cli", *command],
            env={**clean_environment(), **self.env}, cwd=self.home.parent,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip


@contextmanager
def open_ui_shop(demo_home: Path, folder: Path) -> Iterator[UiShop]:
    """Open a copy of a finished demo, an hour later, as a user's own home."""
    home = folder / "home"
    shutil.copytree(demo_home, home, symlinks=True)
    (home / MARKER).unlink()
    gate = Gate()
    gate.is_open.set()
    options = Options(watcher=gate.pass_through)
    with (
        build_store(DEMO_CUSTOMERS, DEMO_SEED, DEMO_NOW) as store,
        serve(store, options) as url,
    ):
        env = demo_settings(home, url) | {
            "STRIPE_PIPELINE_AS_OF": (DEMO_NOW + timedelta(hours=1)).isoformat(),
            "STRIPE_PIPELINE_LIVE_SENDS": "on",
            "STRIPE_PIPELINE_POLL_MINUTES": "5",
        }
        with serving(home, folder / "ui.log", env) as ui:
            yield UiShop(home, store, gate, env, ui)
