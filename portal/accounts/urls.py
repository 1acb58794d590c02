"""The account pages, below /account/: our own, then django-allauth's."""

from django.urls import include, path

from portal.accounts import views

urlpatterns = [
    path("", views.home, name="account_home"),
    path("apps/", views.applications, name="account_applications"),
    path("", include("allauth.urls")),
]
