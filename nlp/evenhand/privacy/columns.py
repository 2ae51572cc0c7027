"""Columns that hold identifiers by their name, whatever their values look like: a bare date in a column of births."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from evenhand.privacy.findings import Finding, Kind

_KINDS = {
    "name": Kind.NAME,
    "names": Kind.NAME,
    "full_name": Kind.NAME,
    "first_name": Kind.NAME,
    "forename": Kind.NAME,
    "forenames": Kind.NAME,
    "given_name": Kind.NAME,
    "last_name": Kind.NAME,
    "surname": Kind.NAME,
    "family_name": Kind.NAME,
    "child_name": Kind.NAME,
    "childs_name": Kind.NAME,
    "mother_name": Kind.NAME,
    "father_name": Kind.NAME,
    "parent_name": Kind.NAME,
    "carer_name": Kind.NAME,
    "referrer_name": Kind.NAME,
    "dob": Kind.DATE_OF_BIRTH,
    "d_o_b": Kind.DATE_OF_BIRTH,
    "date_of_birth": Kind.DATE_OF_BIRTH,
    "birth_date": Kind.DATE_OF_BIRTH,
    "birthdate": Kind.DATE_OF_BIRTH,
    "birthday": Kind.DATE_OF_BIRTH,
    "nhs": Kind.NHS_NUMBER,
    "nhs_no": Kind.NHS_NUMBER,
    "nhs_number": Kind.NHS_NUMBER,
    "ni_number": Kind.NATIONAL_INSURANCE,
    "nino": Kind.NATIONAL_INSURANCE,
    "national_insurance": Kind.NATIONAL_INSURANCE,
    "national_insurance_number": Kind.NATIONAL_INSURANCE,
    "upn": Kind.UPN,
    "unique_pupil_number": Kind.UPN,
    "postcode": Kind.POSTCODE,
    "post_code": Kind.POSTCODE,
    "postal_code": Kind.POSTCODE,
    "address": Kind.ADDRESS,
    "home_address": Kind.ADDRESS,
    "phone": Kind.PHONE,
    "phone_number": Kind.PHONE,
    "telephone": Kind.PHONE,
    "tel": Kind.PHONE,
    "mobile": Kind.PHONE,
    "case_number": Kind.CASE_NUMBER,
    "case_no": Kind.CASE_NUMBER,
    "case_ref": Kind.CASE_NUMBER,
    "lcs_id": Kind.CASE_NUMBER,
    "mosaic_id": Kind.CASE_NUMBER,
    "hospital_number": Kind.CASE_NUMBER,
    "crime_number": Kind.CASE_NUMBER,
    "crime_ref": Kind.CASE_NUMBER,
    "school": Kind.SCHOOL,
    "school_name": Kind.SCHOOL,
    "email": Kind.EMAIL,
    "e_mail": Kind.EMAIL,
    "email_address": Kind.EMAIL,
}
_KEYS = frozenset({"id", "key", "row", "n", "no", "number", "index", "uid", "uuid", "guid", "pseudonym", "hash"})
# Names are asked for with every cell; no table has more columns than this that come again and again.
_REMEMBERED = 1024
_APART = re.compile(r"[^a-z0-9]+")


@lru_cache(_REMEMBERED)
def kind_of_column(name: str) -> Kind | None:
    """The kind of identifier that a column holds by its name; None for any other.

    >>> kind_of_column("Date of Birth")
    <Kind.DATE_OF_BIRTH: 'date_of_birth'>
    >>> kind_of_column("referral reason")
    """
    return _KINDS.get(_plain(name))


@lru_cache(_REMEMBERED)
def holds_keys(name: str) -> bool:
    """Whether a column by its name holds keys of rows, which look like case numbers and need not be.

    >>> [holds_keys(name) for name in ("id", "Child ID", "LCS id", "idea")]
    [True, True, False, False]
    """
    plain = _plain(name)
    return plain not in _KINDS and (plain in _KEYS or plain.endswith("_id"))


def is_key(column: str, value: object, findings: Sequence[Finding]) -> bool:
    """Whether all that was found in a value is that it looks like a case number, and it is the key of its row."""
    whole = isinstance(value, str) and [(0, len(value))] == [(finding.start, finding.end) for finding in findings]
    return whole and findings[0].kind is Kind.CASE_NUMBER and holds_keys(column)


def _plain(name: str) -> str:
    return _APART.sub("_", name.lower().replace("'", "")).strip("_")
