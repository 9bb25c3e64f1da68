"""The values that ugly merchants are made of."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random

from ..oracle.objects import Body
from ..oracle.question import Question

AMOUNTS = (
    1,
    2,
    7,
    50,
    99,
    100,
    101,
    333,
    999,
    1050,
    1190,
    12_345,
    49_999,
    50_000,
    99_999_999,
    2_147_483_648,
    4_294_967_297,
    999_999_999_999,
)

# Up to, for a unit, flat: graduated or by volume, with free units, flat amounts alone, decimals.
TIERS = tuple(
    [
        {
            "up_to": up_to, "unit_amount": unit, "unit_amount_decimal": decimal,
            "flat_amount": flat, "flat_amount_decimal": None,
        }
        for up_to, unit, decimal, flat in tiers
    ]
    for tiers in (
        ((10, 100, "100", None), (None, 50, "50", 1000)),
        ((1, 0, None, 500), (10, None, "0.25", None), (None, None, None, 2000)),
        ((2, None, "33.333333", None), (16, 20, None, 1), (100, 10, None, 1), (None, 5, None, 0)),
        ((None, 999, None, None),),
    )
)  # fmt: skip

# Yen and rupees without digits, dinar with three, krónur and shillings as Stripe counts them;
# dirhams have no rate at all, krónur none before spring.
CURRENCIES = ("usd", "usd", "eur", "jpy", "kwd", "isk", "ugx")
RATELESS = (*CURRENCIES, "aed")
RATES: tuple[tuple[date, str, Decimal], ...] = (
    (date(2020, 1, 1), "usd", Decimal("0.9231")),
    (date(2020, 1, 1), "eur", Decimal("1.0833")),
    (date(2026, 3, 1), "eur", Decimal("1.1")),
    (date(2026, 8, 30), "eur", Decimal("1.17555")),
    (date(2026, 3, 10), "kwd", Decimal(5)),  # a thousandth of a dinar is half a cent
    (date(2020, 1, 1), "jpy", Decimal("0.00673421")),
    (date(2026, 2, 28), "jpy", Decimal("0.0070")),
    (date(2020, 1, 1), "kwd", Decimal("3.2612345678")),
    (date(2020, 1, 1), "ugx", Decimal("0.000271")),
    (date(2026, 3, 15), "isk", Decimal("0.0073")),
)

NAMES = (
    *("Ada Lovelace", "ada", "  Ada  Lovelace ", "", None, "Dr. Martin Luther King, Jr."),
    *("Müller & Söhne GmbH", "山田太郎", "José da Silva", "=SUM(A1:A9)", "🦊 Fox", "van der Berg"),
    *("O'Neil", "Љубица", "محمد علي", "\u200b", "A\nB", "-1+1", 'say "hi"', "x" * 256),
)
EMAILS = (
    *("ada@example.com", " Ada@Example.COM ", "a@b", "a@@b.c", "@b.c", "a@.c", "a@b.", "", None),
    *("a b@c.de", "jörg@bücher.example", "a\u200b@b.de", "\u00a0a@b.de\u3000", "a@b..de", "nobody"),
    *(
        "a@b.de\n",
        "a@b\t.de",
        "\ufeffa@b.de",
        "a,b@c.de",
        "a@b.de,c@d.ef",
        "ÄÖ@Ü.de",
        "a@b\u2028.c",
    ),
)
PHONES = (
    *(None, "", "+49 30 901820", "030 901820", "(555) 010-9999", "+1 212 555 0123", "call me"),
    *("0049 30 901820", "00000", "+81 3-1234-5678", "12", "٠٣٠٩٠١٨٢٠", "+999 123", "2125550123 x7"),
)
# Metadata keys with what JSON paths, SQL and column names trip over.
METADATA = ("person.id", "VIP level", 'o\'clock "x"', "Käufer-Nr.")
COUNTRIES = (
    *(None, "DE", "DE", "US", "US", "JP", "GB", "XX", "de", ""),
    *("United States", "U.S.A.", "Deutschland", "DEU", "UK", "日本", "Korea", "Atlantis", "N/A"),
    *("GER", "EL", "840", "Bundesrepublik Deutschland", "America", "Congo", "AN"),
)
LOCALES: tuple[list[str] | None, ...] = (None, [], ["de-DE"], ["en", "fr"], ["en_US"], ["English"])


@dataclass(frozen=True)
class Calendar:
    """The moments at which things happen, in Unix seconds: boundaries, and a few plain ones."""

    as_of: int
    moments: tuple[int, ...]

    def soon(self, random: Random) -> int:
        """A moment within some days around the as-of instant."""
        return self.as_of + 86_400 * random.choice((-1, 0, 1, 3, 3, 4)) + random.choice((-1, 0, 1))


def calendar_of(question: Question) -> Calendar:
    """The boundaries of a question: the as-of instant, cuts of segments, midnights, months."""
    cuts = [question.as_of, question.months_before(6), *map(question.days_before, (7, 30))]
    midnight = question.local(question.as_of).replace(hour=0, minute=0, second=0, microsecond=0)
    edges = [*cuts, midnight, midnight - timedelta(days=17)]
    plain = [
        datetime(2013, 5, 17, 3, 4, 5, tzinfo=UTC),  # older than any rate
        datetime(2025, 12, 31, 23, 30, tzinfo=UTC),
        datetime(2026, 2, 28, 12, tzinfo=UTC),
    ]
    return Calendar(_seconds(question.as_of), tuple(_around(edges)) + tuple(map(_seconds, plain)))


def _around(edges: Iterable[datetime]) -> Iterable[int]:
    for edge in edges:
        yield from (_seconds(edge) - 1, _seconds(edge), _seconds(edge) + 1)


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def email(random: Random, prefix: str) -> str | None:
    """An address: well or ill-formed, of an office, or one that this merchant's customers share."""
    own = f"{random.choice(('ada', 'bob'))}@{prefix}.example.com"
    written = (own, own, f" {own.upper()}", f"{own}\u200b", own.replace("@", "+tag@"))
    role = f"{random.choice(('info', 'Sales', 'noreply+7', 'inform'))}@{prefix}.example.com"
    others = random.choice(EMAILS), random.choice(EMAILS), random.choice(_respelled(prefix))
    return random.choice((*written, role, *others))


def _respelled(prefix: str) -> tuple[str, ...]:
    """Spellings of one mailbox: composed and not, its domain in Unicode and in ASCII."""
    shown, encoded = f"{prefix}.bücher.example.com", f"{prefix}.xn--bcher-kva.example.com"
    domains = (shown, encoded, shown.upper(), unicodedata.normalize("NFD", shown))
    return tuple(f"{name}@{domain}" for name in ("zoë", "zoe\u0308", "ZOË") for domain in domains)


def phone(random: Random, prefix: str) -> str | None:
    """A number: well or ill-formed, or one that this merchant's customers share."""
    own = f"1512 34{int(prefix[1:]):03d}{random.choice(('11', '22'))}"
    written = (f"+49 {own}", f"0049{own}", f"0{own}", f"+49 (0){own}")
    return random.choice((*written, *PHONES))


def contact(random: Random, prefix: str) -> Body:
    """A customer's contact fields, ill-formed, empty or absent."""
    address = {
        "line1": random.choice((None, "Hauptstr. 1", "")),
        "line2": random.choice((None, "c/o Bob")),
        "city": random.choice((None, "Köln")),
        "state": random.choice((None, "NRW")),
        "postal_code": random.choice((None, "01067")),
        "country": random.choice(COUNTRIES),
    }
    return {
        "name": random.choice(NAMES),
        "email": email(random, prefix),
        "phone": phone(random, prefix),
        "address": random.choice((None, address, address)),
        "preferred_locales": random.choice(LOCALES),
        "business_name": random.choice((None, None, None, "Acme Inc.")),
        "individual_name": random.choice((None, None, None, "Grace Hopper")),
    }
