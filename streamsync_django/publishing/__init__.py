"""Drafts and revisions in the database: the one way in for every change, and what visitors get out of it."""
