#!/bin/sh
# promtool from the distribution's Prometheus, to check the text of /metrics. No system Prometheus is started.
set -eu
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

command -v promtool >/dev/null 2>&1 && exit 0
package_without_service prometheus
command -v promtool >/dev/null 2>&1 || fail "prometheus is installed and promtool is not there"
