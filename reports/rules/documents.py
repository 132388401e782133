"""The kinds of documents: what each is about, who may ask for it and as what it can be had."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Kind(StrEnum):
    """种类 of a document, as a report keeps it."""

    COMPLIANCE = "compliance"
    STATISTICS = "statistics"
    LEDGER = "ledger"
    RECTIFICATION = "rectification"
    MEETING = "meeting"
    SITUATION = "situation"
    OVERVIEW = "overview"
    OPINIONS = "opinions"
    PERSONAL = "personal"
    RECORD = "record"


class Scope(StrEnum):
    """What is chosen for a document."""

    YEAR = "year"  # an organisation with all below it, a year, the day on which it is counted
    PERIOD = "period"  # an organisation, alone or with those below it, from one day to another
    MEETING = "meeting"  # a meeting
    TALK = "talk"  # a talk, with what was said or without
    OWN = "own"  # nothing: it is about whoever asks


class Format(StrEnum):
    """格式, by the ending of the file."""

    PDF = "pdf"
    WORD = "docx"
    EXCEL = "xlsx"


FORMAT_NAMES = {Format.PDF: "PDF", Format.WORD: "Word（可编辑）", Format.EXCEL: "Excel"}
CONTENT_TYPES = {
    Format.PDF: "application/pdf",
    Format.WORD: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    Format.EXCEL: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
# Paper for more is read by nobody, and WeasyPrint keeps all of it in memory.
MOST_ORGANISATIONS = 500
TOO_MANY = "该党组织及其所属党组织超过{most}个，请选择下级党组织，分别生成报告。"
LIST = (Format.PDF, Format.EXCEL)
EDITED = (Format.PDF, Format.WORD)


@dataclass(frozen=True, slots=True)
class Document:
    """One kind of document; `tells` says in a sentence what stands in it and what does not."""

    title: str
    scope: Scope
    formats: tuple[Format, ...]
    tells: str


DOCUMENTS = {
    Kind.COMPLIANCE: Document(
        "合规报告",
        Scope.YEAR,
        (Format.PDF,),
        "党组织及所属党组织一年的应谈、已谈、逾期，与上年对比；不含谈话内容。",
    ),
    Kind.STATISTICS: Document(
        "谈心谈话统计表",
        Scope.YEAR,
        LIST,
        "各党组织的应谈、已谈、谈话次数和征求意见条数；只有数字，不列姓名。",
    ),
    Kind.LEDGER: Document(
        "谈心谈话台账",
        Scope.PERIOD,
        LIST,
        "已记录的谈话，逐次列出时间、地点、双方和事由；不含谈话内容。",
    ),
    Kind.RECTIFICATION: Document(
        "整改台账",
        Scope.PERIOD,
        LIST,
        "已列入台账的整改措施、责任人、时限和销号情况；不列谈话双方。",
    ),
    Kind.MEETING: Document(
        "会前谈心谈话材料",
        Scope.MEETING,
        (Format.PDF,),
        "情况报告、谈心谈话一览表和征求意见汇总表，合订为一份。",
    ),
    Kind.SITUATION: Document(
        "谈心谈话情况报告",
        Scope.MEETING,
        EDITED,
        "会前谈心谈话和征求意见的情况，数字已经写入，其余可以在Word中补充。",
    ),
    Kind.OVERVIEW: Document(
        "会前谈心谈话一览表", Scope.MEETING, LIST, "会前应谈的每一项和完成情况，附完成情况表。"
    ),
    Kind.OPINIONS: Document(
        "征求意见汇总表",
        Scope.MEETING,
        LIST,
        "梳理后的意见建议；提出人未同意署名的，不列姓名。",
    ),
    Kind.PERSONAL: Document("个人谈话清单", Scope.OWN, LIST, "由您谈、尚未谈的事项，供您本人随身使用。"),
    Kind.RECORD: Document(
        "谈心谈话记录表",
        Scope.TALK,
        EDITED,
        "一次谈话的记录，附签名栏；您可以查看内容的，可以选择列出内容。",
    ),
}


def is_bulk(*, talks: int, before: int, since: date | None, until: date | None, most: int) -> bool:
    """Whether an export with the texts of so many talks needs a second person (design.md section 4a).

    That is of more than `most` talks, what was exported `before` on the day counted with it, so that nobody
    asks by portions; and of a whole calendar year, however few they are.
    """
    if not talks:
        return False
    whole_year = since is not None and until is not None and _covers_a_year(since, until)
    return whole_year or talks + before > most


def _covers_a_year(since: date, until: date) -> bool:
    years = range(since.year, until.year + 1)
    return any(since <= date(year, 1, 1) and date(year, 12, 31) <= until for year in years)
