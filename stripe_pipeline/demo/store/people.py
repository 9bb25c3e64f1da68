"""The customers' contact details: names, emails, phones and addresses, none of a real person.

Emails are on domains that RFC 2606 reserves, phones in ranges that telephone regulators keep for
films and examples. Real merchants' data is untidy, so some of it is untidy here: see QUIRKS. No two
customers share an address or number by accident, only by a quirk.
"""

import unicodedata
from typing import Any, NamedTuple

from stripe_pipeline.demo.store.chance import Chance


class Market(NamedTuple):
    """A customer's market: country, its tax, and the form of its addresses."""

    country: str
    currency: str
    locale: str
    weight: float
    tax_percent: str
    tax_name: str
    tax_type: str
    tax_inclusive: bool
    phones: tuple[str, ...]  # reserved ranges, with # for the digits that are free
    cities: tuple[tuple[str, str | None, str], ...]  # city, state, postal code


US_AREAS = (
    "212", "201", "205", "206", "213", "214", "215", "216", "217", "218", "224", "225",
    "228", "229", "231", "234", "239", "240", "248", "251", "253", "254", "256", "260",
    "262", "267", "269", "270", "276", "281", "301", "302", "303", "304", "305", "307",
    "308", "309", "310", "312", "313", "314", "315", "316", "317", "318", "319", "320",
    "323", "325", "330", "331",
)  # fmt: skip
US_PHONES = tuple(f"+1{area}5550 1##" for area in US_AREAS)
DE_PHONES = ("+493023125 ###", "+492214710 ###")
GB_PHONES = ("+4420 79460###", "+44117 4960###", "+44121 4960###", "+44161 4960###")

MARKETS = (
    Market("US", "usd", "en-US", 0.52, "8.25", "Sales tax", "sales_tax", False, US_PHONES,
           (("New York", "NY", "10001"), ("Austin", "TX", "73301"), ("Portland", "OR", "97201"))),
    Market("US", "usd", "en-US", 0.08, "0", "", "", False, US_PHONES,
           (("San Francisco", "CA", "94103"), ("Fresno", "CA", "93650"))),
    Market("DE", "eur", "de", 0.09, "19", "MwSt.", "vat", True, DE_PHONES,
           (("Berlin", None, "10115"), ("Köln", None, "50667"), ("München", None, "80331"))),
    Market("FR", "eur", "fr", 0.06, "20", "TVA", "vat", True, ("+33199 00####",),
           (("Paris", None, "75001"), ("Lyon", None, "69001"))),
    Market("GB", "gbp", "en-GB", 0.09, "20", "VAT", "vat", True, GB_PHONES,
           (("London", None, "SW1A 1AA"), ("Leeds", None, "LS1 1UR"))),
    Market("AU", "aud", "en-AU", 0.04, "10", "GST", "gst", True, ("+613 5550####",),
           (("Melbourne", "VIC", "3000"), ("Perth", "WA", "6000"))),
    Market("JP", "jpy", "ja", 0.06, "10", "消費税", "jct", True, US_PHONES,
           (("東京都", None, "100-0001"), ("大阪市", "大阪府", "530-0001"))),
    Market("KW", "kwd", "ar", 0.03, "0", "", "", False, GB_PHONES,
           (("مدينة الكويت", None, "13001"),)),
    Market("IS", "isk", "is", 0.03, "24", "VSK", "vat", True, GB_PHONES,
           (("Reykjavík", None, "101"), ("Akureyri", None, "600"))),
)  # fmt: skip

COUNTRY_CYCLE = 9
COUNTRIES_IN_WORDS = {
    "US": ("United States", "USA", "United States of America", "us"),
    "DE": ("Deutschland", "Germany"),
    "FR": ("France", "FRA"),
    "GB": ("UK", "England"),
    "JP": ("日本",),
}

GIVEN = (
    "Ada", "Ben", "Carla", "David", "Emma", "Farid", "Grace", "Hiro", "Ines", "Jonas", "Karla",
    "Liam", "Maya", "Nils", "Olga", "Paulo", "Quentin", "Rosa", "Samir", "Tara", "Uma", "Victor",
    "Wanda", "Xenia", "Yusuf", "Zoe", "Mary Ann", "Jean-Luc",
)  # fmt: skip
FAMILY = (
    "Abbott", "Becker", "Chandra", "Dubois", "Eriksen", "Fischer", "García", "Hall", "Ivanova",
    "Jensen", "Kowalski", "Lopez", "Müller", "Nguyen", "O'Brien", "Petrov", "Quinn", "Rossi",
    "Schmidt", "Tanaka", "Ueda", "van der Berg", "Weiß", "Xu", "Y\u0131lmaz", "Zhang", "de la Cruz",
)  # fmt: skip
STREETS = ("Main Street", "High Street", "Station Road", "Lindenallee", "Rue des Lilas", "Mill Ln")
DOMAINS = ("mail.example", "post.example", "inbox.example", "example.com", "example.org")

# The untidy names, one for every 8th customer in turn.
ODD_NAME_CYCLE = 8
ODD_NAMES = (
    '=HYPERLINK("http://evil.example","Claim")',
    "+1 for coffee",
    "@sum(1+1)*cmd",
    "-Olga",
    "Acme Roasters GmbH & Co. KG",
    "李小龍",
    "山田 太郎",
    "محمد الأحمد",
    "שרה כהן",
    "Zoë 🎉 Müller",
    "Nguyễn Thị Minh Khai",
    "Fjord & Sons, Inc.",
    "Cher",
    "DR. JOHN O'NEIL III",
    "María-José Carreño Quiñones",
    "  Tess   Spacey ",
    "Robert'); DROP TABLE customers;--",
    'Anna "Annie" Smith',
    "Zeile\nUmbruch",
    "\U0001d4d5\U0001d4ea\U0001d4f7\U0001d4ec\U0001d502 Name",
)
COMPANIES = ("Acme Roasters GmbH & Co. KG", "Fjord & Sons, Inc.")

# What is wrong with the contact details of every 40th customer (by index modulo 40).
QUIRKS = {
    3: "no_email",
    5: "upper_case_twin",
    7: "exact_twin",
    11: "padded_email",
    13: "broken_email",
    14: "with_phone",
    15: "phone_twin",
    18: "no_name",
    19: "broken_phone",
    23: "international_domain",
    29: "empty_email",
    31: "broken_email",
    35: "shared_mailbox",
    36: "shared_mailbox",
    37: "national_phone",
}
QUIRK_CYCLE = 40
OTHER_QUIRKS: dict[str, dict[str, Any]] = {
    "no_name": {"name": None},
    "broken_phone": {"phone": "call me maybe"},
    "national_phone": {"phone": "(212) 555-0147"},
}
BROKEN_EMAILS = ("not-an-email", "two@@signs.example", "blank in@mail.example", "nodomain@", "x@y")


class Person(NamedTuple):
    """Contact details as the merchant holds them, valid or not."""

    name: str | None
    email: str | None
    phone: str | None
    market: Market
    address: dict[str, Any] | None
    is_company: bool


def person(seed: int, index: int) -> Person:
    """Return the customer with this number: a pure function, callable in any order."""
    chance = Chance(f"{seed}/person/{index}")
    market = chance.choices(MARKETS, [market.weight for market in MARKETS])[0]
    name = _name(chance, index)
    ordinary = Person(
        name,
        _email(chance, name, index),
        _phone(chance, market, index) if chance.happens(0.7) else None,
        market,
        _address(chance, market, index) if chance.happens(0.8) else None,
        name in COMPANIES,
    )
    return _with_quirk(ordinary, seed, index)


def _name(chance: Chance, index: int) -> str:
    if index % ODD_NAME_CYCLE == 1:
        return ODD_NAMES[index // ODD_NAME_CYCLE % len(ODD_NAMES)]
    return f"{chance.pick(GIVEN)} {chance.pick(FAMILY)}"


def _email(chance: Chance, name: str, index: int) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    words = ["".join(filter(str.isalnum, word)).lower() for word in plain.split()]
    local = ".".join(filter(None, words)) or "customer"
    return f"{local[:40]}{index}@{chance.pick(DOMAINS)}"


def _phone(chance: Chance, market: Market, index: int) -> str:
    """Return this customer's phone number, with or without a blank."""
    free = market.phones[0].count("#")
    digits = iter(f"{index % 10**free:0{free}d}")
    pattern = market.phones[index // 10**free % len(market.phones)]
    number = "".join(next(digits) if sign == "#" else sign for sign in pattern)
    return number.replace(" ", "") if chance.happens(0.6) else number


def _address(chance: Chance, market: Market, index: int) -> dict[str, Any]:
    city, state, postal_code = chance.pick(market.cities)
    return {
        "city": city,
        "country": _country(market.country, index),
        "line1": f"{chance.randint(1, 250)} {chance.pick(STREETS)}",
        "line2": f"Apt {chance.randint(1, 40)}" if chance.happens(0.2) else None,
        "postal_code": postal_code,
        "state": state,
    }


def _country(code: str, index: int) -> str:
    """Return the country code, or for every ninth customer what an app or import wrote instead."""
    words = COUNTRIES_IN_WORDS.get(code, ())
    if index % COUNTRY_CYCLE or not words:
        return code
    return words[index // COUNTRY_CYCLE % len(words)]


def _with_quirk(ordinary: Person, seed: int, index: int) -> Person:
    quirk = QUIRKS.get(index % QUIRK_CYCLE, "")
    if quirk.endswith("_twin"):
        return _like(ordinary, person(seed, index - 1), quirk)
    email = ordinary.email or ""
    match quirk:
        case "no_email":
            return ordinary._replace(email=None)
        case "empty_email":
            return ordinary._replace(email="")
        case "padded_email":
            return ordinary._replace(email=f"  {email.title()} ")
        case "broken_email":
            return ordinary._replace(email=BROKEN_EMAILS[index // 18 % len(BROKEN_EMAILS)])
        case "with_phone":
            return ordinary._replace(phone=_phone(Chance(index), ordinary.market, index))
        case "shared_mailbox":
            mailbox = f"info@hub{index // QUIRK_CYCLE}.example"
            return ordinary._replace(email=mailbox, name=COMPANIES[index % 2], is_company=True)
        case "international_domain":
            return ordinary._replace(email=email.split("@")[0] + "@kaffee-rösterei.example")
    return ordinary._replace(**OTHER_QUIRKS.get(quirk, {}))


def _like(ordinary: Person, twin: Person, quirk: str) -> Person:
    """Return a person with contact details of another: signed up twice, or a shared mailbox."""
    if quirk == "phone_twin":
        phone = (twin.phone or "").replace(" ", "")
        return ordinary._replace(name=twin.name, phone=f"{phone[:-6]}-{phone[-6:]}")
    if quirk == "upper_case_twin":
        return ordinary._replace(name=twin.name, email=(twin.email or "").upper())
    return ordinary._replace(email=twin.email or "")
