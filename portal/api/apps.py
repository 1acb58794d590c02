from portal.plugins import PluginConfig


class ApiConfig(PluginConfig):
    name = "portal.api"
    label = "api"
