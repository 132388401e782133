"""Who took part, and what came of the talk."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any, Self

from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Value, When

from branches.models import Organisation
from members.models import Affiliation, Member, Post
from members.models.dated import in_force
from talks.models.attachments import Attachment
from talks.models.talks import Talk
from talks.rules.index import COUNTING_STATES
from talks.rules.words import RemedyState
from vault.models import SealedModel, SealedQuerySet, SealedTextField


class Side(models.TextChoices):
    """On which side of the talk a participant sat."""

    TALKER = "talker", "谈话人"
    SUBJECT = "subject", "谈话对象"


class ParticipantQuerySet(SealedQuerySet["Participant"]):
    """Participants, in the words of the ledgers."""

    def belonging_to(self, organisation: Any) -> Self:
        """Those who on the day of the talk were team or affiliated with the organisation.

        `organisation` is an organisation, its primary key, or an OuterRef to it as seen from this query.
        """
        return self.filter(_belongs_to(organisation))

    def strange_to(self, organisation: Any) -> Self:
        """Those who on the day were not affiliated with it, `organisation` being as above.

        A seat in its team does not make one of its people here: whoever enters posts could enter one for a
        day that is over, and so have opened to a principal what somebody else was told.
        """
        return self.exclude(Exists(Affiliation.objects.filter(_on_the_day(organisation))))


def _on_the_day(organisation: Any) -> Q:
    if isinstance(organisation, OuterRef):
        organisation = OuterRef(organisation)
    return in_force(OuterRef("talk__held_on")) & Q(member=OuterRef("member"), organisation=organisation)


def _belongs_to(organisation: Any) -> Q:
    facts = _on_the_day(organisation)
    return Q(Exists(Affiliation.objects.filter(facts))) | Q(Exists(Post.objects.filter(facts, is_team=True)))


def in_ledgers_of(organisations: "QuerySet[Organisation] | Collection[Organisation]") -> Q:
    """The condition that a talk belongs to one of the organisations.

    A talk belongs to each organisation of which, on held_on, at least one talker and one subject were team
    or affiliated (design.md section 4).
    """
    return Q(Exists(_through(organisations).filter(talk=OuterRef("pk"))))


def ledger_talkers(organisations: Collection[int]) -> ParticipantQuerySet:
    """The talkers through whom talks belong to one of these organisations (primary keys), as `in_ledgers_of`.

    For a query that begins with the organisations and comes to the talks, not the other way round.
    """
    people = Affiliation.objects.order_by().filter(organisation__in=organisations).values("member")
    leaders = Post.objects.order_by().filter(organisation__in=organisations, is_team=True).values("member")
    return _through(organisations).filter(member__in=people.union(leaders))


def _through(
    organisations: "QuerySet[Organisation] | Collection[Organisation] | Collection[int]",
) -> ParticipantQuerySet:
    other_side = Participant.objects.filter(talk=OuterRef(OuterRef("talk")), side=Side.SUBJECT).belonging_to(
        OuterRef("organisation")
    )
    facts = in_force(OuterRef("talk__held_on")) & Q(member=OuterRef("member"), organisation__in=organisations)
    return Participant.objects.filter(side=Side.TALKER).filter(
        Exists(Affiliation.objects.filter(facts).filter(Exists(other_side)))
        | Exists(Post.objects.filter(facts, is_team=True).filter(Exists(other_side)))
    )


class Participant(SealedModel):
    """A talker or a subject. `said` is what this subject said in a group talk, for his eyes and the talkers'.

    `confirmed_at` is set when the subject has confirmed the record on his own account, or has signed it on
    `paper`.
    """

    talk = models.ForeignKey(Talk, models.CASCADE, related_name="participants", verbose_name="谈话")
    member = models.ForeignKey(Member, models.PROTECT, related_name="participations", verbose_name="党员")
    side = models.CharField("身份", max_length=8, choices=Side.choices)
    said = SealedTextField("本人所谈", blank=True, default="")
    private_notes = SealedTextField("私人笔记", blank=True, default="")
    confirmed_at = models.DateTimeField("确认时间", null=True, blank=True, editable=False)
    paper = models.ForeignKey(
        Attachment, models.RESTRICT, null=True, blank=True, related_name="signers", verbose_name="签字件"
    )

    objects = ParticipantQuerySet.as_manager()

    class Meta:
        verbose_name = "参加人"
        ordering = ["side", "member__code"]
        constraints = [
            # One row for one person: nobody can stand on both sides.
            models.UniqueConstraint(name="participant_once", fields=["talk", "member"]),
            models.CheckConstraint(
                name="participant_side_known", condition=Q(side__in=["talker", "subject"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.talk_id}·{self.member_id}"

    def sealed_identity(self) -> str:
        return f"{self.talk_id}|{self.member_id}"


class Opinion(SealedModel):
    """意见建议: what somebody suggested, about whom; the participants' own until it is released."""

    talk = models.ForeignKey(Talk, models.CASCADE, related_name="opinions", verbose_name="谈话")
    number = models.PositiveSmallIntegerField("序号")
    text = SealedTextField("意见建议")
    about = SealedTextField("针对对象", blank=True, default="")
    category = SealedTextField("类别", blank=True, default="")

    objects = SealedQuerySet["Opinion"].as_manager()

    class Meta:
        verbose_name = "意见建议"
        ordering = ["talk", "number"]
        constraints = [models.UniqueConstraint(name="opinion_number_once", fields=["talk", "number"])]

    def __str__(self) -> str:
        return f"{self.talk_id}·{self.number}"

    def sealed_identity(self) -> str:
        return f"{self.talk_id}|{self.number}"


# A limit within so many days is near, as with duties.
NEAR_DAYS = 7


class RemedyQuerySet(SealedQuerySet["Remedy"]):
    """Remedies, in the words of the 整改台账."""

    def agreed(self) -> Self:
        """Those of talks that are recorded: before that they are a draft."""
        return self.filter(talk__state__in=sorted(state.value for state in COUNTING_STATES))

    def with_state(self, today: date) -> Self:
        """Annotates `state`, a RemedyState, on the day."""
        waiting = Remedy.objects.filter(pk=OuterRef("pk"), settlements__ending="")
        return self.annotate(
            state=Case(
                When(settled_on__isnull=False, then=Value(RemedyState.SETTLED.value)),
                When(Exists(waiting), then=Value(RemedyState.WAITING.value)),
                When(due_on__lt=today, then=Value(RemedyState.OVERDUE.value)),
                When(due_on__lte=today + timedelta(days=NEAR_DAYS), then=Value(RemedyState.NEAR.value)),
                default=Value(RemedyState.OPEN.value),
                output_field=models.CharField(),
            )
        )

    def in_order(self) -> Self:
        """Open ones first, the earliest limit first, those without a limit after them."""
        return self.order_by(
            F("settled_on").desc(nulls_first=True), F("due_on").asc(nulls_last=True), "-talk__held_on", "pk"
        )


class Remedy(SealedModel):
    """整改措施: what is to be done, by whom and until when; `settled_on` is the day of its 销号.

    It is the participants' until a talker releases it, reworded, to the ledger of an organisation
    (`released_text`, design.md section 4).
    """

    talk = models.ForeignKey(Talk, models.CASCADE, related_name="remedies", verbose_name="谈话")
    number = models.PositiveSmallIntegerField("序号")
    text = SealedTextField("整改措施")
    owner = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="remedies", verbose_name="责任人"
    )
    due_on = models.DateField("完成时限", null=True, blank=True)
    settled_on = models.DateField("销号日期", null=True, blank=True, editable=False)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="remedies", verbose_name="台账"
    )
    released_text = SealedTextField("台账表述", null=True, blank=True)
    released_by = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="列入人"
    )
    released_on = models.DateField("列入日期", null=True, blank=True, editable=False)

    objects = RemedyQuerySet.as_manager()

    class Meta:
        verbose_name = "整改措施"
        ordering = ["talk", "number"]
        constraints = [
            models.UniqueConstraint(name="remedy_number_once", fields=["talk", "number"]),
            models.CheckConstraint(
                name="remedy_released_by_somebody",
                condition=Q(organisation=None, released_by=None, released_on=None)
                | Q(organisation__isnull=False, released_by__isnull=False, released_on__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                name="remedy_open_due",
                fields=["due_on"],
                condition=Q(settled_on=None, due_on__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.talk_id}·{self.number}"

    def sealed_identity(self) -> str:
        return f"{self.talk_id}|{self.number}"

    @property
    def is_released(self) -> bool:
        """Whether it stands in the ledger of an organisation."""
        return self.organisation_id is not None
