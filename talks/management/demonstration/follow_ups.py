"""Talks outside the plan: second talks, cancelled ones, two at one time, and those that members asked for."""

from dataclasses import dataclass
from datetime import date, time

from talks.management.demonstration.diary import Diary, Said, Talk
from talks.management.demonstration.organisations import Row
from talks.management.demonstration.people import Person, Roster


def write_follow_ups(roster: Roster, diary: Diary) -> None:
    """一次谈不成反复谈: second talks; then cancelled ones, and one talker in two talks at one time."""
    hc, sq = roster.at("SYJ-HC", 0), roster.at("SYJ-SQ", 0)
    for talker, subject, day, said in (
        (
            hc,
            roster.at("SYJ-HC", 6),
            date(2026, 6, 12),
            Said(
                "到岗两个月后的回访",
                "了解上游站的生活和工作，交通补助已经按实际里程计算，本人情绪稳定，主动要求参加雷达测流培训。",
            ),
        ),
        (
            roster.at("SYJ-CS", 0),
            roster.at("SYJ-CS", 4),
            date(2026, 9, 17),
            Said(
                "退出领导岗位后的思想情况",
                "本人已经调整过来，带教的两名同志进步明显，对分局测验工作提出三条建议。",
                "建议老站长们的经验整理成册。",
            ),
        ),
        (
            roster.at("SYJ-JG3", 0),
            roster.at("SYJ-JG3", 10),
            date(2026, 6, 30),
            Said("上次谈话后的改正情况", "本月没有再迟到，家里装修已经收尾。肯定改正的态度，希望保持。"),
        ),
        (
            sq,
            roster.at("SYJ-SQ", 6),
            date(2026, 7, 22),
            Said(
                "夜班期间的身体情况",
                "连续夜班后血压偏高，商定调整两周白班，其间由副班顶替。",
                "建议夜班后的补休当月兑现。",
                "重排八月值班表。",
            ),
        ),
        (
            roster.at("SYJ-HQ", 0),
            roster.at("SYJ-HQ", 6),
            date(2026, 10, 13),
            Said("困难补助落实情况", "补助款已经到账，子女转入康复阶段。本人表示感谢，工作上没有受影响。"),
        ),
        (
            hc,
            roster.at("SYJ-HC", 9),
            date(2026, 4, 21),
            Said("丧亲之后的近况", "精神恢复较好，母亲由妹妹照料，希望端午能轮休。已经在排班中考虑。"),
        ),
    ):
        diary.put(Talk(day, (talker,), (subject,), said, kind="关怀", place="办公室", state="办结"))
    for talker, subject, day in (
        (roster.at("SYJ-SZ", 0), roster.at("SYJ-SZ", 8), date(2026, 11, 13)),
        (roster.at("SYJ-JS", 0), roster.at("SYJ-JS", 6), date(2026, 11, 18)),
        (roster.leaders["survey"], roster.at("SYJ-NX", 0), date(2026, 11, 17)),
        (roster.at("SYJ-HD", 1), roster.at("SYJ-HD", 10), date(2026, 11, 12)),
    ):
        talk = Talk(
            day, (talker,), (subject,), Said("会前交换意见"), kind="会前", place="会议室", state="取消"
        )
        diary.put(talk)
    # Yesterday's and today's of 合川分局: the first waits to be recorded.
    for place, day, start in ((16, date(2026, 11, 23), time(9, 40)), (14, date(2026, 11, 24), time(15, 10))):
        said = Said("近期思想和工作情况")
        subject = roster.at("SYJ-HC", place)
        talk = Talk(
            day, (hc,), (subject,), said, kind="会前", occasion="组织生活会", state="计划", starts=start
        )
        talk.place = "合川分局205室"
        diary.put(talk)
    keeper = roster.at("SYJ-HQ", 1)
    for place, content in (
        (8, "电话了解外派项目部的生活和学习情况，本人按时参加线上学习。"),
        (4, "谈了车辆调度中的几次误会，商定当面说清。"),
    ):
        subject = roster.at("SYJ-HQ", place)
        diary.talks.append(
            Talk(
                date(2026, 10, 14),
                (keeper,),
                (subject,),
                Said("近期思想和工作情况", content),
                place="后勤服务中心会议室",
                form="电话" if subject.floating else "面对面",
                starts=time(15, 10),
                ends=time(15, 40),
            )
        )


@dataclass(frozen=True, slots=True)
class Request:
    """A row of 约谈申请; `talk` is the one that came of it."""

    asker: Person
    asked: Person
    asked_on: str
    reason: str
    wished: str
    state: str
    answered_on: str = ""
    talk: Talk | None = None


def requests(roster: Roster, diary: Diary) -> list[Request]:
    """约谈 in every state: one answered too late, one still without an answer, one handed over."""
    hc, hd = roster.at("SYJ-HC", 0), roster.at("SYJ-HD", 0)
    secretary, director = roster.leaders["secretary"], roster.leaders["director"]

    def held(
        talker: Person, subject: Person, day: date, topic: str, content: str, suggested: str = ""
    ) -> Talk:
        said = Said(topic, content, suggested)
        return diary.put(Talk(day, (talker,), (subject,), said, place="办公室", state="已确认", kind="交流"))

    def booked(talker: Person, subject: Person, day: date) -> Talk:
        return diary.put(Talk(day, (talker,), (subject,), Said("应约谈话"), place="办公室", state="计划"))

    a, b, c, d = (roster.at("SYJ-HC", place) for place in (11, 12, 13, 16))
    e, f, g = roster.at("SYJ-HD", 6), roster.at("SYJ-BB", 4), roster.at("SYJ-JG3", 7)
    return [
        Request(
            a,
            hc,
            "2026-05-11",
            "想谈谈岗位聘用的事情。",
            "五月中旬任意下午",
            "已谈",
            "2026-05-12",
            held(
                hc,
                a,
                date(2026, 5, 15),
                "岗位聘用的疑问",
                "逐条解释了聘用条件，本人的业绩材料缺一项证明，一起列了补充清单。",
            ),
        ),
        Request(
            g,
            director,
            "2026-06-03",
            "对科室分工有意见，想当面反映。",
            "周三以后",
            "已谈",
            "2026-06-09",
            held(
                director,
                g,
                date(2026, 6, 11),
                "科室分工",
                "听取了对分工不均的反映，答应与科室负责人核实后答复。",
                "建议科室分工每年调整时公开征求意见。",
            ),
        ),
        Request(
            e,
            hd,
            "2026-08-17",
            "外业补贴的计算有疑问。",
            "出测前",
            "已谈",
            "2026-08-18",
            held(
                hd,
                e,
                date(2026, 8, 21),
                "外业补贴",
                "对照文件把三个月的补贴重新算了一遍，补发差额，本人没有其他意见。",
            ),
        ),
        Request(
            b,
            hc,
            "2026-11-18",
            "家庭原因想申请调整值班。",
            "十一月底前",
            "已接受",
            "2026-11-19",
            booked(hc, b, date(2026, 11, 26)),
        ),
        Request(
            f,
            secretary,
            "2026-11-12",
            "想反映分局支部谈心谈话走过场的问题。",
            "下周",
            "另约",
            "2026-11-16",
            booked(secretary, f, date(2026, 12, 1)),
        ),
        Request(c, hc, "2026-11-20", "孩子上学的事情，想听听建议。", "本周或下周下午", "待答复"),
        Request(
            roster.at("SYJ-WL", 8),
            roster.at("SYJ-WL", 0),
            "2026-11-11",
            "想谈谈站上轮休的安排。",
            "尽快",
            "待答复",
        ),
        Request(d, secretary, "2026-10-20", "对分局物资采购有建议。", "十月底", "已转交", "2026-10-21"),
        Request(roster.at("SYJ-JG2", 6), director, "2026-09-08", "预算调整的想法。", "九月中旬", "已撤回"),
    ]


def request_rows(made: list[Request]) -> list[Row]:
    """The sheet 约谈申请; the talks must have their codes by now."""
    return [
        Row(
            申请编号=f"R{number:03d}",
            申请人编号=item.asker.code,
            约谈对象编号=item.asked.code,
            申请日期=item.asked_on,
            事由=item.reason,
            期望时间=item.wished,
            状态=item.state,
            答复日期=item.answered_on,
            谈话编号=item.talk.code if item.talk else "",
        )
        for number, item in enumerate(sorted(made, key=lambda item: item.asked_on), start=1)
    ]
