"""What all due messages of a campaign have in common: empty tokens, billed segments, failures."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from stripe_pipeline.activation.campaign import Campaign
from stripe_pipeline.activation.previews.sms_segments import segments_of
from stripe_pipeline.activation.rendering import Message, Rendered
from stripe_pipeline.activation.templating.aliases import aliased


@dataclass
class Totals:
    """Counts over all due messages.

    `seen` counts for each token the people whose text names it, `empty` those for whom it prints
    nothing by itself. `segments` counts text messages by how many segments they are billed as.
    """

    campaign: Campaign
    seen: Counter[str] = field(default_factory=Counter)
    empty: Counter[str] = field(default_factory=Counter)
    segments: Counter[int] = field(default_factory=Counter)
    alphabets: Counter[str] = field(default_factory=Counter)
    failed: set[str] = field(default_factory=set)
    example: Message | None = None
    _tokens: dict[tuple[str | None, ...], list[str]] = field(default_factory=dict)

    def take(
        self, rendered: Rendered, profiles: Sequence[Mapping[str, Any]], extras: Mapping[str, Any]
    ) -> None:
        """Count a batch of messages with the profiles that they were filled with."""
        self.failed |= set(rendered.failed["message_key"].to_pylist())
        self.example = self.example or next(iter(rendered.messages), None)
        for profile in profiles:
            self._count_tokens(aliased(profile, extras), profile.get("locale"))
        if self.campaign.channel == "sms":
            for message in rendered.messages:
                billed = segments_of(message["body"])
                self.segments[billed.segments] += 1
                self.alphabets[billed.alphabet] += 1

    def tokens(self) -> list[dict[str, Any]]:
        """Return each token with its people and for how many of them it is empty."""
        return [
            {"token": token, "people": self.seen[token], "empty": self.empty[token]}
            for token in sorted(self.seen, key=lambda one: (-self.empty[one], one))
        ]

    @property
    def billed(self) -> int:
        """The segments of all text messages together."""
        return sum(segments * messages for segments, messages in self.segments.items())

    def cost(self, price: Decimal | None) -> Decimal | None:
        """Return what they cost at a price a segment; None without a price."""
        return None if price is None else price * self.billed

    def _count_tokens(self, values: Mapping[str, Any], locale: str | None) -> None:
        key = self.campaign.wording_key(locale)
        if key not in self._tokens:
            wording = self.campaign.wording(locale).values()
            self._tokens[key] = sorted({token for each in wording for token in each.tokens})
        for token in self._tokens[key]:
            self.seen[token] += 1
            self.empty[token] += _is_empty(values, token)


def _is_empty(values: Mapping[str, Any], token: str) -> bool:
    found: Any = values
    for part in token.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found is None or found is False or found in ("", [], {}) or not str(found).strip()
