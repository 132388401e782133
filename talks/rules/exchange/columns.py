"""The sheets and columns of the exchange workbook (workbook.md): one table that both directions read."""

from dataclasses import dataclass
from enum import Enum, auto


class Shape(Enum):
    """How a cell of a column is read."""

    CODE = auto()
    CODES = auto()
    TEXT = auto()
    NAME = auto()
    WORD = auto()
    DATE = auto()
    TIME = auto()
    MOMENT = auto()
    YES_NO = auto()
    NUMBER = auto()


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its header, how it is read, whether it must be filled in, how long its text may be.

    `withheld`: left out of an export without content.
    """

    name: str
    shape: Shape = Shape.TEXT
    required: bool = False
    longest: int | None = None
    withheld: bool = False


@dataclass(frozen=True, slots=True)
class SheetForm:
    """One sheet: its name, its columns, and those by which a row is known again."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]

    def column(self, name: str) -> Column | None:
        """The column with that header, if the sheet has one."""
        return next((column for column in self.columns if column.name == name), None)


def _code(name: str, *, required: bool = True) -> Column:
    return Column(name, Shape.CODE, required, 64)


def _date(name: str, *, required: bool = False) -> Column:
    return Column(name, Shape.DATE, required)


def _word(name: str, longest: int, *, required: bool = True) -> Column:
    return Column(name, Shape.WORD, required, longest)


def _text(name: str, longest: int | None = None, *, required: bool = False, withheld: bool = False) -> Column:
    return Column(name, Shape.TEXT, required, longest, withheld)


def _yes_no(name: str, *, required: bool = False) -> Column:
    return Column(name, Shape.YES_NO, required)


ORGANISATIONS = SheetForm(
    "党组织",
    (
        _code("组织编码"),
        _text("组织名称", 120, required=True),
        _word("组织类型", 12),
        _code("上级组织编码", required=False),
        _date("成立日期"),
        _date("撤销日期"),
    ),
    key=("组织编码",),
)
DEPARTMENTS = SheetForm(
    "部门单位",
    (_code("单位编码"), _text("单位名称", 120, required=True), _code("所属组织编码")),
    key=("单位编码",),
)
MEMBERS = SheetForm(
    "党员",
    (
        _code("党员编号"),
        Column("姓名", Shape.NAME, True, 60),
        _word("党员类别", 12),
        _code("所在组织编码"),
        _date("转入日期"),
        _date("转出日期"),
        _text("性别", 4),
        _text("民族", 20),
        _date("出生日期"),
        _text("学历", 40),
        _date("入党日期"),
        _date("转正日期"),
        _text("手机号码", withheld=True),
        _text("公民身份号码", withheld=True),
        _text("工作岗位", 80),
        _yes_no("流动党员"),
        _yes_no("困难党员"),
        _yes_no("年老体弱"),
        _text("备注", 300),
    ),
    key=("党员编号", "所在组织编码", "转入日期"),
)
POSTS = SheetForm(
    "任职",
    (
        _code("党员编号"),
        _code("组织编码"),
        _text("职务", 80, required=True),
        _code("单位编码", required=False),
        _yes_no("班子成员"),
        _yes_no("主要负责同志"),
        _yes_no("部门主要负责人"),
        _yes_no("重点岗位"),
        _date("任职日期", required=True),
        _date("免职日期"),
    ),
    key=("党员编号", "组织编码", "职务", "任职日期"),
)
PORTFOLIOS = SheetForm(
    "分管",
    (_code("党员编号"), _code("单位编码"), _date("开始日期", required=True), _date("结束日期")),
    key=("党员编号", "单位编码", "开始日期"),
)
LIAISONS = SheetForm(
    "联系党员",
    (_code("支委编号"), _code("党员编号"), _date("开始日期", required=True), _date("结束日期")),
    key=("支委编号", "党员编号", "开始日期"),
)
EVENTS = SheetForm(
    "事件",
    (
        _code("事件编号"),
        _code("党员编号"),
        _word("事件类型", 40),
        _date("发生日期", required=True),
        _date("知悉日期"),
        _text("情况说明", withheld=True),
    ),
    key=("事件编号",),
)
MEETINGS = SheetForm(
    "会议",
    (
        _code("组织编码"),
        _word("会议类型", 12),
        Column("年度", Shape.NUMBER, True),
        _date("会议日期", required=True),
        _date("谈话开始日期"),
        _text("主题", 300, withheld=True),
    ),
    key=("组织编码", "会议类型", "年度"),
)
RULES = SheetForm(
    "规则",
    (
        _code("规则代码"),
        _text("规则名称", 120, required=True),
        _code("适用组织编码"),
        _word("适用类型", 120),
        _word("触发", 300),
        Column("天数", Shape.NUMBER),
        _word("天数单位", 6, required=False),
        _word("配对", 24),
        _word("谈话人", 12, required=False),
        _yes_no("一对一", required=True),
        _date("生效日期", required=True),
        _date("失效日期"),
        _text("依据"),
    ),
    key=("规则代码", "适用组织编码", "生效日期"),
)
TALKS = SheetForm(
    "谈话",
    (
        _code("谈话编号"),
        _date("谈话日期", required=True),
        Column("开始时间", Shape.TIME),
        Column("结束时间", Shape.TIME),
        Column("谈话人编号", Shape.CODES, longest=64),
        _text("外部谈话人", 120),
        Column("谈话对象编号", Shape.CODES, True, 64),
        _code("记录人编号", required=False),
        _text("谈话方式", 20),
        _text("谈话形式", 20),
        _text("谈话类型", 20),
        _text("谈话契机", 40),
        _text("地点", 80),
        _word("状态", 6),
        _text("主题", withheld=True),
        _text("谈话内容", withheld=True),
        _text("意见建议", withheld=True),
        _text("整改措施", withheld=True),
        Column("录入时间", Shape.MOMENT),
    ),
    key=("谈话编号",),
)
REQUESTS = SheetForm(
    "约谈申请",
    (
        _code("申请编号"),
        _code("申请人编号"),
        _code("约谈对象编号"),
        _date("申请日期", required=True),
        _text("事由", withheld=True),
        _text("期望时间", 120),
        _word("状态", 6),
        _date("答复日期"),
        _code("谈话编号", required=False),
    ),
    key=("申请编号",),
)
WAIVERS = SheetForm(
    "免予谈话",
    (
        _code("规则代码"),
        _code("组织编码"),
        Column("事由标识", Shape.CODE, True, 120),
        _code("谈话对象编号"),
        _code("对方编号", required=False),
        # Withheld from an export though required: a row that is stored already may come back without it.
        _text("理由", required=True, withheld=True),
        _code("申请人编号"),
        _code("批准人编号"),
        _date("批准日期", required=True),
    ),
    key=("规则代码", "组织编码", "事由标识", "谈话对象编号", "对方编号"),
)

SHEETS: tuple[SheetForm, ...] = (
    ORGANISATIONS,
    DEPARTMENTS,
    MEMBERS,
    POSTS,
    PORTFOLIOS,
    LIAISONS,
    EVENTS,
    MEETINGS,
    RULES,
    TALKS,
    REQUESTS,
    WAIVERS,
)
