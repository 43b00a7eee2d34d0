"""Raw payload of a browser's event -> checked payload; one module per family, each check a plain function."""

from streamsync_django.core.payloads.checks import PAYLOAD_KINDS, check_payload
from streamsync_django.core.payloads.files import parse_data_url
from streamsync_django.core.payloads.rules import NO_RULES, PayloadRules, UploadedFile

__all__ = ["NO_RULES", "PAYLOAD_KINDS", "PayloadRules", "UploadedFile", "check_payload", "parse_data_url"]
