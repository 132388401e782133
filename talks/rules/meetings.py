"""What is done before a meeting, and in which words the opinions gathered for it are counted."""

import re
from enum import StrEnum


class Step(StrEnum):
    """会前准备 (domain.md: 学习、谈心谈话、征求意见、对照检查), in its order."""

    STUDY = "会前学习"
    OPINIONS = "征求意见"
    TALKS = "谈心谈话"
    REVIEW = "对照检查"


# What the duties themselves say is not ticked by hand.
BY_HAND = (Step.STUDY, Step.OPINIONS, Step.REVIEW)
STEP_HINTS = {
    Step.STUDY: "组织学习规定篇目，统一思想认识",
    Step.OPINIONS: "征集意见建议，逐条梳理并反馈本人",
    Step.TALKS: "会前应谈的谈话全部谈完，由系统核对",
    Step.REVIEW: "撰写对照检查材料或发言提纲",
}


class Channel(StrEnum):
    """征求方式: how an opinion reached the organisation."""

    TALK = "谈心谈话"
    FORUM = "座谈会"
    LETTER = "书面征求"
    BOX = "意见箱"
    VISIT = "走访调研"
    OTHER = "其他"


def is_reworded(raw: str, text: str) -> bool:
    """Whether the raw words are not in the text, whatever spaces and punctuation (design.md section 4)."""
    return not _bare(raw) or _bare(raw) not in _bare(text)


def one_per_line(text: str) -> list[str]:
    """The opinions typed or pasted one to a line, without empty lines and without what numbered them."""
    lines = (
        re.sub(r"^\s*[（(]?\d{1,3}(?:[）)、]|[．.](?!\d))\s*", "", line).strip() for line in text.splitlines()
    )
    return [line for line in lines if line]


def counted(raw: int, merged: int) -> str:
    """「共征求意见建议252条，梳理为155条」; without the second part while nothing has been merged."""
    if not raw:
        return "尚未征集到意见建议"
    return f"共征求意见建议{raw}条" + (f"，梳理为{merged}条" if merged else "")


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).lower()
