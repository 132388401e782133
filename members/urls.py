"""Addresses of members."""

from django.urls import URLPattern, path

from members.views import accounts, mandates, sign_in

urlpatterns: list[URLPattern] = [
    path("sign-in/", sign_in.sign_in_page, name="sign-in"),
    path("sign-in/password/", sign_in.choose_password_page, name="choose-password"),
    path("sign-out/", sign_in.sign_out_page, name="sign-out"),
    path("account/", accounts.own_account_page, name="own-account"),
    path("account/password/", accounts.change_password_page, name="change-password"),
    path("accounts/", accounts.accounts_page, name="accounts"),
    path("accounts/open/", accounts.account_open_page, name="account-open"),
    path("accounts/<int:pk>/", accounts.account_page, name="account"),
    path("accounts/<int:pk>/code/", accounts.account_code_page, name="account-code"),
    path("accounts/<int:pk>/deactivate/", accounts.account_deactivate_page, name="account-deactivate"),
    path("accounts/<int:pk>/activate/", accounts.account_activate_page, name="account-activate"),
    path("mandates/", mandates.mandates_page, name="mandates"),
    path("mandates/grant/", mandates.mandate_grant_page, name="mandate-grant"),
    path("mandates/<int:pk>/end/", mandates.mandate_end_page, name="mandate-end"),
]
