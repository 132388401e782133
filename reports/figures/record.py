"""谈心谈话记录表: one talk as a form to be signed, with what was said for who reads it, else without."""

from dataclasses import dataclass
from datetime import date

from branches.models import Organisation
from branches.rules.dates import chinese_date
from members.models import Account
from reports.figures.sheets import Field, RecordSheet
from reports.figures.talks import Titles
from reports.figures.versions import versions_in_force
from talks.figures.facts import rule_book
from talks.models import Duty, Participant, Side, Talk, homes_of
from talks.permissions import told_kind, visible_duties
from talks.rules.hours import hour_of
from talks.rules.words import FORMS, KINDS, MODES

WEEKDAYS = "一二三四五六日"
SEALED = "谈话内容由谈话双方掌握，不在此列出。"
BOTH_COPIES = "本表一式两份时，谈话提纲和对象态度只列入谈话人的一份。"
ONLY_PARTICIPANTS = "限参与人"
BY_RIGHT = "按规定"


@dataclass(frozen=True, slots=True)
class Said:
    """What of the talk the reader of this copy may read; all of it empty where it is nothing.

    `outline` is the talker's own preparation and None in every copy but his.
    """

    content: str = ""
    topic: str = ""
    opinions: tuple[str, ...] = ()
    remedies: tuple[str, ...] = ()
    parts: tuple[tuple[str, str], ...] = ()
    amendments: tuple[str, ...] = ()
    outline: tuple[str, ...] | None = None


def record_figures(
    talk: Talk, *, account: Account | None, said: Said | None, as_of: date, today: date
) -> RecordSheet:
    """The form. `said` is None for a copy without content; the reading of it is to be in the trail before.

    What may be known of kind, occasion and what the talk was owed for, the account decides; None may know
    none of it.
    """
    people = list(talk.participants.select_related("member").order_by("side", "member__code"))
    home = Organisation.objects.filter(pk__in=homes_of([talk.pk]).values()).first()
    titles = Titles({row.member_id for row in people}, {home.pk} if home else set())
    told = account is not None and told_kind(account, today=today).filter(pk=talk.pk).exists()
    talkers, talker_posts = _side(people, Side.TALKER, titles, talk.held_on)
    subjects, subject_posts = _side(people, Side.SUBJECT, titles, talk.held_on)
    if talk.external_talker:
        talkers = "、".join(filter(None, [talk.external_talker, talkers]))
    return RecordSheet(
        title="谈心谈话记录表",
        subtitle="",
        left=f"谈话编号：{talk.code}",
        right=f"状态：{talk.state}"
        + (f"　知悉范围：{_readers(talk)}" if _has_part(talk, account, people) else ""),
        as_of=as_of,
        versions=versions_in_force(home, talk.held_on) if home else (),
        pairs=(
            (Field("谈话人", talkers), Field("单位职务", talker_posts)),
            (Field("谈话对象", subjects), Field("单位职务", subject_posts)),
            (Field("记录人", talk.recorder.name if talk.recorder else ""), Field("谈话地点", talk.place)),
        ),
        fields=(
            Field("谈话时间", _when(talk)),
            Field("谈话方式", talk.form, _with(FORMS, talk.form)),
            Field("谈话形式", talk.mode, _with(MODES, talk.mode)),
            *(
                (
                    Field("谈话类型", talk.kind, _with(KINDS, talk.kind)),
                    Field("契机", talk.occasion),
                    Field("谈话事由", "；".join(_reasons(talk, account, today))),
                )
                if told
                else ()
            ),
            *(_said(said) if said else (Field("谈话内容", flow=(SEALED,), is_flow=True),)),
            *((Field("回访日期", chinese_date(talk.follow_up_on)),) if told and talk.follow_up_on else ()),
        ),
        signatures=("谈话人（签名）：", "谈话对象（签名）："),
        note=BOTH_COPIES if said and said.outline is not None else "",
    )


def _said(said: Said) -> tuple[Field, ...]:
    """The rows of what was said; those without text too where the form has them for writing by hand."""
    is_part = bool(said.parts) and not said.content
    rows = [
        Field("谈话提纲", flow=said.outline, is_flow=True) if said.outline is not None else None,
        Field("谈话主题", said.topic) if said.topic else None,
        None if is_part else Field("谈话内容", flow=_paragraphs(said.content), is_flow=True),
        Field("所谈情况", flow=_parts(said.parts), is_flow=True) if said.parts else None,
        None if is_part else Field("意见建议", flow=_numbered(said.opinions), is_flow=True),
        Field("对象态度") if said.outline is not None else None,
        None if is_part else Field("整改措施", flow=_numbered(said.remedies), is_flow=True),
        Field("补正", flow=said.amendments, is_flow=True) if said.amendments else None,
    ]
    return tuple(row for row in rows if row is not None)


def _has_part(talk: Talk, account: Account | None, people: list[Participant]) -> bool:
    """Whether the copy is for one of those whose talk it is.

    Who may not read a talk of his branch would else be told by 「按规定」 that it came from a 约谈.
    """
    if account is None or not account.member_id:
        return False
    return account.member_id in {talk.recorder_id, *(row.member_id for row in people)}


def _readers(talk: Talk) -> str:
    return ONLY_PARTICIPANTS if talk.participants_only else BY_RIGHT


def _side(people: list[Participant], side: Side, titles: Titles, day: date) -> tuple[str, str]:
    rows = [row for row in people if row.side == side]
    posts = [titles.on(row.member_id, day) for row in rows]
    return "、".join(row.member.name for row in rows), "、".join(filter(None, posts))


def _when(talk: Talk) -> str:
    day = f"{chinese_date(talk.held_on)}（星期{WEEKDAYS[talk.held_on.weekday()]}）"
    if not talk.starts_at:
        return day
    return day + hour_of(talk.starts_at) + (f"至{hour_of(talk.ends_at)}" if talk.ends_at else "")


def _with(words: tuple[str, ...], value: str) -> tuple[str, ...]:
    return words if not value or value in words else (*words, value)


def _paragraphs(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _numbered(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{number}.{text}" for number, text in enumerate(texts, 1)) if len(texts) > 1 else texts


def _parts(parts: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    return tuple(f"{name}：{line}" for name, text in parts for line in _paragraphs(text))


def _reasons(talk: Talk, account: Account | None, today: date) -> list[str]:
    """The titles of the rules whose duties it met, of those that the account may know of by name."""
    known = visible_duties(account, today=today) if account else Duty.objects.filter(is_event=False)
    met = known.filter(met_by=talk, withdrawn_on=None).order_by()
    titles = {version: rule.heading for version, rule in rule_book().items()}
    return sorted({titles.get(version, rule) for version, rule in met.values_list("version", "rule")})
