"""约谈申请: what a member asks of a leader, what is proposed to him, and to whom it is handed over."""

from datetime import date, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from branches.models import Organisation
from members.models import Member, Post
from members.models.dated import in_force
from talks.models.amendments import Correction
from talks.models.talks import Talk
from talks.rules.index import COUNTING_STATES
from talks.rules.requests import OPEN_STATES, RequestState
from vault.models import SealedModel, SealedQuerySet, SealedTextField

REQUEST_STATES = tuple(state.value for state in RequestState)
OPEN = tuple(state.value for state in OPEN_STATES)
ANSWERABLE = (RequestState.WAITING.value, RequestState.PROPOSED.value)
COUNTING = tuple(sorted(state.value for state in COUNTING_STATES))


def was_held() -> Q:
    """That the talk of a request is recorded, and who asked did not want the record corrected.

    Once he did, his own confirmation settles it, not an answer: else one sentence would brush him off.
    """
    recorded = Talk.objects.filter(pk=OuterRef("talk"), state__in=COUNTING)
    contested = Correction.objects.filter(
        participant__talk=OuterRef("talk"),
        participant__member=OuterRef("requester"),
        participant__confirmed_at=None,
    )
    return Q(Exists(recorded)) & ~Q(Exists(contested))


class TalkRequestQuerySet(SealedQuerySet["TalkRequest"]):
    """Requests, in the words of rules.md section 9."""

    def open(self) -> Self:
        """Those not come to an end: neither talked, handed over nor taken back."""
        return self.filter(~was_held(), state__in=OPEN)

    def in_the_way(self) -> Self:
        """Open ones that keep who asked from asking the same leader again.

        Of what a workbook brought in only what can still be answered: what says it is accepted already
        would, without a talk, keep him from asking for good.
        """
        return self.open().filter(Q(sent_at__isnull=False) | Q(state__in=ANSWERABLE))

    def waiting(self) -> Self:
        """Those whose leader has still to answer."""
        return self.filter(state=RequestState.WAITING.value)

    def placed(self) -> Self:
        """With `place`, the organisation whose leader was asked.

        Of what a workbook brought in it is the nearest that the leader led on the day of asking.
        """
        if "place" in self.query.annotations:
            return self
        posts = Post.objects.filter(
            Q(is_team=True) | Q(is_head=True), in_force(OuterRef("asked_on")), member=OuterRef("asked")
        ).order_by("-organisation__path", "pk")
        led = Subquery(posts.values("organisation")[:1])
        return self.annotate(place=Coalesce("organisation_id", led, output_field=models.BigIntegerField()))

    def placed_in(self, organisations: "models.QuerySet[Organisation]") -> Self:
        """Those with a leader of one of the organisations."""
        found = self.placed()
        return found.filter(Q(place__in=organisations.order_by().values("pk")))

    def between(self, requester: Member | int, asked: Member | int) -> Self:
        """Those of the one to the other."""
        return self.filter(requester=requester, asked=asked)


class TalkRequest(SealedModel):
    """A member asks a leader for a talk (rules.md section 9).

    `organisation` is the one whose leader was asked. The slot is what the request keeps free of others; it is
    given back once the hour is settled or the request ends, `wished_time` stays in words. The answer is
    waited for since `waiting_since`, or since the day of asking where that is empty; `answered_since` is what
    that was for the answer that counts, the first or a later one that came late. `came_from` was handed over
    to become this one. What came in by a workbook has no `sent_at`.
    """

    code = models.CharField("申请编号", max_length=64, unique=True)
    requester = models.ForeignKey(Member, models.PROTECT, related_name="requests_made", verbose_name="申请人")
    asked = models.ForeignKey(
        Member, models.PROTECT, related_name="requests_received", verbose_name="约谈对象"
    )
    organisation = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="requests",
        verbose_name="受理组织",
    )
    asked_on = models.DateField("申请日期")
    reason = SealedTextField("事由", blank=True, default="")
    form = models.CharField("谈话方式", max_length=20, blank=True)
    wished_time = SealedTextField("期望时间", blank=True, default="")
    slot_on = models.DateField(null=True, editable=False)
    slot_starts_at = models.TimeField(null=True, editable=False)
    slot_ends_at = models.TimeField(null=True, editable=False)
    state = models.CharField("状态", max_length=6, choices=[(state, state) for state in REQUEST_STATES])
    sent_at = models.DateTimeField("送出时间", null=True, editable=False)
    waiting_since = models.DateField("待答复起始日期", null=True, editable=False)
    answered_on = models.DateField("答复日期", null=True, blank=True)
    answered_since = models.DateField("所答复的起始日期", null=True, editable=False)
    came_from = models.OneToOneField(
        "self", models.PROTECT, null=True, editable=False, related_name="went_to", verbose_name="转自"
    )
    talk = models.ForeignKey(
        Talk, models.PROTECT, null=True, blank=True, related_name="requests", verbose_name="谈话"
    )

    objects = TalkRequestQuerySet.as_manager()

    class Meta:
        verbose_name = "约谈申请"
        ordering = ["-asked_on", "code"]
        constraints = [
            models.CheckConstraint(name="request_state_known", condition=Q(state__in=REQUEST_STATES)),
            models.CheckConstraint(
                name="request_not_of_oneself",
                condition=~Q(requester=F("asked")),
                violation_error_message="不能向自己申请约谈。",
            ),
            # Of two who ask for one slot at the same moment one gets it.
            models.UniqueConstraint(
                name="request_slot_once",
                fields=["asked", "slot_on", "slot_starts_at"],
                condition=Q(slot_on__isnull=False, state=RequestState.WAITING.value),
            ),
            # What a workbook brings in is taken as it is.
            models.UniqueConstraint(
                name="request_open_once",
                fields=["requester", "asked"],
                condition=Q(state__in=OPEN, sent_at__isnull=False),
            ),
            models.CheckConstraint(
                name="request_slot_is_whole",
                condition=Q(slot_on=None, slot_starts_at=None, slot_ends_at=None)
                | Q(slot_on__isnull=False, slot_starts_at__isnull=False, slot_ends_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.code

    def sealed_identity(self) -> str:
        return self.code

    @property
    def since(self) -> date:
        """The day from which the limit of the answer counts."""
        return self.waiting_since or self.asked_on


class Proposal(models.Model):
    """Another time that the leader proposes; the member picks one of those of a request."""

    request = models.ForeignKey(
        TalkRequest, models.CASCADE, related_name="proposals", verbose_name="约谈申请"
    )
    held_on = models.DateField("日期")
    starts_at = models.TimeField("开始时间")
    ends_at = models.TimeField("结束时间")

    class Meta:
        verbose_name = "另约时间"
        ordering = ["held_on", "starts_at"]
        constraints = [
            models.UniqueConstraint(name="proposal_once", fields=["request", "held_on", "starts_at"]),
            models.CheckConstraint(name="proposal_takes_time", condition=Q(ends_at__gt=F("starts_at"))),
        ]

    def __str__(self) -> str:
        return f"{self.request_id}·{self.held_on}"


class Handover(SealedModel):
    """That the leader would hand a request over to a colleague: only with the requester's consent.

    `with_reason`: what the requester wrote goes along; he alone says so.
    """

    request = models.ForeignKey(
        TalkRequest, models.CASCADE, related_name="handovers", verbose_name="约谈申请"
    )
    colleague = models.ForeignKey(Member, models.PROTECT, related_name="+", verbose_name="转交给")
    reason = SealedTextField("转交原因")
    offered_at = models.DateTimeField("提出时间", editable=False)
    answered_at = models.DateTimeField("答复时间", null=True, editable=False)
    agreed = models.BooleanField("同意", default=False)
    with_reason = models.BooleanField("事由一并转交", default=False)

    objects = SealedQuerySet["Handover"].as_manager()

    class Meta:
        verbose_name = "约谈转交"
        ordering = ["offered_at"]
        constraints = [
            # Whom the requester would not be handed over to, he is not asked about again.
            models.UniqueConstraint(name="handover_once", fields=["request", "colleague"]),
            models.UniqueConstraint(
                name="handover_waits_once", fields=["request"], condition=Q(answered_at=None)
            ),
            models.CheckConstraint(
                name="handover_agreed_is_answered", condition=Q(agreed=False) | Q(answered_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request_id}·{self.colleague_id}"

    def sealed_identity(self) -> str:
        return f"{self.request_id}|{self.colleague_id}"


class RequestNoticeQuerySet(models.QuerySet["RequestNotice"]):
    """Notices of requests."""

    def unread(self) -> Self:
        """Those not read, as long as the request goes on."""
        return self.filter(read_at=None, request__in=TalkRequest.objects.open().order_by().values("pk"))


class RequestNotice(models.Model):
    """That somebody was told of a request, once for each step: news of it, or that a limit comes near.

    `step` counts days from the due day as that of a Notice does; of news it is a number of the news.
    """

    class Kind(models.TextChoices):
        ASKED = "asked", "收到约谈申请"
        PROPOSED = "proposed", "对方另约时间"
        BOOKED = "booked", "约谈时间已定"
        HANDOVER = "handover", "对方希望转交"
        REOPENED = "reopened", "约谈重新等待答复"
        ANSWER = "answer", "答复期限"
        HOLD = "hold", "谈话期限"
        LEFT = "left", "对方已离任"

    request = models.ForeignKey(TalkRequest, models.CASCADE, related_name="notices", verbose_name="约谈申请")
    kind = models.CharField("事项", max_length=8, choices=Kind.choices)
    step = models.IntegerField("时点")
    member = models.ForeignKey(
        Member, models.CASCADE, related_name="request_notices", verbose_name="党员", db_index=False
    )
    noticed_on = models.DateField("提醒日期")
    read_at = models.DateTimeField("已读时间", null=True)

    objects = RequestNoticeQuerySet.as_manager()

    class Meta:
        verbose_name = "约谈提醒"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(name="request_notice_once", fields=["request", "kind", "step", "member"]),
            models.CheckConstraint(
                name="request_notice_kind_known",
                condition=Q(
                    kind__in=["asked", "proposed", "booked", "handover", "reopened", "answer", "hold", "left"]
                ),
            ),
        ]
        indexes = [models.Index(name="request_notice_of_member", fields=["member", "read_at"])]

    def __str__(self) -> str:
        return f"{self.request_id}·{self.kind}·{self.step}"


class Deputy(models.Model):
    """Who answers the requests of a leader who is away; what was written he does not read."""

    leader = models.ForeignKey(Member, models.PROTECT, related_name="deputies", verbose_name="外出同志")
    deputy = models.ForeignKey(Member, models.PROTECT, related_name="deputy_of", verbose_name="代为答复")
    since = models.DateField("开始日期")
    until = models.DateField("结束日期")
    named_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="登记人"
    )

    class Meta:
        verbose_name = "代为答复"
        ordering = ["-since"]
        constraints = [
            models.UniqueConstraint(name="deputy_once", fields=["leader", "deputy", "since"]),
            models.CheckConstraint(name="deputy_covers_a_day", condition=Q(until__gt=F("since"))),
            models.CheckConstraint(name="deputy_is_another", condition=~Q(leader=F("deputy"))),
        ]

    def __str__(self) -> str:
        return f"{self.leader_id}·{self.deputy_id}"

    @property
    def last(self) -> date:
        """The last day on which he is away."""
        return self.until - timedelta(days=1)
