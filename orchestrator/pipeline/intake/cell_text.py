"""What people and spreadsheets put around a value, taken away before it is read."""

import unicodedata
from functools import lru_cache


def words(text: str) -> frozenset[str]:
    """The set of words in a text: how this package writes its vocabularies."""
    return frozenset(text.split())


PLACEHOLDERS = words(
    "- -- --- . .. ? x n/a #n/a na n.a. n.a none null nil (null) (none) nan undefined unknown unk tbd tba tbc "
    "0 empty missing leer keine keiner unbekannt aucun aucune inconnu ninguno ninguna desconocido nd n/d s/d "
    "s/n"
) | {"no phone", "no number", "not available", "not given", "not provided", "not applicable", "no telephone"}
SPACES = {"Zs": " ", "Zl": " ", "Zp": " ", "Pd": "-"}


def cleaned(cell: str) -> str:
    """The cell without outer space and without signs that cannot be seen; digits of every script become ASCII."""
    if cell.isascii():
        return cell.strip()
    return "".join(map(_visible, unicodedata.normalize("NFKC", cell))).strip()


def value(cell: str) -> str:
    """The cleaned cell, empty where it holds only a word for nothing."""
    text = unwrapped(cleaned(cell))
    return "" if text.lower() in PLACEHOLDERS else text


@lru_cache(maxsize=65_536)
def tidy(cell: str) -> str:
    """The value with every run of space as one."""
    return " ".join(value(cell).split())


def unwrapped(text: str) -> str:
    """The text without a spreadsheet's marks for "this is text": a leading apostrophe, or ="…"."""
    if text[:1] not in "='\"`":
        return text
    return text.lstrip("='\"`").rstrip("'\"`").strip()


def folded(text: str) -> str:
    """Lower case without accents, and every run of other signs as one space: for comparing words."""
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    return " ".join("".join(sign if sign.isalnum() else " " for sign in plain.casefold()).split())


def _visible(sign: str) -> str:
    category = unicodedata.category(sign)
    if category in {"Cf", "Mn"} and sign not in "\t\n\r":
        return "" if category == "Cf" else sign
    if category == "Nd":
        return str(unicodedata.digit(sign))
    return SPACES.get(category, sign)
