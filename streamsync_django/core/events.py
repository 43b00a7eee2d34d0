"""Raw browser event -> checked payload, under the name the design gives it; the checks live in `payloads`."""

from streamsync_django.core.payloads import (
    PAYLOAD_KINDS,
    PayloadRules,
    UploadedFile,
    check_payload,
    parse_data_url,
)

__all__ = ["PAYLOAD_KINDS", "PayloadRules", "UploadedFile", "check_payload", "parse_data_url"]
