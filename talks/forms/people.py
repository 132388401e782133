"""Persons named by typing: several fields of one name, each a name or a name with its number."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet

from members.models import Member
from members.rules import tidy_name

UNKNOWN = "没有找到“%(name)s”，请核对姓名，或从提示中选择。"
AMBIGUOUS = "有%(count)s位“%(name)s”，请从提示中选择带编号的一项。"
NUMBERED = re.compile(r"^(?P<name>.+?)[（(](?P<code>[^（）()]+)[）)]$")


class NamesInput(forms.TextInput):
    """As many text fields of one name as there are persons; the template draws them."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        """The values typed, without the empty ones and without NUL, which PostgreSQL does not take."""
        return [text for value in data.getlist(name) if (text := value.replace("\0", "").strip())]

    def format_value(self, value: Any) -> Any:
        """Kept as a list."""
        return value


class PeopleField(forms.Field):
    """Members within `people`, in the order typed, each once."""

    widget = NamesInput

    def __init__(self, *, most: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.people: QuerySet[Member] = Member.objects.none()
        self.most = most

    def to_python(self, value: Any) -> list[Member]:
        """ValidationError that quotes what was not found."""
        typed: list[str] = list(value or [])
        parts = [NUMBERED.match(text) for text in typed]
        codes = {part["code"] for part in parts if part} | set(typed)
        names = {tidy_name(text) for text in typed}
        found = list(self.people.filter(Q(code__in=codes) | Q(name__in=names)))
        chosen = [_one_of(found, text) for text in typed]
        return list(dict.fromkeys(chosen))

    def validate(self, value: Any) -> None:
        """As required, and not more than `most`."""
        super().validate(value)
        if self.most is not None and len(value) > self.most:
            raise ValidationError(f"最多填写{self.most}人。")


def _one_of(found: Sequence[Member], text: str) -> Member:
    part = NUMBERED.match(text)
    if part:
        matching = [member for member in found if member.code == part["code"]]
    else:
        name = tidy_name(text)
        matching = [member for member in found if member.name == name] or [
            member for member in found if member.code == text
        ]
    if not matching:
        raise ValidationError(UNKNOWN, params={"name": text})
    if len(matching) > 1:
        raise ValidationError(AMBIGUOUS, params={"name": text, "count": len(matching)})
    return matching[0]


def labels(members: Iterable[Member], among: QuerySet[Member] | None) -> list[str]:
    """How the members are written in a field: the name, with the number where `among` has namesakes.

    None: among so many that everybody is written with the number.
    """
    rows = list(members)
    if among is None:
        return [f"{row.name}（{row.code}）" for row in rows]
    names = among.filter(name__in={row.name for row in rows}).order_by().values_list("name", flat=True)
    namesakes = Counter(names)
    return [f"{row.name}（{row.code}）" if namesakes[row.name] > 1 else row.name for row in rows]
