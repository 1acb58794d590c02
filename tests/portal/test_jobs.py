"""Jobs and tasks: the schedule follows the plugins, and a task exists exactly when its transaction committed."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.sessions.models import Session
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone
from django_q.models import OrmQ, Schedule
from django_tasks import task
from freezegun import freeze_time

from portal import extensions, tasks
from portal.extensions import Job
from portal.jobs import enqueue, sync_jobs

pytestmark = pytest.mark.django_db

done: list[object] = []


@pytest.fixture(autouse=True)
def _nothing_done(db: None) -> None:
    done.clear()
    OrmQ.objects.all().delete()  # migrating enqueued the indexing of the first pages


def do(*args: object) -> None:
    done.append(args)


@task()
def wagtail_like(number: int, *, word: str) -> None:
    done.append((number, word))


@task()
def of_something_gone() -> None:
    Session.objects.get(session_key="gone")


def schedule() -> dict[str, tuple[str, str, str | None]]:
    return {row.name: (row.func, row.cron, row.cluster) for row in Schedule.objects.filter(name__startswith="job:test")}


def test_the_schedule_follows_the_plugins(contribute) -> None:
    contribute(extensions.jobs, "test.a", Job("*/5 * * * *", "a.b"))
    contribute(extensions.jobs, "test.b", Job("0 3 * * *", "c.d", "payment"))
    sync_jobs()
    assert schedule() == {"job:test.a": ("a.b", "*/5 * * * *", None), "job:test.b": ("c.d", "0 3 * * *", None)}
    extensions.jobs.discard_owner("a test")
    contribute(extensions.jobs, "test.a", Job("*/7 * * * *", "a.b"))
    sync_jobs()
    assert schedule() == {"job:test.a": ("a.b", "*/7 * * * *", None)}
    extensions.jobs.discard_owner("a test")
    sync_jobs()
    assert schedule() == {}


def test_doing_it_again_changes_nothing(contribute) -> None:
    contribute(extensions.jobs, "test.a", Job("*/5 * * * *", "a.b"))
    sync_jobs()
    later = timezone.now() + timedelta(minutes=3)
    Schedule.objects.filter(name="job:test.a").update(next_run=later)
    before = list(Schedule.objects.order_by("pk").values())
    sync_jobs()
    assert list(Schedule.objects.order_by("pk").values()) == before


def test_its_first_run_is_due_within_its_period(contribute) -> None:
    contribute(extensions.jobs, "test.a", Job("*/5 * * * *", "a.b"))
    sync_jobs()
    run = Schedule.objects.get(name="job:test.a").next_run
    assert timezone.now() < run <= timezone.now() + timedelta(minutes=5)
    assert (run.minute % 5, run.second) == (0, 0)


def test_a_bad_cron_line_is_refused_by_name(contribute) -> None:
    contribute(extensions.jobs, "test.a", Job("now and then", "a.b"))
    with pytest.raises(ImproperlyConfigured, match=r"a test: the job 'test\.a' has no cron line: 'now and then'"):
        sync_jobs()


def test_schedules_of_others_are_left_alone() -> None:
    mine = Schedule.objects.create(name="by hand", func="a.b", schedule_type=Schedule.HOURLY)
    sync_jobs()
    assert Schedule.objects.filter(pk=mine.pk).exists()


def test_a_queue_has_a_cluster_where_the_deployment_gives_it_one(contribute, settings) -> None:
    settings.TASK_QUEUES = ["payment"]
    contribute(extensions.jobs, "test.a", Job("* * * * *", "a.b", "payment"))
    contribute(extensions.jobs, "test.b", Job("* * * * *", "a.b", "analytics"))
    sync_jobs()
    assert {name: row[2] for name, row in schedule().items()} == {"job:test.a": "payment", "job:test.b": None}
    enqueue(f"{__name__}.do", queue="payment")
    enqueue(f"{__name__}.do", queue="analytics")
    assert list(OrmQ.objects.order_by("pk").values_list("key", flat=True)) == ["payment", "foyer"]


def test_every_job_of_the_built_in_plugins_can_be_called_and_has_a_cron_line() -> None:
    from croniter import croniter
    from django.utils.module_loading import import_string

    assert {"portal.purge", "portal.publish_scheduled", "notifications.send_due"} <= set(sync_jobs())
    for entry in extensions.jobs.entries:
        assert callable(import_string(entry.item.run)), entry.key
        assert croniter.is_valid(entry.item.cron), entry.key


def test_the_command_names_the_jobs() -> None:
    out = StringIO()
    call_command("sync_jobs", stdout=out)
    assert out.getvalue().split() == [entry.key for entry in extensions.jobs.entries]


def test_a_task_is_there_exactly_when_its_transaction_committed() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        enqueue(f"{__name__}.do", 1)
        raise ZeroDivisionError
    assert not OrmQ.objects.exists()
    with transaction.atomic():
        enqueue(f"{__name__}.do", 2)
    (row,) = OrmQ.objects.all()
    assert (row.task["func"], row.task["args"]) == (f"{__name__}.do", (2,))
    assert done == []


def test_tasks_run_at_once_where_settings_say_so(settings) -> None:
    settings.TASKS_IMMEDIATE = True
    enqueue(f"{__name__}.do", 1, "two")
    wagtail_like.enqueue(3, word="four")
    assert done == [(1, "two"), (3, "four")]
    assert not OrmQ.objects.exists()


def test_wagtails_tasks_go_the_same_way() -> None:
    wagtail_like.enqueue(3, word="four")
    (row,) = OrmQ.objects.all()
    assert row.task["func"] == "portal.tasks.run"
    tasks.run(*row.task["args"])
    assert done == [(3, "four")]


def test_a_task_whose_object_is_gone_is_over() -> None:
    tasks.run(f"{__name__}.of_something_gone", [], {})


def test_saving_a_page_enqueues_its_indexing() -> None:
    from wagtail.models import Page

    page = Page.objects.first()
    page.title = "Anew"
    page.save()
    paths = {row.task["args"][0] for row in OrmQ.objects.all() if row.task["func"] == "portal.tasks.run"}
    assert "modelsearch.tasks.insert_or_update_object_task" in paths


def test_publishing_by_the_clock() -> None:
    from wagtail.models import Page

    from portal.maintenance import publish_scheduled

    root = Page.objects.get(depth=1)
    page = root.add_child(instance=Page(title="Soon", slug="soon", live=False))
    page.go_live_at = timezone.now() + timedelta(minutes=5)
    page.save_revision(approved_go_live_at=page.go_live_at)
    publish_scheduled()
    assert not Page.objects.get(pk=page.pk).live
    with freeze_time(page.go_live_at + timedelta(seconds=1)):
        publish_scheduled()
    assert Page.objects.get(pk=page.pk).live


def test_purging_forgets_what_is_over() -> None:
    from portal.maintenance import purge

    now = timezone.now()
    Session.objects.create(session_key="old", session_data="", expire_date=now - timedelta(days=1))
    Session.objects.create(session_key="live", session_data="", expire_date=now + timedelta(days=1))
    purge()
    assert list(Session.objects.values_list("session_key", flat=True)) == ["live"]
