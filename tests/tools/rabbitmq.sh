#!/bin/sh
# RabbitMQ from the distribution, for the tests that start nodes of their own from /usr/lib/rabbitmq/bin.
# No system broker is started: a policy-rc.d stands in the way while the package installs.
set -eu
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

server=/usr/lib/rabbitmq/bin/rabbitmq-server
[ -x "$server" ] && exit 0
lock rabbitmq

policy=/usr/sbin/policy-rc.d
if [ "$(id -u)" = 0 ]; then
	as_root=
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
	as_root='sudo -n'
else
	fail "root is needed to install rabbitmq-server"
fi
if [ ! -e "$policy" ]; then
	# shellcheck disable=SC2064,SC2086 # the values of now; nothing, or two words
	trap "$as_root rm -f $policy" EXIT
	trap "exit 1" HUP INT TERM
	# shellcheck disable=SC2086
	printf '#!/bin/sh\nexit 101\n' | $as_root tee "$policy" >/dev/null
	# shellcheck disable=SC2086
	$as_root chmod 755 "$policy"
fi
"$here/apt.sh" rabbitmq-server || fail "rabbitmq-server could not be installed"
[ -x "$server" ] || fail "rabbitmq-server is installed and $server is not there"
