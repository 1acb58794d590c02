from portal.extensions import ApiRoute, Job, UrlPatterns, account_kinds, api, jobs, urls
from portal.plugins import PluginConfig


class AccountsConfig(PluginConfig):
    name = "portal.accounts"
    label = "accounts"

    def register(self) -> None:
        # Imported here because models are not there yet when this module is.
        from portal.accounts.kinds import Attendee

        account_kinds.add("attendee", Attendee())
        for name in ("register", "login", "logout"):
            api.add(f"accounts.{name}", ApiRoute(name, f"portal.accounts.api.{name.title()}View", name))
        urls.add("accounts.oauth", UrlPatterns("portal.accounts.oauth_urls"))
        jobs.add("accounts.forget_old_attempts", Job("27 3 * * *", "portal.accounts.limiter.forget_old_attempts"))
        jobs.add("accounts.forget_old_families", Job("47 3 * * *", "portal.accounts.tokens.forget_old_families"))
        jobs.add("accounts.forget_old_tokens", Job("37 3 * * *", "oauth2_provider.models.clear_expired"))
