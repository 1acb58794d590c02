from portal.plugins import PluginConfig


class VenuesConfig(PluginConfig):
    name = "venues"
