"""One way to turn a value into a fingerprint.

Values are written as canonical JSON (ASCII, no blanks, tuples as lists) and hashed with BLAKE2b of 16 bytes, so
equal values have equal digests whatever the process, hash seed or machine. This room knows no type by name.
"""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from hashlib import blake2b

DIGEST_BYTES = 16


def digest_bytes(data: bytes) -> str:
    """Return the digest of raw bytes, as 32 hexadecimal characters."""
    return blake2b(data, digest_size=DIGEST_BYTES).hexdigest()


def digest(value: object) -> str:
    """Return the digest of a value made of None, bool, int, float, str, tuples, lists, dicts with string keys
    and frozen dataclasses, as 32 hexadecimal characters.

    A dataclass counts with its class name and all its fields; a dict counts in the order of its keys.
    Raises TypeError for anything else: a set has no order that could be relied on.
    """  # noqa: D205 - the contract is one sentence
    return digest_bytes(canonical(value).encode("ascii"))


def canonical(value: object) -> str:
    """Return the canonical text that `digest` hashes: different values never share one."""
    return _encode(value)


_FIELDS: dict[type, tuple[str, ...]] = {}
"""The names of the fields of each dataclass that was met: asking for them costs as much as writing them."""


def _expand(value: object) -> object:
    kind = type(value)
    if kind not in _FIELDS:
        if not is_dataclass(kind):
            raise TypeError(f"a {kind.__name__} cannot take part in a fingerprint")
        _FIELDS[kind] = tuple(field.name for field in fields(kind))
    return {kind.__name__: [getattr(value, name) for name in _FIELDS[kind]]}


_encode = json.JSONEncoder(
    ensure_ascii=True, sort_keys=True, separators=(",", ":"), default=_expand, check_circular=False
).encode
"""Made once: `json.dumps` makes one for each call that asks for anything."""
