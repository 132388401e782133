"""征求意见 in the demonstration: what a branch gathered before its meeting, and how far it is merged."""

from datetime import datetime

from members.models import Post
from talks.models import GatheredOpinion, Meeting
from talks.rules.meetings import Channel
from talks.services.opinions import Wording, enter_opinions, merge_opinions
from vault.services import Actor

BRANCH, KIND, YEAR = "SYJ-HC", "组织生活会", 2026
# What was gathered, by 征求方式.
GATHERED = {
    Channel.FORUM: (
        "汛期值守连续作战，排班表出得太晚，家里不好安排",
        "值班排班最好提前一周公布",
        "青年同志希望多去外站跟班，不要总在机房",
        "主题党日有时就是念文件，可以到站上去开",
        "集中学习安排在月末，和资料整编撞在一起",
        "支委到外站来得少，有困难不知道向谁说",
    ),
    Channel.BOX: (
        "外站宿舍热水器坏了两个月没有修",
        "党费收缴通知发在工作群里，年纪大的党员看不到",
        "测船检修经费报了三次没有回音",
        "希望把排班公平的事摆到会上说一说",
    ),
    Channel.VISIT: (
        "退休党员不会用手机缴费，希望上门",
        "外站的老同志一年见不到支部的人",
        "新设备培训只讲一遍，年纪大的同志学不会",
    ),
    Channel.LETTER: ("党课内容和测报业务结合不够", "考核只看材料，不看现场"),
}
# What they come to: text, about whom, category, and which of those above, counted from 1 in their order.
MERGED = (
    ("汛期值班排班公布晚、轮换不够公平，应提前一周公布并说明理由", "支委会", "业务工作", (1, 2, 10)),
    ("组织生活形式单一，集中学习与业务高峰冲突", "党支部", "组织生活", (4, 5, 14)),
    ("支委到外站走访少，与外站党员、退休党员联系不经常", "支委会", "工作作风", (6, 12)),
    ("服务老党员不够细，通知和缴费方式没有照顾到年纪大的同志", "党支部", "服务保障", (8, 11)),
    ("外站生活保障和设备经费反映的问题办理慢、没有答复", "部门单位", "服务保障", (7, 9)),
)


def gather_opinions(*, actor: Actor, at: datetime) -> None:
    """Enters and merges them; what is left over is still to be merged."""
    meeting = Meeting.objects.get(organisation__code=BRANCH, kind=KIND, year=YEAR)
    for channel, texts in GATHERED.items():
        enter_opinions(actor=actor, at=at, meeting=meeting, channel=channel, texts=texts)
    rows = {row.number: row for row in GatheredOpinion.objects.filter(meeting=meeting)}
    posts = Post.objects.filter(organisation__code=BRANCH, is_team=True, until=None)
    team = [post.member for post in posts.select_related("member").order_by("member__code")]
    for place, (text, about, category, sources) in enumerate(MERGED):
        merge_opinions(
            actor=actor,
            at=at,
            meeting=meeting,
            sources=[rows[number] for number in sources],
            wording=Wording(text, about, category),
            persons=[team[place % len(team)]],
        )
