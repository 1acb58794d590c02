from portal.plugins import PluginConfig


class OutboxConfig(PluginConfig):
    name = "portal.outbox"
    label = "outbox"
