"""Recognize company names by the legal forms and trade words of many countries."""
# ruff: noqa: RUF001, RUF003 - Cyrillic and Latin letters that look alike are meant as they stand.

import re
import unicodedata

# Words in a company's name and in no person's, anywhere but at its beginning: legal forms, as
# they read without dots, and what companies call themselves.
_WORDS = """
    aps asbl bhd bvba cic corp corporation doo eood eirl eireli eurl fzco fze fzllc gbr gesmbh
    gmbh inc incorporated jdoo kft limitada limited llc llp lllp lp ltd ltda mbh nyrt ohg
    ood oü oy oyj pllc plc pte pty pvt sapi sarl sasu sàrl scop sdn sicav snc spa sprl srl srls
    sro şti tbk tnhh uab vof vzw wll zrt ооо зао пао оао тов тоо ικε επε
    academy agency agentur agence akademie apotheke architects architekten association associates
    associés atelier autohaus bakery bank bistro boutique brewery bäckerei café center centre
    catering cleaning clinic club coffee college company compagnie compañía construction
    consultancy consulting coop cooperative dental design digital distribution enterprises estates
    fitness foundation fund gallery garage gastronomie genossenschaft gesellschaft global group
    groupe grupo gruppe holding holdings hospital hotel immobilien import industries industrie
    institut institute insurance international investments kanzlei kliniek klinik labs laboratories
    logistics logistik markets media ministries motors museum networks nonprofit partners
    partnership pharmacy photography pizzeria praxis productions properties publishing realty
    records restaurant ristorante robotics school schule services sociedad società société software
    solutions spółka stiftung store studio studios supplies systems team tech technologies
    technology trading transport travel trust university università universität universidad
    université ventures verein verlag versicherung werbeagentur werkstatt wines workshop
"""
# Those with which a company's name may begin: Hotel Adler, ООО Ромашка, PT Maju Jaya.
_FIRST_WORDS = """
    agentur apotheke association atelier autohaus bäckerei bistro boulangerie café cabinet clinique
    consorzio fahrschule ferienhaus ferienwohnung firma fundación gasthaus gasthof grupo groupe
    hotel hôtel institut kanzlei librairie osteria pizzeria praxis pt restaurant ristorante società
    société stiftung studio team the trattoria universidad universität università université
    university verein verlag weingut ооо зао пао оао ао ип тов тоо пп شركة مؤسسة חברת công
"""
# Surnames or first names as well (Maria Sa, Kenneth Co), so they must stand last, and in capitals
# or with their dots: Acme SA, Acme s.a.
_LAST_WORDS = (
    "AB AD AG AŞ AS AE BV BT CO CV DD EK EV GK KG KK KS LP NV OO SA SAS SC SE SIA SK SL SLU SP UG"
)

COMPANY_WORDS = frozenset(_WORDS.split())
FIRST_WORDS = frozenset(_FIRST_WORDS.split())
LAST_WORDS = frozenset(_LAST_WORDS.split())

# What no person's name holds: these signs, digits, a possessive (Bob's Burgers), "of" (Bank of
# Ireland), and legal forms written without blanks.
_MARKS = re.compile(
    r"[&@/+|#]|\d|\w['’][sS]\b|\s[oO][fF]\s|株式会社|有限会社|合同会社|\(株\)|㈱|有限公司|公司|集团|集團|商店|工作室|"
    r"주식회사|유한회사|\(주\)|㈜|บริษัท|בע[\"״]מ"
)
# What people and companies add in brackets: Contoso AB (publ), Jane Doe (work).
BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|<[^<>]*>")
_SIGNS = re.compile(r"\W")
_DOTTED = re.compile(r"(\w\.){2,}\w?|\w{2,}\.")


def is_business(name: str) -> bool:
    """Return whether a name reads like a company's: it has a legal form, trade word, sign or digit.

    A couple ("Anna & Tom Meyer") can't be told from a firm ("Baker & McKenzie") and counts as one.
    """
    if _MARKS.search(name) or _MARKS.search(unicodedata.normalize("NFKC", name)):
        return True
    bares = ((word, _SIGNS.sub("", word)) for word in BRACKETS.sub(" ", name).split())
    words = [(word, bare) for word, bare in bares if bare]
    if len(words) < 2:
        return False
    if words[0][1].lower() in FIRST_WORDS:
        return True
    return _is_last_word(*words[-1]) or any(bare.lower() in COMPANY_WORDS for _, bare in words[1:])


def _is_last_word(word: str, bare: str) -> bool:
    """Return whether the last word is one of LAST_WORDS as a company writes it."""
    if bare.upper() not in LAST_WORDS:
        return False
    return bare.isupper() or bool(_DOTTED.fullmatch(word.rstrip(",")))
