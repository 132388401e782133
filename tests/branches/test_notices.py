"""The State Council's notices as they were published, and the days in them, written down by hand."""

from datetime import date, timedelta
from time import process_time

import pytest

from branches.rules.notices import read_notice, read_rows, year_of_notice
from branches.rules.working_days import NamedDay

HEAD = """国务院办公厅关于{year}年
部分节假日安排的通知
国办发明电〔2025〕7号

各省、自治区、直辖市人民政府，国务院各部委、各直属机构：
　　经国务院批准，现将{year}年元旦、春节、清明节、劳动节、端午节、中秋节和国庆节放假调休日期的具体安排通知如下。
"""
FOOT = """
　　节假日期间，各地区、各部门要妥善安排好值班和安全、保卫、疫情防控等工作，遇有重大突发事件，要按规定及时报告并妥善处置，确保人民群众祥和平安度过节日假期。
国务院办公厅
2025年11月4日
（此件公开发布）
"""
NOTICE_2024 = """　　一、元旦：1月1日放假，与周末连休。
　　二、春节：2月10日至17日放假调休，共8天。2月4日（星期日）、2月18日（星期日）上班。鼓励各单位结合落实带薪年休假等制度，安排职工在除夕（2月9日）休息。
　　三、清明节：4月4日至6日放假调休，共3天。4月7日（星期日）上班。
　　四、劳动节：5月1日至5日放假调休，共5天。4月28日（星期日）、5月11日（星期六）上班。
　　五、端午节：6月10日放假，与周末连休。
　　六、中秋节：9月15日至17日放假调休，共3天。9月14日（星期六）上班。
　　七、国庆节：10月1日至7日放假调休，共7天。9月29日（星期日）、10月12日（星期六）上班。
"""
NOTICE_2025 = """　　一、元旦：1月1日（周三）放假1天，不调休。
　　二、春节：1月28日（农历除夕、周二）至2月4日（农历正月初七、周二）放假调休，共8天。1月26日（周日）、2月8日（周六）上班。
　　三、清明节：4月4日（周五）至6日（周日）放假，共3天。
　　四、劳动节：5月1日（周四）至5日（周一）放假调休，共5天。4月27日（周日）上班。
　　五、端午节：5月31日（周六）至6月2日（周一）放假，共3天。
　　六、国庆节、中秋节：10月1日（周三）至8日（周三）放假调休，共8天。9月28日（周日）、10月11日（周六）上班。
"""
NOTICE_2026 = """　　一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。
　　二、春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。2月14日（周六）、2月28日（周六）上班。
　　三、清明节：4月4日（周六）至6日（周一）放假，共3天。
　　四、劳动节：5月1日（周五）至5日（周二）放假调休，共5天。5月9日（周六）上班。
　　五、端午节：6月19日（周五）至21日（周日）放假，共3天。
　　六、中秋节：9月25日（周五）至27日（周日）放假，共3天。
　　七、国庆节：10月1日（周四）至7日（周三）放假调休，共7天。9月20日（周日）、10月10日（周六）上班。
"""


def off(name: str, first: str, last: str = "") -> list[NamedDay]:
    day, end = date.fromisoformat(first), date.fromisoformat(last or first)
    return [NamedDay(day + timedelta(n), False, name) for n in range((end - day).days + 1)]


def on(name: str, *days: str) -> list[NamedDay]:
    return [NamedDay(date.fromisoformat(day), True, name) for day in days]


def by_day(*parts: list[NamedDay]) -> tuple[NamedDay, ...]:
    return tuple(sorted((one for part in parts for one in part), key=lambda one: one.day))


DAYS_2024 = by_day(
    off("元旦", "2024-01-01"),
    off("春节", "2024-02-10", "2024-02-17"),
    on("春节", "2024-02-04", "2024-02-18"),
    off("清明节", "2024-04-04", "2024-04-06"),
    on("清明节", "2024-04-07"),
    off("劳动节", "2024-05-01", "2024-05-05"),
    on("劳动节", "2024-04-28", "2024-05-11"),
    off("端午节", "2024-06-10"),
    off("中秋节", "2024-09-15", "2024-09-17"),
    on("中秋节", "2024-09-14"),
    off("国庆节", "2024-10-01", "2024-10-07"),
    on("国庆节", "2024-09-29", "2024-10-12"),
)
DAYS_2025 = by_day(
    off("元旦", "2025-01-01"),
    off("春节", "2025-01-28", "2025-02-04"),
    on("春节", "2025-01-26", "2025-02-08"),
    off("清明节", "2025-04-04", "2025-04-06"),
    off("劳动节", "2025-05-01", "2025-05-05"),
    on("劳动节", "2025-04-27"),
    off("端午节", "2025-05-31", "2025-06-02"),
    off("国庆节、中秋节", "2025-10-01", "2025-10-08"),
    on("国庆节、中秋节", "2025-09-28", "2025-10-11"),
)
DAYS_2026 = by_day(
    off("元旦", "2026-01-01", "2026-01-03"),
    on("元旦", "2026-01-04"),
    off("春节", "2026-02-15", "2026-02-23"),
    on("春节", "2026-02-14", "2026-02-28"),
    off("清明节", "2026-04-04", "2026-04-06"),
    off("劳动节", "2026-05-01", "2026-05-05"),
    on("劳动节", "2026-05-09"),
    off("端午节", "2026-06-19", "2026-06-21"),
    off("中秋节", "2026-09-25", "2026-09-27"),
    off("国庆节", "2026-10-01", "2026-10-07"),
    on("国庆节", "2026-09-20", "2026-10-10"),
)
EVE = ("「鼓励各单位结合落实带薪年休假等制度，安排职工在除夕（2月9日）休息」：没有写明哪天放假、哪天上班",)


@pytest.mark.parametrize(
    ("year", "notice", "days", "unread"),
    [
        (2024, NOTICE_2024, DAYS_2024, EVE),
        (2025, NOTICE_2025, DAYS_2025, ()),
        (2026, NOTICE_2026, DAYS_2026, ()),
    ],
)
def test_the_notices_as_published(
    year: int, notice: str, days: tuple[NamedDay, ...], unread: tuple[str, ...]
) -> None:
    read = read_notice(HEAD.format(year=year) + notice + FOOT, year)
    assert read.days == days
    assert read.unread == unread


def test_the_expected_days_are_as_many_as_the_notices_say() -> None:
    def count(days: tuple[NamedDay, ...]) -> tuple[int, int]:
        return sum(not one.is_working for one in days), sum(one.is_working for one in days)

    assert count(DAYS_2024) == (1 + 8 + 3 + 5 + 1 + 3 + 7, 8)
    assert count(DAYS_2025) == (1 + 8 + 3 + 5 + 3 + 8, 5)
    assert count(DAYS_2026) == (3 + 9 + 3 + 5 + 3 + 3 + 7, 6)


def test_all_in_one_line_and_broken_anywhere() -> None:
    text = "".join(NOTICE_2026.split())
    assert read_notice(text, 2026).days == DAYS_2026
    # As copied from paper, 17 signs to a line.
    broken = "\n".join(text[n : n + 17] for n in range(0, len(text), 17))
    assert read_notice(broken, 2026).days == DAYS_2026


def test_without_numbers_and_full_stops() -> None:
    text = "元旦：1月1日至3日放假\n1月4日上班\n清明节: 4月4日（星期六）—6日（星期一）放假"
    assert read_notice(text, 2026).days == by_day(
        off("元旦", "2026-01-01", "2026-01-03"),
        on("元旦", "2026-01-04"),
        off("清明节", "2026-04-04", "2026-04-06"),
    )


@pytest.mark.parametrize(
    ("text", "year", "days"),
    [
        # 2023 began in the year before, with the year at both ends.
        (
            "一、元旦：2022年12月31日至2023年1月2日放假调休，共3天。",
            2023,
            off("元旦", "2022-12-31", "2023-01-02"),
        ),
        # So did 2019, which made a Saturday of December a working day.
        (
            "一、元旦：2018年12月30日至2019年1月1日放假调休，共3天。2018年12月29日（星期六）上班。",
            2019,
            on("元旦", "2018-12-29") + off("元旦", "2018-12-30", "2019-01-01"),
        ),
        # 2015 gave a day back on a Monday.
        (
            "三、清明节：4月5日放假，4月6日（星期一）补休。",
            2015,
            off("清明节", "2015-04-05", "2015-04-06"),
        ),
        ("2月14日、28日（周六）上班。", 2026, on("", "2026-02-14", "2026-02-28")),
        ("五、端午节：6月22日至24日放假调休，共3天。６月２５日（星期天）上班。", 2023,
         off("端午节", "2023-06-22", "2023-06-24") + on("端午节", "2023-06-25")),
    ],
)  # fmt: skip
def test_wordings_of_other_years(text: str, year: int, days: list[NamedDay]) -> None:
    read = read_notice(text, year)
    assert (read.days, read.unread) == (tuple(days), ())


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1月1日（周三）放假1天。", "「1月1日（周三）放假1天」：2026年1月1日是星期四"),
        ("1月1日至3日放假，共4天。", "「1月1日至3日放假，共4天」：写的是4天，按日期是3天"),
        ("2月29日放假。", "「2月29日放假」：2026年没有2月29日"),
        ("1月3日至1日放假。", "「1月3日至1日放假」：结束日期早于开始日期"),
        ("3日放假。", "「3日放假」：没有写明月份"),
        ("2025年5月1日放假。", "「2025年5月1日放假」：2025年5月1日不在2026年"),
        ("八、元宵节：不放假。", "「八、元宵节：不放假」：没有写明哪天放假、哪天上班"),
        ("1月1日至3日放假，初四照旧。", "「1月1日至3日放假，初四照旧」：没有写明哪天放假、哪天上班"),
        ("0年1月1日放假。", "「0年1月1日放假」：没有写明哪天放假、哪天上班"),
    ],
)
def test_what_cannot_be_read_is_named_with_the_reason(text: str, reason: str) -> None:
    read = read_notice(text + "七、国庆节：10月1日放假。", 2026)
    assert (read.days, read.unread) == (tuple(off("国庆节", "2026-10-01")), (reason,))


def test_a_sentence_that_contradicts_another_is_left_out_whole() -> None:
    read = read_notice("1月1日至3日放假。1月3日、4日上班。", 2026)
    assert read.days == tuple(off("", "2026-01-01", "2026-01-03"))
    assert read.unread == ("「1月3日、4日上班」：2026年1月3日前面写的是放假",)


def test_a_notice_of_another_year_does_not_fit() -> None:
    # Every sentence of 2026 names weekdays, which tell that it is not 2027.
    assert read_notice(NOTICE_2026, 2027).days == ()


def test_the_year_of_the_title() -> None:
    assert year_of_notice(HEAD.format(year=2026)) == 2026
    assert year_of_notice("国务院办公厅关于２０２５年部分节假日安排的通知") == 2025
    assert year_of_notice(NOTICE_2026) is None


def test_rows_of_a_table() -> None:
    rows = [
        (2, (date(2026, 1, 1), "放假", "元旦")),
        (3, ("2026年1月4日", " 上班　", None)),
        (4, ("2025/12/31", "放假", "元旦")),
        (6, ("2026-01-04", "放假", "")),
        (7, (None, "放假", "")),
        (8, ("2026-13-01", "放假", "")),
        (9, ("2026-05-01", "休", "")),
        (10, ("2026-05-01", "放假", "长" * 41)),
        (11, ("2027-01-01", "放假", "")),
    ]
    read = read_rows(rows, 2026)
    assert read.days == (
        NamedDay(date(2025, 12, 31), False, "元旦"),
        NamedDay(date(2026, 1, 1), False, "元旦"),
        NamedDay(date(2026, 1, 4), True, ""),
    )
    assert read.unread == (
        "第6行：2026年1月4日前面写的是上班",
        "第7行：日期为空",
        "第8行：日期「2026-13-01」无法识别，请写作2026-03-05",
        "第9行：状态「休」应为「上班」或「放假」",
        "第10行：说明超过40个字",
        "第11行：2027年1月1日不在2026年",
    )


def test_a_text_of_nothing_but_commas_is_read_in_no_time() -> None:
    """As many as the form takes, before signs that become eighteen each; it took a minute and more."""
    began = process_time()
    assert not read_notice("1日," + "," * 9000 + "\ufdfa" * 9000, 2027).days
    assert process_time() - began < 5
