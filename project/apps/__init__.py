"""The example applications, one folder each."""
