"""民主生活会谈心谈话情况报告: running text with the figures in it, to be finished by hand."""

from collections import Counter
from datetime import date, timedelta

from branches.rules.dates import chinese_date
from reports.figures.overview import MeetingDuties, is_met
from reports.figures.sheets import Block, Essay
from reports.figures.talks import TalkTally, talk_tallies
from reports.figures.versions import used_versions
from talks.figures.opinions import OpinionCount, opinion_count
from talks.models import Meeting, MergedOpinion, Remedy
from talks.rules.duties import Duty
from talks.rules.words import DutyState, MeetingKind, Pairing

# The pairs of a meeting in the order in which they are told: the heading, and what is counted.
OF_COMMITTEES = (
    (Pairing.PRINCIPAL_TEAM, "主要负责同志和班子成员之间", "对"),
    (Pairing.TEAM_TEAM, "班子成员相互之间", "对"),
    (Pairing.TEAM_HEADS, "班子成员和分管部门、单位主要负责同志之间", "对"),
)
OF_BRANCHES = (
    (Pairing.COMMITTEE_COMMITTEE, "支委之间", "对"),
    (Pairing.COMMITTEE_MEMBER, "支委和党员之间", "人"),
    (Pairing.MEMBER_MEMBER, "党员和党员之间", "人"),
)
CATEGORIES_TOLD = 6
PROMPT_WAYS = "（请结合实际填写：采取的方式，如面对面、一对一，到基层和工作现场去谈等。）"
PROMPT_PROBLEMS = "（请结合实际填写：谈心谈话中查找出的主要问题和不足。）"
PROMPT_NEXT = "（请结合实际填写：下一步整改措施、责任人和完成时限。）"


def situation_figures(found: MeetingDuties, *, today: date) -> Essay:
    """The report of the meeting as of the day; it holds counts, and no text of any opinion."""
    meeting = found.meeting
    last = min(found.as_of, meeting.meeting_on - timedelta(days=1))
    tallies = talk_tallies([meeting.organisation], since=meeting.opens_on, until=last)
    talks = tallies.get(meeting.organisation_id, TalkTally())
    count = opinion_count(meeting)
    superior = meeting.organisation.superior
    signer = meeting.organisation.name
    return Essay(
        title=f"{signer}{meeting.year}年度{meeting.kind}谈心谈话情况报告",
        subtitle="",
        left="",
        right="",
        as_of=found.as_of,
        versions=used_versions(found.facts, found.duties, [], found.as_of),
        addressee=f"{superior.name}：" if superior else "",
        blocks=(
            *_opening(meeting),
            *_talks(found, talks),
            *_opinions(meeting, count),
            *_problems(found, meeting),
            Block("h2", "四、下一步工作措施"),
            Block("prompt", PROMPT_NEXT),
            Block("p", "特此报告。"),
        ),
        signer=signer,
        signed_on=today,
    )


def headline(meeting: Meeting, talks: TalkTally, count: OpinionCount) -> str:
    """「班子成员之间谈话×次…共征求意见×条，梳理为×条」."""
    is_branch = meeting.kind == MeetingKind.ORGANISATION_LIFE
    team, mixed = (
        ("支委之间", "支委和党员之间") if is_branch else ("班子成员之间", "班子成员和党员、干部之间")
    )
    parts = [f"{team}谈话{talks.team}次", f"{mixed}谈话{talks.mixed}次", f"党员之间谈话{talks.others}次"]
    return f"{'，'.join(parts)}，共计{talks.all}次；{count.sentence}。"


def _opening(meeting: Meeting) -> tuple[Block, ...]:
    who = "支委会" if meeting.kind == MeetingKind.ORGANISATION_LIFE else "领导班子"
    last = meeting.meeting_on - timedelta(days=1)
    return (
        Block(
            "p",
            f"按照{meeting.year}年度{meeting.kind}工作安排，{meeting.organisation.name}认真落实"
            f"《关于新形势下党内政治生活的若干准则》要求，于{chinese_date(meeting.opens_on)}至{chinese_date(last)}"
            f"开展会前谈心谈话。{who}成员带头谈、相互谈，主动接受党员、干部约谈，坦诚相见，交流思想，交换意见。"
            "现将有关情况报告如下。",
        ),
    )


def _talks(found: MeetingDuties, talks: TalkTally) -> tuple[Block, ...]:
    meeting = found.meeting
    owed = [duty for duty in found.duties if duty.state != DutyState.WAIVED]
    met = sum(map(is_met, owed))
    blocks = [
        Block("h2", "一、谈心谈话开展情况"),
        Block("h3", "（一）总体情况"),
        Block("p", _total(found, len(owed), met) + headline(meeting, talks, opinion_count(meeting))),
        Block("h3", "（二）应谈必谈情况"),
    ]
    kinds = OF_BRANCHES if meeting.kind == MeetingKind.ORGANISATION_LIFE else OF_COMMITTEES
    told = [row for row in kinds if found.of(row[0])]
    for number, (pairing, name, unit) in enumerate(told, 1):
        blocks.append(Block("p", f"{number}.{name}。{_pairs(found.of(pairing), unit)}"))
    if not told:
        blocks.append(Block("p", "会前没有应谈事项。"))
    return (*blocks, Block("prompt", PROMPT_WAYS))


def _total(found: MeetingDuties, owed: int, met: int) -> str:
    if not owed:
        return f"截至{chinese_date(found.as_of)}，"
    left = owed - met
    rest = "，已全部谈完" if not left else f"，尚有{left}项未谈"
    return f"截至{chinese_date(found.as_of)}，会前应谈{owed}项，已谈{met}项{rest}。其间，"


def _pairs(duties: list[Duty], unit: str) -> str:
    waived = sum(duty.state == DutyState.WAIVED for duty in duties)
    owed = len(duties) - waived
    met = sum(map(is_met, duties))
    more = f"，另有免予谈话{waived}{unit}" if waived else ""
    return f"应谈{owed}{unit}，实谈{met}{unit}{more}。"


def _opinions(meeting: Meeting, count: OpinionCount) -> tuple[Block, ...]:
    blocks = [Block("h2", "二、征求意见建议情况")]
    if not count.raw:
        return (*blocks, Block("p", f"截至目前{count.sentence}。"))
    merged = MergedOpinion.objects.filter(meeting=meeting)
    categories = Counter(row.category or "其他" for row in merged)
    text = f"{count.sentence}。"
    if categories:
        parts = [f"{name}{number}条" for name, number in categories.most_common(CATEGORIES_TOLD)]
        rest = count.merged - sum(number for _, number in categories.most_common(CATEGORIES_TOLD))
        text += f"从类别看，{'，'.join(parts)}{f'，其余{rest}条' if rest else ''}。"
    if count.unmerged:
        text += f"其中{count.unmerged}条尚在梳理。"
    return (*blocks, Block("p", text))


def _problems(found: MeetingDuties, meeting: Meeting) -> tuple[Block, ...]:
    late = [duty for duty in found.duties if duty.state == DutyState.OVERDUE]
    left = Remedy.objects.agreed().filter(
        organisation=meeting.organisation, settled_on=None, due_on__lt=found.as_of
    )
    number = left.count()
    told = [
        f"会前应谈事项中，仍有{len(late)}项到期未谈。" if late else "",
        f"以往列入整改台账的措施中，仍有{number}项逾期没有销号。" if number else "",
    ]
    facts = [Block("p", text) for text in told if text]
    return (Block("h2", "三、存在的主要问题"), *facts, Block("prompt", PROMPT_PROBLEMS))
