"""Files in answers of which browsers may ask for a part, as players do that jump to a moment."""

from __future__ import annotations

import re

from fastapi.responses import Response

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


def ranged(content: bytes, media: str, wanted: str | None) -> Response:
    """The content, or the one stretch of it that a Range header asks for; headers of any other form are passed over (RFC 9110, 14.2).

    Args:
        media: Its media type.
        wanted: The header, if there is one.
    """
    headers = {"accept-ranges": "bytes", "cache-control": "private, max-age=3600"}
    found = _RANGE.fullmatch(wanted.strip()) if wanted else None
    if not found or found[0] == "bytes=-":
        return Response(content, media_type=media, headers=headers)
    size = len(content)
    first, last = found[1], found[2]
    start = int(first) if first else max(0, size - int(last))
    end = min(int(last), size - 1) if first and last else size - 1
    if start > end:
        return Response(status_code=416, headers={**headers, "content-range": f"bytes */{size}"})
    part = content[start : end + 1]
    return Response(part, 206, {**headers, "content-range": f"bytes {start}-{end}/{size}"}, media)
