"""Imports go one way: between files, within rooms, and between rooms as CONTRIBUTING.md says."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
PACKAGE = "stripe_pipeline"
ABOVE_THE_GROUND = "| room | knows | imports, beside the ground |"

Graph = Mapping[str, set[str]]


def _modules() -> dict[str, Path]:
    found = {}
    for path in (PROJECT / PACKAGE).rglob("*.py"):
        parts = path.relative_to(PROJECT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    del found[PACKAGE]  # the whole: no room of it
    return found


MODULES = _modules()


def _named(tree: ast.AST) -> Iterator[str]:
    """Every module, or name within one, that is imported anywhere in a file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are absolute"
            yield from (f"{node.module}.{each.name}" for each in node.names)


def _imports(path: Path) -> set[str]:
    names = (name for name in _named(ast.parse(path.read_text())) if name.startswith(PACKAGE))
    return {name if name in MODULES else name.rpartition(".")[0] for name in names}


FILES: Graph = {module: _imports(path) - {module} for module, path in MODULES.items()}


def _inner_room(module: str) -> str:
    """The folder within a room; a file that lies beside such folders stands for itself."""
    path = MODULES[module].relative_to(PROJECT / PACKAGE)
    return module if len(path.parts) < 3 else "/".join(path.parts[:2])


def _room(module: str, table: Mapping[str, object]) -> str:
    """The smallest room of the tables that a module lies in, or its own path if it lies in none."""
    path = MODULES[module].relative_to(PROJECT / PACKAGE).as_posix()
    folders = [path[: at + 1] for at, letter in enumerate(path) if letter == "/"]
    return next((room for room in (path, *reversed(folders)) if room in table), path)


def _rows(text: str) -> dict[str, set[str]]:
    """Each room of a table, in its order, with the rooms that it may import."""
    rows = re.findall(r"^\| `([^`]+)` \|[^|]*\|([^|]*)\|$", text, re.M)
    return {name: set(re.findall(r"`([^`]+)`", may)) for name, may in rows}


def _tables() -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """CONTRIBUTING.md's two tables: the ground, which every room may import, and the rooms."""
    ground, rooms = (PROJECT / "CONTRIBUTING.md").read_text().split(ABOVE_THE_GROUND)
    return _rows(ground), _rows(rooms)


def _between(graph: Graph, room_of: Mapping[str, str]) -> dict[str, set[str]]:
    rooms: dict[str, set[str]] = defaultdict(set)
    for module, imported in graph.items():
        rooms[room_of[module]] |= {room_of[each] for each in imported} - {room_of[module]}
    return rooms


def _circle(graph: Graph) -> list[str]:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_no_file_imports_itself_by_way_of_others() -> None:
    assert _circle(FILES) == []


def test_no_room_within_a_room_imports_itself_by_way_of_others() -> None:
    assert _circle(_between(FILES, {module: _inner_room(module) for module in MODULES})) == []


def test_rooms_import_what_contributing_says() -> None:
    ground, rooms = _tables()
    named = {**ground, **rooms}
    may = {**ground, **{room: others | set(ground) for room, others in rooms.items()}}
    room_of = {module: _room(module, named) for module in MODULES}
    assert set(room_of.values()) == set(named)
    wrong = [
        f"{module} imports {each}"
        for module, imported in FILES.items()
        for each in sorted(imported)
        if room_of[each] not in {room_of[module], *may[room_of[module]]}
    ]
    assert wrong == []
    used = _between(FILES, room_of)
    unused = {room: others - used[room] for room, others in named.items()}
    assert {room: others for room, others in unused.items() if others} == {}


def test_rooms_stand_in_the_order_of_the_tables() -> None:
    ground, rooms = _tables()
    above: set[str] = set()
    for room, others in {**ground, **rooms}.items():
        assert others <= above, f"{room} may import what stands below it"
        above.add(room)


@pytest.mark.parametrize("graph", [{"a": {"b"}, "b": {"a"}}, {"a": {"b"}, "b": {"c"}, "c": {"a"}}])
def test_a_circle_is_found(graph: Graph) -> None:
    assert set(_circle(graph)) == set(graph)
