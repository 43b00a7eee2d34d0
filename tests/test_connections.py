"""What the package does to its site's database connections."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.db import connection, transaction

from streamsync_django.connections import release_connections


@pytest.mark.django_db(transaction=True)
def test_a_transaction_of_the_caller_is_not_touched() -> None:
    with transaction.atomic():
        Group.objects.create(name="editors")
        release_connections()
        assert Group.objects.filter(name="editors").exists()
    assert Group.objects.filter(name="editors").exists()


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_is_too_old_is_closed_outside_of_one() -> None:
    assert not Group.objects.exists()
    connection.close_at = 0.0
    release_connections()
    assert connection.connection is None
