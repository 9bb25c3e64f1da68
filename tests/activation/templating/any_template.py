"""Random templates and random customers, from one seed each."""

import inspect
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from stripe_pipeline.activation.templating.environment import FILTERS

COLUMNS = (
    "first_name", "city", "stripe_total_orders", "stripe_total_sales", "stripe_order_last_value",
    "created_at", "stripe_card_expires_on", "stripe_delinquent", "stripe_plan_names",
    "stripe_sales_by_currency", "stripe_order_last_currency", "stripe_loyalty_points",
)  # fmt: skip
LITERALS = (
    "today", "reporting_currency", "'Ann'", "''", "'2026-05-05'", "'usd'", "5", "0", "-3", "1.5",
    "nil", "true", "(1..3)",
)  # fmt: skip
PARTS = {
    "stripe_sales_by_currency": (".usd", ".size", ".first", "[profile.stripe_order_last_currency]"),
    "stripe_plan_names": ("[0]", ".size", ".first", ".last"),
}
RELATIONS = ("==", "!=", "<", ">", "<=", ">=", "contains")
DAYS = (date.max - date.min).days


class AnyTemplate:
    """Writes one template: most are refused by the check, and the others have to work."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance

    def write(self, names: Sequence[str] = (), depth: int = 0) -> str:
        """Return a block of one or two tags, which may use the names assigned so far."""
        known, text = list(names), ""
        for _ in range(self._chance.choice((1, 1, 2))):
            kinds = (self._print, self._assign, self._if, self._for, self._case, self._capture)
            kind = self._chance.choice((*kinds, self._print)) if depth < 3 else self._print
            text += kind(known, depth + 1)
        return text

    def _print(self, names: list[str], _: int) -> str:
        return f"{{{{ {self._expression(names)} }}}}"

    def _assign(self, names: list[str], _: int) -> str:
        names.append(self._chance.choice("xyz"))
        return f"{{% assign {names[-1]} = {self._expression(names[:-1])} %}}"

    def _if(self, names: list[str], depth: int) -> str:
        tag = "{{% if {} %}}{}{{% elsif {} %}}{}{{% else %}}{}{{% endif %}}"
        one, two, three = (self.write(names, depth) for _ in range(3))
        return tag.format(self._condition(names), one, self._condition(names), two, three)

    def _for(self, names: list[str], depth: int) -> str:
        block, other = self.write([*names, "i"], depth), self.write(names, depth)
        return f"{{% for i in {self._value(names)} %}}{block}{{% else %}}{other}{{% endfor %}}"

    def _case(self, names: list[str], depth: int) -> str:
        block, other = self.write(names, depth), self.write(names, depth)
        when = f"{{% when {self._value(names)} %}}{block}{{% else %}}{other}"
        return f"{{% case {self._value(names)} %}}{when}{{% endcase %}}"

    def _capture(self, names: list[str], depth: int) -> str:
        block = self.write(names, depth)
        names.append(self._chance.choice("xyz"))
        return f"{{% capture {names[-1]} %}}{block}{{% endcapture %}}"

    def _expression(self, names: Sequence[str]) -> str:
        filters = (self._filter(names) for _ in range(self._chance.choice((0, 0, 1, 1, 2))))
        return " | ".join((self._value(names), *filters))

    def _filter(self, names: Sequence[str]) -> str:
        name = self._chance.choice(sorted(FILTERS))
        parameters = list(inspect.signature(FILTERS[name]).parameters.values())[1:]
        positional = [each for each in parameters if each.kind is each.POSITIONAL_OR_KEYWORD]
        least = sum(each.default is each.empty for each in positional)
        count = self._chance.randint(least, len(positional))
        arguments = ", ".join(self._value(names) for _ in range(count))
        return f"{name}: {arguments}" if arguments else name

    def _condition(self, names: Sequence[str]) -> str:
        value, other = self._value(names), self._value(names)
        right = self._chance.choice((other, other, "blank", "empty", "nil"))
        joined = self._chance.choice(("", f" and {value}", f" or {other}"))
        return f"{value} {self._chance.choice(RELATIONS)} {right}{joined}"

    def _value(self, names: Sequence[str]) -> str:
        kind = self._chance.random()
        if names and kind < 0.3:
            return self._chance.choice(names)
        if kind < 0.55:
            return self._chance.choice(LITERALS)
        column = self._chance.choice(COLUMNS)
        part = self._chance.choice((*PARTS.get(column, ()), "", ""))
        return f"profile.{column}{part}"


def any_customer(chance: Random, types: Mapping[str, str]) -> dict[str, Any]:
    """Return a row of customer_profiles, of these columns and types."""
    return {
        name: None if chance.random() < 0.25 else _value(chance, name, kind)
        for name, kind in types.items()
    }


def _value(chance: Random, name: str, kind: str) -> Any:
    if name == "stripe_order_last_currency":
        return chance.choice(("usd", "eur", "jpy"))
    day = date.min + timedelta(days=chance.randrange(DAYS))
    values = {
        "varchar": chance.choice(("", " ", "Ann", "O'N <b>", "5", "2026-02-03", "x" * 3_000)),
        "bigint": chance.choice((0, 1, -1, chance.randrange(-(10**6), 10**12))),
        "boolean": chance.random() < 0.5,
        "date": day,
        "timestamp": datetime(day.year, day.month, day.day, tzinfo=UTC),
        "decimal(18, 3)": Decimal(chance.randrange(-(10**12), 10**12)).scaleb(
            -chance.choice((0, 2, 3))
        ),
        "varchar[]": [chance.choice(("Gold", "", "a b")) for _ in range(chance.randrange(5))],
    }  # fmt: skip
    if kind in values:
        return values[kind]
    currencies = chance.sample(("usd", "eur", "jpy", "kwd"), chance.randrange(4))
    return {currency: Decimal(chance.randrange(10**6)).scaleb(-2) for currency in currencies}
