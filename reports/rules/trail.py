"""The trail as it is handed out: its columns."""

from talks.rules.exchange.columns import Column, Shape, SheetForm

NUMBER, AT, WHO, ADDRESS = "序号", "时间", "账号", "来源地址"
ACTION, KIND, TARGET, DETAIL, OUTCOME = "操作", "对象类型", "对象", "说明", "结果"
TRAIL = SheetForm(
    "审计记录",
    tuple(
        Column(name, {NUMBER: Shape.NUMBER, AT: Shape.MOMENT}.get(name, Shape.TEXT))
        for name in (NUMBER, AT, WHO, ADDRESS, ACTION, KIND, TARGET, DETAIL, OUTCOME)
    ),
    key=(),
)
