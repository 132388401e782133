"""Sealed fields, and the tables of the audit trail."""

from vault.models.sealed import SealedModel, SealedQuerySet
from vault.models.trail import TrailEntry, TrailHead
from vault.models.values import Sealed, SealedBinaryField, SealedTextField

__all__ = [
    "Sealed",
    "SealedBinaryField",
    "SealedModel",
    "SealedQuerySet",
    "SealedTextField",
    "TrailEntry",
    "TrailHead",
]
