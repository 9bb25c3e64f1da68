"""Translate a whole template: each construct of DailyStory's language, or a refusal by its line."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from stripe_pipeline.activation.contract import Contract, near_miss
from stripe_pipeline.activation.dailystory.blocks import BLOCKS, Blocks
from stripe_pipeline.activation.dailystory.comparing import (
    OPERATORS,
    Comparer,
    Condition,
    quoted,
)
from stripe_pipeline.activation.dailystory.fields import MERGE_TAGS, Untranslatable, field_of
from stripe_pipeline.activation.dailystory.pieces import Argument, Piece, arguments_of, pieces_of

_SPINTAX = re.compile(r"\{[^{}|]*\|[^{}]*\}")
_STRAY = re.compile(r"\{\{|\}\}")
_NO_FORMATDATE = (
    "formatdate isn't taken over; print the date by `| date: \"long\"`, in the reader's language, "
    "or by `| date: '%d %B %Y'`."
)


@dataclass
class Translation:
    """A template in Liquid, what a person should know about it, and what wasn't translated.

    `refused` and `remarks` have the line and a sentence.
    """

    text: str = ""
    remarks: list[tuple[int, str]] = field(default_factory=list)
    refused: list[tuple[int, str]] = field(default_factory=list)


def translate(source: str, contract: Contract) -> Translation:
    """Translate a template of DailyStory into Liquid."""
    return _Translator(contract).translate(source)


class _Translator:
    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._blocks = Blocks()
        self._done = Translation()
        self._line = 1
        self._comparer = Comparer(lambda said: self._done.remarks.append((self._line, said)))
        self._begins: Mapping[str, Callable[[list[Argument]], str]] = {
            "if": self._if,
            "ifEqual": self._if_equal,
            "ifCond": self._if_cond,
            "switch": self._switch,
            "case": self._case,
            "default": self._default_case,
        }

    def translate(self, source: str) -> Translation:
        written = []
        for piece in pieces_of(source):
            self._line = piece.line
            try:
                written.append(self._piece(piece))
            except Untranslatable as error:
                self._refuse(piece.line, str(error))
        for block in self._blocks.left_open():
            self._refuse(block.line, f"#{block.name} has no end; write {{{{/{block.name}}}}}.")
        self._done.text = "".join(written)
        return self._done

    def _refuse(self, line: int, said: str) -> None:
        self._done.refused.append((line, said))

    def _piece(self, piece: Piece) -> str:
        if piece.kind == "text":
            return self._text(piece)
        if piece.kind == "comment":
            return "\n" * piece.inside.count("\n")
        if piece.kind == "raw":
            raise Untranslatable(f"{piece.inside} would print a value without escaping it.")
        self._refuse_between_cases(piece)
        return self._merge(piece.inside) if piece.kind == "merge" else self._token(piece.inside)

    def _refuse_between_cases(self, piece: Piece) -> None:
        begins = ("#case", "#default", "/switch")
        if self._blocks.is_between_cases and not piece.inside.startswith(begins):
            raise Untranslatable("in a #switch everything stands in a #case.")

    def _text(self, piece: Piece) -> str:
        for line, said in _mistakes_of_text(piece):
            self._refuse(line, said)
        if self._blocks.is_between_cases:
            if piece.inside.strip():
                raise Untranslatable("in a #switch everything stands in a #case.")
            # Blanks between two cases would belong to the first one in Liquid.
            return ""
        return piece.inside.replace("{%", '{{ "{%" }}')

    def _merge(self, tag: str) -> str:
        if tag.upper() not in MERGE_TAGS:
            hint = near_miss(tag.upper(), MERGE_TAGS)
            raise Untranslatable(f"the merge tag *|{tag}|* isn't taken over{hint}")
        path = MERGE_TAGS[tag.upper()]
        if path.startswith("account."):
            key = path.removeprefix("account.")
            self._done.remarks.append(
                (self._line, f"*|{tag}|* prints `{key}` of account.yml; write it there.")
            )
        return f"{{{{ {path} }}}}"

    def _token(self, inside: str) -> str:
        if inside.startswith("#"):
            return self._begin(inside[1:].strip())
        if inside.startswith("/"):
            return self._end(inside[1:].strip())
        if inside == "else":
            self._blocks.otherwise()
            return "{% else %}"
        if inside.casefold().startswith("formatdate"):
            raise Untranslatable(_NO_FORMATDATE)
        if inside.startswith((">", "&", "^", "~")) or inside.split(" ")[0] == "else":
            raise Untranslatable(f"{{{{{inside}}}}} isn't taken over.")
        return self._value(arguments_of(inside.removeprefix("@")), has_sign=inside.startswith("@"))

    def _value(self, arguments: list[Argument], *, has_sign: bool) -> str:
        if not arguments or arguments[0].is_text:
            raise Untranslatable("{{ }} names no field.")
        path = field_of(arguments[0].value, self._contract).path
        if len(arguments) == 1:
            return f"{{{{ {path} }}}}"
        given = arguments[1]
        if len(arguments) > 2 or given.name.casefold() != "default" or not has_sign:
            raise Untranslatable(
                f"{given.name or given.value} isn't taken over beside a field; a default is "
                f'written as {{{{@ {arguments[0].value} default="..."}}}}.'
            )
        return f"{{{{ {path} | default: {quoted(given.value)} }}}}"

    def _begin(self, inside: str) -> str:
        name, _, rest = inside.partition(" ")
        known = {each.casefold(): each for each in BLOCKS}.get(name.casefold(), name)
        try:
            if known not in self._begins:
                raise Untranslatable(f"#{name} isn't taken over{near_miss(name, BLOCKS)}")
            return self._begins[known](arguments_of(rest))
        except Untranslatable:
            # So that what closes it isn't told as a mistake of its own.
            self._blocks.begin(known, self._line)
            raise

    def _if(self, arguments: list[Argument]) -> str:
        if len(arguments) != 1 or arguments[0].is_text:
            raise Untranslatable("#if takes one field, as in {{#if user.firstname}}.")
        path = field_of(arguments[0].value, self._contract).path
        return self._conditional("if", Condition(f"{path} != blank"))

    def _if_equal(self, arguments: list[Argument]) -> str:
        if len(arguments) != 2:
            raise Untranslatable(
                "#ifEqual takes a field and a value, as in {{#ifEqual user.country 'CA'}}."
            )
        return self._conditional("ifEqual", self._compared(arguments[0], "==", arguments[1]))

    def _if_cond(self, arguments: list[Argument]) -> str:
        if len(arguments) != 3:
            raise Untranslatable(
                "#ifCond takes a field, an operator and a value, as in "
                "{{#ifCond profile.stripe_total_orders '>' '3'}}."
            )
        operator = arguments[1].value
        if operator not in OPERATORS:
            raise Untranslatable(
                f"#ifCond has no operator {operator}; it has {', '.join(OPERATORS)}."
            )
        compared = self._compared(arguments[0], OPERATORS[operator], arguments[2])
        return self._conditional("ifCond", compared)

    def _compared(self, left: Argument, operator: str, right: Argument) -> Condition:
        if left.is_text:
            raise Untranslatable(f"'{left.value}' stands where a field has to.")
        field = field_of(left.value, self._contract)
        if right.is_text or re.fullmatch(r"[+-]?[0-9.]+|true|false", right.value):
            return self._comparer.with_text(field, operator, right.value)
        return self._comparer.with_field(field, operator, field_of(right.value, self._contract))

    def _conditional(self, name: str, condition: Condition) -> str:
        self._blocks.begin(name, self._line)
        return f"{condition.before}{{% if {condition.test} %}}"

    def _switch(self, arguments: list[Argument]) -> str:
        if len(arguments) != 1 or arguments[0].is_text:
            raise Untranslatable("#switch takes one field, as in {{#switch user.region}}.")
        found = field_of(arguments[0].value, self._contract)
        if found.kind == "list":
            raise Untranslatable(f"{found.path} is a list, and #switch chooses by a text.")
        self._blocks.begin("switch", self._line, found)
        return f"{{% case {found.path} %}}"

    def _case(self, arguments: list[Argument]) -> str:
        switch = self._blocks.switch("case")
        if len(arguments) != 1 or not arguments[0].is_text:
            raise Untranslatable("#case takes one text in quotes, as in {{#case 'CA'}}.")
        switch.cases += 1
        if switch.field is None:  # the switch itself is refused
            raise Untranslatable("#case is of the #switch that isn't taken over.")
        value = self._comparer.text_of_case(switch.field, arguments[0].value)
        self._blocks.begin("case", self._line)
        return f"{{% when {value} %}}"

    def _default_case(self, arguments: list[Argument]) -> str:
        switch = self._blocks.switch("default")
        if arguments or not switch.cases:
            raise Untranslatable("#default stands alone, after the cases of its #switch.")
        switch.has_else = True
        self._blocks.begin("default", self._line)
        return "{% else %}"

    def _end(self, name: str) -> str:
        known = {each.casefold(): each for each in BLOCKS}.get(name.casefold(), name)
        block = self._blocks.end(known)
        return {"switch": "{% endcase %}", "case": "", "default": ""}.get(block.name, "{% endif %}")


def _mistakes_of_text(piece: Piece) -> Iterator[tuple[int, str]]:
    """Yield what a text outside of tokens has that isn't taken over."""
    for match in _SPINTAX.finditer(piece.inside):
        yield (
            piece.line + piece.inside.count("\n", 0, match.start()),
            f"{match[0]} is Spintax, which chooses at random, so that no preview would be true; "
            "write one of its texts.",
        )
    for match in _STRAY.finditer(piece.inside):
        line = piece.line + piece.inside.count("\n", 0, match.start())
        yield line, f"{match[0]} has no other half."
