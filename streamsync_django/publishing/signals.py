"""What others may wait for; sent after the transaction that did it was committed."""

from django.dispatch import Signal

#: A draft was edited: `slug`, `edit` (the Edit).
draft_edited = Signal()

#: Visitors of an application get another layout: `slug`, `revision` (the Revision).
layout_published = Signal()
