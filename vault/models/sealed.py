"""Records with sealed fields."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cache
from typing import Any, Self, TypeVar

from django.apps import apps
from django.core.exceptions import FieldError
from django.db import models
from django.db.models import F
from django.db.models.query import ModelIterable

from vault.models.values import Sealed, SealedField

NOT_AS_VALUE = "A sealed value is read on an instance, not by values(): {field}."
LEFT_BEHIND = "The identity has changed; save without update_fields, so that this is sealed anew: {field}."
Row = TypeVar("Row", bound=models.Model)


class SealedQuerySet(models.QuerySet[Row]):
    """Adds to Django's queryset that bulk_update may name sealed fields, and that values() may not.

    What values() and values_list() give of them is an envelope without its record: nobody could open it, and
    on a page or in a count it would stand for a text.
    """

    def _values(self, *fields: Any, **expressions: Any) -> Any:
        # Both of them come this way.
        named = [item.name for item in expressions.values() if isinstance(item, F)]  # type: ignore[attr-defined]
        sealed = {field.name for field in sealed_fields(self.model)}
        for name in (*fields, *named):
            if name in sealed:
                raise FieldError(NOT_AS_VALUE.format(field=f"{self.model._meta.label}.{name}"))
        return super()._values(*fields, **expressions)  # type: ignore[misc]

    def bulk_update(self, objs: Iterable[Row], fields: Iterable[str], batch_size: int | None = None) -> int:
        rows, names = list(objs), list(fields)
        sealed = [field for field in sealed_fields(self.model) if field.name in names]
        for row in rows:
            for field in sealed:
                field.sealed_for(row)
        try:
            for row in rows:
                # Django's bulk_update reads attributes and not pre_save: let it read the envelopes.
                row._state.as_sealed = True  # type: ignore[attr-defined]
            return super().bulk_update(rows, names, batch_size)
        finally:
            for row in rows:
                row._state.as_sealed = False  # type: ignore[attr-defined]


class _Unopened(ModelIterable[Row]):
    """Rows whose attributes give the envelopes."""

    def __iter__(self) -> Iterator[Row]:
        for row in super().__iter__():
            row._state.as_sealed = True  # type: ignore[attr-defined]
            yield row


class SealedModel(models.Model):
    """A record with sealed fields, bound to its identity: an envelope moved to another record does not open.

    The identity is made of codes and of keys of other rows, never of the record's own primary key, which is
    not known when it is first sealed. Where a part of it changes, the values are sealed anew when the record
    is saved; `update()` and `bulk_update()` must leave it alone.
    """

    class Meta:
        abstract = True

    def sealed_identity(self) -> str:
        """What the sealed values of this record are bound to."""
        raise NotImplementedError

    @classmethod
    def from_db(
        cls, db: str | None, field_names: Collection[str], values: Collection[Any], **more: Any
    ) -> Self:
        instance = super().from_db(db, field_names, values, **more)
        if len(values) == len(cls._meta.concrete_fields):
            # Known at once where nothing is deferred, so that a later change of the code is noticed.
            identity = instance.sealed_identity()
            for field in sealed_fields(cls):
                value = instance.__dict__.get(field.attname)
                if isinstance(value, Sealed):
                    value.identity = identity
        return instance

    def refresh_from_db(
        self,
        using: str | None = None,
        fields: Iterable[str] | None = None,
        from_queryset: models.QuerySet[Self] | None = None,
    ) -> None:
        """As Django's; what is sealed is taken over as it is, and opened when somebody reads it."""
        rows = type(self)._base_manager.all() if from_queryset is None else from_queryset.all()
        rows._iterable_class = _Unopened
        super().refresh_from_db(using, fields, rows)

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **options: Any) -> None:
        """As Django's, but raises FieldError where a sealed value would stay behind under an identity that
        the record has no longer: nobody could open it again.
        """
        if update_fields is not None:
            update_fields = list(update_fields)
            for field in sealed_fields(type(self)):
                if field.name not in update_fields and field.is_left_behind(self):
                    raise FieldError(LEFT_BEHIND.format(field=field))
        super().save(*args, update_fields=update_fields, **options)


@cache
def sealed_fields(model: type[models.Model]) -> Sequence[SealedField[Any, Any]]:
    """The sealed fields of a model."""
    return tuple(field for field in model._meta.concrete_fields if isinstance(field, SealedField))


def sealed_models() -> Iterator[type[SealedModel]]:
    """Every model with sealed fields, in any app."""
    return (model for model in apps.get_models() if issubclass(model, SealedModel))
