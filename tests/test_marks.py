"""A mark on a helper marks nothing: the test below it would stay in the other set."""

import ast
from pathlib import Path

TESTS = Path(__file__).parent
MARKS = ("pytest.mark.", "variants(")


def test_only_tests_are_marked() -> None:
    marked = [found for path in TESTS.rglob("*.py") for found in _marked(path)]
    assert len(marked) > 100
    assert [place for place, name in marked if not name.startswith("test_")] == []


def _marked(path: Path) -> list[tuple[str, str]]:
    """Each marked function of a file: where it stands, and its name."""
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [
        (f"{path.relative_to(TESTS)}:{node.lineno} {node.name}", node.name)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, functions)
        and any(ast.unparse(decorator).startswith(MARKS) for decorator in node.decorator_list)
    ]
