"""How national numbers read, and which country an area code of calling code 1 belongs to."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberType

from orchestrator.domain.errors import UserError

NANP = 1
NANP_FIRST, NANP_END = 10**10, 2 * 10**10  # +1 and ten digits, as an integer
AREA = 10**7  # numbers in an area code
AREA_CODES = range(200, 1000)
LONGEST = 15  # digits of an E.164 number
SHARED = {PhoneNumberType.TOLL_FREE, PhoneNumberType.PREMIUM_RATE, PhoneNumberType.PERSONAL_NUMBER}

Numbers = npt.NDArray[np.uint64]


@lru_cache(maxsize=1)
def country_by_area_code() -> dict[int, str]:
    """The country of every area code of calling code 1; those that countries share, or that nobody has, are absent."""
    found = {}
    for area_code in AREA_CODES:
        number = PhoneNumber(country_code=NANP, national_number=area_code * AREA + 2345678)
        country = phonenumbers.region_code_for_number(number)
        if country is not None and phonenumbers.number_type(number) not in SHARED:
            found[area_code] = country
    return found


def area_codes_of(country: str) -> frozenset[int]:
    """The area codes of a country of calling code 1, empty for all others."""
    return frozenset(code for code, holder in country_by_area_code().items() if holder == country)


def calling_code_of(country: str) -> int:
    """The country's calling code; raises UserError where there is no such country."""
    code = phonenumbers.country_code_for_region(country)
    if code == 0:
        raise UserError(f"'{country}' is no country; use its two letters, as in US, GB or AU.")
    return int(code)


def is_long_enough(number: int) -> bool:
    """Whether a number has as many digits as its country's numbers may have."""
    try:
        parsed = phonenumbers.parse(f"+{number}")
    except phonenumbers.NumberParseException:
        return False
    too_short = {phonenumbers.ValidationResult.TOO_SHORT, phonenumbers.ValidationResult.IS_POSSIBLE_LOCAL_ONLY}
    return phonenumbers.is_possible_number_with_reason(parsed) not in too_short


def as_integers(numbers: Sequence[str]) -> Numbers:
    """E.164 texts as integers."""
    return np.fromiter(map(int, numbers), np.uint64, len(numbers))


def ascending(parts: Sequence[Numbers]) -> Numbers:
    """All numbers, each once, in order. Sorted, not hashed as by numpy.unique, which is slow on millions."""
    if not parts:
        return np.zeros(0, np.uint64)
    numbers = np.sort(np.concatenate(parts), kind="stable")  # quick on parts that are in order already
    return numbers[np.append(True, numbers[1:] != numbers[:-1])] if len(numbers) else numbers


def with_calling_code(numbers: Numbers, calling_code: int) -> npt.NDArray[np.bool_]:
    """Which of the numbers begin with the calling code; no code is the beginning of another."""
    matches = np.zeros(len(numbers), np.bool_)
    for behind in range(LONGEST):
        matches |= numbers // np.uint64(10**behind) == calling_code
    return matches


def area_codes(numbers: Numbers) -> npt.NDArray[np.int64]:
    """The area code of each number of calling code 1, zero for others."""
    inside = (numbers >= NANP_FIRST) & (numbers < NANP_END)
    return np.where(inside, numbers // np.uint64(AREA) % np.uint64(1000), 0).astype(np.int64)
