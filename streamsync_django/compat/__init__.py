"""What applications written for Streamsync or Writer Framework import, answered by this package.

The loader puts ``original`` in the place of ``streamsync`` and ``writer``; neither has to be installed.
"""
