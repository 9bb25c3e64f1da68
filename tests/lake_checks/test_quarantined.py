"""What is in quarantine is told in words that a person understands, with an engineer's behind."""

import pytest

from stripe_pipeline.lake_checks.quarantined import in_plain_words


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("it isn't UTF-8 at its byte 12", "its text is damaged: it isn't UTF-8 at its byte 12"),
        (
            "a text in it has half a surrogate pair",
            "its text is damaged, mostly an emoji cut in half: a text in it has half a surrogate "
            "pair",
        ),
        (
            "it is nested too deeply",
            "it is far more complex than what Stripe documents: it is nested too deeply",
        ),
        ("it has no usable id", "it has no usable id"),
        (
            "its total can't be counted with (Expected int)",
            "its total can't be counted with (Expected int)",
        ),
    ],
)
def test_what_it_means_comes_first(reason: str, said: str) -> None:
    assert in_plain_words(reason) == said
