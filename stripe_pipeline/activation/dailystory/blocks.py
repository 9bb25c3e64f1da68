"""The open blocks of a DailyStory template: `if`, `ifEqual`, `ifCond`, `switch`, `case`."""

from dataclasses import dataclass

from stripe_pipeline.activation.dailystory.fields import Field, Untranslatable

CONDITIONS = ("if", "ifEqual", "ifCond")
BLOCKS = (*CONDITIONS, "switch", "case", "default")


@dataclass
class Block:
    """An open block: its name, its line, and what has been seen in it."""

    name: str
    line: int
    field: Field | None = None
    has_else: bool = False
    cases: int = 0


class Blocks:
    """The open blocks, the innermost last."""

    def __init__(self) -> None:
        self._open: list[Block] = []

    @property
    def is_between_cases(self) -> bool:
        """Whether a text here would be of no case of its switch."""
        return bool(self._open) and self._open[-1].name == "switch"

    def begin(self, name: str, line: int, field: Field | None = None) -> None:
        """Open a block."""
        self._open.append(Block(name, line, field))

    def switch(self, name: str) -> Block:
        """Return the switch that a case or default is in.

        Raises:
            Untranslatable: it is in none.
        """
        if not self.is_between_cases:
            raise Untranslatable(f"#{name} stands outside of a #switch.")
        switch = self._open[-1]
        if switch.has_else:
            raise Untranslatable(f"#{name} comes after the #default of its #switch.")
        return switch

    def otherwise(self) -> None:
        """Take the `else` of the innermost block.

        Raises:
            Untranslatable: that has none, or has one already.
        """
        block = self._open[-1] if self._open else None
        if block is None or block.name not in CONDITIONS:
            raise Untranslatable("else stands outside of an #if, #ifEqual or #ifCond.")
        if block.has_else:
            raise Untranslatable(f"the #{block.name} of line {block.line} has an else already.")
        block.has_else = True

    def end(self, name: str) -> Block:
        """Close the innermost block.

        Raises:
            Untranslatable: it is another one, or none is open, or it is a switch without a case.
        """
        if not self._open:
            raise Untranslatable(f"/{name} closes nothing.")
        block = self._open[-1]
        if block.name != name:
            raise Untranslatable(
                f"/{name} stands where the #{block.name} of line {block.line} is open."
            )
        if name == "switch" and not block.cases:
            raise Untranslatable("a #switch without a #case chooses nothing.")
        return self._open.pop()

    def left_open(self) -> list[Block]:
        """Return the blocks that nothing closes."""
        return self._open
