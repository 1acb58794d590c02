"""What web servers load: ``portal.wsgi:application``."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
application = get_wsgi_application()
# Load every route now: what is wrong with a plugin's shows at the start, and the first visitor does not wait for it.
_ = get_resolver().url_patterns
# What stands by now stays: the collector need not go through all of it again and again.
gc.collect()
gc.freeze()
