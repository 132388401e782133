"""Keys: made sure of at the start, and rotated while everything runs."""

from collections.abc import Iterator

from django.db import transaction

from vault.models.keyring import algorithm, key_ring
from vault.models.sealed import SealedModel, sealed_fields, sealed_models
from vault.models.trail import TrailHead
from vault.models.values import Sealed, SealedField

BATCH = 500


def ensure_key() -> None:
    """Makes sure that a key is at hand and is the one under which this database is sealed.

    Raises ImproperlyConfigured where there is none, KeyUnknown or EnvelopeRefused where it is another one.
    """
    key_ring()
    algorithm()
    head = TrailHead.objects.filter(pk=1).first()
    if head is not None:
        head.secret  # noqa: B018  reading it opens it


def rotate_keys() -> Iterator[tuple[str, int]]:
    """Brings every sealed value under the current key and algorithm; gives (table, values changed) as it
    goes.

    Each batch is a transaction of its own and what is current is passed over: after a kill, a second run
    goes on where the first one stopped. A value that somebody changes meanwhile is left to him, who seals
    it under the current key himself. The old key can go once a run has changed nothing.
    """
    for model in sealed_models():
        for field in sealed_fields(model):
            yield f"{model._meta.db_table}.{field.column}", _rotate(model, field)


def _rotate(model: type[SealedModel], field: SealedField) -> int:
    changed, last = 0, None
    while True:
        rows = model._base_manager.order_by("pk").exclude(**{f"{field.attname}__isnull": True})
        batch = list((rows if last is None else rows.filter(pk__gt=last))[:BATCH])
        if not batch:
            return changed
        last = batch[-1].pk
        with transaction.atomic():
            for row in batch:
                value = row.__dict__[field.attname]
                if isinstance(value, Sealed) and not value.is_current():
                    new = value.rewrapped(*field.place_of(row))
                    same = {"pk": row.pk, field.attname: value}
                    changed += model._base_manager.filter(**same).update(**{field.attname: new})
