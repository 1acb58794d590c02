from django.urls import path

from tests.plugins.lantern.views import lanterns

urlpatterns = [path("", lanterns, name="lanterns")]
