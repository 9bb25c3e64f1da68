"""Numbers in sentences, with a noun and a verb that agree with them."""


def counted(number: int, noun: str, several: str = "") -> str:
    """Return a number with its noun: "1 rate", "1,200 rates"; `several` is an irregular plural."""
    return f"{number:,} {noun if number == 1 else several or noun + 's'}"


def agreeing(number: int, one: str, several: str) -> str:
    """Return the word that agrees with a number: `one` with 1, `several` with any other."""
    return one if number == 1 else several
