"""提醒: notices in the application, and the outbox of what is sent by mail and webhook."""

from datetime import date, datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from members.models import Account, Member
from talks.models.duties import Duty
from talks.models.records import Participant, Remedy, Side
from talks.models.talks import Talk
from talks.rules.chasing import OPENED
from talks.rules.index import COUNTING_STATES
from vault.models import SealedModel, SealedQuerySet, SealedTextField

# When the summary of the day is sent to who has chosen no hour.
HOUR = 8


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Notices, in the words of rules.md section 8."""

    def of(self, account: Account) -> Self:
        """Those addressed to the account, or to its member."""
        mine = Q(account=account)
        return self.filter(mine | Q(member=account.member_id) if account.member_id else mine)

    def open(self, today: date) -> Self:
        """Those of what is still wanting on the day: a talk or a waiver, 销号, the talk of a 回访."""
        owed = Q(duty__waived_on=None) | Q(duty__waived_on__gt=today)
        return self.filter(
            Q(owed, duty__isnull=False, duty__withdrawn_on=None, duty__met_on=None)
            | Q(remedy__isnull=False, remedy__settled_on=None)
            | Q(~Exists(talked_again("follow_up")), follow_up__follow_up_on__isnull=False)
        )

    def unread(self, today: date) -> Self:
        """Those that the addressee has not read, as long as there is something to be done."""
        return self.open(today).filter(read_at=None)

    def newest(self) -> Self:
        """Of each duty, remedy or 回访 the last one that its addressee was given."""
        who = Q(member=OuterRef("member")) | Q(account=OuterRef("account"))
        what = Q(duty=OuterRef("duty")) | Q(remedy=OuterRef("remedy")) | Q(follow_up=OuterRef("follow_up"))
        later = Notice.objects.filter(who, what, pk__gt=OuterRef("pk"))
        return self.exclude(Exists(later))


def talked_again(talk: str) -> models.QuerySet[Participant]:
    """What shows that a 回访 was held: a later talk that counts, of a talker with a subject of `talk`.

    `talk` is the column of the outer query that holds the talk, `pk` where it is one of talks. On which side
    they sat then does not matter.
    """
    before = Participant.objects.order_by()
    talkers = before.filter(talk=OuterRef(OuterRef(OuterRef(talk))), side=Side.TALKER)
    subjects = before.filter(talk=OuterRef(OuterRef(talk)), side=Side.SUBJECT)
    opposite = Participant.objects.filter(talk=OuterRef("talk"), member__in=talkers.values("member"))
    return Participant.objects.filter(
        Exists(opposite.exclude(side=OuterRef("side"))),
        member__in=subjects.values("member"),
        talk__state__in=sorted(state.value for state in COUNTING_STATES),
        talk__held_on__gt=OuterRef("held_on" if talk == "pk" else f"{talk}__held_on"),
    )


class Notice(models.Model):
    """That somebody was reminded; once for each step, however often the sweep runs.

    Of a duty, of a remedy, or of the 回访 of a talk (`follow_up`): one of the three. `step` is a number of
    days from the due day, or OPENED (talks.rules.chasing). The addressee is a member, also one without an
    account, or an account without a member (党务管理员). Whatever else is chased one day (约谈) takes a
    column of its own beside them.
    """

    duty = models.ForeignKey(
        Duty, models.CASCADE, null=True, related_name="notices", verbose_name="应谈事项", db_index=False
    )
    remedy = models.ForeignKey(
        Remedy, models.CASCADE, null=True, related_name="notices", verbose_name="整改措施", db_index=False
    )
    follow_up = models.ForeignKey(
        Talk, models.CASCADE, null=True, related_name="notices", verbose_name="回访", db_index=False
    )
    step = models.SmallIntegerField("时点")
    member = models.ForeignKey(
        Member, models.CASCADE, null=True, related_name="notices", verbose_name="党员", db_index=False
    )
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        related_name="notices",
        verbose_name="账号",
        db_index=False,
    )
    noticed_on = models.DateField("提醒日期")
    read_at = models.DateTimeField("已读时间", null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = "提醒"
        ordering = ["-pk"]
        constraints = [
            # The duty first: the same index finds the notices of a duty.
            models.UniqueConstraint(name="notice_once", fields=["duty", "step", "member"]),
            models.UniqueConstraint(
                name="notice_once_to_account",
                fields=["account", "duty", "step"],
                condition=Q(account__isnull=False),
            ),
            models.UniqueConstraint(
                name="notice_once_of_remedy",
                fields=["remedy", "step", "member"],
                condition=Q(remedy__isnull=False),
            ),
            models.UniqueConstraint(
                name="notice_once_of_follow_up",
                fields=["follow_up", "step", "member"],
                condition=Q(follow_up__isnull=False),
            ),
            models.CheckConstraint(
                name="notice_of_one_thing",
                condition=Q(duty__isnull=False, remedy=None, follow_up=None)
                | Q(duty=None, remedy__isnull=False, follow_up=None)
                | Q(duty=None, remedy=None, follow_up__isnull=False),
            ),
            models.CheckConstraint(
                name="notice_has_one_addressee",
                condition=Q(member=None, account__isnull=False) | Q(member__isnull=False, account=None),
            ),
        ]
        indexes = [
            models.Index(
                name="notice_of_member", fields=["member", "read_at"], condition=Q(member__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        what = self.duty_id or self.remedy_id or self.follow_up_id
        return f"{what}·{'opened' if self.step == OPENED else self.step}"


class NoticePreference(SealedModel):
    """How somebody wants to be told outside the system: the summary of the day, or at once.

    Without a row it is the summary. The address of the robot holds its token.
    """

    account = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        primary_key=True,
        related_name="notice_preference",
        verbose_name="账号",
    )
    at_once = models.BooleanField("随时发送", default=False)
    hour = models.PositiveSmallIntegerField("汇总时间", default=HOUR)
    webhook = SealedTextField("机器人地址", blank=True, default="")

    objects = SealedQuerySet["NoticePreference"].as_manager()

    class Meta:
        verbose_name = "提醒设置"
        constraints = [
            models.CheckConstraint(name="notice_preference_hour_of_day", condition=Q(hour__lte=23)),
        ]

    def __str__(self) -> str:
        return str(self.account_id)

    def sealed_identity(self) -> str:
        return str(self.account_id)


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Deliveries as work that waits."""

    def waiting(self, now: datetime) -> Self:
        """Those that are due and that nobody has begun to send."""
        return self.filter(state=Delivery.State.WAITING, due_at__lte=now)


class Delivery(models.Model):
    """One message by mail or webhook, written with the notices that it tells of.

    Notices that arise before it is sent go into the same message: per account and channel one waits at most.
    Who sends it takes it from WAITING to SENDING first, so that it is sent once at most; `attempts` counts
    how often that was done, since what certainly did not leave may be tried again.
    """

    class Channel(models.TextChoices):
        MAIL = "mail", "邮件"
        WEBHOOK = "webhook", "机器人"

    class State(models.TextChoices):
        WAITING = "waiting", "待发送"
        SENDING = "sending", "正在发送"
        SENT = "sent", "已发送"
        UNCLEAR = "unclear", "不能确定是否送达"
        FAILED = "failed", "没有发出"
        VOID = "void", "不需要发送"

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="deliveries",
        verbose_name="账号",
    )
    channel = models.CharField("方式", max_length=8, choices=Channel.choices)
    state = models.CharField("状态", max_length=8, choices=State.choices, default=State.WAITING)
    due_at = models.DateTimeField("发送时间")
    claimed_at = models.DateTimeField(null=True, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = "提醒发送"
        ordering = ["-due_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                name="delivery_waits_once", fields=["account", "channel"], condition=Q(state="waiting")
            ),
            models.CheckConstraint(
                name="delivery_channel_known", condition=Q(channel__in=["mail", "webhook"])
            ),
            models.CheckConstraint(
                name="delivery_state_known",
                condition=Q(state__in=["waiting", "sending", "sent", "unclear", "failed", "void"]),
            ),
        ]
        indexes = [
            models.Index(
                name="delivery_under_way", fields=["due_at"], condition=Q(state__in=["waiting", "sending"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id}·{self.channel}"


class Chase(models.Model):
    """Through which day all duties have been chased; one row, which also keeps two from chasing at once."""

    day = models.DateField("截至日期", null=True)

    class Meta:
        verbose_name = "催办进度"

    def __str__(self) -> str:
        return str(self.day)
