#!/bin/sh
# Installs Debian packages: apt.sh PACKAGE...
# Quiet and without the network when all of them are there already.
set -eu
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

[ $# -gt 0 ] || fail "name at least one package"

absent=
for package in "$@"; do
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || absent="$absent $package"
done
[ -n "$absent" ] || exit 0

command -v apt-get >/dev/null 2>&1 || fail "no apt-get here; install these by hand:$absent"
if [ "$(id -u)" = 0 ]; then
	as_root=
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
	as_root='sudo -n'
else
	fail "root is needed to install:$absent (run as root, or: sudo apt-get install$absent)"
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT

apt() {
	# shellcheck disable=SC2086 # nothing, or two words
	$as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 "$@" >"$log" 2>&1
}

# The lists may be missing or too old to find the files: they are fetched after the first failure only.
# shellcheck disable=SC2086 # one word per package
for pause in 0 2 10; do
	if apt install -y --no-install-recommends $absent; then
		exit 0
	fi
	sleep "$pause"
	apt update || fail "apt-get update failed: $(reason "$log")"
done
# shellcheck disable=SC2086
apt install -y --no-install-recommends $absent || fail "could not install$absent: $(reason "$log")"
