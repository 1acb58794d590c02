from portal.plugins import PluginConfig


class NotificationsConfig(PluginConfig):
    name = "portal.notifications"
    label = "notifications"

    def register(self) -> None:
        # The channel needs this app's models, which are loaded by now and not before.
        from portal import extensions
        from portal.extensions import ApiRoute, Job
        from portal.notifications.email import EmailChannel

        extensions.channels.add("email", EmailChannel())
        extensions.api.add(
            "notifications", ApiRoute("notifications", "portal.notifications.api.NotificationsView", "notifications")
        )
        extensions.jobs.add("notifications.send_due", Job("* * * * *", "portal.notifications.services.send_due"))
