"""The 党委 of 上游局, the 16 支部 and one 临时党支部 below it, and its 部门单位."""

from dataclasses import dataclass

Row = dict[str, str]

COMMITTEE = "SYJ"
FIELD_BRANCH = "SYJ-HDL"
FIELD_HOME = "SYJ-HD"


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch: how many people of which kind belong to it, and where they work and talk.

    `full` and `probationary` count party members, `others` names the categories of those who are not yet.
    """

    code: str
    name: str
    departments: tuple[str, ...]
    team: int
    full: int
    probationary: int
    others: tuple[str, ...]
    places: tuple[str, ...]
    established: str = "2026-01-01"
    kind: str = "党支部"


@dataclass(frozen=True, slots=True)
class Department:
    """A department or unit of 上游局, with the jobs that people have there."""

    code: str
    name: str
    jobs: tuple[str, ...]


_PROSPECT, _ACTIVIST, _APPLICANT, _MASSES = "发展对象", "入党积极分子", "入党申请人", "群众"
_OFFICE = ("局机关305室", "局机关小会议室", "局机关党员活动室", "局机关412室")
_STATIONS = ("党员活动室", "水文站值班室", "分局小会议室", "测船上")

BRANCHES: tuple[Branch, ...] = (
    Branch("SYJ-JG1", "机关第一党支部", ("D01", "D02"), 5, 16, 0, (_ACTIVIST,), _OFFICE),
    Branch("SYJ-JG2", "机关第二党支部", ("D03", "D04"), 3, 12, 1, (_APPLICANT,), _OFFICE),
    Branch("SYJ-JG3", "机关第三党支部", ("D05", "D06", "D07"), 5, 14, 1, (_PROSPECT,), _OFFICE),
    Branch(
        "SYJ-SQ",
        "水情预报中心党支部",
        ("D08",),
        3,
        13,
        0,
        (_ACTIVIST, _MASSES),
        ("预报会商室", "值班室", "中心小会议室"),
    ),
    Branch(
        "SYJ-SZ",
        "水环境监测中心党支部",
        ("D09",),
        3,
        12,
        1,
        (_PROSPECT, _MASSES),
        ("实验楼二楼会议室", "采样准备间", "中心办公室"),
    ),
    Branch(
        "SYJ-HD",
        "河道勘测中心党支部",
        ("D10",),
        5,
        17,
        1,
        (_ACTIVIST, _ACTIVIST, _APPLICANT),
        ("勘测中心党员活动室", "外业驻地", "数据处理室", "勘测中心会议室"),
    ),
    Branch("SYJ-JS", "水文技术研究室党支部", ("D11",), 3, 11, 0, (_MASSES,), ("研究室会议室", "资料室")),
    Branch(
        "SYJ-XX", "信息中心党支部", ("D12",), 3, 10, 0, (_APPLICANT,), ("信息中心机房外间", "信息中心会议室")
    ),
    Branch(
        "SYJ-HC",
        "合川分局党支部",
        ("D13",),
        5,
        22,
        1,
        (_PROSPECT, _ACTIVIST, _MASSES),
        ("合川分局205室", "合川分局党员活动室", "水文站值班室", "测船上"),
    ),
    Branch("SYJ-BB", "北碚分局党支部", ("D14",), 3, 12, 0, (_ACTIVIST, _MASSES), _STATIONS),
    Branch("SYJ-JJ", "江津分局党支部", ("D15",), 3, 13, 0, (_APPLICANT, _MASSES), _STATIONS),
    Branch("SYJ-CS", "长寿分局党支部", ("D16",), 3, 12, 0, (_ACTIVIST, _MASSES), _STATIONS),
    Branch("SYJ-WL", "武隆分局党支部", ("D17",), 3, 11, 0, (_APPLICANT, _MASSES), _STATIONS),
    Branch("SYJ-NX", "南溪分局党支部", ("D18",), 3, 11, 0, (_PROSPECT, _MASSES), _STATIONS),
    Branch(
        "SYJ-HQ",
        "后勤服务中心党支部",
        ("D19",),
        3,
        10,
        0,
        (_MASSES, _MASSES),
        ("后勤服务中心会议室", "车队值班室"),
    ),
    Branch(
        "SYJ-LT", "离退休党支部", ("D20",), 5, 24, 0, (), ("老干部活动中心", "家中", "局机关老干部接待室")
    ),
    Branch(
        FIELD_BRANCH,
        "河道勘测中心野外测验临时党支部",
        ("D10",),
        3,
        8,
        0,
        (),
        ("野外测验驻地", "测船上", "测区临时营地"),
        "2026-03-02",
        "临时党支部",
    ),
)

DEPARTMENTS: tuple[Department, ...] = (
    Department("D01", "党群办公室", ("党建干事", "宣传干事", "纪检干事", "工会干事")),
    Department("D02", "办公室", ("文秘", "机要文书", "督办干事", "档案管理员", "采购管理员")),
    Department("D03", "人事科", ("人事干事", "劳资干事", "职称管理员")),
    Department("D04", "财务科", ("主办会计", "出纳", "预算管理员", "资产管理员")),
    Department("D05", "水情科", ("水情管理员", "报汛管理员", "水情分析员")),
    Department("D06", "勘测科", ("勘测管理员", "质量管理员", "项目管理员")),
    Department("D07", "站网监测科", ("站网管理员", "测验管理员", "安全生产管理员")),
    Department("D08", "水情预报中心", ("预报员", "水情值班员", "模型工程师")),
    Department("D09", "水环境监测中心", ("化验员", "采样员", "质量控制员")),
    Department("D10", "河道勘测中心", ("测绘工程师", "外业测量员", "数据处理员", "测船驾驶员")),
    Department("D11", "水文技术研究室", ("研究工程师", "资料整编员", "泥沙分析员")),
    Department("D12", "信息中心", ("网络管理员", "数据库管理员", "系统运维员")),
    Department(
        "D13", "合川分局", ("水文站站长", "水文勘测工", "测验员", "报汛员", "测船驾驶员", "资料整编员")
    ),
    Department("D14", "北碚分局", ("水文站站长", "水文勘测工", "测验员", "报汛员")),
    Department("D15", "江津分局", ("水文站站长", "水文勘测工", "测验员", "报汛员")),
    Department("D16", "长寿分局", ("水文站站长", "水文勘测工", "测验员", "报汛员")),
    Department("D17", "武隆分局", ("水文站站长", "水文勘测工", "测验员", "报汛员")),
    Department("D18", "南溪分局", ("水文站站长", "水文勘测工", "测验员", "报汛员")),
    Department("D19", "后勤服务中心", ("车辆管理员", "物业管理员", "食堂管理员")),
    Department("D20", "离退休工作科", ("离退休干部",)),
)


def organisation_rows() -> list[Row]:
    """The sheet 党组织."""
    top = Row(
        组织编码=COMMITTEE, 组织名称="上游局党委", 组织类型="党委", 上级组织编码="", 成立日期="", 撤销日期=""
    )
    return [top] + [
        Row(
            组织编码=branch.code,
            组织名称=branch.name,
            组织类型=branch.kind,
            上级组织编码=COMMITTEE,
            成立日期=branch.established,
            撤销日期="",
        )
        for branch in BRANCHES
    ]


def department_rows() -> list[Row]:
    """The sheet 部门单位."""
    return [Row(单位编码=item.code, 单位名称=item.name, 所属组织编码=COMMITTEE) for item in DEPARTMENTS]
