"""The overrides file, which says which customers are one person, and which are not.

    action,customer,other
    join,cus_a,cus_b
    apart,cus_c,

dbt reads the file itself; here it is checked before a run, so that a mistake is reported with its
line number.
"""

from stripe_pipeline.errors import UsageError
from stripe_pipeline.inputs.csv_lines import csv_lines
from stripe_pipeline.settings import Settings
from stripe_pipeline.values.words import counted

COLUMNS = ("action", "customer", "other")
_SETTING = "STRIPE_PIPELINE_PERSON_OVERRIDES"
_BOTH_FORMS = "write `join,cus_a,cus_b` or `apart,cus_a,`"


def check_overrides(settings: Settings) -> None:
    """Check the overrides file that the settings name, if they name one.

    Unknown customer ids are no error, so that a deleted customer doesn't break the file.

    Raises:
        UsageError: the file can't be read, or one of its lines can't be used.
    """
    path = settings.person_overrides
    if path is None:
        return
    lines = csv_lines(path, "overrides file", _SETTING)
    if not lines or tuple(lines[0][1]) != COLUMNS:
        raise UsageError(f"The first line of {path} must be `{','.join(COLUMNS)}`; add it.")
    for number, line in lines[1:]:
        if reason := _refusal(line):
            raise UsageError(f"Line {number} of {path} {reason}; {_BOTH_FORMS}.")


def _refusal(line: list[str]) -> str | None:
    """Return what is wrong with a line; None if nothing is."""
    if len(line) != len(COLUMNS):
        return f"has {counted(len(line), 'value')} and not {len(COLUMNS)}"
    action, customer, other = line
    if action not in ("join", "apart"):
        return f"has the action {action or '(none)'}, which doesn't exist"
    if not customer:
        return "names no customer"
    if action == "join" and not other:
        return f"joins {customer} with no one"
    if action == "apart" and other:
        return f"takes {customer} apart from {other}; a customer is apart from everybody"
    return None
