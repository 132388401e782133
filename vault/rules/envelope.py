"""The envelope of a sealed value.

    algorithm (1) | key id (8) | nonce (12) | wrapped data key (key + 16) | nonce (12) | ciphertext (text +
    16)

Each value has a data key of its own, wrapped by a key-encryption key. Both parts are authenticated together
with the algorithm and the *place*: table, column and identity of the record. So a value opens only where it
was sealed. The key id is bound to the wrapped key alone, which lets a rotation re-wrap without touching the
text.
"""

import secrets
from dataclasses import dataclass
from enum import IntEnum

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256, SM3, HashAlgorithm

from vault.rules.keys import ID_BYTES, Key, KeyRing, derive

NONCE_BYTES = 12
TAG_BYTES = 16


class Algorithm(IntEnum):
    """The algorithm byte."""

    AES_256_GCM = 1
    SM4_GCM = 2


ALGORITHMS = {"AES-256-GCM": Algorithm.AES_256_GCM, "SM4-GCM": Algorithm.SM4_GCM}
DATA_KEY_BYTES = {Algorithm.AES_256_GCM: 32, Algorithm.SM4_GCM: 16}
HASHES: dict[Algorithm, type[HashAlgorithm]] = {Algorithm.AES_256_GCM: SHA256, Algorithm.SM4_GCM: SM3}


class EnvelopeRefused(Exception):
    """The bytes are no envelope, were changed, or were sealed for another place."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value lives; it opens nowhere else."""

    table: str
    column: str
    identity: str

    def encoded(self) -> bytes:
        """Each part with its length before it, so that no two places read alike."""
        parts = [part.encode() for part in (self.table, self.column, self.identity)]
        return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


@dataclass(frozen=True, slots=True)
class _Parts:
    algorithm: Algorithm
    key_id: bytes
    wrap_nonce: bytes
    wrapped: bytes
    nonce: bytes
    sealed: bytes


def seal(plain: bytes, *, place: Place, key: Key, algorithm: Algorithm) -> bytes:
    """Encrypts a value for its place under a new data key."""
    data_key = secrets.token_bytes(DATA_KEY_BYTES[algorithm])
    nonce = secrets.token_bytes(NONCE_BYTES)
    sealed = _encrypt(algorithm, data_key, nonce, plain, _bound(algorithm, place))
    return _wrap(data_key, place, key, algorithm) + nonce + sealed


def unseal(envelope: bytes, *, place: Place, keys: KeyRing) -> bytes:
    """Gives the value back.

    Raises EnvelopeRefused where a bit or the place differs, KeyUnknown where the key is not at hand.
    """
    parts = _split(envelope)
    data_key = _data_key(parts, place, keys)
    return _decrypt(parts.algorithm, data_key, parts.nonce, parts.sealed, _bound(parts.algorithm, place))


def rewrap(envelope: bytes, *, place: Place, keys: KeyRing, algorithm: Algorithm) -> bytes:
    """The same value under the current key; sealed anew where the algorithm changes. Raises as unseal."""
    parts = _split(envelope)
    if parts.algorithm != algorithm:
        return seal(
            unseal(envelope, place=place, keys=keys), place=place, key=keys.current, algorithm=algorithm
        )
    data_key = _data_key(parts, place, keys)
    return _wrap(data_key, place, keys.current, algorithm) + parts.nonce + parts.sealed


def is_current(envelope: bytes, *, key: Key, algorithm: Algorithm) -> bool:
    """Whether the envelope was made with this key and algorithm. Raises EnvelopeRefused for what is none."""
    parts = _split(envelope)
    return parts.key_id == key.id and parts.algorithm == algorithm


def _wrap(data_key: bytes, place: Place, key: Key, algorithm: Algorithm) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    wrapped = _encrypt(
        algorithm, _wrapping_key(key, algorithm), nonce, data_key, _bound(algorithm, place, key.id)
    )
    return bytes([algorithm]) + key.id + nonce + wrapped


def _data_key(parts: _Parts, place: Place, keys: KeyRing) -> bytes:
    wrapping_key = _wrapping_key(keys.key(parts.key_id), parts.algorithm)
    bound = _bound(parts.algorithm, place, parts.key_id)
    return _decrypt(parts.algorithm, wrapping_key, parts.wrap_nonce, parts.wrapped, bound)


def _wrapping_key(key: Key, algorithm: Algorithm) -> bytes:
    """Never one key for two algorithms, and SM3 beside SM4."""
    purpose = f"wrap {algorithm.name}"
    return derive(key.material, purpose, DATA_KEY_BYTES[algorithm], digest=HASHES[algorithm])


def _bound(algorithm: Algorithm, place: Place, key_id: bytes = b"") -> bytes:
    return bytes([algorithm]) + key_id + place.encoded()


def _split(envelope: bytes) -> _Parts:
    try:
        algorithm = Algorithm(envelope[0])
    except (IndexError, ValueError) as error:
        raise EnvelopeRefused("algorithm") from error
    wrapped = DATA_KEY_BYTES[algorithm] + TAG_BYTES
    lengths = (1, ID_BYTES, NONCE_BYTES, wrapped, NONCE_BYTES)
    if len(envelope) < sum(lengths) + TAG_BYTES:
        raise EnvelopeRefused("length")
    pieces, start = [], 0
    for length in lengths:
        pieces.append(envelope[start : start + length])
        start += length
    return _Parts(algorithm, pieces[1], pieces[2], pieces[3], pieces[4], envelope[start:])


def _encrypt(algorithm: Algorithm, key: bytes, nonce: bytes, plain: bytes, bound: bytes) -> bytes:
    if algorithm is Algorithm.AES_256_GCM:
        return AESGCM(key).encrypt(nonce, plain, bound)
    encryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(bound)
    return encryptor.update(plain) + encryptor.finalize() + encryptor.tag


def _decrypt(algorithm: Algorithm, key: bytes, nonce: bytes, sealed: bytes, bound: bytes) -> bytes:
    try:
        if algorithm is Algorithm.AES_256_GCM:
            return AESGCM(key).decrypt(nonce, sealed, bound)
        text, tag = sealed[:-TAG_BYTES], sealed[-TAG_BYTES:]
        decryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce, tag)).decryptor()
        decryptor.authenticate_additional_data(bound)
        return decryptor.update(text) + decryptor.finalize()
    except InvalidTag as error:
        raise EnvelopeRefused("authentication") from error
