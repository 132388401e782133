"""Addresses of members."""

from django.urls import URLPattern, path

from members.views import accounts, contacts, departments, mandates, organisations, people, posts, sign_in

urlpatterns: list[URLPattern] = [
    path("sign-in/", sign_in.sign_in_page, name="sign-in"),
    path("sign-in/password/", sign_in.choose_password_page, name="choose-password"),
    path("sign-out/", sign_in.sign_out_page, name="sign-out"),
    path("account/", accounts.own_account_page, name="own-account"),
    path("account/password/", accounts.change_password_page, name="change-password"),
    path("accounts/", accounts.accounts_page, name="accounts"),
    path("accounts/open/", accounts.account_open_page, name="account-open"),
    path("accounts/open/branch/", accounts.account_open_branch_page, name="account-open-branch"),
    path("accounts/<int:pk>/", accounts.account_page, name="account"),
    path("accounts/<int:pk>/code/", accounts.account_code_page, name="account-code"),
    path("accounts/<int:pk>/deactivate/", accounts.account_deactivate_page, name="account-deactivate"),
    path("accounts/<int:pk>/activate/", accounts.account_activate_page, name="account-activate"),
    path("mandates/", mandates.mandates_page, name="mandates"),
    path("mandates/grant/", mandates.mandate_grant_page, name="mandate-grant"),
    path("mandates/<int:pk>/end/", mandates.mandate_end_page, name="mandate-end"),
    path("organisations/", organisations.organisations_page, name="organisations"),
    path("organisations/add/", organisations.organisation_add_page, name="organisation-add"),
    path(
        "organisations/<path:code>/change/",
        organisations.organisation_change_page,
        name="organisation-change",
    ),
    path(
        "organisations/<path:code>/dissolve/",
        organisations.organisation_dissolve_page,
        name="organisation-dissolve",
    ),
    path(
        "organisations/<path:code>/remove/",
        organisations.organisation_remove_page,
        name="organisation-remove",
    ),
    path(
        "organisations/<path:code>/departments/add/", departments.department_add_page, name="department-add"
    ),
    path("organisations/<path:code>/posts/add/", posts.post_add_page, name="post-add"),
    path("organisations/<path:code>/portfolios/add/", contacts.portfolio_add_page, name="portfolio-add"),
    path("organisations/<path:code>/liaisons/add/", contacts.liaison_add_page, name="liaison-add"),
    path("organisations/<path:code>/", organisations.organisation_page, name="organisation"),
    path("departments/<path:code>/change/", departments.department_change_page, name="department-change"),
    path("departments/<path:code>/remove/", departments.department_remove_page, name="department-remove"),
    path("members/", people.members_page, name="members"),
    path("members/add/", people.member_add_page, name="member-add"),
    path("members/<path:code>/change/", people.member_change_page, name="member-change"),
    path("members/<path:code>/remove/", people.member_remove_page, name="member-remove"),
    path("members/<path:code>/transfer/", people.member_transfer_page, name="member-transfer"),
    path("members/<path:code>/contact/", people.member_contact_page, name="member-contact"),
    path("members/<path:code>/", people.member_page, name="member"),
    path("affiliations/<int:pk>/change/", people.affiliation_change_page, name="affiliation-change"),
    path("affiliations/<int:pk>/remove/", people.affiliation_remove_page, name="affiliation-remove"),
    path("posts/<int:pk>/change/", posts.post_change_page, name="post-change"),
    path("posts/<int:pk>/end/", posts.post_end_page, name="post-end"),
    path("posts/<int:pk>/remove/", posts.post_remove_page, name="post-remove"),
    path("posts/<int:pk>/confirm/", posts.post_confirm_page, name="post-confirm"),
    path("portfolios/<int:pk>/change/", contacts.portfolio_change_page, name="portfolio-change"),
    path("portfolios/<int:pk>/remove/", contacts.portfolio_remove_page, name="portfolio-remove"),
    path("liaisons/<int:pk>/change/", contacts.liaison_change_page, name="liaison-change"),
    path("liaisons/<int:pk>/remove/", contacts.liaison_remove_page, name="liaison-remove"),
]
