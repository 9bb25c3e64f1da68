"""Read the conditions of a segment file."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias, get_args

from stripe_pipeline.segments.definition import (
    Condition,
    FieldIs,
    Group,
    HasFact,
    InList,
    InSegment,
    Joint,
)
from stripe_pipeline.segments.fields import CUSTOMER, FACTS, Catalogue, Column, Fact
from stripe_pipeline.segments.lists import ListError, read_list
from stripe_pipeline.segments.literals import SentenceError
from stripe_pipeline.segments.sentences import comparison
from stripe_pipeline.segments.yaml_tree import Slip, Tree
from stripe_pipeline.values.near_miss import did_you_mean

JOINTS: tuple[str, ...] = get_args(Joint)
_HAS = re.compile(r"has (?:(no|at least \d+|at most \d+|exactly \d+) )?(.+)")
_NAMING = {"value_as", "bound_as"}
Naming: TypeAlias = Mapping[str | None, Tree]


@dataclass(frozen=True)
class Conditions:
    """Reads conditions; what is wrong is added to `slips`, and reading goes on."""

    catalogue: Catalogue
    known: Collection[str]
    own_name: str
    folder: Path
    slips: list[Slip]

    def rule(self, tree: Tree) -> Group:
        """Return what stands below `who`: a list, or a mapping with all, any and none."""
        if not (tree.items or tree.entries):
            self.slips.append(tree.slip("who says conditions: a list of them, or all, any, none."))
        rule = self._group(tree, "all", self.catalogue.columns("customer_profiles"), None)
        [first, *others] = rule.parts or [rule]
        return first if isinstance(first, Group) and not others else rule

    def _group(
        self, tree: Tree, joint: Joint, columns: Mapping[str, Column], fact: Fact | None
    ) -> Group:
        parts: list[Condition] = []
        for item in [tree] if tree.items is None else tree.items:
            parts += self._entries(item, columns, fact)
        return Group(tree.line, joint, tuple(parts))

    def _entries(
        self, tree: Tree, columns: Mapping[str, Column], fact: Fact | None
    ) -> list[Condition]:
        if not tree.entries:
            if not (fact and tree.text == ""):
                said = "a condition is a field and a sentence, as in `stripe_total_orders: some`."
                self.slips.append(tree.slip(said))
            return []
        naming: Naming = {key.text: value for key, value in tree.entries if key.text in _NAMING}
        entries = [pair for pair in tree.entries if pair[0].text not in _NAMING]
        if naming and len(entries) != 1:
            self.slips.append(tree.slip("value_as and bound_as go with one field."))
        found = (self._entry(key, value, columns, fact, naming) for key, value in entries)
        return [each for each in found if each is not None]

    def _entry(
        self,
        key: Tree,
        value: Tree,
        columns: Mapping[str, Column],
        fact: Fact | None,
        naming: Naming,
    ) -> Condition | None:
        name = str(key.text)
        if name in JOINTS:
            return self._group(value, name, columns, fact)  # type: ignore[arg-type]
        if (name in columns and name != CUSTOMER) or fact is not None:
            return self._field(key, value, columns, fact, naming)
        if name in ("in", "not in"):
            return self._membership(value, is_negated=name == "not in")
        if found := _HAS.fullmatch(name):
            return self._has(key, value, found)
        return self._field(key, value, columns, fact, naming)

    def _field(
        self,
        key: Tree,
        value: Tree,
        columns: Mapping[str, Column],
        fact: Fact | None,
        naming: Naming,
    ) -> Condition | None:
        name = str(key.text)
        if name not in columns:
            known = [*columns, *JOINTS, "in", "not in", "has"]
            self.slips.append(key.slip(f"there is no field {name}{did_you_mean(name, known)}."))
            return None
        if value.text is None:
            self.slips.append(value.slip(f"say about {name} a sentence, as in `some`."))
            return None
        try:
            said = comparison(value.text, columns[name], columns)
        except SentenceError as error:
            self.slips.append(value.slip(f"{error}."))
            return None
        if fact and said.top_percent:
            self.slips.append(value.slip(f"top is for fields of a profile; {fact.name} has rows."))
            return None
        own = {each: tree.text for each, tree in naming.items()}
        return FieldIs(
            value.line, name, " ".join(value.text.split()), said, own.get("value_as") or name,
            own.get("bound_as"),
        )  # fmt: skip

    def _membership(self, value: Tree, *, is_negated: bool) -> Condition | None:
        if value.items is not None:
            parts = [self._membership(each, is_negated=is_negated) for each in value.items]
            joint: Joint = "all" if is_negated else "any"
            return Group(value.line, joint, tuple(part for part in parts if part))
        name = value.text or ""
        if name.endswith(".csv"):
            return self._in_list(value, name, is_negated=is_negated)
        if name == self.own_name:
            self.slips.append(value.slip(f"{name} is this segment; a segment can't be in itself."))
            return None
        if name not in self.known:
            hint = did_you_mean(name, self.known)
            self.slips.append(value.slip(f"there is no segment {name or 'without a name'}{hint}."))
            return None
        return InSegment(value.line, name, is_negated)

    def _in_list(self, value: Tree, name: str, *, is_negated: bool) -> Condition | None:
        try:
            return InList(value.line, read_list(self.folder, name), is_negated)
        except ListError as error:
            self.slips.append(value.slip(f"{error}."))
            return None

    def _has(self, key: Tree, value: Tree, found: "re.Match[str]") -> Condition | None:
        how_many, name = found.groups()
        names = {fact.name: fact for fact in FACTS.values()} | {
            fact.plural: fact for fact in FACTS.values()
        }
        if name not in names:
            hint = did_you_mean(name, names) or f"; there are {', '.join(FACTS)}"
            self.slips.append(key.slip(f"there are no facts called {name}{hint}."))
            return None
        fact = names[name]
        operator, number = _count(how_many)
        where = self._group(value, "all", self.catalogue.columns(fact.mart), fact)
        return HasFact(key.line, str(key.text), fact, operator, number, where)


def _count(words: str | None) -> tuple[Literal[">=", "<=", "="], int]:
    """Return how the number of rows is compared."""
    if words is None:
        return ">=", 1
    if words == "no":
        return "=", 0
    kind, number = words.rsplit(" ", 1)
    return {"at least": ">=", "at most": "<=", "exactly": "="}[kind], int(number)  # type: ignore[return-value]
