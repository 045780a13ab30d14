"""How many segments a text is sent in."""

# The basic GSM 03.38 alphabet, and the characters of its extension, which take two places.
_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("^{}\\[~]|€\f")


def segments_of(body: str) -> int:
    """Segments: 160 GSM-7 characters alone or 153 each; 70 or 67 as soon as one character is outside that alphabet.

    A character of two places is not split: it begins the next segment where one place is left.
    """
    plain = all(character in _BASIC or character in _EXTENDED for character in body)
    alone, joined = (160, 153) if plain else (70, 67)
    places = [1 + (character in _EXTENDED) if plain else len(character.encode("utf-16-le")) // 2 for character in body]
    if sum(places) <= alone:
        return 1
    segments, left = 1, joined
    for place in places:
        if place > left:
            segments, left = segments + 1, joined
        left -= place
    return segments
