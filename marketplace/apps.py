from portal.plugins import PluginConfig


class MarketplaceConfig(PluginConfig):
    name = "marketplace"
