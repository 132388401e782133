"""The workbook in which somebody takes his own data away (个人信息保护法)."""

from talks.rules.exchange.columns import Column, Shape, SheetForm


def _sheet(name: str, *columns: str, dates: tuple[str, ...] = (), moments: tuple[str, ...] = ()) -> SheetForm:
    shapes = dict.fromkeys(dates, Shape.DATE) | dict.fromkeys(moments, Shape.MOMENT)
    return SheetForm(name, tuple(Column(one, shapes.get(one, Shape.TEXT)) for one in columns), key=())


PERSON = _sheet("本人信息", "项目", "内容")
PLACES = _sheet("组织关系和任职", "党组织", "事项", "开始日期", "结束日期", dates=("开始日期", "结束日期"))
TALKS = _sheet(
    "我的谈话",
    *("谈话编号", "谈话日期", "身份", "谈话人", "谈话对象", "方式", "状态"),
    *("主题", "谈话内容", "本人所谈", "私人笔记"),
    dates=("谈话日期",),
)
OPINIONS = _sheet("意见建议", "谈话编号", "意见建议", "办理情况")
REQUESTS = _sheet(
    "约谈申请",
    *("申请编号", "约谈对象", "申请日期", "期望时间", "方式", "事由", "状态", "答复日期"),
    dates=("申请日期", "答复日期"),
)
READINGS = _sheet("查看记录", "时间", "查看人", "操作", "对象", moments=("时间",))
