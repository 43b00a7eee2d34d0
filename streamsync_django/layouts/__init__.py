"""Layouts: where they come from and how they change."""
