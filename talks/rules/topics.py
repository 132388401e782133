"""谈话重点: what talks are to be about. 「牢牢抓好5个方面的重点」, each with questions that begin well.

The five are those of domain.md, in the order of the seed; the questions are suggestions, to be reworded for
the person (「精准」).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Topic:
    """One of the five: its name, and questions for it."""

    title: str
    questions: tuple[str, ...]


TOPICS = (
    Topic(
        "政治立场和政治纪律",
        (
            "对增强“四个意识”、做到“两个维护”，结合本职工作有哪些认识和体会？",
            "遵守政治纪律和政治规矩方面，自己感到做得怎样，还有哪些差距？",
        ),
    ),
    Topic(
        "理论学习和决策部署落实",
        (
            "近期理论学习有哪些收获，学习时间和方式上有什么困难？",
            "落实上级决策部署，您这项工作进展如何，卡在哪里？",
        ),
    ),
    Topic(
        "对热点难点问题的看法",
        (
            "近来大家议论较多的热点、难点问题，您怎么看？",
            "对重大改革措施，身边同志有哪些想法和顾虑？",
        ),
    ),
    Topic(
        "对本部门改革发展的意见",
        (
            "对本部门、本单位的工作，您认为最应该改进的是什么？",
            "对下一步的重点任务，您有什么建议？",
        ),
    ),
    Topic(
        "对领导和同志的意见，本人工作、学习、生活和诉求",
        (
            "对我本人、对班子和其他同志，您有什么批评意见？",
            "工作、学习、家庭和身体方面，有什么困难需要组织帮助？",
            "对个人成长发展，您有什么打算和希望？",
        ),
    ),
)
QUESTIONS = tuple(question for topic in TOPICS for question in topic.questions)


def with_questions(written: str, chosen: list[str]) -> str:
    """The questions written, one a line, with those chosen from the topics that are not among them yet."""
    lines = [line.strip() for line in written.splitlines() if line.strip()]
    return "\n".join([*lines, *(question for question in chosen if question not in lines)])
