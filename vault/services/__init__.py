"""Entering and verifying the audit trail; keys made sure of and rotated."""

from vault.services.keys import ensure_key, rotate_keys
from vault.services.trail import Actor, enter_failure, enter_trail, find_fault, hmac_hex

__all__ = ["Actor", "ensure_key", "enter_failure", "enter_trail", "find_fault", "hmac_hex", "rotate_keys"]
