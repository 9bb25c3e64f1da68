"""The settings and the start of processes use the environment; all else is passed arguments."""

import ast
from collections.abc import Iterator

import pytest

from stripe_pipeline.process.environment import PROJECT_ROOT

PACKAGE = PROJECT_ROOT / "stripe_pipeline"
ALLOWED = {
    "settings/reading.py": "reads every setting",
    "process/environment.py": "cleans this process's environment, and makes those of its children",
}
NAMES = {
    "os": {"environ", "environb", "getenv", "getenvb", "putenv", "unsetenv"},
    "posix": {"environ"},
    "urllib.request": {"getproxies", "getproxies_environment", "proxy_bypass"},
}


def uses(tree: ast.AST) -> Iterator[int]:
    """Yield the line of each use of the environment, by attribute or by import."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            named, used = node.value.id, {node.attr}
        elif isinstance(node, ast.ImportFrom):
            named, used = node.module or "", {each.name for each in node.names}
        else:
            continue
        if used & NAMES.get(named, set()):
            yield node.lineno


def test_nothing_else_reads_or_writes_it() -> None:
    found = {
        str(path.relative_to(PACKAGE)): list(uses(ast.parse(path.read_text(encoding="utf-8"))))
        for path in sorted(PACKAGE.rglob("*.py"))
    }
    used = {name: lines for name, lines in found.items() if lines}
    assert {name: lines for name, lines in used.items() if name not in ALLOWED} == {}
    assert set(used) == set(ALLOWED)


@pytest.mark.parametrize(
    "line",
    [
        "import os\nos.environ['X'] = '1'",
        "import os\nprint(os.getenv('X'))",
        "from os import environ",
        "def f():\n    from urllib.request import getproxies as g",
    ],
)
def test_a_use_is_found(line: str) -> None:
    assert list(uses(ast.parse(line))) == [line.count("\n") + 1]
