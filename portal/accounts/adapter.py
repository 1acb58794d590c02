from allauth.account.adapter import DefaultAccountAdapter as AccountAdapter  # noqa: F401
