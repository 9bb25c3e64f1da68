"""Installs each tool from PyPI into an environment of its own, once."""

import subprocess
import sys
from hashlib import sha256
from pathlib import Path

LONGEST = 600


class NotInstalledError(Exception):
    """A tool can't be had; the message is the installer's last word on it."""


def python_of(requirements: Path, cache: Path) -> str:
    """The interpreter of the environment for a requirements file, made when it isn't there yet.

    Raises:
        NotInstalledError: a package can't be had, e.g. without a network.
    """
    wanted = sha256(requirements.read_bytes()).hexdigest()
    folder = cache / requirements.stem
    python, ready = folder / "bin" / "python", folder / ".ready"
    if not ready.exists() or ready.read_text() != wanted:
        _uv("venv", "--clear", "--python", sys.executable, str(folder))
        _uv("pip", "install", "--compile-bytecode", "--python", str(python), "-r",
            str(requirements))  # fmt: skip
        ready.write_text(wanted)
    return str(python)


def _uv(*arguments: str) -> None:
    command = [str(Path(sys.executable).with_name("uv")), "--quiet", *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotInstalledError(f"uv {arguments[0]}: {type(error).__name__}") from error
    if done.returncode:
        raise NotInstalledError(done.stderr)
