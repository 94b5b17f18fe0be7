"""Django's settings; everything that differs between machines comes from `environment`."""

from __future__ import annotations

from pathlib import Path

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from minping_web.site.environment import LOOPBACK, secret_key, surroundings

HERE = surroundings()
PACKAGE = Path(__file__).resolve().parents[1]

DEBUG = False
DEMO = HERE.demo
DATA_FOLDER = HERE.data
KEY_FOLDER = HERE.keys
LEDGER_FOLDER = HERE.data / "ledger"
LEDGER_MIRROR = HERE.ledger_mirror
TIMESTAMP_URL, TIMESTAMP_ROOTS = HERE.timestamp_url, HERE.timestamp_roots
SECRET_KEY = secret_key(KEY_FOLDER)
ALLOWED_HOSTS = [*HERE.hosts, *LOOPBACK]
TRUSTED_PROXIES = HERE.proxies
METRICS_TOKEN = HERE.metrics_token
PAYROLL_COLUMNS = HERE.payroll_columns
OBJECTION_EVIDENCE_DAYS = 365
"""How long files of an objection are kept after its decision."""
CSRF_TRUSTED_ORIGINS = [f"{'https' if HERE.https else 'http'}://{host}" for host in HERE.hosts]

OUR_APPS = [
    "minping_web.common",
    "minping_web.ledger",
    "minping_web.jobs",
    "minping_web.accounts",
    "minping_web.places",
    "minping_web.organisations",
    "minping_web.people",
    "minping_web.access",
    "minping_web.channels",
    "minping_web.frames",
    "minping_web.schemes",
    "minping_web.instruments",
    "minping_web.rounds",
    "minping_web.ballots",
    "minping_web.snapshots",
    "minping_web.appraisals",
    "minping_web.assessments",
    "minping_web.objections",
    "minping_web.publications",
    "minping_web.coaching",
    "minping_web.rewards",
    "minping_web.results",
    "minping_web.choices",
    "minping_web.site",
]
"""In flow order: the import contract and ARCHITECTURE.md name the same list."""

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    *OUR_APPS,  # before allauth: our templates of its pages and our words win
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "axes",
    "csp",
    "ninja",
]

MIDDLEWARE = [
    "minping_web.site.middleware.RequestMiddleware",
    "minping_web.site.middleware.ProbeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "minping_web.site.middleware.PolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "minping_web.common.language.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "minping_web.site.middleware.ShortWayMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "minping_web.accounts.middleware.SessionMiddleware",
    "minping_web.access.middleware.ScopeMiddleware",
    "minping_web.access.middleware.SecondFactorMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "minping_web.site.urls"
WSGI_APPLICATION = "minping_web.site.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "minping_web.common.navigation.shell",
            ],
            "builtins": ["minping_web.common.templatetags.minping"],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
INSTALLED_APPS.append("django.forms")

DATABASES = {"default": HERE.database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- who enters ------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "minping_web.accounts.adapter.ClosedAdapter"
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
ACCOUNT_RATE_LIMITS = {"login_failed": "30/m/ip,10/300s/key"}
SOCIALACCOUNT_ADAPTER = "minping_web.accounts.adapter.LinkedOnlyAdapter"
SOCIALACCOUNT_AUTO_SIGNUP = False
SOCIALACCOUNT_STORE_TOKENS = False
OIDC_PROVIDER = "district"
OIDC_PROVIDER_READY = HERE.single_sign_on is not None
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {"APPS": [HERE.single_sign_on.app(OIDC_PROVIDER)] if HERE.single_sign_on else []}
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_FORMS = {
    "activate_totp": "minping_web.accounts.forms.FirstCodeForm",
    "authenticate": "minping_web.accounts.forms.CodeForm",
    "reauthenticate": "minping_web.accounts.forms.FreshCodeForm",
}
MFA_TOTP_ISSUER = "Minping"
MFA_TOTP_TOLERANCE = 1
MFA_ADAPTER = "minping_web.accounts.adapter.SealedFactors"
AXES_HANDLER = "minping_web.accounts.adapter.LockingHandler"
AXES_USERNAME_CALLABLE = "minping_web.accounts.adapter.counted_name"
AXES_ENABLE_ACCESS_FAILURE_LOG = True  # counts guesses from many addresses; emptied every night
AXES_DISABLE_ACCESS_LOG = True  # accounts.SignIn is the record of sign-ins, and it is forgotten in time
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.5
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_CLIENT_IP_CALLABLE = "minping_web.accounts.adapter.address_of"
AXES_LOCKOUT_TEMPLATE = "accounts/locked.html"
SESSION_ENGINE = "minping_web.common.sessions"
SESSION_COOKIE_AGE = 8 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True

# --- languages and time ------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
FORMAT_MODULE_PATH = "minping_web.site.formats"
LANGUAGES = [("zh-hans", _("Chinese")), ("en", _("English"))]
LANGUAGE_COOKIE_NAME = "minping_language"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

# --- what the browser gets -----------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = HERE.data / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if HERE.plain_static
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_MANIFEST_STRICT = True
WHITENOISE_USE_FINDERS = HERE.plain_static
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "manifest-src": [SELF],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"  # with no-referrer browsers post "Origin: null", and CSRF refuses
SECURE_SSL_REDIRECT = False  # the proxy does it; health checks come over plain HTTP from inside
# No SECURE_PROXY_SSL_HEADER: the server takes X-Forwarded-* from MINPING_PROXIES alone.
SECURE_HSTS_SECONDS = 31_536_000 if HERE.https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = False  # the district's other sites are not ours to bind
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HERE.https
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5_000_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 5_000_000
FILE_UPLOAD_HANDLERS = ["minping_web.common.uploads.MemoryUploadHandler"]  # nothing plain touches a disk
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000
DATA_UPLOAD_MAX_NUMBER_FILES = 5
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700

# --- logs: never a body, a query string, an address of a page or a name ------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"quiet": {"()": "minping_web.site.logs.QuietFormatter"}},
    "filters": {"quiet": {"()": "minping_web.site.logs.WithoutAddresses"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "quiet", "filters": ["quiet"]},
    },
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": [], "level": "INFO"},
        "django.request": {"level": "ERROR"},
        "django.security": {"level": "WARNING"},
        "axes": {"level": "ERROR"},
        "uvicorn": {"level": "WARNING"},
        "uvicorn.access": {"level": "CRITICAL", "propagate": False},
    },
}
SILENCED_SYSTEM_CHECKS = [
    "security.W005",  # HSTS for sub-domains: see above
    "security.W008",  # SSL redirect is the proxy's
    "security.W021",  # preload lists are the owner's decision, for the whole domain
]
