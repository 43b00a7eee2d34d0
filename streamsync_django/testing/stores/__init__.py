"""The contract of `stores.base` as tests, to be run against any store: subclass, and say how one is made.

    import pytest
    from streamsync_django.testing.stores import StoreContract

    class TestMyStore(StoreContract):
        @pytest.fixture
        def store(self):
            store = MyStore("test")
            yield store
            store.close()

Each test gets a store without sessions. A store that keeps nothing outside of its process, as the one in memory,
passes all the same.
"""

import pytest

# Before the modules are imported: a failure then shows the values it compared.
pytest.register_assert_rewrite(f"{__name__}.sessions", f"{__name__}.commons")

from streamsync_django.testing.stores.commons import CommonsContract  # noqa: E402
from streamsync_django.testing.stores.sessions import SessionsContract  # noqa: E402

__all__ = ["StoreContract"]


class StoreContract(SessionsContract, CommonsContract):
    """Everything a `SessionStore` promises, one test each."""
