"""What is typed before and after a record: preparation, corrections, amendments, files."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet

from talks.models import Participant
from talks.rules.attachments import MOST_BYTES
from talks.rules.topics import TOPICS, with_questions
from talks.services.amendments import AMENDMENT_MISSING, ANSWER_MISSING, TEXT_MISSING
from talks.services.attachments import EMPTY, NOBODY_SIGNED, TOO_LARGE
from talks.services.preparations import Outline

LONGEST = 4000
FILE_MISSING = "请选择要上传的文件。"


def _lines(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "autocomplete": "off"})


class SubjectChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """What is amended: the record, or what one of the subjects said."""

    def label_from_instance(self, obj: Participant) -> str:
        """梁志强所谈."""
        return f"{obj.member.name}所谈"


class SignerChoice(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Who has signed."""

    widget = forms.CheckboxSelectMultiple

    def clean(self, value: Any) -> Any:
        """Those chosen; a number that no database takes is nobody's."""
        return super().clean([one for one in value or () if len(str(one)) < 19])

    def label_from_instance(self, obj: Participant) -> str:
        """The name."""
        return obj.member.name


class PreparationForm(forms.Form):
    """谈话准备. Questions chosen from the five topics go to the end of those written."""

    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)
    purpose = forms.CharField(label="目的", required=False, max_length=LONGEST, widget=_lines(2))
    background = forms.CharField(label="背景", required=False, max_length=LONGEST, widget=_lines(3))
    questions = forms.CharField(
        label="拟谈问题", required=False, max_length=LONGEST, widget=_lines(6), help_text="每行一个问题。"
    )
    chosen = forms.MultipleChoiceField(
        required=False, choices=[(question, question) for topic in TOPICS for question in topic.questions]
    )

    def outline(self) -> Outline:
        """What was typed and chosen, for the service."""
        typed = self.cleaned_data
        return Outline(
            purpose=typed["purpose"],
            background=typed["background"],
            questions=with_questions(typed["questions"], typed["chosen"]),
        )


class CorrectionForm(forms.Form):
    """What in the record is not as it was."""

    text = forms.CharField(
        label="需要更正之处",
        max_length=LONGEST,
        widget=_lines(5),
        error_messages={"required": TEXT_MISSING},
    )


class AnswerForm(forms.Form):
    """What was corrected, or why it stays."""

    answer = forms.CharField(
        label="答复", max_length=LONGEST, widget=_lines(4), error_messages={"required": ANSWER_MISSING}
    )


class AmendmentForm(forms.Form):
    """What is put beside a confirmed record; in a group talk perhaps about what one subject said."""

    participant = SubjectChoice(
        label="补正对象", queryset=Participant.objects.none(), required=False, empty_label="谈话记录"
    )
    text = forms.CharField(
        label="补正内容",
        max_length=LONGEST,
        widget=_lines(6),
        error_messages={"required": AMENDMENT_MISSING},
    )

    def __init__(self, *args: Any, subjects: QuerySet[Participant], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["participant"]
        assert isinstance(field, SubjectChoice)
        if len(subjects) < 2:
            del self.fields["participant"]
            return
        field.queryset = subjects


class AttachmentField(forms.FileField):
    """One file of at most 10 MB; what it is, the service finds out by its content."""

    widget = forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png,.docx"})
    default_error_messages = {"empty": EMPTY, "required": FILE_MISSING}

    def clean(self, data: Any, initial: Any = None) -> "UploadedFile[bytes] | None":
        """Refuses a file that is too large before it is read."""
        file: UploadedFile[bytes] | None = super().clean(data, initial)
        if file and (file.size or 0) > MOST_BYTES:
            raise forms.ValidationError(TOO_LARGE)
        return file


class AttachForm(forms.Form):
    """附件."""

    file = AttachmentField(label="文件", help_text="PDF、JPG、PNG或DOCX，不超过10MB。")


class SignedPaperForm(AttachForm):
    """签字件: the paper, and who has signed it."""

    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)
    signers = SignerChoice(
        label="已签字的谈话对象",
        queryset=Participant.objects.none(),
        error_messages={"required": NOBODY_SIGNED},
    )

    def __init__(self, *args: Any, waiting: QuerySet[Participant], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["signers"]
        assert isinstance(field, SignerChoice)
        field.queryset = waiting
