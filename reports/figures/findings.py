"""What the checks look at, loaded with a constant number of queries, and what they find."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet
from django.utils import timezone

from branches.models import Organisation
from branches.rules.dates import chinese_date
from members.models import Affiliation, Mandate, MandateKind, Post
from members.models.dated import in_force
from reports.models import Finding
from reports.models.findings import FindingQuerySet, FindingState
from reports.rules import findings as rules
from reports.rules.findings import BESIDE_THIN, Check, Found, Held, Limits, Step
from talks.figures.facts import load_calendar
from talks.models import Fingerprint, Meeting, Participant, Remedy, Side, Talk, homes_of
from talks.rules.fingerprints import is_thin, near_ones
from talks.rules.likeness import Degree
from vault.models import TrailEntry

WRITTEN, CONFIRMED = ("记录", "更正记录"), ("确认",)
# So many talks are asked for at once.
PORTION = 500


@dataclass(frozen=True, slots=True)
class Placed:
    """A finding with what is known beside it: the organisation that sees to it, whether a record is thin."""

    found: Found
    organisation: int | None
    beside_thin: bool


def found_on(today: date) -> list[Placed]:
    """All that the checks find in the records of all years. No record is opened; fingerprints are."""
    limits = limits_of_settings()
    talks = _held_talks()
    by_pk = {talk.pk: talk for talk in talks}
    copied, thin = _copied(talks)
    found = [
        *copied,
        *rules.overlapping(talks),
        *rules.crowded(talks, limits),
        *rules.batches(talks, limits),
        *rules.misnamed(talks),
        *rules.ahead(talks),
        *rules.signed(talks, _steps(), limits),
        *_without_standing(by_pk),
        *_overdue_remedies(by_pk, today),
    ]
    late = list(rules.late(talks, limits, load_calendar(), {}))
    homes = _homes({_newest(one, by_pk) for one in (*found, *late)})
    awaited = _awaited(late, homes, limits)
    found += rules.late([by_pk[one.talks[0]] for one in late], limits, load_calendar(), awaited)
    return [
        Placed(
            one,
            homes.get(_newest(one, by_pk)),
            one.check in BESIDE_THIN and not thin.isdisjoint(one.talks),
        )
        for one in found
    ]


def limits_of_settings() -> Limits:
    """The numbers of the checks, as the installation has set them."""
    return Limits(
        late_days=settings.CHECK_LATE_DAYS,
        daily=settings.CHECK_DAILY_TALKS,
        chain=settings.CHECK_TALKS_IN_A_ROW,
        batch=settings.CHECK_BATCH,
        spread_days=settings.CHECK_BATCH_DAYS,
        before_days=settings.CHECK_BEFORE_DAYS,
        seconds=settings.CHECK_SIGNED_SECONDS,
    )


def _held_talks() -> list[Held]:
    """Every record, in the order in which they were entered."""
    sides: dict[int, tuple[set[int], set[int]]] = defaultdict(lambda: (set(), set()))
    for talk, member, side in Participant.objects.order_by().values_list("talk", "member", "side").iterator():
        sides[talk][side == Side.SUBJECT].add(member)
    rows = Talk.objects.counting().order_by("recorded_at", "pk")
    found = []
    for (
        pk,
        code,
        held_on,
        starts_at,
        ends_at,
        recorder,
        external,
        mode,
        stated,
        recorded,
        made,
    ) in rows.values_list(
        "pk",
        "code",
        "held_on",
        "starts_at",
        "ends_at",
        "recorder",
        "external_talker",
        "mode",
        "stated_entry",
        "recorded_at",
        "entered_at",
    ).iterator():
        talkers, subjects = sides[pk]
        found.append(
            Held(
                pk=pk,
                code=code,
                held_on=held_on,
                starts_at=starts_at,
                ends_at=ends_at,
                entered=_entered(stated, recorded, made),
                recorded_on=timezone.localtime(recorded).date() if recorded else None,
                talkers=frozenset(talkers),
                subjects=frozenset(subjects),
                recorder=recorder,
                is_external=bool(external),
                mode=mode,
            )
        )
    return found


def _entered(stated: datetime | None, recorded: datetime | None, made: datetime) -> datetime | None:
    """When the record was entered: as the workbook says; of an imported one that says nothing nobody knows.

    An import makes talk and record in one moment; who books and then records takes two.
    """
    if stated:
        return timezone.localtime(stated)
    return timezone.localtime(recorded) if recorded and recorded != made else None


def _copied(talks: Sequence[Held]) -> tuple[list[Found], set[int]]:
    """The records that resemble an older one, and those that are thin."""
    values = {
        row.pk: bytes(row.value) for row in Fingerprint.objects.current().order_by("pk").iterator(PORTION)
    }
    prints = [values.get(talk.pk, b"") for talk in talks]
    found = []
    for one in near_ones(prints, near=settings.CHECK_NEAR, very_near=settings.CHECK_VERY_NEAR):
        older, younger = talks[one.older], talks[one.younger]
        is_high = one.degree != Degree.NEAR
        found.append(
            Found(
                Check.COPIED,
                younger.code,
                (older.pk, younger.pk),
                younger.held_on,
                one.percent,
                is_high=is_high,
                other_day=older.held_on,
            )
        )
    return found, {pk for pk, value in values.items() if is_thin(value)}


def _steps() -> Mapping[str, Sequence[Step]]:
    """What the trail says of who wrote and confirmed each record."""
    found: dict[str, list[Step]] = defaultdict(list)
    rows = TrailEntry.objects.filter(
        target_kind="谈话", succeeded=True, action__in=[*WRITTEN, *CONFIRMED]
    ).order_by()
    columns = rows.values_list("target", "account", "address", "at", "action")
    for code, account, address, at, action in columns.iterator():
        found[code].append(Step(account, address, at, confirms=action in CONFIRMED))
    return found


def _without_standing(talks: Mapping[int, Held]) -> Iterator[Found]:
    """Talks with a participant who, on the day, was affiliated nowhere and held no post."""
    counts = strangers().filter(talk__in=Talk.objects.counting()).values_list("talk").annotate(Count("pk"))
    for pk, count in counts.order_by():
        # Recorded since the others were loaded: the next sweep has it.
        if talk := talks.get(pk):
            yield Found(Check.STANDING, talk.code, (pk,), talk.held_on, count)


def strangers() -> QuerySet[Participant]:
    """Participants who, on the day of the talk, were affiliated nowhere and held no post."""
    facts = in_force(OuterRef("talk__held_on")) & Q(member=OuterRef("member"))
    return Participant.objects.exclude(
        Exists(Affiliation.objects.filter(facts)) | Exists(Post.objects.filter(facts))
    )


def _overdue_remedies(talks: Mapping[int, Held], today: date) -> Iterator[Found]:
    """Talks with remedies past their limit, without 销号."""
    rows = Remedy.objects.agreed().filter(settled_on=None, due_on__lt=today).order_by()
    for pk, count, due_on in rows.values_list("talk").annotate(Count("pk"), Min("due_on")):
        if talk := talks.get(pk):
            yield Found(Check.REMEDY, talk.code, (pk,), talk.held_on, count, other_day=due_on)


def _newest(found: Found, talks: Mapping[int, Held]) -> int:
    """The talk by whose home the organisation goes: of one that was copied the copy."""
    return found.talks[-1] if found.check == Check.COPIED else max(found.talks, key=lambda pk: talks[pk].code)


def _homes(talks: set[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    asked = sorted(talks)
    for start in range(0, len(asked), PORTION):
        found |= homes_of(asked[start : start + PORTION])
    return found


def _awaited(late: Sequence[Found], homes: Mapping[int, int], limits: Limits) -> dict[int, list[date]]:
    """For each talk the days of meetings of its organisation, and on which an inspection over it began."""
    places = {homes[one.talks[0]] for one in late if one.talks[0] in homes}
    days: dict[int, list[date]] = defaultdict(list)
    for place, day in Meeting.objects.filter(organisation__in=places).values_list(
        "organisation", "meeting_on"
    ):
        days[place].append(day)
    inspections = list(
        Mandate.objects.filter(kind=MandateKind.INSPECTOR).values_list("organisation", "since").order_by()
    )
    for row in Organisation.objects.filter(pk__in=places):
        above = {row.pk, *row.ancestor_ids()}
        days[row.pk] += [since for place, since in inspections if place in above]
    return {one.talks[0]: days[homes[one.talks[0]]] for one in late if one.talks[0] in homes}


# --- as they are told ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OrganisationSum:
    """How many findings an organisation has, by how far they have come; never those of a person."""

    name: str
    open: int
    explained: int
    dismissed: int
    gone: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.open + self.explained + self.dismissed + self.gone


def organisation_sums(findings: FindingQuerySet) -> list[OrganisationSum]:
    """The sums of each organisation that has any, in tree order; one query."""
    standing = Q(gone_on=None)
    rows = (
        findings.filter(organisation__isnull=False)
        .order_by()
        .values("organisation__name", "organisation__path")
        .annotate(
            open=Count("pk", filter=standing & Q(state=FindingState.OPEN), distinct=True),
            explained=Count("pk", filter=standing & Q(state=FindingState.EXPLAINED), distinct=True),
            dismissed=Count("pk", filter=standing & Q(state=FindingState.DISMISSED), distinct=True),
            gone=Count("pk", filter=Q(gone_on__isnull=False), distinct=True),
        )
        .order_by("organisation__path")
    )
    return [
        OrganisationSum(
            row["organisation__name"], row["open"], row["explained"], row["dismissed"], row["gone"]
        )
        for row in rows
    ]


TOLD = {
    Check.COPIED: "去除姓名、日期后，与一次较早的谈话（{other}）记录相似{figure}%。不显示谈话内容。",
    Check.OVERLAP: "{day}有{figure}名同志同时在两次谈话中。",
    Check.CROWDED: "同一谈话人{day}个别谈话{figure}次。",
    Check.CHAIN: "同一谈话人{day}连续谈话{figure}次，前后没有间隔。",
    Check.LATE: "{day}的谈话，{figure}天后录入。",
    Check.BATCH: "{day}起24小时内录入谈话{figure}条，谈话日期前后相差较大。",
    Check.GROUP: "谈话形式填写为一对一，实际有{figure}人参加；不计入一对一谈话。",
    Check.SIGNED: "由不同账号在同一网络地址先后办理，间隔{figure}秒。",
    Check.STANDING: "有{figure}名参加人在谈话当天没有组织关系，也没有任职。",
    Check.AHEAD: "谈话日期是{day}，记录于{other}。",
    Check.REMEDY: "{figure}项整改措施超过完成时限，最早的时限是{other}。",
}
IDENTICAL = "去除姓名、日期后，与一次较早的谈话（{other}）记录完全相同。不显示谈话内容。"
BEFORE = "录入时临近{other}的会议或督查。"
THIN = "其中有的记录只有套话，或者很短且没有结束时间。"


def told(finding: Finding) -> str:
    """What was found, in a sentence; it names no one."""
    text = TOLD[Check(finding.check_name)]
    if finding.check_name == Check.COPIED and finding.figure == 100:
        text = IDENTICAL
    if finding.check_name == Check.LATE and finding.other_day:
        text += BEFORE
    if finding.beside_thin:
        text += THIN
    other = chinese_date(finding.other_day) if finding.other_day else ""
    return text.format(day=chinese_date(finding.day), other=other, figure=finding.figure)
