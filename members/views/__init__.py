"""Pages of members: people, posts, events; accounts and mandates. And what every page asks of a request."""

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.utils.cache import add_never_cache_headers
from django.utils.http import url_has_allowed_host_and_scheme

from members.models import Account, Member
from members.permissions.standing import keep_standings
from vault.services import Actor

METHODS = ("GET", "HEAD", "POST")
# What a browser may give a page, and no page here asks for.
NOT_NEEDED = ", ".join(
    f"{feature}=()"
    for feature in ("camera", "display-capture", "geolocation", "microphone", "payment", "serial", "usb")
)


def keep_nothing(
    answer: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware: no browser or proxy keeps a page, a download or an error.

    Whoever sits down at the machine afterwards and presses “back” must not find what somebody else read.
    Static files are answered before it and may be kept. No page of another origin takes an answer
    into itself, and no page may ask for camera, place or the like: none here needs them.
    """

    def answered(request: HttpRequest) -> HttpResponseBase:
        response = answer(request)
        add_never_cache_headers(response)
        response["Cross-Origin-Resource-Policy"] = "same-origin"
        response["Permissions-Policy"] = NOT_NEEDED
        return response

    return answered


def refuse_nul(
    answer: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware: there is no page at an address with a NUL, of which PostgreSQL makes an error.

    What is typed into forms they refuse themselves.
    """

    def answered(request: HttpRequest) -> HttpResponseBase:
        if "\0" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            raise Http404
        return answer(request)

    return answered


def refuse_methods(
    answer: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware: pages are read and forms are sent; every other method is refused before anybody is asked.

    Else such a request would be answered as if it read, and whether it is might tell what is there.
    """

    def answered(request: HttpRequest) -> HttpResponseBase:
        return answer(request) if request.method in METHODS else HttpResponseNotAllowed(METHODS)

    return answered


def account_of(request: HttpRequest) -> Account:
    """The account that is signed in. Pages without one are sent to the sign-in before they ask.

    While a page is only read, what the account is today is found once; whatever writes finds it afresh.
    """
    if not isinstance(request.user, Account):
        raise PermissionDenied
    if request.method in ("GET", "HEAD"):
        keep_standings(request.user)
    return request.user


def address_of(request: HttpRequest) -> str:
    """Where the request came from, for the trail; behind our own proxy, what the proxy was called by."""
    if settings.SECURE_PROXY_SSL_HEADER:
        # Only the last entry is the proxy's own; what stands before it is what the caller claims.
        forwarded = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
        if forwarded:
            return forwarded[:64]
    return str(request.META.get("REMOTE_ADDR", ""))


def wanted_page(request: HttpRequest) -> str:
    """Where the person wanted to go (`next`), if it is a page of ours; else nothing."""
    target = request.POST.get("next", request.GET.get("next", ""))
    is_ours = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if is_ours else ""


def file_was_too_large(request: HttpRequest) -> bool:
    """Whether the request is so large that its file was not even taken in."""
    length = request.headers.get("Content-Length", "0")
    is_oversized = length.isdigit() and int(length) > settings.FILE_UPLOAD_MAX_MEMORY_SIZE
    return not request.FILES and is_oversized


def member_of(account: Account) -> Member:
    """The member of an account whose rights to act are its member's alone; 404 where there is none."""
    if account.member is None:
        raise Http404
    return account.member


def actor_of(request: HttpRequest) -> Actor:
    """Who acts, for the trail: the account that is signed in and the address."""
    return Actor(account=account_of(request).username, address=address_of(request))
