import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("branches", "0005_name_working_days"),
        ("reports", "0002_findings"),
        ("talks", "0032_fingerprints"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="report",
            name="report_state_known",
        ),
        migrations.AddField(
            model_name="report",
            name="expires_at",
            field=models.DateTimeField(blank=True, db_index=True, null=True, verbose_name="文件保留至"),
        ),
        migrations.AddField(
            model_name="report",
            name="fetched_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="首次下载时间"),
        ),
        migrations.AddField(
            model_name="report",
            name="file_format",
            field=models.CharField(
                choices=[("pdf", "PDF"), ("docx", "Word（可编辑）"), ("xlsx", "Excel")],
                default="pdf",
                max_length=4,
                verbose_name="格式",
            ),
        ),
        migrations.AddField(
            model_name="report",
            name="meeting",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="reports",
                to="talks.meeting",
                verbose_name="会议",
            ),
        ),
        migrations.AddField(
            model_name="report",
            name="since",
            field=models.DateField(null=True, verbose_name="起始日期"),
        ),
        migrations.AddField(
            model_name="report",
            name="talk",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="reports",
                to="talks.talk",
                verbose_name="谈话",
            ),
        ),
        migrations.AddField(
            model_name="report",
            name="until",
            field=models.DateField(null=True, verbose_name="截止日期"),
        ),
        migrations.AddField(
            model_name="report",
            name="with_below",
            field=models.BooleanField(default=True, verbose_name="含所属党组织"),
        ),
        migrations.AddField(
            model_name="report",
            name="with_content",
            field=models.BooleanField(default=False, verbose_name="带内容"),
        ),
        migrations.AlterField(
            model_name="report",
            name="kind",
            field=models.CharField(
                choices=[
                    ("compliance", "合规报告"),
                    ("statistics", "谈心谈话统计表"),
                    ("ledger", "谈心谈话台账"),
                    ("rectification", "整改台账"),
                    ("meeting", "会前谈心谈话材料"),
                    ("situation", "谈心谈话情况报告"),
                    ("overview", "会前谈心谈话一览表"),
                    ("opinions", "征求意见汇总表"),
                    ("personal", "个人谈话清单"),
                    ("record", "谈心谈话记录表"),
                ],
                max_length=16,
                verbose_name="种类",
            ),
        ),
        migrations.AlterField(
            model_name="report",
            name="organisation",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reports",
                to="branches.organisation",
                verbose_name="党组织",
            ),
        ),
        migrations.AlterField(
            model_name="report",
            name="state",
            field=models.CharField(
                choices=[
                    ("pending", "等待生成"),
                    ("done", "已生成"),
                    ("failed", "未能生成"),
                    ("expired", "文件已删除"),
                ],
                default="pending",
                max_length=8,
                verbose_name="状态",
            ),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["pending", "done", "failed", "expired"])),
                name="report_state_known",
            ),
        ),
    ]
