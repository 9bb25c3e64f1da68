"""An interpreter of DailyStory's template language, by its documentation; no code of the product.

It knows values as a plain dict by lower-case path, and does what dailystory's pages say: `#if` is
about what is set and not empty, `#ifEqual` doesn't regard case, numbers and dates compare by value,
what isn't set is neither smaller nor larger.
"""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

Value = str | int | Decimal | date | bool | None
Values = Mapping[str, Value]
_TOKEN = re.compile(r"\{\{!--.*?--\}\}|\{\{!.*?\}\}|\{\{(.*?)\}\}|\*\|(\w+)\|\*", re.DOTALL)
_WORD = re.compile(r"\w+=\"[^\"]*\"|\w+='[^']*'|\"[^\"]*\"|'[^']*'|“[^”]*”|\S+")
_MERGED = {"FNAME": "user.firstname", "LNAME": "user.lastname"}
# What is refused or changed on import: country names become codes there.
_COUNTRIES = {"canada": "CA", "austria": "AT"}


def interpret(story: str, values: Values) -> str:
    """Return what a template prints for a person."""
    return _Run(story, values).block(())[0]


class _Run:
    def __init__(self, story: str, values: Values) -> None:
        self.values = values
        self.pieces: list[tuple[str, bool]] = []
        end = 0
        for match in _TOKEN.finditer(story):
            self.pieces.append((story[end : match.start()], False))
            if match[2]:
                merged = _MERGED.get(match[2], "account.url_unsubscribe")
                self.pieces.append((merged, True))
            elif match[1] is not None:
                inside = match[1].replace("&#39;", "'").strip()
                self.pieces.append((inside, True))
            end = match.end()
        self.pieces.append((story[end:], False))
        self.place = 0

    def block(self, ends: tuple[str, ...]) -> tuple[str, str]:
        """Return what the pieces up to one of these tokens print, and that token."""
        printed = ""
        while self.place < len(self.pieces):
            text, is_token = self.pieces[self.place]
            self.place += 1
            if not is_token:
                printed += text
            elif text in ends:
                return printed, text
            else:
                printed += self.token(text)
        return printed, ""

    def token(self, text: str) -> str:
        words = _WORD.findall(text.removeprefix("@"))
        if text.startswith("#switch"):
            return self.switch(words)
        if not text.startswith("#"):
            return self.shown(words)
        name = words[0][1:]
        yes, ended = self.block(("else", f"/{name}"))
        no = self.block((f"/{name}",))[0] if ended == "else" else ""
        return yes if self.holds(name, words[1:]) else no

    def shown(self, words: list[str]) -> str:
        value = self.value(words[0])
        if value in (None, "") and len(words) > 1:
            return words[1].partition("=")[2][1:-1]
        return "" if value is None else str(value)

    def switch(self, words: list[str]) -> str:
        value, printed = self.value(words[1]), None
        while True:
            text, is_token = self.pieces[self.place]
            self.place += 1
            if not is_token:
                assert not text.strip()
            elif text == "/switch":
                return printed or ""
            elif text == "#default":
                other = self.block(("/default",))[0]
                printed = other if printed is None else printed
            else:
                case = self.block(("/case",))[0]
                wanted = _unquoted(_WORD.findall(text)[1])
                wanted = _COUNTRIES.get(wanted.lower(), wanted)
                printed = case if printed is None and str(value) == wanted else printed

    def value(self, word: str) -> Value:
        return self.values.get(word.lower())

    def holds(self, name: str, words: list[str]) -> bool:
        if name == "if":
            return self.value(words[0]) not in (None, "", False)
        if name == "ifEqual":
            return _compared(self.value(words[0]), "=", self.operand(words[1]))
        return _compared(self.value(words[0]), _unquoted(words[1]), self.operand(words[2]))

    def operand(self, word: str) -> Value:
        if re.fullmatch(r"\".*\"|'.*'|“.*”|[0-9.]+", word):
            text = _unquoted(word)
            return _COUNTRIES.get(text.lower(), text)
        return self.value(word)


def _unquoted(word: str) -> str:
    return word[1:-1] if word[0] in "\"'“" else word


def _compared(left: Value, operator: str, right: Value) -> bool:
    if operator in ("=", "<>", "!="):
        return _same(left, right) == (operator == "=")
    if left in (None, "") or right in (None, ""):
        return False
    order = _order(left, right)
    return {"<": order < 0, ">": order > 0, "<=": order <= 0, ">=": order >= 0}[operator]


def _same(left: Value, right: Value) -> bool:
    if isinstance(left, bool):
        return str(left).lower() == str(right).lower()
    if isinstance(left, (int, Decimal)) and right is not None:
        return left == Decimal(str(right))
    return str("" if left is None else left).lower() == str("" if right is None else right).lower()


def _order(left: Value, right: Value) -> int:
    """Return -1, 0 or 1: left before, the same as, or after right."""
    try:
        numbers = Decimal(str(left)), Decimal(str(right))
    except InvalidOperation:
        texts = str(left).lower(), str(right).lower()
        return (texts[0] > texts[1]) - (texts[0] < texts[1])
    return (numbers[0] > numbers[1]) - (numbers[0] < numbers[1])
