"""The developers' area, below /developers/."""

from django.urls import include, path

from portal.developers import views

pages = [
    path("", views.apps, name="apps"),
    path("new/", views.new_app, name="new"),
    path("<id:app_id>/", views.app, name="app"),
    path("<id:app_id>/edit/", views.edit_app, name="edit"),
    path("<id:app_id>/secret/", views.new_secret, name="secret"),
    path("<id:app_id>/delete/", views.delete, name="delete"),
]
urlpatterns = [path("developers/", include((pages, "developers")))]
