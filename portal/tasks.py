from django_tasks.backends.immediate import ImmediateBackend as QueueBackend  # noqa: F401
