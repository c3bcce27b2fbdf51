#!/bin/sh
# RabbitMQ from the distribution, for the tests that start nodes of their own from /usr/lib/rabbitmq/bin.
# No system broker is started.
set -eu
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

server=/usr/lib/rabbitmq/bin/rabbitmq-server
[ -x "$server" ] && exit 0
package_without_service rabbitmq-server
[ -x "$server" ] || fail "rabbitmq-server is installed and $server is not there"
