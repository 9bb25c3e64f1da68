"""What a model may not write itself, because engines differ in it, and the macro that may."""

import re
from dataclasses import dataclass

# Calls that mean the same in DuckDB, Spark, Trino and PostgreSQL, nulls and rounding included.
PORTABLE = frozenset(
    (
        *("abs", "avg", "bool_and", "bool_or", "cast", "ceil", "coalesce", "concat_ws", "count"),
        *("exists", "first_value", "floor", "greatest", "lag", "last_value", "lead", "least"),
        *("max", "min", "nullif", "rank", "row_number", "sum", "trim", "try_cast"),
    )
)
# Words before a bracket that call nothing.
WORDS = frozenset(
    (
        *("all", "and", "as", "between", "by", "case", "distinct", "else", "filter", "from", "in"),
        *("is", "join", "not", "on", "or", "over", "partition", "select", "then", "union"),
        *("using", "values", "when", "where", "with"),
    )
)
TYPES = frozenset(("decimal", "map", "struct", "numeric", "varchar"))


@dataclass(frozen=True)
class Construct:
    """An engine's own construct: how it is written, and what a model writes instead."""

    name: str
    pattern: re.Pattern[str]
    remedy: str


def _construct(name: str, pattern: str, remedy: str) -> Construct:
    return Construct(name, re.compile(pattern, re.IGNORECASE), remedy)


CONSTRUCTS = (
    _construct("`* exclude`", r"\*\s*(?:exclude|replace|except)\b", "name the columns"),
    _construct("`union all by name`", r"\bunion\s+(?:all\s+)?by\s+name\b", "name the columns"),
    _construct("`group by all`", r"\b(?:group|order)\s+by\s+all\b", "name the columns"),
    _construct("`//`", r"//", "use the macro whole_quotient"),
    _construct("`hugeint`", r"\bu?hugeint\b", "use the macro wide_integer"),
    _construct("`::`", r"::", "write cast(... as ...)"),
    _construct(
        "`at time zone`", r"\bat\s+time\s+zone\b", "use the macro in_utc, to_local or from_local"
    ),
    _construct("`timestamptz`", r"\btimestamptz\b", "use the macro utc_timestamp"),
    _construct("`asof join`", r"\basof\b", "use the macro with_newest_rate"),
    _construct("`using key`", r"\busing\s+key\b", "use the macro connected_components"),
    _construct("`recursive`", r"\brecursive\b", "use the macro connected_components"),
    _construct("`lambda`", r"\blambda\b", "use a macro of lists.sql"),
    _construct("JSON arrow", r"->>?", "use the macro parse_json or json_field"),
    _construct("place in a list", r"[\w)]\[\s*\d", "use the macro element"),
    _construct("list literal", r"(?<![\w)\]])\[", "use the macro list_of or no_texts"),
    _construct("struct literal", r"\{", "use the macro struct_of"),
    _construct("`in` a list", r"\bin\s+[a-z_]", "use the macro is_in_list"),
    _construct(
        "place of a row in its file",
        r"\bfile(?:name|_row_number)\b",
        "use the macro version_position",
    ),
    _construct(
        "`merge_clauses`", r"\bDBT_INTERNAL_\w+", "use a macro beside merge_keeping_was_counted"
    ),
)

# What a model writes in place of an engine's own function, by how its name begins.
PYTHONS = (
    *("normalize", "mailbox_of", "is_valid_email", "country_code", "language_tag"),
    *("first_name", "last_name"),
)
FUNCTIONS = (
    ("arg_m", "use the macro last_value_by or first_value_by"),
    ("date", "use the macro days_between"),
    ("concat", "a null makes all of it null in Spark: use || or hash_key"),
    ("sign", "a double in Spark: use the macro sign_of"),
    ("lower", "its result for İ and Σ differs: use the macro lower_ascii"),
    ("upper", "its result for ß differs: use a macro"),
    ("timezone", "use the macro to_local or from_local"),
    ("unnest", "use the macro unnested"),
    ("flatten", "use a macro of lists.sql"),
    ("list", "use a macro of lists.sql or aggregates.sql"),
    ("array", "use a macro of lists.sql"),
    ("len", "use the macro list_length"),
    ("range", "use the macro unnested"),
    ("from_json", "use the macro parse_json"),
    ("json", "use the macro json_text or parse_json"),
    ("to_json", "use the macro json_text"),
    ("regexp", "`$` also matches before a last line break in Spark: use a macro"),
    ("read_", "use source('lake', ...) or the macro csv_rows"),
    ("glob", "use source('lake', ...)"),
    ("parse_filename", "use the column batch"),
    ("starts_with", "use the macro is_whole"),
    # Python is called before dbt builds; its results are in the lake.
    *((name, "a function of Python's: join a model of stg_contacts") for name in PYTHONS),
    ("div", "wraps at 64 bits in Spark: use the macro whole_quotient"),
)
UNKNOWN = "no function that all engines have with the same result: use a macro"
