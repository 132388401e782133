"""The members of the country, and with which branch they are affiliated."""

from datetime import date, timedelta
from functools import cache
from random import Random

from members.models import Affiliation, Member
from members.rules import Category, pinyin_of
from talks.management.country.days import any_day, workday
from talks.management.country.organisations import AS_OF, YEAR, Branch, Country
from talks.management.country.tables import Rows
from talks.management.demonstration.names import MEN, SURNAMES, WOMEN

_SURNAMES = SURNAMES.split()
_GIVEN = {
    (sex, age): pool.split() for sex, pools in (("男", MEN), ("女", WOMEN)) for age, pool in pools.items()
}
_AGES = (("old", date(1940, 1, 1), 25), ("mid", date(1965, 1, 1), 20), ("young", date(1985, 1, 1), 18))
_OTHERS = (Category.APPLICANT, Category.ACTIVIST, Category.PROSPECT, Category.MASSES)
_EDUCATION = ("高中", "大专", "大学本科", "大学本科", "硕士研究生")
_JOBS = ("科员", "技术员", "工程师", "教师", "医师", "会计", "统计员", "调度员", "检验员", "村民")
_MINORITIES = ("土家族", "苗族", "回族", "彝族", "满族", "壮族")

pinyin = cache(pinyin_of)


def member_rows(country: Country) -> Rows:
    """Everybody, branch after branch, and where they belong."""
    for branch in country.branches:
        chance = country.chance("党员", branch.pk)
        for number in branch.members:
            yield Member, _member(branch, number, chance)
    for branch in country.branches:
        chance = country.chance("组织关系", branch.pk)
        for number in branch.members:
            for organisation, since, until in _stays(country, branch, number, chance):
                yield Affiliation, (number, organisation, since, until)


def code_of(number: int) -> str:
    """党员编号."""
    return f"P{number:07}"


def _member(branch: Branch, number: int, chance: Random) -> tuple[object, ...]:
    draw = chance.random
    age, from_day, years = _AGES[int(draw() * 3)]
    sex = "男" if draw() < 0.65 else "女"
    given = _GIVEN[sex, age]
    name = _SURNAMES[int(draw() * len(_SURNAMES))] + given[int(draw() * len(given))]
    born = from_day + timedelta(days=int(draw() * years * 365))
    category, joined, full = Category.FULL, None, None
    if number not in branch.team and number not in branch.ordinary:
        category = _OTHERS[int(draw() * len(_OTHERS))]
    elif number in branch.ordinary and draw() < 0.02:
        category, joined = Category.PROBATIONARY, AS_OF - timedelta(days=int(draw() * 365))
    elif draw() < 0.95:
        joined = born + timedelta(days=6_800 + int(draw() * 2_500))
        full = joined + timedelta(days=366)
    return (
        *(number, code_of(number), name, *pinyin(name), category.value, sex),
        *("汉族" if draw() < 0.9 else _MINORITIES[int(draw() * len(_MINORITIES))], born),
        *(_EDUCATION[int(draw() * len(_EDUCATION))], joined, full, _JOBS[int(draw() * len(_JOBS))]),
        *(draw() < 0.02, draw() < 0.015, age == "old" and draw() < 0.1),
    )


def _stays(
    country: Country, branch: Branch, number: int, chance: Random
) -> tuple[tuple[int, date | None, date | None], ...]:
    """The organisations with which the member is affiliated, one after the other."""
    draw = chance.random()
    since = None if draw < 0.3 else any_day(date(2005, 1, 1), date(YEAR - 1, 12, 31), chance)
    if number in branch.team or draw > 0.04 or len(country.branches) < 2:
        return ((branch.pk, since, None),)
    day = workday(date(YEAR, 1, 10), AS_OF, chance)
    if draw < 0.007:
        return ((branch.pk, since, day),)
    if draw < 0.012:
        return ((branch.pk, day, None),)
    before = chance.choice(country.branches)
    if before is branch:
        return ((branch.pk, since, None),)
    return ((before.pk, since, day), (branch.pk, day, None))
