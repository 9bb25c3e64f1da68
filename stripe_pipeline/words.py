"""Numbers in sentences: a noun and a verb that agree with how many there are."""


def counted(number: int, noun: str, several: str = "") -> str:
    """A number with its noun: "1 rate", "1,200 rates"; `several` is a plural without an s."""
    return f"{number:,} {noun if number == 1 else several or noun + 's'}"


def agreeing(number: int, one: str, several: str) -> str:
    """The word that goes with a number: "is" with 1, "are" with any other."""
    return one if number == 1 else several
