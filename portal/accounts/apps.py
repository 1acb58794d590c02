from portal.plugins import PluginConfig


class AccountsConfig(PluginConfig):
    name = "portal.accounts"
    label = "accounts"
