"""Fingerprints of records, by which they are compared unopened (talks/rules/fingerprints.py)."""

from typing import Self

from django.db import models
from django.db.models import Q

from talks.models.talks import Talk
from talks.rules.fingerprints import VERSION
from vault.models import SealedBinaryField, SealedModel, SealedQuerySet


class FingerprintQuerySet(SealedQuerySet["Fingerprint"]):
    """Fingerprints, by how they were made."""

    def current(self) -> Self:
        """Those that can be compared with one another."""
        return self.filter(version=VERSION)


class Fingerprint(SealedModel):
    """The fingerprint of one record, made whenever its text is written; empty where the text is.

    An amendment changes nothing in it: the confirmed text stays. What a subject said in a group talk is not
    in it.
    """

    talk = models.OneToOneField(Talk, models.CASCADE, primary_key=True, related_name="fingerprint")
    version = models.PositiveSmallIntegerField(default=VERSION)
    value = SealedBinaryField()

    objects = FingerprintQuerySet.as_manager()

    class Meta:
        verbose_name = "内容指纹"

    def __str__(self) -> str:
        return str(self.talk_id)

    def sealed_identity(self) -> str:
        return str(self.talk_id)


# Records without a fingerprint, or with one made in an older way.
WITHOUT = Q(fingerprint=None) | ~Q(fingerprint__version=VERSION)
