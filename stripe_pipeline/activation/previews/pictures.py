"""Take a picture of an email as it looks at the width of a desktop and of a phone, by Chromium."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

WIDTHS: Mapping[str, int] = {"desktop": 1000, "phone": 390}  # pixels
HEIGHT = 1_600
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_SECONDS = 60.0
_DOCTYPE = re.compile(r"\s*<!doctype[^>]*>", re.IGNORECASE)
_WALL = (
    '<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="'
    "default-src 'none'; img-src data:; font-src data:; style-src 'unsafe-inline'\">"
)
HOW_TO_GET_ONE = (
    "no Chromium or Chrome is installed here; with one, such as of `apt install chromium` or `brew "
    "install --cask chromium`, there are pictures too"
)


def chromium() -> str | None:
    """Return the path of a Chromium on this machine; None where there is none."""
    return next((found for name in _NAMES if (found := shutil.which(name))), None)


def take_pictures(page: Path, folder: Path) -> tuple[list[Path], str]:
    """Take the pictures of a page into a folder; return them, and why there are none.

    The page runs no script and loads nothing from the network, so no one learns of the preview:
    images that stand on a server are missing in the picture.
    """
    program = chromium()
    if program is None:
        return [], HOW_TO_GET_ONE
    with tempfile.TemporaryDirectory() as aside:
        walled = Path(aside) / "message.html"
        walled.write_text(walled_off(page.read_text(encoding="utf-8")), encoding="utf-8")
        taken = [_picture(program, walled, folder, name) for name in WIDTHS]
    found = [path for path in taken if path is not None]
    failed = f"{program} took no picture; try it by hand on {page}"
    return found, "" if len(found) == len(WIDTHS) else failed


def walled_off(body: str) -> str:
    """Return a page with the rule before it that it runs no script and loads nothing."""
    doctype = _DOCTYPE.match(body)
    end = doctype.end() if doctype else 0
    return f"{body[:end]}{_WALL}{body[end:]}"


def _picture(program: str, page: Path, folder: Path, name: str) -> Path | None:
    path = folder / f"{name}.png"
    with tempfile.TemporaryDirectory() as profile:
        command = [
            program, "--headless", "--disable-gpu", "--hide-scrollbars", "--no-first-run",
            "--proxy-server=127.0.0.1:9",
            # Chromium's own sandbox refuses to start as root.
            *(["--no-sandbox"] if os.geteuid() == 0 else []),
            f"--user-data-dir={profile}", f"--window-size={WIDTHS[name]},{HEIGHT}",
            f"--screenshot={path}", page.resolve().as_uri(),
        ]  # fmt: skip
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=_SECONDS)
        except (OSError, subprocess.SubprocessError):
            return None
    return path if path.exists() else None
