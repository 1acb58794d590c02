from portal.plugins import PluginConfig


class NotificationsConfig(PluginConfig):
    name = "portal.notifications"
    label = "notifications"
