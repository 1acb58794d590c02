from portal.plugins import PluginConfig


class HomeConfig(PluginConfig):
    name = "home"
