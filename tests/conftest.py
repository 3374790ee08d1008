"""What holds for every test."""

from __future__ import annotations

import signal

from studio import runtime

runtime.prepare()

# A shell that starts the tests in the background has them ignore Ctrl-C, and every process that they start would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)
