"""谈心谈话台账: the talks of an organisation, one by one, without what was said."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date

from branches.models import Organisation
from branches.rules.dates import chinese_date
from members.models import Account
from reports.figures.sheets import Column, Register, Table
from reports.figures.talks import Titles, ledger_of
from reports.figures.versions import versions_in_force
from talks.figures.facts import rule_book
from talks.models import Duty, Participant, Side, Talk
from talks.permissions import told_kind, visible_duties
from talks.rules.hours import hour_of

COLUMNS = (
    Column("序号", 10, "number"),
    Column("谈话时间", 21),
    Column("谈话地点", 26, "left"),
    Column("谈话人（职务）", 35, "names"),
    Column("谈话对象（职务）", 35, "names"),
    Column("类别", 12),
    Column("谈话事由（必谈情形）", 41, "left"),
    Column("谈话方式", 15),
    Column("记录人", 16, "names"),
    Column("状态", 14),
)
EVENT_REASON = "事件类必谈"
EMPTY = "本期没有已记录的谈话。"
NOTES = (
    "谈话的主要内容、意见建议和处理结果由谈话双方掌握，不列入台账；经谈话人转交的意见建议见征求意见汇总表，"
    "列入台账的整改措施见整改台账。",
    "类别和由事件引起的谈话事由，只在有权知悉的同志取得的台账中列出，且不列事件的情形。",
)


def ledger_figures(
    organisation: Organisation,
    places: Collection[Organisation],
    *,
    since: date,
    until: date,
    as_of: date,
    account: Account | None,
    today: date,
) -> Register:
    """The ledger of the places, which are the organisation and, where asked for, those below it.

    `account` decides what is told of each talk; None is told no more than who only keeps a ledger. The
    number of queries does not grow with the talks.
    """
    talks = ledger_of(places, since=since, until=min(until, as_of))
    rows = list(
        talks.order_by("held_on", "starts_at", "code")
        .select_related("recorder")
        .defer("topic", "content", "cancel_reason")
    )
    lines = _Lines(rows, places, account, today)
    several = len(places) > 1
    return Register(
        title="谈心谈话台账",
        subtitle=f"{organisation.name}{f'及所属{len(places) - 1}个党组织' if several else ''}",
        left=f"{chinese_date(since)}至{chinese_date(until)}",
        right=f"谈话{len(rows)}次",
        as_of=as_of,
        versions=versions_in_force(organisation, as_of),
        tables=(
            Table(
                name="台账",
                caption="",
                columns=COLUMNS,
                rows=tuple(lines.row(number, talk) for number, talk in enumerate(rows, 1)),
                empty=EMPTY,
            ),
        ),
        notes=NOTES,
        is_wide=True,
    )


class _Lines:
    """The talks as rows, with a constant number of queries."""

    def __init__(
        self, talks: list[Talk], places: Collection[Organisation], account: Account | None, today: date
    ) -> None:
        keys = [talk.pk for talk in talks]
        ours = Talk.objects.filter(pk__in=keys).order_by()
        self.people: dict[int, list[Participant]] = defaultdict(list)
        participants = Participant.objects.filter(talk__in=keys).select_related("member")
        for row in participants.defer("said", "private_notes").order_by("side", "member__code"):
            self.people[row.talk_id].append(row)
        members = {row.member_id for rows in self.people.values() for row in rows}
        self.titles = Titles(members, {place.pk for place in places})
        self.told: set[int] = set()
        if account is not None:
            asked_for = ours.filter(requests__isnull=False).values_list("pk", flat=True)
            told = told_kind(account, today=today).filter(pk__in=keys).order_by()
            # What came from a 约谈 is its participants' affair.
            self.told = set(told.values_list("pk", flat=True)) - (
                set(asked_for) - set(ours.of_member(account.member).values_list("pk", flat=True))
                if account.member
                else set(asked_for)
            )
        self.reasons = self._reasons(keys, places, account, today)

    def _reasons(
        self, keys: list[int], places: Collection[Organisation], account: Account | None, today: date
    ) -> dict[int, list[str]]:
        """What the talks met, by talk: an event without its kind, and only for who knows of it by name."""
        known = (
            visible_duties(account, today=today).filter(withdrawn_on=None)
            if account is not None
            else Duty.objects.standing().filter(is_event=False)
        )
        met = known.filter(met_by__in=keys, organisation__in=[place.pk for place in places])
        titles = {version: rule.heading for version, rule in rule_book().items()}
        found: dict[int, set[str]] = defaultdict(set)
        for talk, is_event, version, rule in met.order_by().values_list(
            "met_by", "is_event", "version", "rule"
        ):
            found[talk].add(EVENT_REASON if is_event else titles.get(version, rule))
        return {talk: sorted(names) for talk, names in found.items()}

    def row(self, number: int, talk: Talk) -> tuple[str | int | date | None, ...]:
        people = self.people[talk.pk]
        hour = hour_of(talk.starts_at) if talk.starts_at else ""
        day = f"{talk.held_on.year}.{talk.held_on.month}.{talk.held_on.day}"
        outside = [talk.external_talker] if talk.external_talker else []
        told = talk.pk in self.told
        return (
            number,
            f"{day} {hour}".strip(),
            talk.place,
            "、".join([*outside, *self._named(people, Side.TALKER, talk.held_on)]),
            "、".join(self._named(people, Side.SUBJECT, talk.held_on)),
            talk.kind if told else "",
            "；".join(self.reasons.get(talk.pk, ())),
            talk.form,
            talk.recorder.name if talk.recorder else "",
            talk.state,
        )

    def _named(self, people: list[Participant], side: Side, day: date) -> list[str]:
        return [self.titles.named(row.member_id, row.member.name, day) for row in people if row.side == side]
