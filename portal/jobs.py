"""Work outside requests: tasks that are enqueued once, and jobs that come round by the clock. django-q2 runs both."""

from __future__ import annotations

from typing import Any

from croniter import croniter
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.utils.module_loading import import_string
from django_q.models import Schedule
from django_q.tasks import async_task

from portal import extensions
from portal.extensions import Job

PREFIX = "job:"  # of the names of the schedules that are ours


def enqueue(path: str, *args: Any, queue: str = "default") -> None:
    """Have a worker call the function at the dotted `path` with `args` once the current transaction has committed.

    The task is a row that is written in that transaction, so neither can be without the other. It runs at least once:
    the function must be idempotent. Where TASKS_IMMEDIATE is set it runs here and now.
    """
    if settings.TASKS_IMMEDIATE:
        import_string(path)(*args)
    else:
        async_task(path, *args, q_options={"cluster": cluster_of(queue)})


def cluster_of(queue: str) -> str | None:
    """The name of the django-q cluster that works on `queue`; None is the one that every deployment has."""
    return queue if queue in settings.TASK_QUEUES else None


@transaction.atomic
def sync_jobs() -> list[str]:
    """Make django-q's schedules what the plugins registered. Returns the keys of the jobs; doing it again is harmless."""
    entries = extensions.jobs.entries
    for entry in entries:
        if not croniter.is_valid(entry.item.cron):  # one of these would keep django-q from scheduling any other
            raise ImproperlyConfigured(f"{entry.owner}: the job '{entry.key}' has no cron line: '{entry.item.cron}'.")
        _schedule(PREFIX + entry.key, entry.item)
    names = [PREFIX + entry.key for entry in entries]
    Schedule.objects.filter(name__startswith=PREFIX).exclude(name__in=names).delete()
    return [entry.key for entry in entries]


def _schedule(name: str, job: Job) -> None:
    wanted = {"func": job.run, "schedule_type": Schedule.CRON, "cron": job.cron, "cluster": cluster_of(job.queue)}
    found = Schedule.objects.filter(name=name).order_by("pk")
    if found.filter(**wanted, repeats=-1).count() == 1 == found.count():
        return  # as it is, with its own next run
    found.delete()
    Schedule.objects.create(name=name, **wanted)  # which finds its first run
