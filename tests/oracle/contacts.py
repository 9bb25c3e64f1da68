"""Contact fields as the definitions word them."""

import unicodedata

import email_validator
import phonenumbers

# Part of no mailbox's name; an address may begin or end with one all the same.
QUOTES = "'`"
BLANK = {"Zs", "Zl", "Zp", "Cc", "Cf"}


def _is_blank(character: str) -> bool:
    return unicodedata.category(character) in BLANK


def trim(text: str) -> str:
    """Take separators, controls and invisible characters off both ends."""
    start, end = 0, len(text)
    while start < end and _is_blank(text[start]):
        start += 1
    while end > start and _is_blank(text[end - 1]):
        end -= 1
    return text[start:end]


def email(text: str | None) -> str | None:
    """A trimmed lower-case address, or None for what can't be one."""
    address = trim(text or "").lower()
    local, _, domain = address.partition("@")
    dotted = "." in domain and all(domain.split("."))
    sound = address.count("@") == 1 and local and dotted
    return address if sound and not any(map(_is_blank, address)) else None


def joinable(text: str | None) -> str | None:
    """An address that can be written to, as far as that is known without asking anyone."""
    address = email(text)
    try:
        email_validator.validate_email(
            address or "", check_deliverability=False, test_environment=True
        )
    except email_validator.EmailNotValidError:
        return None
    return address


def mailbox(text: str | None) -> str | None:
    """What two spellings of one person's address have in common; None for what joins no one."""
    address = joinable(text)
    if address is None:
        return None
    parts = email_validator.validate_email(
        address, check_deliverability=False, test_environment=True
    )
    local = unicodedata.normalize("NFC", parts.local_part)
    return f"{local.strip(QUOTES)}@{parts.ascii_domain}"


def phone(text: str | None, country: str | None) -> str | None:
    """A number in E.164 form, read in the customer's country, or None for what is no number.

    Most of the world dials 00 abroad, so a number that begins so and is none at home is read as +.
    """
    written = trim(text or "")
    abroad = f"+{written[2:]}" if written.startswith("00") else None
    return _valid(written, country) or _valid(abroad or "", None)


# Countries and languages in other than their codes, each as two people would read it.
COUNTRIES: dict[str, str | None] = {
    "United States": "US", "U.S.A.": "US", "united states of america": "US", "USA": "US",
    "Deutschland": "DE", "DEU": "DE", "UK": "GB", "日本": "JP", "Korea": "KR", "Congo": None,
    "GER": "DE", "EL": "GR", "840": "US", "Bundesrepublik Deutschland": "DE", "America": "US",
    "AN": None, "Atlantis": None,
    "N/A": None, "Germany": "DE", "United States of America": "US", "France": "FR", "FRA": "FR",
    "England": "GB",
}  # fmt: skip
LOCALES: dict[str, str | None] = {"en_US": "en-US", "English": None, "de-de": "de-DE"}


def country(text: str | None) -> str | None:
    """The ISO 3166 alpha-2 code of what stands in an address."""
    if text in COUNTRIES:
        return COUNTRIES[text]
    code = (text or "").strip().upper()
    return code if code in phonenumbers.SUPPORTED_REGIONS else None


def locale(text: str | None) -> str | None:
    """The BCP 47 tag of a preferred locale."""
    return LOCALES.get(text or "", text or None)


def _valid(text: str, region: str | None) -> str | None:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
