"""The duties that one account may know of, as the lists show them."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from branches.models import Organisation
from branches.rules import BRANCH_KINDS
from members.models import Account, Member
from talks.figures.facts import load_facts
from talks.permissions import DutyRights, EventSum, SeenDuty, duty_organisations
from talks.rules import facts as values
from talks.rules.duties import Duty, evaluate, meets, role_holders
from talks.rules.facts import EventTrigger, Facts, MeetingTrigger
from talks.rules.index import index_of
from talks.rules.words import ROLE_NAMES, DutyState, TalkerRole, TalkState

NEAR_DAYS = 7
BY_SUPERIOR = "由上级党组织谈话"
# The look's word for a state, in the order of urgency.
TONES = ("overdue", "near", "pending", "scheduled", "late", "done", "waived")
TONE_OF = {
    DutyState.OVERDUE: "overdue",
    DutyState.PENDING: "pending",
    DutyState.SCHEDULED: "scheduled",
    DutyState.LATE: "late",
    DutyState.DONE: "done",
    DutyState.WAIVED: "waived",
}
TONE_NAMES = {
    "overdue": "逾期",
    "near": "临期",
    "pending": "待谈",
    "scheduled": "已约",
    "late": "逾期完成",
    "done": "已谈",
    "waived": "免予谈话",
}
OPEN_TONES = frozenset({"overdue", "near", "pending"})


@dataclass(frozen=True, slots=True)
class DutyLine:
    """One duty as a row: whom, why, by whom, until when, how it stands."""

    handle: str
    seen: SeenDuty
    tone: str
    chip: str
    whom: str
    note: str
    title: str
    by: str
    sentence: str
    organisation: str
    is_booked: bool
    may_book: bool

    @property
    def duty(self) -> Duty:
        """The duty itself."""
        return self.seen.duty

    @property
    def is_open(self) -> bool:
        """Whether a talk is still to be booked, by this account."""
        return self.may_book and self.tone in OPEN_TONES and not self.is_booked


class Worklist:
    """What an account may know of the duties of a year: one evaluation, a constant number of queries.

    `handle_of` gives a duty the name that it has in addresses.
    """

    def __init__(self, account: Account, *, today: date, year: int, handle_of: Callable[[Duty], str]) -> None:
        self.account = account
        self.handle_of = handle_of
        self.today = today
        self.year = year
        organisations = list(duty_organisations(account, today=today))
        self.organisations = {organisation.code: organisation for organisation in organisations}
        self.facts: Facts = load_facts(organisations)
        self.duties = _of_year(self.facts, self.organisations, today, year)
        self.rights = DutyRights(account, self.facts, today=today)
        self.seen = self.rights.visible(self.duties)

    @cached_property
    def sums(self) -> tuple[EventSum, ...]:
        """「事件类必谈」 that the account may not know by name."""
        return self.rights.masked(self.duties)

    @cached_property
    def names(self) -> dict[str, str]:
        """Names of members by code."""
        return {member.code: member.name for member in self.facts.members}

    @property
    def led(self) -> frozenset[str]:
        """Codes of the organisations that the account's member leads."""
        return self.rights.led

    def is_for_me(self, seen: SeenDuty) -> bool:
        """Whether it is the account's to see to: its member is to talk, or leads the organisation."""
        return seen.mine or (seen.duty.organisation in self.led and not seen.about_me)

    @cached_property
    def by_urgency(self) -> tuple[SeenDuty, ...]:
        """All of them: 逾期, 临期, 待谈, 已约, then what is done; the earlier day first."""
        return tuple(sorted(self.seen, key=self._urgency))

    def _urgency(self, seen: SeenDuty) -> tuple[int, date, tuple[str, ...]]:
        duty = seen.duty
        return TONES.index(self.tone(duty)), duty.due_on, duty.order

    def tone(self, duty: Duty) -> str:
        """The look's word for the state; 临期 is due within seven days."""
        tone = TONE_OF[duty.state]
        is_near = tone == "pending" and (duty.due_on - self.today).days <= NEAR_DAYS
        return "near" if is_near else tone

    def chip(self, duty: Duty) -> str:
        """State and days: 逾期2天, 临期　剩4天, 临期　今天到期."""
        tone = self.tone(duty)
        days = (duty.due_on - self.today).days
        if tone == "overdue":
            return f"逾期{-days}天"
        if tone == "near":
            return f"临期　剩{days}天" if days else "临期　今天到期"
        return TONE_NAMES[tone]

    def find(self, handle: str) -> SeenDuty | None:
        """The duty with the handle, if the account may know of it."""
        return next((seen for seen in self.seen if self.handle_of(seen.duty) == handle), None)

    def lines(self, seen: Iterable[SeenDuty]) -> tuple[DutyLine, ...]:
        """The duties as rows."""
        return tuple(self.line(one) for one in seen)

    def line(self, seen: SeenDuty) -> DutyLine:
        """One duty as a row."""
        duty = seen.duty
        organisation = self.organisations[duty.organisation]
        return DutyLine(
            handle=self.handle_of(duty),
            seen=seen,
            tone=self.tone(duty),
            chip=self.chip(duty),
            whom="、".join(self.names.get(code, code) for code in duty.persons),
            note="" if duty.is_pair else self._post_of(duty.subject),
            title=duty.rule.title.replace(" ", "　"),
            by=self.by_whom(duty),
            sentence=self.who_may(duty),
            organisation=organisation.name,
            is_booked=bool(self.booked(duty)),
            may_book=self.is_for_me(seen),
        )

    def booked(self, duty: Duty) -> str:
        """The code of the planned talk that would meet the duty, an overdue one too; empty without one."""
        if duty.state is not DutyState.OVERDUE:
            return duty.planned or ""
        persons = set(duty.persons)
        for talk in self._planned:
            if persons & {*talk.talkers, *talk.subjects} and talk.held_on >= self.today:
                as_if_held = replace(talk, state=TalkState.RECORDED)
                if meets(self.facts, as_if_held, duty).counts:
                    return talk.code
        return ""

    @cached_property
    def _planned(self) -> tuple[values.Talk, ...]:
        planned = (talk for talk in self.facts.talks if talk.state is TalkState.PLANNED)
        return tuple(sorted(planned, key=lambda talk: (talk.held_on, talk.code)))

    def holders(self, duty: Duty) -> tuple[str, ...]:
        """Codes of those in the role today, sorted; of a pair duty both persons."""
        if duty.role is None:
            return duty.persons
        found = role_holders(
            self.facts,
            subject=duty.subject,
            organisation=duty.organisation,
            role=duty.role,
            day=self.today,
            event=self._events.get(duty.anchor.removeprefix("event:")),
        )
        return tuple(sorted(found))

    @cached_property
    def _events(self) -> dict[str, values.Event]:
        return {event.code: event for event in self.facts.events}

    def by_whom(self, duty: Duty) -> str:
        """Who is to talk: the role, and by name up to two."""
        if duty.role is None:
            return "两人互谈"
        holders = self.holders(duty)
        if not holders:
            return BY_SUPERIOR
        role = self.role_name(duty)
        if duty.role is TalkerRole.ORDINARY:
            return f"本支部任一{role}"
        kept = self.in_contact(duty)
        if kept:
            return f"{role}　联系委员{kept}"
        names = "、".join(self.names.get(code, code) for code in holders[:2])
        return f"{role}　{names}" if len(holders) <= 2 else f"{role}　{names}等{len(holders)}人"

    def in_contact(self, duty: Duty) -> str:
        """Names of those in the role who keep in contact with the person."""
        if duty.role not in (TalkerRole.TEAM, TalkerRole.LIAISON):
            return ""
        kept = index_of(self.facts).liaisons(duty.subject, self.today)
        return "、".join(self.names.get(code, code) for code in self.holders(duty) if code in kept)

    def who_may(self, duty: Duty) -> str:
        """`by_whom` as a clause of a sentence."""
        if duty.role is None:
            return "两人互谈"
        holders = self.holders(duty)
        if not holders:
            return BY_SUPERIOR
        if len(holders) == 1:
            return f"由{self.names.get(holders[0], holders[0])}谈"
        kept = self.in_contact(duty)
        return f"{self.role_name(duty)}均可谈" + (f"，联系委员{kept}" if kept else "")

    def role_name(self, duty: Duty) -> str:
        """The role in Chinese; the team of a branch is its 支委."""
        if duty.role is None:
            return ""
        if duty.role is TalkerRole.TEAM and self.organisations[duty.organisation].kind in BRANCH_KINDS:
            return "支委"
        return ROLE_NAMES[duty.role]

    def _post_of(self, code: str) -> str:
        """The title of a post that the person holds today, team posts first; empty for an ordinary member."""
        posts = self.posts.get(code, ())
        return posts[0].title if posts else ""

    @cached_property
    def posts(self) -> dict[str, list[values.Post]]:
        """The posts in force today by member, team posts first."""
        found: dict[str, list[values.Post]] = {}
        for post in sorted(self.facts.posts, key=lambda post: (not post.team, not post.head, post.title)):
            begun = post.since is None or post.since <= self.today
            if begun and (post.until is None or self.today < post.until):
                found.setdefault(post.member, []).append(post)
        return found


def persons_like(seen: Collection[SeenDuty], text: str) -> frozenset[str]:
    """Codes of the persons of these duties whose name, code or pinyin is like the text."""
    codes = {code for one in seen for code in one.duty.persons}
    return frozenset(Member.objects.named_like(text).filter(code__in=codes).values_list("code", flat=True))


def _of_year(facts: Facts, organisations: Collection[str], today: date, year: int) -> tuple[Duty, ...]:
    """The duties of the year; with them what the year before left: its meeting held this year, open events.

    The meeting of a year may be held in the next (its label is the year), and an event of December still
    calls for a talk in January.
    """
    before = evaluate(facts, organisations=organisations, as_of=today, year=year - 1)
    left = [duty for duty in before if _reaches_into(duty, year)]
    return (*left, *evaluate(facts, organisations=organisations, as_of=today, year=year))


def _reaches_into(duty: Duty, year: int) -> bool:
    if isinstance(duty.rule.trigger, MeetingTrigger):
        return duty.due_on.year >= year
    is_open = duty.state in (DutyState.OVERDUE, DutyState.PENDING, DutyState.SCHEDULED)
    return isinstance(duty.rule.trigger, EventTrigger) and (is_open or duty.due_on.year >= year)


def organisations_of(worklist: Worklist) -> tuple[Organisation, ...]:
    """The organisations with a duty that the account may know of, in the order of the tree."""
    codes = {seen.duty.organisation for seen in worklist.seen} | {one.organisation for one in worklist.sums}
    found = [worklist.organisations[code] for code in codes]
    return tuple(sorted(found, key=lambda organisation: (organisation.path, organisation.code)))
