#!/bin/sh
# A library that lies about the time to the program it is loaded into, for the tests that step the clock.
set -eu
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

need faketime faketime
