"""A dbt model's raw text reduced to its SQL, each piece still in its own line."""

import ast
import re
from collections.abc import Iterator

from jinja2 import Environment

_LEXER = Environment(extensions=["jinja2.ext.do"])
_NOT_SQL = re.compile(r"--[^\n]*|'(?:[^']|'')*'")


def sql_of(model: str) -> str:
    """Return a model's SQL without comments and literals, and of its Jinja the strings alone.

    A string inside Jinja is an argument of a macro, so it is SQL, too. Lines stay.
    """
    return _without_literals("".join(_pieces(model)))


def _pieces(model: str) -> Iterator[str]:
    line = 1
    for begin, kind, text in _LEXER.lex(model):
        # The lexer leaves out blank lines before `{%-`.
        yield "\n" * (begin - line)
        piece = _piece(kind, text)
        yield piece
        line = max(begin, line) + piece.count("\n")


def _piece(kind: str, text: str) -> str:
    if kind == "data":
        return text
    if kind == "string":
        # Lines of the string itself are joined: where it begins is where it is found.
        return f" {_without_literals(str(ast.literal_eval(text)))} ".replace("\n", " ")
    return re.sub(r"[^\n]", "", text) or " "


def _without_literals(sql: str) -> str:
    return _NOT_SQL.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), sql)
