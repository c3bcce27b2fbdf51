#!/bin/sh
# PostgreSQL from the distribution, for the tests that start clusters of their own from /usr/lib/postgresql.
# No system cluster is started, or made.
set -eu
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

there() { ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; }
there && exit 0
package_without_service postgresql
there || fail "postgresql is installed and /usr/lib/postgresql/*/bin/initdb is not there"
