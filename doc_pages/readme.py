"""The generated parts of README.md: what the demo prints (`make readme`), and the commands."""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from stripe_pipeline.process.environment import PROJECT_ROOT
from stripe_pipeline.settings import ENV_FILE_SETTING

README = PROJECT_ROOT / "README.md"
CUT = "..."
_COMMAND = ".venv/bin/stripe-pipeline"

# Runs `stripe-pipeline` with these arguments on the demo's home, and returns what it prints.
Ask = Callable[..., str]


def replaced(text: str, part: str, content: str) -> str:
    """Return a page with the content between the two comments that name a generated part.

    Raises:
        ValueError: the page has no such part.
    """
    pattern = rf"(<!-- {part}: [^>]*-->\n).*?(<!-- end of {part} -->)"
    if not re.search(pattern, text, re.DOTALL):
        raise ValueError(f"the page has no part called {part}")
    return re.sub(pattern, lambda found: f"{found[1]}{content}\n{found[2]}", text, flags=re.DOTALL)


def sample(demo: str, ask: Ask) -> str:
    """Return three commands and what they print, cut to the first screen, as a block of text.

    `demo` is the output of `make demo`.
    """
    customer = demo.split()[-1]
    profile = ("profile", customer)
    explain = ("explain", "vip", customer)
    lines = [
        *_asked("make demo"), *_demo(demo),
        *_asked(_COMMAND, *profile), *_total(ask(*profile)),
        *_asked(_COMMAND, *explain), *ask(*explain).splitlines(),
    ]  # fmt: skip
    return "\n".join(["```text", *(line.rstrip() for line in lines), "```"])


def _asked(*words: str) -> list[str]:
    return [f"$ {' '.join(words)}"]


def _demo(output: str) -> list[str]:
    """The counts, the segments and an email of the demo's summary."""
    lines = output.strip().splitlines()
    email = _section(lines, "╭─ An email of", until="╰")
    return [*lines[:2], CUT, *_section(lines, "Segments", until="└"), CUT, *email, CUT, ""]


def _total(output: str) -> list[str]:
    """The name and the total sales of a profile, with what the total is made of."""
    lines = output.splitlines()
    name = _section(lines, "full_name", until="")[:1]
    sales = _section(lines, "stripe_total_sales ", until="  = ")
    return [CUT, *name, CUT, *sales, CUT, ""]


def _section(lines: list[str], first: str, until: str) -> list[str]:
    begin = next(place for place, line in enumerate(lines) if line.startswith(first))
    end = next(place for place, line in enumerate(lines[begin + 1 :]) if line.startswith(until))
    return lines[begin : begin + end + 2]


def _run(home: Path, *arguments: str) -> str:
    environment = {**os.environ, ENV_FILE_SETTING: os.devnull, "STRIPE_PIPELINE_HOME": str(home)}
    done = subprocess.run(
        [sys.executable, "-m", "stripe_pipeline.cli", *arguments],
        env=environment, stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    return done.stdout


def main() -> None:
    """Run the demo in a temporary home, and write what it prints into README.md."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "demo"
        demo = _run(home, "demo", "--home", str(home))
        shown = sample(demo, lambda *arguments: _run(home, *arguments))
    README.write_text(replaced(README.read_text("utf-8"), "sample", shown), encoding="utf-8")


if __name__ == "__main__":
    main()
