"""All settings, from the environment, with safe defaults. See .env.example for what can be set.

Without DATABASE_URL the site runs embedded: SQLite, a cache in the process, tasks in the database.
"""

import os
from pathlib import Path
from typing import Any

import dj_database_url
from csp.constants import NONCE, NONE, SELF
from django.conf import global_settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from portal.accounts.provider import OAUTH_SCOPES, OIDC_SCOPES, provider_settings
from portal.plugins import installed_plugins
from portal.secrets import may_have, pem_of, read_secrets


def flag(name: str, default: bool = False) -> bool:
    return os.environ.get(name, str(default)).lower() in {"1", "true", "yes", "on"}


def words(name: str, default: str = "") -> list[str]:
    return os.environ.get(name, default).replace(",", " ").split()


BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(os.environ.get("DATA_DIR", BASE_DIR / "var")).resolve()
DATABASE_URL = os.environ.get("DATABASE_URL", "")
REDIS_URL = os.environ.get("REDIS_URL", "")
EMBEDDED = not DATABASE_URL
PORT = os.environ.get("PORT", "8000")
DEBUG = flag("DEBUG")

# The role of this process: which routes it serves, and which queue its task worker works on
ROLES = ("web", "booking", "payment", "analytics", "worker")
ROLE = os.environ.get("PORTAL_ROLE", "all")
if ROLE not in ("all", *ROLES):
    raise ImproperlyConfigured(f"PORTAL_ROLE is '{ROLE}'; it can be all, {', '.join(ROLES)}.")
ROLES_SERVED = ROLES if ROLE == "all" else (ROLE,)
TASK_QUEUES = words("TASK_QUEUES")  # queues with a task worker of their own; the others' work goes to the default one

# Secrets and hosts
_secrets = read_secrets(DATA_DIR, embedded=EMBEDDED, role=ROLE)
SECRET_KEY = _secrets["SECRET_KEY"]
FIELD_ENCRYPTION_KEYS = _secrets["FIELD_ENCRYPTION_KEYS"].split(",")
BASE_URL = os.environ.get("BASE_URL", f"http://localhost:{PORT}").rstrip("/")
SECURE = BASE_URL.startswith("https://")
ALLOWED_HOSTS = words("ALLOWED_HOSTS", "localhost 127.0.0.1 [::1]")
CSRF_TRUSTED_ORIGINS = [BASE_URL] if SECURE else []
WAGTAILADMIN_BASE_URL = BASE_URL
WAGTAIL_SITE_NAME = "Foyer"

# Apps: the kernel, then plugins. Any of the OPTIONAL_APPS can be left out.
OPTIONAL_APPS = words("OPTIONAL_APPS", "marketplace home")
INSTALLED_APPS = [
    *[app for app in ("home",) if app in OPTIONAL_APPS],
    "portal",
    "portal.accounts",
    "portal.outbox",
    "portal.api",
    "portal.notifications",
    "portal.developers",
    "venues",
    *[app for app in OPTIONAL_APPS if app != "home"],
    *installed_plugins(),
    "wagtail.contrib.forms",
    "wagtail.contrib.redirects",
    "wagtail.contrib.search_promotions",
    "wagtail.contrib.settings",
    "wagtail_modeladmin",
    "wagtail.embeds",
    "wagtail.sites",
    "portal.accounts.users_app.UsersConfig",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "laces",
    "django_tasks",
    "rest_framework",
    "drf_spectacular",
    "oauth2_provider",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "django_htmx",
    "django_q",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.sitemaps",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "portal.logs.RequestIdMiddleware",
    "portal.charset.Utf8Middleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "portal.shared_cache.SharedCacheMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "portal.api.shortcut.ApiMiddleware",  # what follows is for pages
    "portal.csp.SiteCSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "venues.fence.FenceMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
]
ROOT_URLCONF, WSGI_APPLICATION = "portal.urls", "portal.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "wagtail.contrib.settings.context_processors.settings",
            ],
        },
    },
]

# Database, cache, tasks
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
}
DATABASES: dict[str, dict[str, Any]]
if EMBEDDED:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DATA_DIR / "foyer.sqlite3",
            "OPTIONS": SQLITE_OPTIONS,
        }
    }
else:
    DATABASES = {"default": {**dj_database_url.parse(DATABASE_URL)}}
    if "postgresql" in DATABASES["default"]["ENGINE"]:
        # Few sessions in front of a hot stock row: with 200 of them throughput falls to a quarter.
        DATABASES["default"]["OPTIONS"] = {
            **DATABASES["default"].get("OPTIONS", {}),
            "pool": {"min_size": 1, "max_size": int(os.environ.get("DATABASE_POOL", "8")), "timeout": 5},
            "server_side_binding": True,
            "prepare_threshold": 5,  # so that statements are prepared: planning them takes longer than running them
        }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 5000}}
}
IDENTITY = "django_redis.compressors.identity.IdentityCompressor"
if REDIS_URL:
    CACHES["default"] = {
        "BACKEND": "portal.cache.RedisOrLocalCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {
            "IGNORE_EXCEPTIONS": True,
            "SOCKET_CONNECT_TIMEOUT": 0.25,
            "SOCKET_TIMEOUT": 0.25,
            "COMPRESSOR": "django_redis.compressors.zlib.ZlibCompressor",
        },
    }
CACHES["shared"] = {  # public answers, see portal.shared_cache
    **CACHES["default"],
    "OPTIONS": {"MAX_ENTRIES": 500} if not REDIS_URL else {**CACHES["default"]["OPTIONS"], "COMPRESSOR": IDENTITY},
    "KEY_PREFIX": "shared",
}
SHARED_CACHE_SECONDS = int(os.environ.get("SHARED_CACHE_SECONDS", "5"))
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db" if REDIS_URL else "django.contrib.sessions.backends.db"
# Never a process's own: a session that was ended elsewhere must be ended here.
SESSION_CACHE_ALIAS = "sessions" if REDIS_URL else "default"
if REDIS_URL:
    CACHES["sessions"] = {**CACHES["default"], "BACKEND": "django_redis.cache.RedisCache", "KEY_PREFIX": "sessions"}
Q_CLUSTER = {
    "name": "foyer",
    "cluster_name": ROLE if ROLE in TASK_QUEUES else "foyer",
    "ALT_CLUSTERS": {},  # django-q wants it where Q_CLUSTER_NAME is set
    "orm": "default",
    "workers": int(os.environ.get("TASK_WORKERS", "1")),
    "timeout": 300,
    "retry": 360,
    "max_attempts": 5,
    "poll": 0.5,
    "catch_up": False,
    "save_limit": 500,
    "label": "Tasks",
}
TASKS = {"default": {"BACKEND": "portal.tasks.QueueBackend"}}
TASKS_IMMEDIATE = flag("TASKS_IMMEDIATE")  # tests and scripts: run tasks where they are enqueued
OUTBOX_KEEP_DAYS = 365  # delivered messages, from which a plugin that is installed later can catch up

# People
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [*global_settings.PASSWORD_HASHERS, "portal.accounts.hashers.SecretHasher"]  # the first for people
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "account_home"
# Passwords and addresses are managed on the site's account pages alone, where a second factor and tokens are known.
WAGTAIL_PASSWORD_RESET_ENABLED = WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = WAGTAIL_EMAIL_MANAGEMENT_ENABLED = False
ACCOUNT_ADAPTER = "portal.accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_FORMS = {"signup": "portal.accounts.forms.SignupForm"}
ACCOUNT_RATE_LIMITS = {"signup": "20/15m/ip"}  # beside allauth's own, and portal.accounts.limiter's for logins
ACCOUNT_EMAIL_VERIFICATION = os.environ.get("EMAIL_VERIFICATION", "optional")
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
MFA_ADAPTER = "portal.accounts.adapter.MfaAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
_passkeys = ("add", "edit", "login", "authenticate", "reauthenticate")
MFA_FORMS = {f"{use}_webauthn": f"portal.accounts.passkeys.{use.title()}Form" for use in _passkeys}
# How many proxies in front of the site write X-Forwarded-For; no address in it beyond those is believed.
ALLAUTH_TRUSTED_PROXY_COUNT = int(os.environ.get("TRUSTED_PROXIES", "1" if flag("BEHIND_PROXY") else "0"))
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if flag("BEHIND_PROXY") else None
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"
CONTENT_SECURITY_POLICY: dict[str, Any] = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:", "blob:"],
        "frame-src": [SELF, "https://www.youtube-nocookie.com", "https://player.vimeo.com"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF, *words("CSP_FORM_ACTION", "https://checkout.stripe.com")],
        "frame-ancestors": [SELF],
    }
}

# The API and OAuth
OIDC_KEYS = [pem_of(key) for key in _secrets["OIDC_KEYS"].replace(",", " ").split()]
ALL_SCOPES = OAUTH_SCOPES | (OIDC_SCOPES if OIDC_KEYS else {})
OWN_CLIENT = "foyer"  # the client id of the portal's own clients
OAUTH_SESSION_DAYS = int(os.environ.get("OAUTH_SESSION_DAYS", "90"))  # then a person is asked again, whatever happens
OAUTH2_PROVIDER_APPLICATION_MODEL = "oauth2_provider.Application"  # named, so that keys to it can be migrated
OAUTH2_PROVIDER = provider_settings(ALL_SCOPES, issuer=BASE_URL, keys=OIDC_KEYS)
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["portal.api.auth.BearerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["portal.api.auth.ScopeRequired"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["portal.api.parsing.JsonParser"],
    "DEFAULT_SCHEMA_CLASS": "portal.api.schema.Schema",
    "EXCEPTION_HANDLER": "portal.api.problems.problem_response",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Foyer API",
    "DESCRIPTION": "Events, tickets and payments. Errors are application/problem+json (RFC 9457).",
    "VERSION": "1.0.0",  # by docs/api/guides/changelog.md
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SCHEMA_PATH_PREFIX_TRIM": True,
    "SERVERS": [{"url": f"{BASE_URL}/api/v1"}],
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": False,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "PREPROCESSING_HOOKS": ["portal.api.schema.own_endpoints"],
}
API_MAX_BODY = 1024 * 1024  # bytes of JSON
# Calls a minute of one caller: a person, an app's own token, or for strangers an address.
API_QUOTAS = {
    "read": int(os.environ.get("API_READS_PER_MINUTE", "6000")),
    "write": int(os.environ.get("API_WRITES_PER_MINUTE", "600")),
    "oauth": int(os.environ.get("OAUTH_CALLS_PER_MINUTE", "600")),
}
API_APP_FACTOR = int(
    os.environ.get("API_APP_FACTOR", "20")
)  # how many times that a partner's app has for all its people
PLACES_PER_CALLER = int(os.environ.get("PLACES_PER_CALLER", "100"))  # of one event in 15 minutes; 0: no limit

# Content
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_ENABLE_UPDATE_CHECK = WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAILIMAGES_MAX_UPLOAD_SIZE = 10 * 1024 * 1024
WAGTAILIMAGES_EXTENSIONS = ["gif", "jpg", "jpeg", "png", "webp", "avif"]
WAGTAILIMAGES_MAX_IMAGE_PIXELS = 30_000_000  # decoded, a picture takes four bytes for each
WAGTAILDOCS_EXTENSIONS = words("DOCUMENT_EXTENSIONS", "pdf txt csv doc docx xls xlsx ppt pptx odt ods odp zip")
WAGTAILEMBEDS_FINDERS = [{"class": "portal.embeds"}]
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "modelsearch.backends.database"}}
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000

# Files
STATIC_URL, MEDIA_URL = "/static/", "/media/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [("vendor", DATA_DIR / "assets")] if (DATA_DIR / "assets").is_dir() else []
MEDIA_ROOT = DATA_DIR / "media"
ON_DISK = "django.core.files.storage.FileSystemStorage"
STORAGES = {
    "default": {"BACKEND": ON_DISK},
    # What no URL serves directly: rendered tickets. Views check who asks.
    "private": {"BACKEND": ON_DISK, "OPTIONS": {"location": DATA_DIR / "private"}},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# Language and time
LANGUAGE_CODE = "en"
LANGUAGES = WAGTAIL_CONTENT_LANGUAGES = [("en", _("English"))]
USE_I18N = USE_TZ = True
TIME_ZONE = "UTC"

# Mail: files in the data folder, or SMTP by EMAIL_URL's parts
EMAIL_HOST = os.environ.get("EMAIL_HOST", "")
EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend" if EMAIL_HOST else "django.core.mail.backends.filebased.EmailBackend"
)
EMAIL_FILE_PATH = DATA_DIR / "mail"
EMAIL_PORT = int(os.environ.get("EMAIL_PORT", "587"))
EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = _secrets["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS = flag("EMAIL_USE_TLS", True)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = os.environ.get("DEFAULT_FROM_EMAIL", "Foyer <tickets@localhost>")

# Payments: without a Stripe key the sandbox of marketplace.sandbox stands in, at loopback
STRIPE_SECRET_KEY = _secrets["STRIPE_SECRET_KEY"]
STRIPE_PUBLISHABLE_KEY = os.environ.get("STRIPE_PUBLISHABLE_KEY", "")
STRIPE_WEBHOOK_SECRETS = [secret for secret in _secrets["STRIPE_WEBHOOK_SECRET"].split(",") if secret]
STRIPE_SANDBOX_PORT = int(os.environ.get("STRIPE_SANDBOX_PORT", int(PORT) + 1))
_sandbox = not STRIPE_SECRET_KEY and may_have("STRIPE_SECRET_KEY", role=ROLE)
STRIPE_API_BASE = os.environ.get("STRIPE_API_BASE", f"http://127.0.0.1:{STRIPE_SANDBOX_PORT}" if _sandbox else "")
if STRIPE_API_BASE:  # the sandbox's hosted page, which browsers are sent on to from a form
    CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"].append(os.environ.get("STRIPE_SANDBOX_URL", STRIPE_API_BASE))
if STRIPE_API_BASE and not STRIPE_SECRET_KEY:
    STRIPE_SECRET_KEY = "sk_test_sandbox"  # the sandbox takes any key that says test

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "portal.logs.RequestIdFilter"}},
    "formatters": {"json": {"()": "portal.logs.JsonFormatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json", "filters": ["request_id"]}},
    "root": {"handlers": ["console"], "level": os.environ.get("LOG_LEVEL", "INFO")},
}
