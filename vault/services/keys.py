"""Keys: made sure of at the start, and rotated while everything runs."""

from collections.abc import Iterator

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, transaction

from vault.models.keyring import algorithm, key_is_to_be_made, key_ring
from vault.models.sealed import SealedModel, sealed_fields, sealed_models
from vault.models.trail import TrailHead
from vault.models.values import Sealed, SealedField
from vault.rules.envelope import EnvelopeRefused
from vault.rules.keys import KeyUnknown

KEY_WRONG = (
    "现有的保险库密钥打不开这个数据库中的加密内容：密钥换过，或者不是这个数据库的。"
    "请恢复原来的密钥；更换密钥时，旧密钥应留在新密钥之后，直到 rotate_vault_key 完成。"
)
BATCH = 500


def ensure_key(*, make: bool = True) -> None:
    """Makes sure that a key is at hand and is the one under which this database is sealed.

    `make`: whether the embedded default may make its key now. A database that does not answer, or has no
    tables yet, is nothing to compare with. Raises ImproperlyConfigured.
    """
    algorithm()
    try:
        if not make and key_is_to_be_made():
            return
        key_ring()
        head = TrailHead.objects.filter(pk=1).first()
        if head is not None:
            head.secret  # noqa: B018  reading it opens it
    except DatabaseError:
        return
    except (KeyUnknown, EnvelopeRefused) as error:
        raise ImproperlyConfigured(KEY_WRONG) from error


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
