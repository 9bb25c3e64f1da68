"""Installs each tool from PyPI, or from npm, into an environment of its own, once."""

import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

LONGEST = 600


class NotInstalledError(Exception):
    """A tool can't be had; the message is the installer's last word on it."""


def installed(requirements: Path, cache: Path) -> str:
    """The interpreter of the environment for a .txt file, the folder of packages for a .json file.

    It is made when it isn't there yet, or was made for other requirements.

    Raises:
        NotInstalledError: a package can't be had, e.g. without a network.
    """
    wanted = sha256(requirements.read_bytes()).hexdigest()
    folder = cache / requirements.stem
    is_node = requirements.suffix == ".json"
    ready = folder / ".ready"
    if not ready.exists() or ready.read_text() != wanted:
        (_install_node if is_node else _install_python)(requirements, folder)
        ready.write_text(wanted)
    return str(folder if is_node else folder / "bin" / "python")


def _install_python(requirements: Path, folder: Path) -> None:
    uv = [str(Path(sys.executable).with_name("uv")), "--quiet"]
    _run(*uv, "venv", "--clear", "--python", sys.executable, str(folder))
    _run(*uv, "pip", "install", "--compile-bytecode", "--python", str(folder / "bin" / "python"),
         "-r", str(requirements))  # fmt: skip


def _install_node(requirements: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(requirements, folder / "package.json")
    _run("npm", "install", "--prefix", str(folder), "--no-audit", "--no-fund", "--loglevel=error")
    _run(sys.executable, str(requirements.with_suffix(".py")), "prepare", str(folder))


def _run(*command: str) -> None:
    name = Path(command[0]).name
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST, check=False)
    except FileNotFoundError as error:
        raise NotInstalledError(f"there is no {name} on this machine") from error
    except subprocess.TimeoutExpired as error:
        raise NotInstalledError(f"{name} took more than {LONGEST} seconds") from error
    if done.returncode:
        raise NotInstalledError(done.stderr)
