"""How many segments a text is sent in."""

# The basic GSM 03.38 alphabet, and the characters of its extension, which take two places.
_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("^{}\\[~]|€\f")


def segments_of(body: str) -> int:
    """Segments: 160 GSM-7 characters alone or 153 each; 70 or 67 as soon as one character is outside that alphabet."""
    if all(character in _BASIC or character in _EXTENDED for character in body):
        length = len(body) + sum(character in _EXTENDED for character in body)
        alone, joined = 160, 153
    else:
        length, alone, joined = len(body.encode("utf-16-le")) // 2, 70, 67
    return 1 if length <= alone else -(-length // joined)
