"""Wagtail's own tasks (search index, references, files) on our task worker."""

from __future__ import annotations

import logging
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.utils.module_loading import import_string
from django_tasks.backends.base import BaseTaskBackend
from django_tasks.base import Task, TaskResult, TaskResultStatus
from django_tasks.utils import get_random_id

from portal.jobs import enqueue

log = logging.getLogger(__name__)


class QueueBackend(BaseTaskBackend):
    """Enqueues on django-q within the current transaction, as ``portal.jobs.enqueue`` does."""

    def enqueue(self, task: Task, args: Any, kwargs: Any) -> TaskResult:
        self.validate_task(task)
        result: TaskResult = TaskResult(
            task=task,
            id=get_random_id(),
            status=TaskResultStatus.READY,
            enqueued_at=None,
            started_at=None,
            last_attempted_at=None,
            finished_at=None,
            args=list(args),
            kwargs=dict(kwargs),
            backend=self.alias,
            errors=[],
            worker_ids=[],
        )
        enqueue("portal.tasks.run", task.module_path, result.args, result.kwargs)
        return result


def run(path: str, args: list[Any], kwargs: dict[str, Any]) -> None:
    """Run the task at the dotted `path`. One whose object is gone has nothing left to do."""
    task: Task = import_string(path)
    try:
        task.call(*args, **kwargs)
    except ObjectDoesNotExist:
        log.info("%s: its object is gone", path)
