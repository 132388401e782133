"""Key-encryption keys: how they are written, told apart, and what is derived from them."""

import base64
import binascii
import hashlib
import hmac
import re
from dataclasses import dataclass

from cryptography.hazmat.primitives.hashes import SHA256, HashAlgorithm
from cryptography.hazmat.primitives.hmac import HMAC

KEY_BYTES = 32
ID_BYTES = 8
UNREADABLE = (
    "保险库密钥无法识别：每个密钥应为 32 字节的 Base64 或 64 位十六进制数，多个密钥以逗号或换行分隔。"
)
REPEATED = "保险库密钥重复。"


class KeyRefused(Exception):
    """The text given as keys is not one; the message says what is expected, never what was given."""


class KeyUnknown(Exception):
    """Something was sealed under a key that is not at hand."""


@dataclass(frozen=True, slots=True, repr=False)
class Key:
    """One key-encryption key; `id` follows from the key, so that it needs no register."""

    id: bytes
    material: bytes


@dataclass(frozen=True, slots=True, repr=False)
class KeyRing:
    """The keys at hand. The first seals, all of them open."""

    keys: tuple[Key, ...]

    @property
    def current(self) -> Key:
        return self.keys[0]

    def key(self, key_id: bytes) -> Key:
        """The key of this id.

        Raises KeyUnknown.
        """
        for key in self.keys:
            if hmac.compare_digest(key.id, key_id):
                return key
        raise KeyUnknown(key_id.hex())


def parse_keys(text: str) -> KeyRing:
    """Reads one or more keys, separated by commas or line breaks, the current one first.

    Raises KeyRefused for anything that is not exactly that.
    """
    parts = [part.strip() for part in re.split(r"[,\n]", text.strip())]
    ring = KeyRing(tuple(key_of(_material(part)) for part in parts))
    if len({key.id for key in ring.keys}) != len(ring.keys):
        raise KeyRefused(REPEATED)
    return ring


def key_of(material: bytes) -> Key:
    """The key made of 32 bytes, with its id."""
    return Key(id=hashlib.sha256(b"tanxin vault key id" + material).digest()[:ID_BYTES], material=material)


def write_key(material: bytes) -> str:
    """How a key stands in a key file."""
    return base64.b64encode(material).decode()


def derive(
    secret: bytes, purpose: str, length: int = KEY_BYTES, *, digest: type[HashAlgorithm] = SHA256
) -> bytes:
    """A key for one purpose out of a uniformly random secret (HKDF-Expand of RFC 5869, one block)."""
    block = HMAC(secret, digest())
    block.update(purpose.encode() + b"\x01")
    return block.finalize()[:length]


def _material(text: str) -> bytes:
    if re.fullmatch(r"[0-9A-Fa-f]{64}", text):
        return bytes.fromhex(text)
    try:
        material = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise KeyRefused(UNREADABLE) from error
    if len(material) != KEY_BYTES:
        raise KeyRefused(UNREADABLE)
    return material
