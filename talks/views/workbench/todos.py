"""What is to be done next by whoever is signed in: one row each, the most urgent first."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from operator import itemgetter
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.timezone import localtime

from branches.rules.dates import day_of
from members.models import Account
from members.permissions import confirmable_posts, decidable_resets, own_resets
from members.views.organisations import MOST_WAITING
from talks.figures.disclosures import open_lines as disclosures_open
from talks.figures.disclosures import to_decide as disclosures_to_decide
from talks.figures.requests import RequestLine
from talks.figures.waiting import RemedyLine, near_remedies
from talks.figures.waivers import to_decide
from talks.figures.worklist import DutyLine, Seen, persons_of
from talks.models import Side, Talk
from talks.rules.hours import hour_of
from talks.rules.requests import RequestState
from talks.rules.words import TalkState
from talks.views.talks import TalkLine, line_of

MOST_OVERDUE = 8
MOST_WAIVERS = 5
MOST_REMEDIES = 5
MOST_DISCLOSURES = 5
MOST_REQUESTS = 8
AHEAD = (TalkState.PLANNED, TalkState.HELD)
TOGETHER = 3  # 临期 duties of one anchor that are shown one by one; more become one row


@dataclass(frozen=True, slots=True)
class Todo:
    """One thing to do: how urgent, what, why, and the one verb that settles it."""

    tone: str
    chip: str
    title: str
    reason: str
    url: str
    verb: str
    verb_url: str


def todos_of(
    account: Account,
    overdue: Sequence[DutyLine],
    near: Sequence[DutyLine],
    counts: Counter[str],
    lines: list[TalkLine],
    requests: tuple[RequestLine, ...],
    now: datetime,
) -> list[Todo]:
    """逾期, 整改到期, 待答复, 临期, 今日已约, 待记录, 待确认, 待批准."""
    today = now.date()
    to_record = [line for line in lines if is_to_record(line, now)]
    todos = [_duty_todo(line, to_record) for line in overdue]
    if counts["overdue"] > len(overdue):
        url = _list_of("overdue")
        rest = counts["overdue"] - len(overdue)
        todos.append(Todo("overdue", "逾期", f"另有{rest}项逾期", "按截止日期先后排列。", url, "查看", url))
    todos += _remedies(account, today)
    todos += [request_todo(line, today) for line in requests[:MOST_REQUESTS]]
    if len(requests) > MOST_REQUESTS:
        title = f"另有{len(requests) - MOST_REQUESTS}项约谈待办理"
        url = reverse("requests")
        todos.append(Todo("near", "约谈", title, "按申请日期先后排列。", url, "查看", url))
    todos += _near(near, to_record)
    for line in lines:
        url = reverse("talk", args=[line.talk.code])
        if _is_ahead(line.talk, now):
            hour = hour_of(line.talk.starts_at)
            reason = "，".join(filter(None, (line.talk.kind, line.talk.form, line.talk.place)))
            todos.append(Todo("scheduled", f"今天{hour}", f"{line.others}谈话", reason, url, "查看", url))
    for line in to_record:
        url = reverse("talk-record", args=[line.talk.code])
        day = "今天" if line.talk.held_on == today else day_of(line.talk.held_on)
        title = f"记录{day}{line.others}的谈话"
        todos.append(Todo("pending", "待记录", title, "记录后才计入已谈。", url, "记录谈话", url))
    for line in lines:
        if waits_for(line.talk, account):
            url = reverse("talk", args=[line.talk.code])
            title = f"核对{day_of(line.talk.held_on)}{line.others}的谈话记录"
            todos.append(Todo("pending", "待确认", title, "谈话人已记录，请您核对。", url, "核对并确认", url))
    return todos + _waivers(account, today) + _disclosures(account, now)


def _remedies(account: Account, today: date) -> list[Todo]:
    """Remedies near their limit, the soonest first; what they say stays in the talk."""
    lines, number = near_remedies(account, today=today, most=MOST_REMEDIES)
    todos = [_remedy_todo(line, account) for line in lines]
    if number > len(lines):
        url = reverse("remedies")
        title = f"另有{number - len(lines)}项整改措施临近或超过完成时限"
        todos.append(Todo("near", "整改", title, "按完成时限先后排列。", url, "查看台账", url))
    return todos


def _remedy_todo(line: RemedyLine, account: Account) -> Todo:
    remedy = line.remedy
    url = reverse("remedy", args=[remedy.pk])
    owner = f"责任人{remedy.owner.name}，" if remedy.owner else ""
    talk = line_of(remedy.talk, account)
    reason = f"{owner}{day_of(line.due_on)}前完成，来自{day_of(talk.talk.held_on)}{talk.others}的谈话。"
    tone = "overdue" if line.days < 0 else "near"
    title = f"整改措施{'超过' if line.days < 0 else '临近'}完成时限"
    return Todo(tone, _days_left(line.days), title, reason, url, "办理整改", url)


def request_todo(line: RequestLine, today: date) -> Todo:
    """A request: to be answered, to be decided by who asked, or with its talk past the limit."""
    asked = line.request
    url = reverse("request", args=[asked.code])
    sent = f"{day_of(asked.asked_on)}申请"
    wish = f"，希望{line.wish}" if line.wish else ""
    days = (line.answer_due - today).days
    if line.is_mine:
        is_to_pick = asked.state == RequestState.PROPOSED
        title = f"{asked.asked.name}另约了时间，请您选定" if is_to_pick else "是否同意转交约谈，请您决定"
        reason = f"{sent}{wish}，应于{day_of(line.hold_due)}前谈。"
        verb = "选定时间" if is_to_pick else "查看"
        return Todo("pending", "约谈", title, reason, url, verb, url)
    if asked.state == RequestState.WAITING:
        who = f"代{asked.asked.name}答复" if line.deputises else "答复"
        title = f"{who}{asked.requester.name}的约谈申请"
        reason = f"{sent}{wish}，{day_of(line.answer_due)}前答复。"
        return Todo("overdue" if days < 0 else "near", _days_left(days), title, reason, url, "答复约谈", url)
    reason = f"{sent}，应于{day_of(line.hold_due)}前谈。"
    return Todo("overdue", "超期未谈", f"{asked.requester.name}的约谈超过谈话期限", reason, url, "查看", url)


def _days_left(days: int) -> str:
    """逾期2天, 今天到期, 剩3天."""
    return f"逾期{-days}天" if days < 0 else f"剩{days}天" if days else "今天到期"


def _waivers(account: Account, today: date) -> list[Todo]:
    """免予谈话 that wait for the account's decision, the oldest first."""
    lines, number = to_decide(account, today=today, most=MOST_WAIVERS)
    todos = []
    for line in lines:
        asked_on = line.waiver.asked_on
        reason = f"{line.waiver.asked_by.name}{day_of(asked_on) if asked_on else ''}申请"
        told = "，".join(filter(None, (reason, line.title.replace("　", " "), line.anchor)))
        url = reverse("waiver", args=[line.waiver.pk])
        title = f"审批{line.about}的免予谈话"
        todos.append(Todo("pending", "待批准", title, f"{told}。", url, "审批", url))
    if number > len(lines):
        url = f"{reverse('waivers')}?{urlencode({'state': 'waiting', 'scope': 'decide'})}"
        title = f"另有{number - len(lines)}项免予谈话待批准"
        todos.append(Todo("pending", "待批准", title, "按申请日期先后排列。", url, "查看", url))
    return todos


def _disclosures(account: Account, now: datetime) -> list[Todo]:
    """调阅 that wait for the account's decision, the oldest first."""
    lines, number = disclosures_to_decide(account, at=now, today=now.date(), most=MOST_DISCLOSURES)
    todos = []
    for line in lines:
        url = reverse("disclosure", args=[line.disclosure.pk])
        asked_on = day_of(localtime(line.disclosure.asked_at).date())
        reason = f"{line.disclosure.asked_by.name}{asked_on}申请，批准后限时查看。"
        todos.append(Todo("pending", "待批准", f"审批调阅申请：{line.about}", reason, url, "审批", url))
    if number > len(lines):
        url = f"{reverse('disclosures')}?{urlencode({'show': 'decide'})}"
        title = f"另有{number - len(lines)}项调阅待批准"
        todos.append(Todo("pending", "待批准", title, "按申请时间先后排列。", url, "查看", url))
    return todos


def hints_of(account: Account, now: datetime) -> list[Todo]:
    """What stands above everything, for whatever account.

    口令重置 of its own password and those that wait for its decision; 任职 that wait for its confirmation;
    调阅 that it may read at the moment.
    """
    return [
        *_own_reset(account, now),
        *_resets(account, now),
        *_posts_to_confirm(account, now),
        *_open_disclosures(account, now),
    ]


def _posts_to_confirm(account: Account, now: datetime) -> list[Todo]:
    """How many principals wait for the account's confirmation: until then they read nothing.

    Who stands over a country has thousands at once: counted up to where the page that it leads to ends.
    """
    number = confirmable_posts(account, today=now.date()).order_by()[: MOST_WAITING + 1].count()
    if not number:
        return []
    told = f"{number}项" if number <= MOST_WAITING else f"{MOST_WAITING}项以上"
    url = reverse("organisations")
    reason = "党务管理员录入的主要负责同志，确认后才能查看谈话记录。"
    return [Todo("pending", "待确认", f"{told}任职待您确认", reason, url, "核对并确认", url)]


def _open_disclosures(account: Account, now: datetime) -> list[Todo]:
    """Records that the account asked for and may read at the moment: the time runs from the approval."""
    todos = []
    for line in disclosures_open(account, at=now, today=now.date()):
        url = reverse("disclosure", args=[line.disclosure.pk])
        reason = f"可以查看至{line.ends_at}，从批准时起算。"
        todos.append(Todo("scheduled", "可以查看", f"{line.about}已批准调阅", reason, url, "查看", url))
    return todos


def _own_reset(account: Account, now: datetime) -> list[Todo]:
    """That somebody asked to have one's own password reset: who did not want it can still say so."""
    waiting = own_resets(account).waiting(now).select_related("asked_by").defer("half").first()
    if waiting is None:
        return []
    url = reverse("own-account")
    asked_on = day_of(localtime(waiting.asked_at).date())
    title = f"{waiting.asked_by.name}{asked_on}申请重置您的口令"
    reason = "不是您本人要求的，请立即报告安全管理员；批准前原密码照常使用。"
    return [Todo("overdue", "口令重置", title, reason, url, "查看", url)]


def _resets(account: Account, now: datetime) -> list[Todo]:
    """How many 口令重置 wait for the account's decision."""
    number = decidable_resets(account, today=now.date()).waiting(now).count()
    if not number:
        return []
    url = reverse("resets")
    reason = "请先向本人核实，批准后原密码立即作废。"
    return [Todo("pending", "待批准", f"{number}项口令重置待审批", reason, url, "审批", url)]


def _near(near: Sequence[DutyLine], to_record: Sequence[TalkLine]) -> list[Todo]:
    """The soonest first, one by one, but more than three of one anchor together."""
    by_anchor: dict[tuple[int, str], list[DutyLine]] = {}
    for line in near:
        by_anchor.setdefault((line.duty.organisation_id, line.duty.anchor), []).append(line)
    todos: list[tuple[date, Todo]] = []
    for rows in by_anchor.values():
        if len(rows) <= TOGETHER:
            todos += [(line.duty.due_on, _duty_todo(line, to_record)) for line in rows]
            continue
        first = rows[0].duty
        what = first.anchor.split(":")[1] + "前" if first.anchor.startswith("meeting:") else "本期"
        titles = Counter(line.title.replace("　", " ") for line in rows)
        short = {title: title.removeprefix(f"{what} ") for title in titles}
        reason = "，".join(f"{short[title]}{count}项" for title, count in titles.items())
        url = f"{_list_of('near')}&{urlencode({'organisation': first.organisation.code})}"
        title = f"{what}还有{len(rows)}项未约"
        due = f"{reason}，{day_of(first.due_on)}前。"
        chip = rows[0].chip.removeprefix("临期　")
        todos.append((first.due_on, Todo("near", chip, title, due, url, "批量预约", url)))
    return [todo for _, todo in sorted(todos, key=itemgetter(0))]


def _duty_todo(line: DutyLine, to_record: Sequence[TalkLine]) -> Todo:
    """What is owed; where a talk of the same persons waits for its record, that comes before another."""
    duty = line.duty
    url = reverse("duty", args=[duty.pk])
    book = f"{reverse('talk-book')}?{urlencode({'duty': duty.pk})}"
    when = f"应于{day_of(duty.due_on)}前谈" if line.tone == "overdue" else f"{day_of(duty.due_on)}前"
    reason = f"{line.title}，{when}。{line.sentence}。"
    chip = line.chip.removeprefix("临期　")
    title = f"与{line.whom}谈话" if not duty.is_pair else f"{line.whom}谈话"
    if line.is_booked:
        return Todo(line.tone, chip, title, f"{reason}已预约，尚未谈话。", url, "查看", url)
    for one in to_record:
        if one.talk.held_on >= duty.opens_on and _takes_part(duty, one.talk):
            told = f"{reason}{day_of(one.talk.held_on)}的谈话尚未记录。"
            record = reverse("talk-record", args=[one.talk.code])
            return Todo(line.tone, chip, title, told, url, "记录谈话", record)
    return Todo(line.tone, chip, title, reason, url, "预约谈话", book)


def _takes_part(duty: Seen, talk: Talk) -> bool:
    """Whether the talk (participants prefetched) is one of two persons, with all whom the duty names."""
    there = {row.member_id for row in talk.participants.all()}
    return len(there) == 2 and there.issuperset(member.pk for member in persons_of(duty))


def _is_ahead(talk: Talk, now: datetime) -> bool:
    """Whether it is booked for today and its hour has not come yet."""
    is_today = talk.held_on == now.date() and talk.state == TalkState.PLANNED
    return is_today and (talk.starts_at is None or talk.starts_at > now.time())


def is_to_record(line: TalkLine, now: datetime) -> bool:
    """Whether its hour has come and this account is to write the record."""
    is_over = line.talk.held_on <= now.date() and not _is_ahead(line.talk, now)
    return line.talk.state in AHEAD and is_over and line.writes


def waits_for(talk: Talk, account: Account) -> bool:
    """Whether the record waits for this account's confirmation."""
    return talk.state == TalkState.RECORDED and any(
        row.side == Side.SUBJECT and row.member_id == account.member_id and not row.confirmed_at
        for row in talk.participants.all()
    )


def _list_of(tone: str) -> str:
    return f"{reverse('duties')}?{urlencode({'state': tone, 'mine': 'on'})}"
