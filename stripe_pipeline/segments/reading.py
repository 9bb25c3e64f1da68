"""Read a segment file into its definition, and tell every slip in it at once."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from stripe_pipeline.segments.conditions import Conditions
from stripe_pipeline.segments.definition import Example, Group, InSegment, Segment, Sql, leaves
from stripe_pipeline.segments.fields import FACTS, Catalogue
from stripe_pipeline.segments.yaml_tree import Slip, SlipError, Tree, read_tree
from stripe_pipeline.values.near_miss import did_you_mean

KEYS = ("meaning", "owner", "enabled", "who", "sql", "fields", "examples")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
# Marts about all segments would be theirs.
_TAKEN = {"candidates", "members", "history"}
_LONGEST_NAME = 50
_AS_OF = re.compile(r"\d{4}-\d\d-\d\d( \d\d:\d\d(:\d\d)?)?( [A-Za-z_]+(/[A-Za-z_]+)*)?")


def is_usable_name(name: str) -> bool:
    """Return whether a segment can have this name, which becomes a part of its table's name."""
    return bool(_NAME.fullmatch(name)) and len(name) <= _LONGEST_NAME and name not in _TAKEN


@dataclass
class Reader:
    """Reads one file; `slips` are what was wrong. `known` are the names of all segments."""

    path: Path
    known: Collection[str]
    catalogue: Catalogue
    slips: list[Slip] = field(default_factory=list)

    def read(self) -> Segment | None:
        """Return the segment, or None where the file has slips."""
        try:
            tree = read_tree(self.path)
        except SlipError as error:
            self.slips.append(error.slip)
            return None
        if tree.entries is None:
            self.slips.append(tree.slip("a segment is a list of keys, such as `meaning: ...`."))
            return None
        parts = {str(key.text): (key, value) for key, value in tree.entries}
        self._check_keys(tree, parts)
        segment = self._segment(tree, parts)
        return None if self.slips else segment

    def _check_keys(self, tree: Tree, parts: Mapping[str, tuple[Tree, Tree]]) -> None:
        for key in parts.keys() - set(KEYS):
            hint = did_you_mean(key, set(KEYS) - parts.keys()) or f"; there are {', '.join(KEYS)}"
            self.slips.append(parts[key][0].slip(f"a segment has no key {key}{hint}."))
        if not any(did_you_mean("meaning", [key]) for key in parts):
            self.slips.append(tree.slip("the segment has no meaning; add the line `meaning: ...`."))
        if ("who" in parts) == ("sql" in parts):
            said = (
                "both who and sql; keep one" if "who" in parts else "neither who nor sql; add one"
            )
            self.slips.append(tree.slip(f"the segment has {said} of them."))
        if not is_usable_name(self.path.stem):
            said = (
                "the file's name is the segment's: up to 50 small letters, digits and _, and none "
                "of candidates, members, history; take another, as in big_spenders.yml."
            )
            self.slips.append(tree.slip(said))

    def _segment(self, tree: Tree, parts: Mapping[str, tuple[Tree, Tree]]) -> Segment:
        values = {key: value for key, (_, value) in parts.items()}
        rule = self._rule(tree, values)
        named = [leaf for leaf in leaves(rule) if isinstance(leaf, InSegment)] if isinstance(
            rule, Group) else []  # fmt: skip
        examples = values.get("examples")
        return Segment(
            name=self.path.stem,
            path=self.path,
            meaning=self._text(values, "meaning"),
            owner=self._text(values, "owner"),
            is_enabled=self._flag(values),
            rule=rule,
            examples=tuple(self._examples(examples)) if examples else (),
            examples_as_of=self._as_of(examples) if examples else None,
            segments=frozenset(leaf.segment for leaf in named),
        )

    def _text(self, values: Mapping[str, Tree], key: str) -> str:
        if key not in values:
            return ""
        text = values[key].text
        if not (text or "").strip():
            self.slips.append(values[key].slip(f"{key} is a sentence; write it."))
        return " ".join((text or "").split())

    def _flag(self, values: Mapping[str, Tree]) -> bool:
        if "enabled" not in values:
            return True
        if (text := values["enabled"].text) not in ("true", "false"):
            self.slips.append(values["enabled"].slip("enabled is true or false."))
        return text != "false"

    def _rule(self, tree: Tree, values: Mapping[str, Tree]) -> Group | Sql:
        conditions = Conditions(
            self.catalogue, self.known, self.path.stem, self.path.parent, self.slips
        )
        if "sql" in values:
            return self._sql(values["sql"], values.get("fields"))
        if "fields" in values:
            said = "fields are named for sql alone; with who they are read from the conditions."
            self.slips.append(values["fields"].slip(said))
        return conditions.rule(values["who"]) if "who" in values else Group(tree.line, "all", ())

    def _sql(self, text: Tree, fields: Tree | None) -> Sql:
        known = self.catalogue.columns("customer_profiles")
        if not (text.text or "").strip():
            self.slips.append(text.slip("sql is a select of stripe_customer_id and why; write it."))
        if fields is None or fields.items is None:
            self.slips.append(text.slip(
                "sql needs the line `fields: [...]` with the fields of a profile that it reads, as "
                "who lacks an exchange rate for one of them is held."))  # fmt: skip
        named = [(each, each.text or "") for each in (fields.items if fields else None) or []]
        for each, name in named:
            if name not in known:
                hint = did_you_mean(name, known)
                self.slips.append(each.slip(f"a profile has no field {name}{hint}."))
        return Sql(text.line, (text.text or "").strip(), tuple(name for _, name in named))

    def _examples(self, tree: Tree) -> Iterator[Example]:
        for key, value in tree.entries or []:
            if key.text in ("in", "out"):
                for each in value.items or []:
                    if (found := self._example(key.text == "in", each)) is not None:
                        yield found
            elif key.text != "as of":
                known = ("in", "out", "as of")
                hint = did_you_mean(str(key.text), known)
                self.slips.append(key.slip(f"examples have no {key.text}{hint}."))

    def _example(self, is_in: bool, tree: Tree) -> Example | None:
        if tree.entries is None:
            self.slips.append(tree.slip("an example is fields of a profile with their values."))
            return None
        columns = self.catalogue.columns("customer_profiles")
        marts = {fact.mart for fact in FACTS.values()}
        profile, facts = {}, {}
        for name, value in tree.value.items():
            if name in marts and isinstance(value, list):
                facts[name] = value
            elif name in columns:
                profile[name] = value
            else:
                hint = did_you_mean(str(name), [*columns, *marts])
                self.slips.append(tree.slip(f"a profile has no field {name}{hint}."))
        return Example(is_in, profile, facts)

    def _as_of(self, tree: Tree) -> str | None:
        for key, value in tree.entries or []:
            if key.text == "as of":
                if not _AS_OF.fullmatch(value.text or ""):
                    said = "as of is a day, a time and a zone: 2026-08-31 12:00 Europe/Berlin."
                    self.slips.append(value.slip(said))
                return value.text
        return None
