from django.db.models.signals import post_migrate

from portal import extensions
from portal.plugins import PluginConfig


class HomeConfig(PluginConfig):
    name = "home"

    def register(self) -> None:
        # Models can be imported only now that the registry is full.
        from home.demo import seed
        from home.receivers import on_migrated

        post_migrate.connect(on_migrated, sender=self, dispatch_uid="home.tree")
        extensions.seeders.add("home", seed, order=30)
