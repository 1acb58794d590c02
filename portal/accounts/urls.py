"""The account pages, below /account/: our own, then django-allauth's."""

from django.urls import include, path

from portal.accounts import views

urlpatterns = [
    path("", views.home, name="account_home"),
    path("", include("allauth.urls")),
]
