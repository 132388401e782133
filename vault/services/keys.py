"""Keys: made sure of at the start, and rotated while everything runs."""

import secrets
from collections.abc import Iterator, Sequence
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, transaction
from django.db.models import BinaryField, F, Func, Value

from vault.models.keyring import algorithm, key_is_to_be_made, key_ring, write_key_file
from vault.models.sealed import SealedModel, sealed_fields, sealed_models
from vault.models.trail import TrailHead
from vault.models.values import SealedField
from vault.rules.envelope import EnvelopeRefused
from vault.rules.keys import KEY_BYTES, KeyUnknown, key_of

KEY_WRONG = (
    "现有的保险库密钥打不开这个数据库中的加密内容：密钥换过，或者不是这个数据库的。"
    "请恢复原来的密钥；更换密钥时，旧密钥应留在新密钥之后，直到 rotate_vault_key 完成。"
)
KEY_NOT_IN_FILE = "密钥由 VAULT_KEY 给出，不在密钥文件中：请把新密钥写在 VAULT_KEY 的最前面，再重新启动。"


class RotationIncomplete(Exception):
    """Some values open under no key at hand; `places` names table, column and primary key of each."""

    def __init__(self, places: Sequence[str]) -> None:
        super().__init__("; ".join(places))
        self.places = places


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
    """Brings every sealed value under the current key and algorithm; gives (table and column, values
    changed) as it goes.

    Each batch is a transaction of its own and the database is asked only for what is not current: after a
    kill, a second run goes on where the first one stopped. A value that somebody changes meanwhile is left
    to him, who seals it under the current key himself. The old key can go once a run has changed nothing.
    Raises RotationIncomplete, in the end, where values could not be opened.
    """
    refused: list[str] = []
    for model in sealed_models():
        for field in sealed_fields(model):
            yield f"{model._meta.db_table}.{field.column}", _rotate(model, field, refused)
    if refused:
        raise RotationIncomplete(refused)


def put_new_key() -> None:
    """Puts a fresh key before those of the key file; every process reads the file anew when it has changed.

    Raises ImproperlyConfigured where the keys are not kept in a file.
    """
    ring = key_ring()
    if settings.VAULT_KEY or settings.VAULT_KEY_FILE is None:
        raise ImproperlyConfigured(KEY_NOT_IN_FILE)
    write_key_file(settings.VAULT_KEY_FILE, (key_of(secrets.token_bytes(KEY_BYTES)), *ring.keys))


def _rotate(model: type[SealedModel], field: SealedField[Any, Any], refused: list[str]) -> int:
    current = bytes([algorithm()]) + key_ring().current.id
    start = Func(
        F(field.attname), Value(1), Value(len(current)), function="substr", output_field=BinaryField()
    )
    others = [other.attname for other in sealed_fields(model) if other is not field]
    rows = (
        model._base_manager.defer(*others)
        .annotate(start=start)
        .filter(**{f"{field.attname}__isnull": False})
        .exclude(start__in=[b"", current])
        .order_by("pk")
    )
    changed, last = 0, None
    while batch := list((rows if last is None else rows.filter(pk__gt=last))[: field.batch]):
        last = batch[-1].pk
        renewed = []
        for row in batch:
            value = row.__dict__[field.attname]
            try:
                renewed.append((row.pk, value, value.rewrapped(*field.place_of(row))))
            except (EnvelopeRefused, KeyUnknown):
                refused.append(f"{model._meta.db_table}.{field.column} {row.pk}")
        with transaction.atomic():
            for pk, old, new in renewed:
                same = model._base_manager.filter(**{"pk": pk, field.attname: old})
                changed += same.update(**{field.attname: new})
    return changed
