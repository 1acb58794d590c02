"""Loaded before everything else (``-p`` in pyproject.toml): sets the environment, and what it has no name for.

pytest-django sets Django up before it reads a conftest, at the latest in pytest-xdist's workers, which inherit the first
process's environment.
"""

from django.conf import settings

from tests.infra.environment import set_environment

set_environment()
settings.MIDDLEWARE = ["tests.infra.answers.checked", *settings.MIDDLEWARE]
settings.PASSWORD_HASHERS = ["tests.infra.passwords.OneRound", "portal.accounts.hashers.SecretHasher"]
settings.STORAGES = {
    **settings.STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
