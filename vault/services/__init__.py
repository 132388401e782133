"""Entering and verifying the audit trail; keys made sure of and rotated.

Who lets somebody read what is sealed calls `enter_trail` first, in the same atomic block: what cannot be
entered is not read. What is refused is entered by `enter_failure`, after the block that refused it is left.
"""

from vault.services.keys import RotationIncomplete, ensure_key, put_new_key, rotate_keys
from vault.services.trail import Actor, enter_failure, enter_trail, find_fault, hmac_hex

__all__ = [
    "Actor",
    "RotationIncomplete",
    "ensure_key",
    "enter_failure",
    "enter_trail",
    "find_fault",
    "hmac_hex",
    "put_new_key",
    "rotate_keys",
]
