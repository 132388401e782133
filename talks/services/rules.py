"""Rules changed on screen: a preset switched on, a rule of one's own, a new version, an end, a deletion.

What may be done is decided by talks.rules.drafts; the pages ask it too, for what a change would owe before
it is kept. Whatever is kept stands in the trail, and leaves a mark on the organisation and all below it.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from branches.models import Organisation
from branches.rules import following_code
from branches.services import mark_stale
from talks.figures.rules import RuleBook
from talks.models import Rule
from talks.rules import drafts, facts
from talks.rules.drafts import BEGUN, Draft, Terms
from talks.rules.facts import format_trigger
from talks.rules.versions import FIELDS as RIGHTS
from talks.rules.words import FIXED_ROLES, TalkerRole, format_kinds
from vault.services import Actor, enter_trail

NO_SUCH_RULE = "没有这项规则，请核对"
# A code that is counted up from that of its organisation finds room in its column.
PREFIX = 56
FIELDS = {"title": "规则名称", "basis": "依据", "days": "天数", **RIGHTS}

CHANGED_MEANWHILE = "这项规则刚刚被他人更改，请重新核对后再保存"


@transaction.atomic
def switch_on_rule(
    *, actor: Actor, at: datetime, today: date, organisation: Organisation, code: str, effective_from: date
) -> Rule:
    """A preset of the second list, in force in the organisation and below from the day on.

    Refuses with ValidationError a day before today, and one on which it is in force already.
    """
    book = _book(organisation, code)
    try:
        draft = drafts.switched_on(
            book.facts, organisation.code, code, effective_from=effective_from, today=today
        )
    except KeyError as error:
        raise ValidationError(NO_SUCH_RULE) from error
    return _keep(actor, at, organisation, draft, "启用")


@transaction.atomic
def add_rule(
    *,
    actor: Actor,
    at: datetime,
    today: date,
    organisation: Organisation,
    rule: facts.Rule,
    own_roles: Collection[TalkerRole],
) -> Rule:
    """A rule of the organisation's own; its code is given here (HC-R01), whatever stands in the value.

    Refuses with ValidationError what rules.md section 3 does, a day before today, and a rule by which its
    maker would hear of events, being in one of `own_roles`.
    """
    book = _book(organisation, rule.code)
    numbered = replace(rule, organisation=organisation.code, code=_free_code(organisation))
    draft = drafts.added(book.facts, numbered, own_roles=own_roles, today=today)
    return _keep(actor, at, organisation, draft, "新增")


@transaction.atomic
def change_rule(
    *,
    actor: Actor,
    at: datetime,
    today: date,
    organisation: Organisation,
    code: str,
    effective_from: date,
    terms: Terms,
    own_roles: Collection[TalkerRole],
) -> Rule:
    """A new version of a rule, in place of the one that would stand on the day; the terms given change.

    Refuses with ValidationError what the organisation may not change (rules.md section 3), a day before
    today, a version that says nothing new, and one by which its maker would hear of more events, being in
    one of `own_roles`.
    """
    book = _book(organisation, code)
    try:
        draft = drafts.changed(
            book.facts,
            organisation.code,
            code,
            effective_from=effective_from,
            terms=terms,
            own_roles=own_roles,
            today=today,
        )
    except KeyError as error:
        raise ValidationError(NO_SUCH_RULE) from error
    return _keep(actor, at, organisation, draft, "修改")


@transaction.atomic
def end_rule(
    *, actor: Actor, at: datetime, today: date, organisation: Organisation, code: str, effective_to: date
) -> Rule:
    """Ends a rule of the organisation's making; of a built-in rule the topmost organisation is the maker.

    Refuses with ValidationError a superior's rule, a day before today, and a rule that another version of the
    organisation's own would bring back.
    """
    book = _book(organisation, code)
    try:
        draft = drafts.ended(book.facts, organisation.code, code, effective_to=effective_to, today=today)
    except KeyError as error:
        raise ValidationError(NO_SUCH_RULE) from error
    return _keep(actor, at, organisation, draft, "结束")


@transaction.atomic
def remove_rule(*, actor: Actor, at: datetime, today: date, rule: Rule) -> None:
    """Deletes a version that has not begun; ValidationError for any other, and where it is gone already."""
    _lock(rule.organisation)
    current = Rule.objects.select_related("organisation").filter(pk=rule.pk).first()
    if current is None:
        raise ValidationError(CHANGED_MEANWHILE)
    if current.effective_from <= today:
        raise ValidationError(BEGUN)
    current.delete()
    _finish(actor, at, current, "删除")


def _book(organisation: Organisation, code: str) -> RuleBook:
    """What stands of the code, while nobody else changes rules of this tree on screen."""
    _lock(organisation)
    return RuleBook(organisation, code=code)


def _lock(organisation: Organisation) -> None:
    top = next(iter([*organisation.ancestor_ids(), organisation.pk]))
    Organisation.objects.select_for_update().get(pk=top)


def _free_code(organisation: Organisation) -> str:
    prefix = f"{organisation.code[:PREFIX]}-R"
    codes = Rule.objects.filter(code__startswith=prefix).order_by().values_list("code", flat=True)
    return following_code(codes, prefix, 2)


def _keep(actor: Actor, at: datetime, organisation: Organisation, draft: Draft, action: str) -> Rule:
    """Stores the version of the draft, or the end of one that is there. ValidationError: why it may not."""
    if draft.reasons:
        raise ValidationError(list(draft.reasons))
    version = draft.version
    values = {
        "title": version.title,
        "applies_to": format_kinds(version.applies_to),
        "trigger": format_trigger(version.trigger),
        "days": version.days,
        "unit": version.unit or "",
        "pairing": version.pairing,
        "talker_role": FIXED_ROLES.get(version.pairing, version.talker_role) or "",
        "one_to_one": version.one_to_one,
        "effective_to": version.effective_to,
        "basis": version.basis,
    }
    known_by = {
        "code": version.code,
        "organisation": organisation,
        "effective_from": version.effective_from,
    }
    rule = Rule.objects.filter(**known_by).first() if draft.is_end else None
    if rule is not None:
        rule.effective_to = version.effective_to
        rule.save(update_fields=["effective_to"])
    else:
        try:
            with transaction.atomic():
                rule = Rule(**known_by, **values)
                rule.clean_fields()
                rule.save(force_insert=True)
        except IntegrityError as error:
            # An import brought in a version of the same day a moment ago.
            raise ValidationError(CHANGED_MEANWHILE) from error
    _finish(actor, at, rule, action, _changed(draft))
    return rule


def _changed(draft: Draft) -> list[str]:
    """The columns in which the version differs from the one that it replaces."""
    if draft.is_end:
        return [FIELDS["effective_to"]]
    if draft.replaced is None:
        return []
    return [
        name
        for field, name in FIELDS.items()
        if getattr(draft.version, field) != getattr(draft.replaced, field)
    ]


def _finish(actor: Actor, at: datetime, rule: Rule, action: str, changed: Collection[str] = ()) -> None:
    mark_stale(organisations=Organisation.objects.below(rule.organisation), at=at)
    enter_trail(
        actor=actor,
        at=at,
        action=action,
        target_kind="必谈规则",
        target=f"{rule.code}:{rule.organisation.code}:{rule.effective_from.isoformat()}",
        detail={"字段": list(changed)} if changed else None,
    )
