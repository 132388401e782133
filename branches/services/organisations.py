"""The tree of organisations and their departments."""

from collections.abc import Collection
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError

from branches.models import RANGE_EMPTY, Department, Organisation
from branches.rules import BRANCH_KINDS, OrganisationKind, following_code
from branches.services.stale import mark_stale
from vault.services import Actor, enter_trail

NAME_MISSING = "请填写名称。"
CODE_TAKEN = "这个编码已经有人使用，请另填一个，或留空由系统编号。"
CIRCLE = "上级组织不能是本组织或其下级组织。"
BRANCH_SUPERIOR = "党支部不能作为上级组织，请选择党委、党组、机关党委或党总支。"
HAS_SUBORDINATES = "该组织还有下级组织，不能改为党支部，请先把下级组织转到其他上级。"
SUBORDINATES_STAND = "该组织还有未撤销的下级组织，请先撤销下级组织，或把它们转到其他上级。"
SUPERIOR_DISSOLVED = "上级组织已经撤销，请另选上级组织。"
ORGANISATION_IN_USE = "该组织已有下级组织、部门单位、党员或谈话等资料，不能删除；不再使用的请办理撤销。"
DEPARTMENT_IN_USE = "该部门单位已有任职或分管，不能删除；请先删除或改填这些任职、分管。"
DEPARTMENT_HAS_POSTS = "该部门单位已有任职，不能改属其他党组织；请先改填这些任职。"

# One statement for the whole tree, on both databases; a row whose path is right is not touched. It begins
# with UPDATE: of others sqlite3 does not count the rows.
PATHS = """
UPDATE branches_organisation SET path = line.path
FROM (
    WITH RECURSIVE line(id, path) AS (
        SELECT id, '/' || CAST(id AS text) || '/' FROM branches_organisation WHERE superior_id IS NULL
        UNION ALL
        SELECT lower.id, line.path || CAST(lower.id AS text) || '/'
        FROM branches_organisation lower JOIN line ON lower.superior_id = line.id
    )
    SELECT id, path FROM line
) AS line
WHERE line.id = branches_organisation.id AND branches_organisation.path <> line.path
"""


@transaction.atomic
def rebuild_paths(*, organisations: Collection[Organisation] | None = None) -> int:
    """Set the path of every organisation whose path is wrong; gives back how many there were.

    The instances given as `organisations` have their `path` read again, so that the caller may go on with
    them. One query, and one more for the instances.
    """
    with connection.cursor() as cursor:
        cursor.execute(PATHS)
        changed: int = cursor.rowcount
    if organisations:
        wanted = {organisation.pk for organisation in organisations}
        paths = dict(Organisation.objects.filter(pk__in=wanted).order_by().values_list("pk", "path"))
        for organisation in organisations:
            organisation.path = paths[organisation.pk]
    return changed


@transaction.atomic
def add_organisation(
    *,
    actor: Actor,
    at: datetime,
    name: str,
    kind: OrganisationKind | str,
    superior: Organisation | None,
    code: str = "",
    established: date | None = None,
    dissolved: date | None = None,
) -> Organisation:
    """A new organisation in the tree; without a code it is numbered after its superior (SYJ-01).

    Refuses with ValidationError, by field: a code that is taken, a superior of a branch kind or dissolved, a
    dissolution that is not after the establishment.
    """
    organisation = Organisation(
        code=code.strip() or _free_code(Organisation, superior, "DZZ-", 2),
        name=name.strip(),
        kind=OrganisationKind(kind),
        superior=superior,
        established=established,
        dissolved=dissolved,
    )
    _check_place(organisation)
    if Organisation.objects.filter(code=organisation.code).exists():
        raise ValidationError({"code": CODE_TAKEN})
    _save(organisation)
    organisation.path = f"{superior.path if superior else '/'}{organisation.pk}/"
    organisation.save(update_fields=["path"])
    _enter(actor, at, "新增", organisation)
    return organisation


@transaction.atomic
def change_organisation(
    *,
    actor: Actor,
    at: datetime,
    organisation: Organisation,
    name: str,
    kind: OrganisationKind | str,
    superior: Organisation | None,
    established: date | None = None,
) -> Organisation:
    """Other facts of an organisation; under another superior the paths of all below it follow.

    Refuses with ValidationError, by field: a superior of a branch kind, dissolved, or standing below the
    organisation; a branch kind while there are subordinates.
    """
    current = Organisation.objects.select_for_update().get(pk=organisation.pk)
    wanted: dict[str, object] = {
        "name": name.strip(),
        "kind": OrganisationKind(kind),
        "superior": superior,
        "established": established,
    }
    changed = [field for field, value in wanted.items() if getattr(current, field) != value]
    for field in changed:
        setattr(current, field, wanted[field])
    _check_place(current, moved="superior" in changed)
    if changed:
        _save(current)
        if "superior" in changed:
            rebuild_paths(organisations=[current])
        if set(changed) != {"name"}:
            _mark_below(current, at)
        _enter(actor, at, "修改", current, changed)
    return current


@transaction.atomic
def dissolve_organisation(
    *, actor: Actor, at: datetime, organisation: Organisation, on: date | None
) -> Organisation:
    """Dissolves an organisation from the day on, or takes the dissolution back (`on` None).

    Posts and affiliations end by their own dates (rules.md section 1). Refuses with ValidationError a day not
    after the establishment, and an organisation with subordinates that stand on the day.
    """
    current = Organisation.objects.select_for_update().get(pk=organisation.pk)
    current.dissolved = on
    _check_range(current)
    if on is not None and Organisation.objects.filter(superior=current).standing(on).exists():
        raise ValidationError({"on": SUBORDINATES_STAND})
    current.save(update_fields=["dissolved"])
    _mark_below(current, at)
    _enter(actor, at, "撤销" if on else "取消撤销", current, ["dissolved"])
    return current


@transaction.atomic
def remove_organisation(*, actor: Actor, at: datetime, organisation: Organisation) -> None:
    """Deletes an organisation that was entered by mistake; refused once anything refers to it."""
    _remove(actor, at, organisation, ORGANISATION_IN_USE)


@transaction.atomic
def add_department(
    *, actor: Actor, at: datetime, organisation: Organisation, name: str, code: str = ""
) -> Department:
    """A new department; without a code it is numbered after its organisation (SYJ-D01)."""
    department = Department(
        code=code.strip() or _free_code(Department, organisation, "D", 2),
        name=name.strip(),
        organisation=organisation,
    )
    if not department.name:
        raise ValidationError({"name": NAME_MISSING})
    if Department.objects.filter(code=department.code).exists():
        raise ValidationError({"code": CODE_TAKEN})
    _save(department)
    _enter(actor, at, "新增", department)
    return department


@transaction.atomic
def change_department(
    *, actor: Actor, at: datetime, department: Department, name: str, organisation: Organisation
) -> Department:
    """Another name, or another organisation as long as nobody holds a post in the department."""
    current = Department.objects.select_for_update().get(pk=department.pk)
    wanted: dict[str, object] = {"name": name.strip(), "organisation": organisation}
    if not wanted["name"]:
        raise ValidationError({"name": NAME_MISSING})
    changed = [field for field, value in wanted.items() if getattr(current, field) != value]
    for field in changed:
        setattr(current, field, wanted[field])
    if changed:
        mark_stale(organisations=[department.organisation_id, organisation.pk], at=at)
        _save(current)
        _enter(actor, at, "修改", current, changed)
    return current


@transaction.atomic
def remove_department(*, actor: Actor, at: datetime, department: Department) -> None:
    """Deletes a department that was entered by mistake; refused once a post or a portfolio names it."""
    _remove(actor, at, department, DEPARTMENT_IN_USE)


def _mark_below(organisation: Organisation, at: datetime) -> None:
    """Roles are looked for upwards and rules come from above: what is below is concerned too."""
    mark_stale(organisations=Organisation.objects.below(organisation), at=at, reaches_others=True)


def _check_place(organisation: Organisation, *, moved: bool = True) -> None:
    """What the triggers of the tree would refuse, said in words and by field."""
    superior = organisation.superior
    if not organisation.name:
        raise ValidationError({"name": NAME_MISSING})
    if superior is not None and moved:
        # The path as it stands now: the one in hand may be older than a move of its superiors.
        line = Organisation.objects.values_list("path", flat=True).get(pk=superior.pk)
        if organisation.pk and f"/{organisation.pk}/" in line:
            raise ValidationError({"superior": CIRCLE})
        if superior.is_branch:
            raise ValidationError({"superior": BRANCH_SUPERIOR})
        if superior.dissolved and not organisation.dissolved:
            raise ValidationError({"superior": SUPERIOR_DISSOLVED})
    is_superior = organisation.pk and Organisation.objects.filter(superior=organisation).exists()
    if organisation.kind in BRANCH_KINDS and is_superior:
        raise ValidationError({"kind": HAS_SUBORDINATES})
    _check_range(organisation)


def _check_range(organisation: Organisation) -> None:
    if (
        organisation.established
        and organisation.dissolved
        and organisation.dissolved <= organisation.established
    ):
        raise ValidationError({"established": RANGE_EMPTY})


def _free_code(
    model: type[Organisation | Department], above: Organisation | None, sign: str, digits: int
) -> str:
    """The next free code below an organisation; its row is locked, so that no two get the same."""
    prefix = sign
    if above is not None:
        Organisation.objects.select_for_update().get(pk=above.pk)
        prefix = f"{above.code}-{'' if model is Organisation else sign}"
    codes = model._default_manager.filter(code__startswith=prefix).order_by().values_list("code", flat=True)
    return following_code(codes, prefix, digits)


# What the database says, on SQLite or PostgreSQL, when it refuses what was right a moment before.
LAST_LINE = {
    "organisation_circle": CIRCLE,
    "organisation_branch_superior": BRANCH_SUPERIOR,
    "post_department_of_organisation": DEPARTMENT_HAS_POSTS,
    "code": CODE_TAKEN,
}


def _save(row: Organisation | Department) -> None:
    row.clean_fields()
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        for sign, words in LAST_LINE.items():
            if sign in str(error):
                raise ValidationError(words) from error
        raise


def _remove(actor: Actor, at: datetime, row: Organisation | Department, refusal: str) -> None:
    # The trail names the code, which is gone with the row.
    try:
        with transaction.atomic():
            row.delete()
    except ProtectedError as error:
        raise ValidationError(refusal) from error
    _enter(actor, at, "删除", row)


def _enter(
    actor: Actor,
    at: datetime,
    action: str,
    row: Organisation | Department,
    changed: Collection[str] = (),
) -> None:
    names = {field.name: str(field.verbose_name) for field in row._meta.fields}
    fields = [names[field] for field in changed]
    enter_trail(
        actor=actor,
        at=at,
        action=action,
        target_kind=str(row._meta.verbose_name),
        target=row.code,
        detail={"字段": fields} if fields else None,
    )
