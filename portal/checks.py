"""What can be wrong with plugins and shows only later: found by ``manage.py check``, and before every other command."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from croniter import croniter
from django.core.checks import CheckMessage, Error
from django.template import TemplateDoesNotExist
from django.template.loader import get_template
from django.utils.module_loading import import_string

from portal import extensions


def check_plugins(**_kwargs: Any) -> list[CheckMessage]:
    """Every dotted path can be imported, every cron line is one, every notice has its templates and channels."""
    return [
        Error(f"{entry.owner}: '{entry.key}' in {point}: {problem}", id=f"portal.{point}")
        for point, entry, problem in _problems()
    ]


def _problems() -> Iterator[tuple[str, Any, str]]:
    for point, attribute in ((extensions.jobs, "run"), (extensions.subscribers, "handler")):
        for entry in point.entries:
            if problem := _import_problem(getattr(entry.item, attribute)):
                yield point.name, entry, problem
    for entry in extensions.jobs.entries:
        if not croniter.is_valid(entry.item.cron):
            yield "jobs", entry, f"'{entry.item.cron}' is no cron line."
    for kind in extensions.notices.entries:
        for problem in _notice_problems(kind.item):
            yield "notices", kind, problem


def _import_problem(path: str) -> str:
    try:
        found = import_string(path)
    except Exception as error:
        return f"'{path}' can't be imported: {error!r}"
    return "" if callable(found) else f"'{path}' is no function."


def _notice_problems(notice: extensions.Notice) -> Iterator[str]:
    for channel in notice.channels:
        if channel not in extensions.channels:
            yield f"no channel '{channel}' is installed."
    for suffix in (".subject.txt", ".txt", ".html") if "email" in notice.channels else ():
        try:
            get_template(f"notices/{notice.template}{suffix}")
        except TemplateDoesNotExist as error:
            yield f"the template {error} is missing."
