from django.urls import path

from venues.views.browse import browse

urlpatterns = [path("events/", browse)]
