"""The commands of `stripe-pipeline` as Markdown: the table in README.md, and the reference page."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import typer
from typer.core import TyperGroup

from stripe_pipeline.cli.commands.app import app

# A terminal of 80 columns, of which help leaves two free.
_WIDTH = 78
_LONGEST = 200

_INTRODUCTION = """\
# Commands

What `stripe-pipeline` can be asked for. `make pages` writes this page from the commands' `--help`.
The command is in `.venv/bin/`, and can be called from any folder.
"""

_EXIT_CODES = """\
## Exit codes

| code | what it means |
|--:|---|
| 0 | The command did what was asked. Warnings are on stderr. |
| 1 | The run failed: Stripe refuses the key, a check that blocks failed, the disk is full. |
| 2 | Nothing was started: wrong use, no key, a setting or a campaign that can't be used. |
| 130 | Ctrl-C or SIGTERM ended it. What was read is kept, and the same command continues. |

An error is one sentence on stderr. `--debug`, anywhere on the line, shows where it came from.
"""


class Command(NamedTuple):
    """One command: how it is called, what it does in one sentence, and its whole help."""

    usage: str
    summary: str
    help: str


def commands() -> list[Command]:
    """Return every command that can be run, those of groups included."""
    root = typer.main.get_command(app)
    assert isinstance(root, TyperGroup)
    context = root.make_context("stripe-pipeline", [], resilient_parsing=True)
    return list(_below(root, context))


# Typer has no public name for the type of the context.
def _below(group: TyperGroup, parent: Any) -> Iterator[Command]:
    for name, command in group.commands.items():
        context = command.make_context(
            name, [], parent=parent, resilient_parsing=True, terminal_width=_WIDTH
        )
        if isinstance(command, TyperGroup):
            yield from _below(command, context)
        else:
            arguments = command.collect_usage_pieces(context)[1:]
            usage = " ".join([context.command_path, *map(_placeholder, arguments)])
            yield Command(usage, command.get_short_help_str(_LONGEST), command.get_help(context))


def _placeholder(argument: str) -> str:
    """Return a required argument as NAME and an optional one as [NAME]."""
    return argument.strip("{}").upper()


def table() -> str:
    """Return one row a command."""
    rows = [f"| `{each.usage}` | {each.summary} |" for each in commands()]
    return "\n".join(["| command | what it does |", "|---|---|", *rows])


def page() -> str:
    """Return the reference page: the table, the exit codes, and the help of each command."""
    helps = (f"## {_name(each)}\n\n```text\n{each.help}\n```\n" for each in commands())
    return "\n".join([_INTRODUCTION, f"{table()}\n", _EXIT_CODES, *helps])


def _name(command: Command) -> str:
    """Return the words of a command without its arguments."""
    return " ".join(word for word in command.usage.split() if word.strip("[]").islower())
