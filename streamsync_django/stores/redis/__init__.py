"""Sessions in Redis, shared by every instance (Redis 6.2 or newer; one server or one with replicas)."""

from streamsync_django.stores.redis.store import RedisStore

__all__ = ["RedisStore"]
