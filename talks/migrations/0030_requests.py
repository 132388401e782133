"""约谈: slots, proposals, handing over, deputies, free hours, notices."""

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import vault.models.values


class Migration(migrations.Migration):
    dependencies = [
        ("branches", "0005_name_working_days"),
        ("members", "0003_account_email"),
        ("talks", "0024_remedies"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Deputy",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("since", models.DateField(verbose_name="开始日期")),
                ("until", models.DateField(verbose_name="结束日期")),
            ],
            options={
                "verbose_name": "代为答复",
                "ordering": ["-since"],
            },
        ),
        migrations.CreateModel(
            name="Handover",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", vault.models.values.SealedTextField(verbose_name="转交原因")),
                ("offered_at", models.DateTimeField(editable=False, verbose_name="提出时间")),
                ("answered_at", models.DateTimeField(editable=False, null=True, verbose_name="答复时间")),
                ("agreed", models.BooleanField(default=False, verbose_name="同意")),
                ("with_reason", models.BooleanField(default=False, verbose_name="事由一并转交")),
            ],
            options={
                "verbose_name": "约谈转交",
                "ordering": ["offered_at"],
            },
        ),
        migrations.CreateModel(
            name="OfficeException",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField(verbose_name="日期")),
                ("starts_at", models.TimeField(blank=True, null=True, verbose_name="开始时间")),
                ("ends_at", models.TimeField(blank=True, null=True, verbose_name="结束时间")),
                (
                    "minutes",
                    models.PositiveSmallIntegerField(
                        default=30,
                        validators=[
                            django.core.validators.MinValueValidator(10),
                            django.core.validators.MaxValueValidator(240),
                        ],
                        verbose_name="每次分钟",
                    ),
                ),
            ],
            options={
                "verbose_name": "约谈时间调整",
                "ordering": ["member", "day"],
            },
        ),
        migrations.CreateModel(
            name="OfficeHours",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("weekday", models.PositiveSmallIntegerField(verbose_name="星期")),
                ("starts_at", models.TimeField(verbose_name="开始时间")),
                ("ends_at", models.TimeField(verbose_name="结束时间")),
                (
                    "minutes",
                    models.PositiveSmallIntegerField(
                        default=30,
                        validators=[
                            django.core.validators.MinValueValidator(10),
                            django.core.validators.MaxValueValidator(240),
                        ],
                        verbose_name="每次分钟",
                    ),
                ),
            ],
            options={
                "verbose_name": "约谈时间",
                "ordering": ["member", "weekday", "starts_at"],
            },
        ),
        migrations.CreateModel(
            name="Proposal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("held_on", models.DateField(verbose_name="日期")),
                ("starts_at", models.TimeField(verbose_name="开始时间")),
                ("ends_at", models.TimeField(verbose_name="结束时间")),
            ],
            options={
                "verbose_name": "另约时间",
                "ordering": ["held_on", "starts_at"],
            },
        ),
        migrations.CreateModel(
            name="RequestNotice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("asked", "收到约谈申请"),
                            ("proposed", "对方另约时间"),
                            ("booked", "约谈时间已定"),
                            ("handover", "对方希望转交"),
                            ("reopened", "约谈重新等待答复"),
                            ("answer", "答复期限"),
                            ("hold", "谈话期限"),
                        ],
                        max_length=8,
                        verbose_name="事项",
                    ),
                ),
                ("step", models.IntegerField(verbose_name="时点")),
                ("noticed_on", models.DateField(verbose_name="提醒日期")),
                ("read_at", models.DateTimeField(null=True, verbose_name="已读时间")),
            ],
            options={
                "verbose_name": "约谈提醒",
                "ordering": ["-pk"],
            },
        ),
        migrations.AddField(
            model_name="talkrequest",
            name="came_from",
            field=models.OneToOneField(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="went_to",
                to="talks.talkrequest",
                verbose_name="转自",
            ),
        ),
        migrations.AddField(
            model_name="talkrequest",
            name="form",
            field=models.CharField(blank=True, max_length=20, verbose_name="谈话方式"),
        ),
        migrations.AddField(
            model_name="talkrequest",
            name="organisation",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="requests",
                to="branches.organisation",
                verbose_name="受理组织",
            ),
        ),
        migrations.AddField(
            model_name="talkrequest",
            name="sent_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="送出时间"),
        ),
        migrations.AddField(
            model_name="talkrequest",
            name="slot_ends_at",
            field=models.TimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="talkrequest",
            name="slot_on",
            field=models.DateField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="talkrequest",
            name="slot_starts_at",
            field=models.TimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="talkrequest",
            name="waiting_since",
            field=models.DateField(editable=False, null=True, verbose_name="待答复起始日期"),
        ),
        migrations.AddConstraint(
            model_name="talkrequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(("slot_on__isnull", False), ("state", "待答复")),
                fields=("asked", "slot_on", "slot_starts_at"),
                name="request_slot_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="talkrequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(("sent_at__isnull", False), ("state__in", ("待答复", "已接受", "另约"))),
                fields=("requester", "asked"),
                name="request_open_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="talkrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("slot_ends_at", None), ("slot_on", None), ("slot_starts_at", None)),
                    models.Q(
                        ("slot_ends_at__isnull", False),
                        ("slot_on__isnull", False),
                        ("slot_starts_at__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="request_slot_is_whole",
            ),
        ),
        migrations.AddField(
            model_name="deputy",
            name="deputy",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="deputy_of",
                to="members.member",
                verbose_name="代为答复",
            ),
        ),
        migrations.AddField(
            model_name="deputy",
            name="leader",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="deputies",
                to="members.member",
                verbose_name="外出同志",
            ),
        ),
        migrations.AddField(
            model_name="deputy",
            name="named_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="登记人",
            ),
        ),
        migrations.AddField(
            model_name="handover",
            name="colleague",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="members.member",
                verbose_name="转交给",
            ),
        ),
        migrations.AddField(
            model_name="handover",
            name="request",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="handovers",
                to="talks.talkrequest",
                verbose_name="约谈申请",
            ),
        ),
        migrations.AddField(
            model_name="officeexception",
            name="member",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="office_exceptions",
                to="members.member",
                verbose_name="党员",
            ),
        ),
        migrations.AddField(
            model_name="officehours",
            name="member",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="office_hours",
                to="members.member",
                verbose_name="党员",
            ),
        ),
        migrations.AddField(
            model_name="proposal",
            name="request",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="proposals",
                to="talks.talkrequest",
                verbose_name="约谈申请",
            ),
        ),
        migrations.AddField(
            model_name="requestnotice",
            name="member",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="request_notices",
                to="members.member",
                verbose_name="党员",
            ),
        ),
        migrations.AddField(
            model_name="requestnotice",
            name="request",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="notices",
                to="talks.talkrequest",
                verbose_name="约谈申请",
            ),
        ),
        migrations.AddConstraint(
            model_name="deputy",
            constraint=models.UniqueConstraint(fields=("leader", "deputy", "since"), name="deputy_once"),
        ),
        migrations.AddConstraint(
            model_name="deputy",
            constraint=models.CheckConstraint(
                condition=models.Q(("until__gt", models.F("since"))), name="deputy_covers_a_day"
            ),
        ),
        migrations.AddConstraint(
            model_name="deputy",
            constraint=models.CheckConstraint(
                condition=models.Q(("leader", models.F("deputy")), _negated=True), name="deputy_is_another"
            ),
        ),
        migrations.AddConstraint(
            model_name="handover",
            constraint=models.UniqueConstraint(fields=("request", "colleague"), name="handover_once"),
        ),
        migrations.AddConstraint(
            model_name="handover",
            constraint=models.UniqueConstraint(
                condition=models.Q(("answered_at", None)), fields=("request",), name="handover_waits_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="handover",
            constraint=models.CheckConstraint(
                condition=models.Q(("agreed", False), ("answered_at__isnull", False), _connector="OR"),
                name="handover_agreed_is_answered",
            ),
        ),
        migrations.AddConstraint(
            model_name="officeexception",
            constraint=models.UniqueConstraint(fields=("member", "day"), name="office_exception_once"),
        ),
        migrations.AddConstraint(
            model_name="officeexception",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ends_at", None), ("starts_at", None)),
                    ("ends_at__gt", models.F("starts_at")),
                    _connector="OR",
                ),
                name="office_exception_takes_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="officeexception",
            constraint=models.CheckConstraint(
                condition=models.Q(("minutes__gte", 10), ("minutes__lte", 240)), name="office_exception_slots"
            ),
        ),
        migrations.AddConstraint(
            model_name="officehours",
            constraint=models.UniqueConstraint(
                fields=("member", "weekday", "starts_at"), name="office_hours_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="officehours",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="office_hours_take_time"
            ),
        ),
        migrations.AddConstraint(
            model_name="officehours",
            constraint=models.CheckConstraint(
                condition=models.Q(("weekday__gte", 1), ("weekday__lte", 7)), name="office_hours_weekday"
            ),
        ),
        migrations.AddConstraint(
            model_name="officehours",
            constraint=models.CheckConstraint(
                condition=models.Q(("minutes__gte", 10), ("minutes__lte", 240)), name="office_hours_slots"
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.UniqueConstraint(
                fields=("request", "held_on", "starts_at"), name="proposal_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="proposal_takes_time"
            ),
        ),
        migrations.AddIndex(
            model_name="requestnotice",
            index=models.Index(fields=["member", "read_at"], name="request_notice_of_member"),
        ),
        migrations.AddConstraint(
            model_name="requestnotice",
            constraint=models.UniqueConstraint(
                fields=("request", "kind", "step", "member"), name="request_notice_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="requestnotice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind__in", ["asked", "proposed", "booked", "handover", "reopened", "answer", "hold"])
                ),
                name="request_notice_kind_known",
            ),
        ),
    ]
