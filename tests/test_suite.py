"""The suite's own ground: databases are whole at the start of each test, whatever the one before did."""

from __future__ import annotations

from threading import Thread

import pytest
from django.db import connection
from wagtail.models import Page, Site

from portal.accounts.models import User
from tests.factories import make_user


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_transactional_tests_start_from_the_migrated_database(turn: int) -> None:
    assert Page.objects.filter(depth=1).count() == 1
    assert Site.objects.count() == 1
    assert User.objects.count() == 0
    make_user(email="someone@example.org")
    Site.objects.all().delete()


@pytest.mark.django_db(transaction=True)
def test_threads_share_the_database() -> None:
    def work(number: int) -> None:
        make_user(email=f"thread{number}@example.org")
        connection.close()

    threads = [Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert User.objects.count() == 8


@pytest.mark.django_db
def test_other_tests_do_too() -> None:
    assert User.objects.count() == 0
    assert Site.objects.count() == 1
