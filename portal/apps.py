"""The kernel's own registrations, through the same door as every plugin's."""

from typing import Any

from django.apps import apps
from django.core import checks
from django.db.models.signals import post_migrate

from portal import converters, extensions, forks
from portal.checks import check_plugins
from portal.extensions import Job
from portal.plugins import PluginConfig

# Apps whose rows refer to no content. Wagtail's index of references would follow each of their saves (every login, every
# delivery) with a task, and each of their deletes with more reads.
WITHOUT_REFERENCES = ("outbox", "notifications", "oauth2_provider", "account", "mfa", "usersessions", "auth")
JOBS = {
    "portal.purge": Job("17 3 * * *", "portal.maintenance.purge"),
    "portal.publish_scheduled": Job("* * * * *", "portal.maintenance.publish_scheduled"),
}


class PortalConfig(PluginConfig):
    name = "portal"
    verbose_name = "Portal"

    def register(self) -> None:
        # Models can be imported only now that the registry is full.
        from portal.demo import seed

        for key, job in JOBS.items():
            extensions.jobs.add(key, job)
        extensions.seeders.add("portal", seed)

    def ready(self) -> None:
        for label in WITHOUT_REFERENCES:
            for model in apps.get_app_config(label).get_models():
                model.wagtail_reference_index_ignore = True  # type: ignore[attr-defined]  # before Wagtail's own ready() connects to models
        super().ready()
        converters.register()
        checks.register(check_plugins)
        forks.protect()
        # The schedule's tables are django-q's, and the signal comes when every app's migrations are done.
        post_migrate.connect(_sync_jobs, sender=apps.get_app_config("django_q"))


def _sync_jobs(**_kwargs: Any) -> None:
    from portal.jobs import sync_jobs  # it imports django-q's models, which are not loaded before this app

    sync_jobs()
