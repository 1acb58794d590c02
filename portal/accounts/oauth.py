from oauth2_provider.oauth2_validators import OAuth2Validator as Validator  # noqa: F401
