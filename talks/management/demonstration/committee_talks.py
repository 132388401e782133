"""Talks of the 党委 team before its 民主生活会, with heads of departments, with holders of key posts."""

from datetime import date
from itertools import combinations
from random import Random

from talks.management.demonstration.diary import (
    PLANNED_FROM,
    RECORDED_UNTIL,
    Diary,
    Said,
    Talk,
    workdays,
)
from talks.management.demonstration.meetings import DEMOCRATIC, DEMOCRATIC_2026
from talks.management.demonstration.organisations import COMMITTEE
from talks.management.demonstration.people import Person, Roster
from talks.management.demonstration.posts import heads_by_leader, key_staff
from talks.management.demonstration.speech import Speech

PLACES = ("局机关书记办公室", "局机关301室", "局机关小会议室", "局机关308室")
# Of the superior, who is not in the system.
SUPERIOR = "流域水文总局党组成员秦望岳"
_HELD = {"principal": 0.84, "team": 0.6, "head": 0.55}
_BOOKED = 0.55


class CommitteeTalks:
    """Writes the talks of the 党委 into a diary."""

    def __init__(self, roster: Roster, diary: Diary, speech: Speech) -> None:
        self._roster = roster
        self._diary = diary
        self._speech = speech
        self._random = Random("党委谈话")
        self._held = workdays(DEMOCRATIC_2026.opens_on, RECORDED_UNTIL)
        self._ahead = workdays(PLANNED_FROM, DEMOCRATIC_2026.last_day)

    def write(self) -> None:
        """三必谈, what does not count towards it, key posts, and the talk that the superior held."""
        team = [leader for key, leader in self._roster.leaders.items() if key != "retired"]
        secretary, *others = team
        for other in others:
            self._before_the_meeting(secretary, other, "principal")
        for one, other in combinations(others, 2):
            self._before_the_meeting(one, other, "team")
        for leader, head in heads_by_leader(self._roster):
            self._before_the_meeting(leader, head, "head")
        self._do_not_count(others)
        self._key_posts(secretary)
        self._by_the_superior(secretary)

    def _before_the_meeting(self, talker: Person, subject: Person, purpose: str) -> None:
        held = self._random.random() < _HELD[purpose]
        if not held and self._random.random() > _BOOKED:
            return
        days = self._held if held else self._ahead
        said = self._speech.of_leaders()
        self._diary.put(
            Talk(
                held_on=self._diary.any_of(days),
                talkers=(talker,),
                subjects=(subject,),
                said=said if held else Said(said.topic),
                kind="会前",
                occasion=DEMOCRATIC,
                place=self._random.choice(PLACES),
                state=self._random.choice(("已记录", "已确认", "办结")) if held else "计划",
            ),
            within=days,
        )

    def _do_not_count(self, others: list[Person]) -> None:
        """One with two at once in the window, and one held before the window: neither meets 三必谈."""
        director, stations, _, discipline, engineer, forecast = others
        self._diary.put(
            Talk(
                held_on=date(2026, 11, 12),
                talkers=(director,),
                subjects=(engineer, forecast),
                said=self._speech.of_leaders(),
                kind="会前",
                occasion=DEMOCRATIC,
                mode="一对多",
                place="局机关小会议室",
            ),
            within=self._held,
        )
        self._diary.put(
            Talk(
                held_on=date(2026, 10, 28),
                talkers=(stations,),
                subjects=(discipline,),
                said=self._speech.of_leaders(),
                place="局机关301室",
            )
        )

    def _key_posts(self, secretary: Person) -> None:
        """Holders of key posts with the principal who is in charge of them: most have had their talk."""
        days = workdays(date(2026, 3, 9), date(2026, 10, 30))
        for holder, organisation, principal in key_staff(self._roster):
            if self._random.random() < 0.2:
                continue
            talker = secretary if organisation == COMMITTEE else principal
            self._diary.put(
                Talk(
                    held_on=self._diary.any_of(days),
                    talkers=(talker,),
                    subjects=(holder,),
                    said=self._speech.on_key_post(),
                    kind="廉政",
                    occasion="调研检查" if organisation == COMMITTEE else "",
                    place=self._random.choice(PLACES) if organisation == COMMITTEE else "分局小会议室",
                    state="已确认",
                ),
                within=days,
            )

    def _by_the_superior(self, secretary: Person) -> None:
        """Nobody here is above the 党委书记: an external talker meets what is owed to this post."""
        said = Said(
            "重点岗位履职与党风廉政",
            "上级领导听取了一年来履行主体责任的情况，询问了站网建设资金使用和干部队伍稳定的问题，"
            "指出对基层分局支部的督促还要加强。本人作了说明，表示接受并抓好落实。",
            "希望上级在基层站人员编制上给予支持。",
            "明年一季度前对十六个支部逐一调研。",
        )
        talk = Talk(
            date(2026, 6, 16), (), (secretary,), said, kind="廉政", occasion="调研检查", external=SUPERIOR
        )
        talk.place = "局机关小会议室"
        self._diary.put(talk)
