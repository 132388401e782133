"""Rules as an organisation sees them: those in force, the versions of one, and what a draft would owe."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from branches.models import Organisation
from branches.rules import BRANCH_KINDS
from members.models import Account
from members.permissions import visible_events
from talks.figures.facts import load_facts, rule_value
from talks.models import Rule
from talks.rules import descriptions, facts, presets
from talks.rules.drafts import Draft, own_line
from talks.rules.effects import effects_of, looked_at_on
from talks.rules.facts import Facts
from talks.rules.index import index_of
from talks.rules.versions import in_force, versions_at
from talks.rules.words import format_kinds

# So many organisations are reckoned through while somebody waits; more are said to be left out.
MOST_ORGANISATIONS = 300
SHOWN = 25
BUILT_IN = "系统内置"


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One version of a rule as it is shown to an organisation.

    `is_here`: it applies to the organisation's own kind, not only below; `stands`: in force on the day;
    `next_on`: when another version takes its place; `pk`: of its row, where the organisation made it.
    """

    rule: facts.Rule
    maker: str
    is_own: bool
    is_here: bool
    stands: bool
    trigger: str
    who: str
    limit: str
    mode: str
    kinds: str
    meaning: str
    next_on: date | None
    pk: int | None

    @property
    def is_dated(self) -> bool:
        """Whether it has a first day; a preset that is off has none."""
        return self.rule.effective_from < presets.SWITCHED_OFF

    @property
    def kinds_below(self) -> str:
        """For which kinds below it is made, shortly: 支部, where it is for all of them and nobody else."""
        return "支部" if self.rule.applies_to == BRANCH_KINDS else self.kinds

    @property
    def is_deduced(self) -> bool:
        """Whether the page marks it 「可由本级党组织调整」."""
        return self.rule.code in presets.DEDUCED


@dataclass(frozen=True, slots=True)
class Family:
    """The rules under one heading."""

    name: str
    lines: tuple[RuleLine, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """What a draft changes in one organisation."""

    name: str
    added: int
    removed: int
    carried: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What a draft would owe, as of a day; `left_out` organisations were too many to be reckoned."""

    as_of: date
    changes: tuple[Change, ...]
    reckoned: int
    left_out: int
    hides_events: bool
    is_periodic: bool
    replaced_below: tuple[RuleLine, ...]
    followed: RuleLine | None

    @property
    def added(self) -> int:
        """应谈 that come."""
        return sum(change.added for change in self.changes)

    @property
    def removed(self) -> int:
        """应谈 that go."""
        return sum(change.removed for change in self.changes)

    @property
    def carried(self) -> int:
        """应谈 that stay, under another version."""
        return sum(change.carried for change in self.changes)

    @property
    def sentence(self) -> str:
        """将新增37项应谈，减少3项; that nothing comes or goes."""
        parts = [f"新增{self.added}项"] * bool(self.added) + [f"减少{self.removed}项"] * bool(self.removed)
        if not parts:
            return "应谈事项没有增减"
        return "将" + "，".join([f"{parts[0]}应谈", *parts[1:]])

    @property
    def first(self) -> tuple[Change, ...]:
        """The changes that stand on the page at once."""
        return self.changes[:SHOWN]

    @property
    def rest(self) -> tuple[Change, ...]:
        """The others, which unfold."""
        return self.changes[SHOWN:]


class RuleBook:
    """The versions that reach one organisation: made by it, by one above it, or built in. Two queries.

    With a code, of that code only, and those of it that organisations below made: a draft is judged by these.
    """

    def __init__(self, organisation: Organisation, *, code: str | None = None) -> None:
        self.organisation = organisation
        line = [*organisation.ancestor_ids(), organisation.pk]
        rows = Rule.objects.filter(organisation__in=line).order_by()
        built_in = presets.BUILT_IN
        if code is not None:
            below = Q(organisation__path__startswith=organisation.path)
            rows = Rule.objects.filter(Q(organisation__in=line) | below, code=code).order_by()
            built_in = tuple(rule for rule in built_in if rule.code == code)
        made = list(rows.select_related("organisation"))
        known = {pk for row in made for pk in row.organisation.ancestor_ids()}
        known |= {row.organisation_id for row in made} | set(line)
        columns = ("code", "name", "kind", "superior__code", "established", "dissolved")
        organisations = Organisation.objects.filter(pk__in=known).order_by()
        self.facts = Facts(
            organisations=tuple(facts.Organisation(*row) for row in organisations.values_list(*columns)),
            rules=(*built_in, *(rule_value(row) for row in made)),
        )
        self.rows = {rule_value(row).version: row.pk for row in made}
        self.names = {organisation.code: organisation.name for organisation in self.facts.organisations}

    def line_of(self, rule: facts.Rule, day: date) -> RuleLine:
        """The version as it is shown."""
        versions = own_line(self.facts, self.organisation.code, rule.code)
        standing = in_force(versions, day)
        return RuleLine(
            rule=rule,
            maker=self.names[rule.organisation] if rule.organisation else BUILT_IN,
            is_own=rule.organisation == self.organisation.code,
            is_here=self.organisation.kind in rule.applies_to,
            stands=standing is not None and standing.version == rule.version,
            trigger=descriptions.trigger_words(rule),
            who=descriptions.who_words(rule),
            limit=descriptions.limit_words(rule),
            mode=descriptions.mode_words(rule),
            kinds=format_kinds(rule.applies_to),
            meaning=descriptions.meaning(rule),
            pk=self.rows.get(rule.version) if rule.organisation == self.organisation.code else None,
            next_on=min(
                (each.effective_from for each in versions if each.effective_from > rule.effective_from),
                default=None,
            ),
        )

    def families(self, day: date) -> tuple[Family, ...]:
        """The rules in force on the day by family; for a committee also those that apply only below it."""
        found: dict[str, list[RuleLine]] = {name: [] for name in descriptions.FAMILY_ORDER}
        for versions in versions_at(index_of(self.facts), self.organisation.code).values():
            rule = in_force(versions, day)
            if rule is not None and self._concerns(rule):
                family = descriptions.family_of(
                    rule, origin=versions[-1].organisation, organisation=self.organisation.code
                )
                found[family].append(self.line_of(rule, day))
        return tuple(Family(name, tuple(_in_order(lines))) for name, lines in found.items() if lines)

    def _concerns(self, rule: facts.Rule) -> bool:
        kind = self.organisation.kind
        return kind in rule.applies_to or kind not in BRANCH_KINDS

    def coming(self, day: date) -> tuple[RuleLine, ...]:
        """Of rules that are not in force on the day, the version that comes next."""
        found = []
        for versions in versions_at(index_of(self.facts), self.organisation.code).values():
            later = [rule for rule in versions if rule.effective_from > day]
            if later and in_force(versions, day) is None and self._concerns(later[-1]):
                found.append(self.line_of(later[-1], day))
        return tuple(_in_order(found))

    def offers(self, day: date) -> tuple[RuleLine, ...]:
        """The rules of the second list that are neither on nor to be on."""
        known = versions_at(index_of(self.facts), self.organisation.code)
        return tuple(
            self.line_of(preset, day)
            for preset in presets.SWITCHABLE
            if self._concerns(preset)
            and in_force(known.get(preset.code, ()), day) is None
            and not any(rule.effective_from > day for rule in known.get(preset.code, ()))
        )

    def history(self, code: str, day: date) -> tuple[RuleLine, ...]:
        """The versions of the code that reach the organisation, the latest first."""
        return tuple(self.line_of(rule, day) for rule in own_line(self.facts, self.organisation.code, code))


def preview_of(draft: Draft, book: RuleBook, *, account: Account, today: date) -> Preview:
    """What the draft would owe in the organisation and below: a constant number of queries.

    Reckoned by the engine with the version and without it; event duties are counted only where the account
    may know of the event.
    """
    concerned = draft.version.applies_to | (draft.replaced.applies_to if draft.replaced else frozenset())
    below = Organisation.objects.below(book.organisation).filter(
        Q(dissolved=None) | Q(dissolved__gt=draft.since), kind__in=sorted(concerned)
    )
    count = below.count()
    organisations = list(below.order_by("path")[:MOST_ORGANISATIONS])
    loaded = load_facts(organisations)
    as_of = looked_at_on(draft, loaded)
    events = visible_events(account, today=today).filter(known_on__gte=draft.since)
    effects = effects_of(
        draft,
        loaded,
        organisations=[organisation.code for organisation in organisations],
        as_of=as_of,
        known_events=frozenset(events.values_list("code", flat=True)),
    )
    names = {organisation.code: organisation.name for organisation in organisations}
    return Preview(
        as_of=as_of,
        changes=tuple(
            Change(names[one.organisation], one.added, one.removed, one.carried) for one in effects
        ),
        reckoned=len(organisations),
        left_out=count - len(organisations),
        hides_events=isinstance(draft.version.trigger, facts.EventTrigger),
        is_periodic=isinstance(draft.version.trigger, facts.PeriodTrigger) and not draft.is_end,
        replaced_below=() if draft.is_end else _replaced_below(draft, book),
        followed=_followed(draft, book),
    )


def _replaced_below(draft: Draft, book: RuleBook) -> tuple[RuleLine, ...]:
    """Versions that organisations below made and that the draft takes the place of when it begins."""
    line = {book.organisation.code, *index_of(book.facts).superiors(book.organisation.code), None}
    lower = {rule.organisation for rule in book.facts.rules} - line
    found = []
    for organisation in sorted(filter(None, lower)):
        standing = in_force(own_line(book.facts, organisation, draft.version.code), draft.since)
        if standing is not None and standing.organisation == organisation:
            found.append(book.line_of(standing, draft.since))
    return tuple(found)


def _followed(draft: Draft, book: RuleBook) -> RuleLine | None:
    """The next version in the line, which takes the place of the draft on its day."""
    line = own_line(book.facts, book.organisation.code, draft.version.code)
    later = [rule for rule in line if rule.effective_from > draft.since]
    return book.line_of(later[-1], draft.since) if later else None


def _in_order(lines: list[RuleLine]) -> list[RuleLine]:
    """Presets in the order of their list, then the others by code."""
    places = {code: place for place, code in enumerate(presets.PRESETS)}
    return sorted(lines, key=lambda line: (places.get(line.rule.code, len(places)), line.rule.code))
