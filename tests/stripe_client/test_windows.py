"""Windows are cut, joined and left over without losing a second."""

from hypothesis import given
from hypothesis import strategies as st

from stripe_pipeline.stripe_client.lists.windows import EVERYTHING, OLDEST, Window, gaps, merged

bounds = st.none() | st.integers(0, 30)
windows = st.builds(Window, bounds, bounds).filter(
    lambda window: window.after is None or window.upto is None or window.after < window.upto
)
SECONDS = range(-2, 34)


def held(some: list[Window], second: int) -> int:
    return sum(window.holds(second) for window in some)


@given(st.lists(windows))
def test_what_is_read_and_what_is_left_are_all(read: list[Window]) -> None:
    for second in SECONDS:
        assert held(merged(read), second) == (held(read, second) > 0)
        assert held(gaps(read), second) == (held(read, second) == 0)


@given(st.lists(windows))
def test_joined_windows_are_as_few_as_can_be(read: list[Window]) -> None:
    for left, right in zip(merged(read), merged(read)[1:], strict=False):
        assert left.upto is not None and right.after is not None and left.upto < right.after


@given(windows)
def test_the_middle_cuts_in_two(window: Window) -> None:
    middle = window.middle()
    if middle is not None:
        halves = [Window(window.after, middle), Window(middle, window.upto)]
        for second in SECONDS:
            assert held(halves, second) == window.holds(second)


def test_nothing_read_leaves_everything() -> None:
    assert gaps([]) == [EVERYTHING]
    assert gaps([EVERYTHING]) == []


def test_the_unbounded_past_is_cut_above_stripes_beginning() -> None:
    middle = Window(None, OLDEST + 1000).middle()
    assert middle == OLDEST + 500
    assert Window(None, 100).middle() == 99
    assert Window(None, None).middle() is None


def test_filters_say_the_same() -> None:
    assert Window(1, 5).filters() == [("created[gt]", "1"), ("created[lte]", "5")]
    assert EVERYTHING.filters() == []
