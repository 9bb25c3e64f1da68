"""`python -m lint.sql_style PATH...`: run sqruff over dbt's models, and name each finding's line.

sqruff reports sections that it can't parse only when asked to, and heeds no `noqa: PRS` there. It
sees a model as dbt renders it, which has lost the blank lines at its beginning.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_UNPARSED = "PRS"
_LEFT_UNPARSED = f"noqa: {_UNPARSED}"
_FIRST_LINE = "LT13"
_COMMAND = ["--parsing-errors", "lint", "--format", "json"]


@dataclass(frozen=True, order=True)
class Finding:
    """What is wrong in a line of a model, under the code of its rule."""

    path: str
    line: int
    rule: str
    message: str


def findings(paths: list[str]) -> list[Finding]:
    """Return what sqruff finds, and models that begin with a blank.

    Raises:
        RuntimeError: sqruff linted nothing; its own words say why.
    """
    reported = _report(paths)
    found = (finding for path in reported for finding in _of_model(path, reported[path]))
    return sorted(found)


def _report(paths: list[str]) -> dict[str, list[dict[str, object]]]:
    sqruff = str(Path(sys.executable).with_name("sqruff"))
    done = subprocess.run([sqruff, *_COMMAND, *paths], capture_output=True, text=True, check=False)
    try:
        reported: dict[str, list[dict[str, object]]] = json.loads(done.stdout)
    except json.JSONDecodeError:
        raise RuntimeError(done.stderr or done.stdout or "sqruff said nothing") from None
    if not reported:
        raise RuntimeError(f"sqruff found no model in {' '.join(paths)}")
    return reported


def _of_model(path: str, reported: list[dict[str, object]]) -> Iterator[Finding]:
    text = Path(path).read_text(encoding="utf-8")
    lines = text.splitlines()
    if text[:1].isspace():
        yield Finding(path, 1, _FIRST_LINE, "Files must not begin with newlines or whitespace.")
    for each in reported:
        finding = _finding(path, each)
        known = lines[finding.line - 1 : finding.line]
        if finding.rule != _UNPARSED or not any(_LEFT_UNPARSED in line for line in known):
            yield finding


def _finding(path: str, reported: dict[str, object]) -> Finding:
    place = reported["range"]
    assert isinstance(place, dict)
    rule = str(reported["code"] or _UNPARSED)
    return Finding(path, int(place["start"]["line"]), rule, str(reported["message"]))


def main() -> None:
    """Print each finding and exit 1, or exit 0 when there is none."""
    found = findings(sys.argv[1:])
    for each in found:
        print(f"{each.path}:{each.line}: {each.rule} {each.message}")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
