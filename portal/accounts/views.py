"""The account's own page, and the admin's doors, which lead to the site's login so that nothing bypasses it."""

from __future__ import annotations

from copy import copy
from typing import Any

from allauth.account.views import LogoutView
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from portal.accounts.devices import decide, find_device, spoken
from portal.accounts.forms import ProfileForm
from portal.accounts.partners import terms_of
from portal.accounts.queries import represent_user, works_in_admin
from portal.accounts.services import update_profile
from portal.accounts.tokens import connections_of, take_back
from portal.errors import Rejected


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def home(request: HttpRequest) -> HttpResponse:
    """The person's own page: what it says about itself, and the way to everything else that is its own."""
    user: Any = request.user
    posted = request.POST if request.method == "POST" else None
    form = ProfileForm(posted, instance=copy(user))  # a refused change must not show in the page's head
    if request.method == "POST" and form.is_valid():
        update_profile(user, **form.cleaned_data)
        messages.success(request, _("Your profile is saved."))
        return redirect("account_home")
    status = 422 if form.is_bound else 200
    context = {"form": form, "account": represent_user(user), "works_in_admin": works_in_admin(user)}
    return render(request, "account/home.html", context, status=status)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def device(request: HttpRequest) -> HttpResponse:
    """Let a device in that shows a code (RFC 8628): type the code, look at who asks, and answer."""
    user: Any = request.user
    typed = (request.POST or request.GET).get("user_code", "")[:40]
    if request.method != "POST":  # a link with a code in it decides nothing: it may be another's device
        return render(request, "account/device.html", {"typed": typed})
    try:
        waiting, application = find_device(typed, user=user)
        if "answer" not in request.POST:
            context = {**terms_of(application, waiting.scope.split()), "code": spoken(waiting.user_code)}
            return render(request, "account/device_confirm.html", context)
        allowed = request.POST["answer"] == "allow"
        decide(waiting, application=application, user=user, allow=allowed)
    except Rejected as refusal:
        context = {"typed": typed, "wrong": refusal.message}
        return render(request, "account/device.html", context, status=refusal.status)
    messages.success(request, _("Done. Go on at your device.") if allowed else _("The device was not let in."))
    return redirect("account_applications" if allowed else "account_device")


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def applications(request: HttpRequest) -> HttpResponse:
    """The partners that this person has let in, each to be shown out again."""
    user: Any = request.user
    if request.method != "POST":
        return render(request, "account/applications.html", {"connections": connections_of(user)})
    chosen = request.POST.get("application", "")
    if chosen.isascii() and chosen.isdecimal() and len(chosen) < 19:
        take_back(user, application_id=int(chosen))
        messages.success(request, _("The app has no access any more."))
    return redirect("account_applications")


def admin_login(request: HttpRequest) -> HttpResponse:
    """Wagtail's own login page knows no second factor.

    Raises PermissionDenied for who is signed in and was sent here for lack of rights: the login would only send back.
    """
    home = reverse("wagtailadmin_home")
    wanted = request.GET.get(REDIRECT_FIELD_NAME) or home
    if request.user.is_authenticated and not (works_in_admin(request.user) and wanted.startswith(home)):
        raise PermissionDenied
    query = QueryDict(mutable=True)
    query[REDIRECT_FIELD_NAME] = wanted
    return HttpResponseRedirect(f"{reverse('account_login')}?{query.urlencode(safe='/')}")


# Wagtail's menu posts to its own address; this is the same as on the site and ends the tokens as well.
admin_logout = LogoutView.as_view()
