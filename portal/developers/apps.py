from portal.extensions import UrlPatterns, urls
from portal.plugins import PluginConfig


class DevelopersConfig(PluginConfig):
    name = "portal.developers"
    label = "developers"

    def register(self) -> None:
        urls.add("developers", UrlPatterns("portal.developers.urls"))
