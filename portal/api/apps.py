from portal.extensions import Job, jobs
from portal.plugins import PluginConfig


class ApiConfig(PluginConfig):
    name = "portal.api"
    label = "api"

    def register(self) -> None:
        jobs.add("api.forget_old_keys", Job("17 3 * * *", "portal.api.idempotency.forget_old_keys"))
        jobs.add("api.forget_old_usage", Job("57 3 * * *", "portal.api.usage.forget_old_usage"))
