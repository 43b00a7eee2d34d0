"""A site's own user: keyed by UUID, called by e-mail address."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models


class MemberManager(BaseUserManager["Member"]):
    """Makes members."""

    def create_user(self, email: str, password: str | None = None, **more: Any) -> Member:
        """Make a member; named as Django's own manager names it."""
        member = self.model(email=email, **more)
        member.set_password(password)
        member.save(using=self._db)
        return member


class Member(AbstractBaseUser, PermissionsMixin):
    """A user that has nothing of Django's own but what the documentation requires."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(unique=True)
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)

    objects: ClassVar[MemberManager] = MemberManager()

    USERNAME_FIELD = "email"

    def __str__(self) -> str:
        return self.email
