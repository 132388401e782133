"""Addresses of talks."""

from django.urls import URLPattern, path

from talks.views import booking, duties, events, meetings, notices, records, talks, uploads, workbench

urlpatterns: list[URLPattern] = [
    path("", workbench.workbench, name="workbench"),
    path("duties/", duties.duties, name="duties"),
    path("duties/<int:pk>/", duties.duty, name="duty"),
    path("notices/", notices.notices, name="notices"),
    path("notices/read/", notices.notices_read, name="notices-read"),
    path("notices/preference/", notices.notice_preference, name="notice-preference"),
    path("notices/<int:pk>/read/", notices.notice_read, name="notice-read"),
    path("talks/", talks.talks, name="talks"),
    path("talks/book/", booking.talk_book, name="talk-book"),
    path("talks/<path:code>/change/", booking.talk_change, name="talk-change"),
    path("talks/<path:code>/cancel/", booking.talk_cancel, name="talk-cancel"),
    path("talks/<path:code>/record/", records.talk_record, name="talk-record"),
    path("talks/<path:code>/confirm/", talks.talk_confirm, name="talk-confirm"),
    path("talks/<path:code>/close/", talks.talk_close, name="talk-close"),
    path("talks/<path:code>/keep/", talks.talk_keep, name="talk-keep"),
    path("talks/<path:code>/", talks.talk, name="talk"),
    path("meetings/", meetings.meetings, name="meetings"),
    path("meetings/add/", meetings.meeting_add, name="meeting-add"),
    path("meetings/<int:pk>/change/", meetings.meeting_change, name="meeting-change"),
    path("meetings/<int:pk>/remove/", meetings.meeting_remove, name="meeting-remove"),
    path("uploads/", uploads.uploads_page, name="uploads"),
    path("uploads/template/", uploads.upload_template_page, name="upload-template"),
    path("uploads/<uuid:token>/", uploads.upload_page, name="upload"),
    path("uploads/<uuid:token>/confirm/", uploads.upload_confirm_page, name="upload-confirm"),
    path("uploads/<uuid:token>/discard/", uploads.upload_discard_page, name="upload-discard"),
    path("uploads/<uuid:token>/number/", uploads.upload_number_page, name="upload-number"),
    path("export/", uploads.export_page, name="export"),
    path("events/", events.events_page, name="events"),
    path("events/add/", events.event_add_page, name="event-add"),
    path("events/<path:code>/note/", events.event_note_page, name="event-note"),
    path("events/<path:code>/change/", events.event_change_page, name="event-change"),
    path("events/<path:code>/remove/", events.event_remove_page, name="event-remove"),
    path("events/<path:code>/", events.event_page, name="event"),
]
