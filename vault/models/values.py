"""Fields whose value is sealed before it reaches the database, and opened when somebody reads it."""

from typing import Any, TypeVar, cast

from django.core.exceptions import FieldError
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.query_utils import DeferredAttribute
from django.forms import CharField, Field, Textarea

from vault.models.keyring import algorithm, key_ring
from vault.rules.envelope import Place, rewrap, seal, unseal

PLAIN_REFUSED = "A sealed field takes its value from an instance: {field}."
Given = TypeVar("Given")
Read = TypeVar("Read")
NOT_SEARCHABLE = "Sealed text cannot be searched: {field}."


class Sealed:
    """A value as it stands in the database, with its plain value once it has been opened.

    Neither is shown by repr or str: a sealed value that strays into a log tells nothing.
    """

    __slots__ = ("envelope", "identity", "plain")

    def __init__(self, envelope: bytes, *, identity: str | None = None, plain: bytes | None = None) -> None:
        self.envelope = envelope
        self.identity = identity
        self.plain = plain

    def __repr__(self) -> str:
        return "<sealed>"

    def open(self, table: str, column: str, identity: str) -> bytes:
        """The plain value; decrypted once.

        Raises EnvelopeRefused or KeyUnknown (vault.rules).
        """
        if self.plain is None:
            place = Place(table, column, self.identity if self.identity is not None else identity)
            self.plain = unseal(self.envelope, place=place, keys=key_ring()) if self.envelope else b""
        return self.plain

    def rewrapped(self, table: str, column: str, identity: str) -> "Sealed":
        """The same value under the current key."""
        place = Place(table, column, identity)
        envelope = rewrap(self.envelope, place=place, keys=key_ring(), algorithm=algorithm())
        return Sealed(envelope, identity=identity, plain=self.plain)


class SealedAttribute(DeferredAttribute):
    """Opens on reading, so that a list of records that nobody reads decrypts nothing."""

    def __get__(self, instance: models.Model | None, cls: type[models.Model] | None = None) -> Any:
        if instance is None:
            return self
        field = cast("SealedField[Any, Any]", self.field)
        value = instance.__dict__.get(field.attname, self)
        if value is self:
            value = super().__get__(instance, cls)
        if not isinstance(value, Sealed) or getattr(instance._state, "as_sealed", False):
            return value
        return field.from_bytes(value.open(*field.place_of(instance)))

    def __set__(self, instance: models.Model, value: object) -> None:
        instance.__dict__[self.field.attname] = value


class SealedField(models.Field[Given, Read]):
    """What text and files share. Empty is stored as empty: that nothing was written is no secret."""

    descriptor_class = SealedAttribute
    # By this mark the key ring knows where a key is needed.
    seals = True
    # How many values a rotation holds in memory at once.
    batch = 500

    def get_internal_type(self) -> str:
        return "BinaryField"

    def to_bytes(self, value: Any) -> bytes:
        """The plain value as bytes."""
        raise NotImplementedError

    def from_bytes(self, plain: bytes) -> Any:
        """The plain value of the bytes."""
        raise NotImplementedError

    def place_of(self, instance: models.Model) -> tuple[str, str, str]:
        """Table, column and identity that a value of this instance is bound to."""
        identity: str = instance.sealed_identity()  # type: ignore[attr-defined]
        return self.model._meta.db_table, str(self.column), identity

    def sealed_for(self, instance: models.Model) -> Sealed | None:
        """The value as it goes into the database: what was not touched stays the bytes that it was."""
        value = instance.__dict__.get(self.attname)
        if value is None:
            return None
        table, column, identity = self.place_of(instance)
        if isinstance(value, Sealed):
            if value.identity in (None, identity) or not value.envelope:
                return value
            plain = value.open(table, column, identity)
        else:
            plain = self.to_bytes(value)
        envelope = b""
        if plain:
            ring = key_ring()
            envelope = seal(
                plain, place=Place(table, column, identity), key=ring.current, algorithm=algorithm()
            )
        sealed = Sealed(envelope, identity=identity, plain=plain)
        instance.__dict__[self.attname] = sealed
        return sealed

    def is_left_behind(self, instance: models.Model) -> bool:
        """Whether the stored value is bound to an identity that the instance has no longer."""
        value = instance.__dict__.get(self.attname)
        if not isinstance(value, Sealed) or not value.envelope or value.identity is None:
            return False
        return value.identity != self.place_of(instance)[2]

    def pre_save(self, model_instance: models.Model, add: bool) -> Sealed | None:
        return self.sealed_for(model_instance)

    def from_db_value(
        self, value: bytes | memoryview | None, expression: object, connection: BaseDatabaseWrapper
    ) -> Sealed | None:
        return None if value is None else Sealed(bytes(value))

    def get_prep_value(self, value: Any) -> Any:
        if value is None or isinstance(value, Sealed) or hasattr(value, "resolve_expression"):
            return value
        if value in ("", b""):
            return Sealed(b"")
        # The last line: whatever way a plain value came, it does not get further than here.
        raise FieldError(PLAIN_REFUSED.format(field=self))

    def get_db_prep_value(self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False) -> Any:
        value = self.get_prep_value(value)
        if isinstance(value, Sealed):
            return connection.Database.Binary(value.envelope)  # type: ignore[attr-defined]
        return value

    def get_lookup(self, lookup_name: str) -> Any:
        # `exact` only ever gets a Sealed: for the conditional update of a rotation.
        if lookup_name in ("isnull", "exact"):
            return super().get_lookup(lookup_name)
        raise FieldError(NOT_SEARCHABLE.format(field=self))

    def value_to_string(self, obj: models.Model) -> str:
        raise FieldError(PLAIN_REFUSED.format(field=self))


class SealedTextField(SealedField[Given, Read]):
    """Sealed text; on an instance it reads and writes as str."""

    # What mypy takes the attribute for.
    _pyi_private_set_type: str
    _pyi_private_get_type: str

    def to_bytes(self, value: str) -> bytes:
        return value.encode()

    def from_bytes(self, plain: bytes) -> str:
        return plain.decode()

    def formfield(self, **kwargs: Any) -> Field:
        return cast(Field, super().formfield(**{"form_class": CharField, "widget": Textarea, **kwargs}))


class SealedBinaryField(SealedField[Given, Read]):
    """A sealed file; on an instance it reads and writes as bytes, None where there is none."""

    _pyi_private_set_type: bytes
    _pyi_private_get_type: bytes
    batch = 5

    def to_bytes(self, value: bytes) -> bytes:
        return bytes(value)

    def from_bytes(self, plain: bytes) -> bytes:
        return plain
