"""Placeholders that shops write for a missing name, in several languages.

None of them is a first name. Some are surnames (Guest, Test, Null), others surely not.
"""
# ruff: noqa: RUF001 - letters of other scripts that look like Latin ones are meant.

import re

# Words for a buyer: beside one, no word is a name (Valued Customer, Test User, Neuer Kunde).
_ROLES = """
    account admin administrator buyer client customer shopper user visitor
    benutzer käufer kunde kundin nutzer
    acheteur cliente utilisateur utilisatrice visiteur
    comprador usuaria usuario usuário utilizador visitante
    acquirente utente visitatore
    gebruiker klant bezoeker
    användare bruger bruker kund asiakas käyttäjä
    klient klientka użytkownik uzytkownik zákazník uživatel kullanıcı müşteri
    клиент покупатель пользователь пользователя
    ユーザー 用户 用戶 客户 客戶 고객
"""
_UNKNOWN = """
    anonymous firstname lastname na nobody noname none null surname undefined unknown unnamed
    anonym nachname niemand unbekannt vorname
    anonyme inconnu inconnue nom prenom prénom
    anonimo anónimo anônimo apellido desconocido desconocida desconhecido ninguno nombre
    cognome nessuno nome sconosciuto
    anoniem onbekend geen okänd ukendt ukjent tuntematon
    anonimowy brak nieznany neznámý anonim bilinmeyen
    аноним неизвестно неизвестный 匿名 名無し 익명 مجهول
"""
_STAND_INS = """
    demo dummy example guest member name sample test tester testing
    beispiel gast muster mustermann
    essai exemple invité invitée
    ejemplo invitado invitada prueba convidado teste
    esempio ospite prova
    voorbeeld gäst gæst gjest testi vieras
    gość misafir
    гость тест тестовый
    ゲスト テスト 测试 測試 游客 访客 訪客 테스트 손님 زائر ضيف اختبار אורח
"""
_ROLE_WORDS = frozenset(_ROLES.split())
_UNKNOWN_WORDS = frozenset(_UNKNOWN.split())
_ALL_WORDS = _ROLE_WORDS | _UNKNOWN_WORDS | frozenset(_STAND_INS.split())
_BETWEEN = re.compile(r"[\W\d_]+")


def is_placeholder(word: str) -> bool:
    """Return whether a word is a placeholder for a missing name: Guest, TEST-USER, customer42."""
    return _consists_of(word, _ALL_WORDS)


def is_role(word: str) -> bool:
    """Return whether a word is a customer's role in the shop, and no surname."""
    return _consists_of(word, _ROLE_WORDS)


def is_unknown(word: str) -> bool:
    """Return whether a word says that a name isn't known."""
    return _consists_of(word, _UNKNOWN_WORDS)


def _consists_of(word: str, words: frozenset[str]) -> bool:
    lower = word.casefold()
    if lower.replace("/", "").replace(".", "") == "na":
        return "na" in words
    parts = [part for part in _BETWEEN.split(lower) if part]
    return bool(parts) and all(_is_one(part, words) for part in parts)


def _is_one(part: str, words: frozenset[str]) -> bool:
    """Return whether it is one of the words, or one of them after "test", as in testuser."""
    return part in words or (part.startswith("test") and part.removeprefix("test") in words)
