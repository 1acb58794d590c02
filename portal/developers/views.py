"""Where developers register their apps, look at what those do, and change their secrets. Everybody sees the own ones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods

from portal.accounts.models import PartnerApp
from portal.accounts.partners import MAX_APPS, apps_of, change_app, delete_app, register_app, rotate_secret
from portal.api.models import AppCall, AppUsage
from portal.developers.forms import AppForm, SecretForm

READ = require_http_methods(["GET", "HEAD"])
READ_AND_POST = require_http_methods(["GET", "HEAD", "POST"])
DAYS = 30  # of usage that the page shows
CALLS = 30


@never_cache
@login_required
@READ
def apps(request: HttpRequest) -> HttpResponse:
    """A person's own apps, and the way to more."""
    own = list(apps_of(request.user))
    return render(request, "developers/apps.html", {"apps": own, "full": len(own) >= MAX_APPS, "most": MAX_APPS})


@never_cache
@login_required
@READ_AND_POST
@sensitive_variables("made", "secret")
def new_app(request: HttpRequest) -> HttpResponse:
    """Register an app. Its secret stands in the answer and nowhere else."""
    user: Any = request.user
    form = AppForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        confidential = form.cleaned_data["kind"] == "confidential"
        made = form.attempt(lambda: register_app(user, confidential=confidential, details=form.details()))
        if made:
            return _show_keys(request, *made)
    return render(request, "developers/edit.html", {"form": form}, status=422 if form.is_bound else 200)


@never_cache
@login_required
@READ
def app(request: HttpRequest, app_id: int) -> HttpResponse:
    """One app: its keys but for the secret, what it may do, and what it has done."""
    partner = _own(request, app_id)
    since = datetime.now(UTC).date() - timedelta(days=DAYS)
    context = {
        "partner": partner,
        "application": partner.application,
        "scopes": [(name, settings.ALL_SCOPES.get(name, "")) for name in partner.scopes.split()],
        "usage": AppUsage.objects.filter(application=partner.pk, day__gte=since).order_by("-day"),
        "calls": AppCall.objects.filter(application=partner.pk).order_by("-pk")[:CALLS],
        "base_url": settings.BASE_URL,
        "overlap": partner.old_secret_until and partner.old_secret_until > datetime.now(UTC),
    }
    return render(request, "developers/app.html", context)


@never_cache
@login_required
@READ_AND_POST
def edit_app(request: HttpRequest, app_id: int) -> HttpResponse:
    """Change what an app is and where it lives."""
    partner = _own(request, app_id)
    form = AppForm(request.POST if request.method == "POST" else None, partner=partner)
    if form.is_valid():
        form.attempt(lambda: change_app(partner, details=form.details()))
    if form.is_bound and form.is_valid():
        messages.success(request, _("The app is saved."))
        return redirect("developers:app", app_id=app_id)
    context = {"form": form, "partner": partner, "name": partner.application.name}
    return render(request, "developers/edit.html", context, status=422 if form.is_bound else 200)


@never_cache
@login_required
@READ_AND_POST
@sensitive_variables("secret")
def new_secret(request: HttpRequest, app_id: int) -> HttpResponse:
    """Make a new secret, which stands in the answer and nowhere else."""
    partner = _own(request, app_id)
    form = SecretForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        secret = form.attempt(lambda: rotate_secret(partner, keep_old=form.keep_old()))
        if secret:
            return _show_keys(request, partner, secret)
    context = {"form": form, "partner": partner, "application": partner.application}
    return render(request, "developers/secret.html", context, status=422 if form.is_bound else 200)


@never_cache
@login_required
@READ_AND_POST
def delete(request: HttpRequest, app_id: int) -> HttpResponse:
    """Delete an app, once its developer has said so twice."""
    partner = _own(request, app_id)
    if request.method != "POST":
        return render(request, "developers/delete.html", {"partner": partner, "application": partner.application})
    delete_app(partner)
    messages.success(request, _("The app is deleted, and its tokens are dead."))
    return redirect("developers:apps")


def _own(request: HttpRequest, app_id: int) -> PartnerApp:
    return get_object_or_404(apps_of(request.user), pk=app_id)


def _show_keys(request: HttpRequest, partner: PartnerApp, secret: str) -> HttpResponse:
    context = {"partner": partner, "application": partner.application, "secret": secret}
    return render(request, "developers/keys.html", context, status=201)
