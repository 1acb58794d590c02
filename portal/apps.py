from portal.plugins import PluginConfig


class PortalConfig(PluginConfig):
    name = "portal"
    verbose_name = "Portal"
