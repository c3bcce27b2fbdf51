#!/bin/sh
# What failed in the tests that wrote this file, and what it said, without the backtraces.
set -eu
awk '
	/^---- .* stdout ----$/ { shown = 1 }
	/^failures:$/ { shown = 0 }
	/^stack backtrace:$/ { shown = 0; print "" }
	/^error: .*target.* failed/ { shown = 1 }
	shown
' "$1"
