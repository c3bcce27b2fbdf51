# shellcheck shell=sh
# Shared by the installers beside it; sourced, never run.

repo=$(cd "$(dirname "$0")/../.." && pwd)
here=$repo/tests/tools
tools=${KENH_TOOLS:-$repo/target/tools}
case $tools in
/*) ;;
*) tools=$PWD/$tools ;;
esac

# One line, then stop.
fail() {
	echo "${0##*/}: $*" >&2
	exit 1
}

# The last line of a log that says something, for a message of one line.
reason() {
	grep -Ei '(^|[^a-z])(e:|err!?|error|fatal|could not|cannot)' "$1" | tail -n 1 | cut -c 1-300 | grep . ||
		tail -n 1 "$1" | cut -c 1-300
}

# need COMMAND PACKAGE...: the command exists, or its packages are installed.
need() {
	need_command=$1
	shift
	command -v "$need_command" >/dev/null 2>&1 || "$here/apt.sh" "$@"
	command -v "$need_command" >/dev/null 2>&1 || fail "$need_command is missing, also after installing $*"
}

# attempt LOG COMMAND...: three tries, as registries do have bad moments.
attempt() {
	attempt_log=$1
	shift
	for attempt_pause in 2 5 0; do
		if "$@" >"$attempt_log" 2>&1; then
			return 0
		fi
		sleep "$attempt_pause"
	done
	return 1
}

# lock NAME: one installer of a kind at a time; held until the script ends.
lock() {
	mkdir -p "$tools"
	exec 9>"$tools/.$1.lock"
	if command -v flock >/dev/null 2>&1; then
		flock -w 900 9 || fail "another $1 installer has been running for 15 minutes"
	fi
}

# package_without_service PACKAGE: installs it, and nothing starts: a policy-rc.d stands in the way meanwhile.
package_without_service() {
	if [ "$(id -u)" = 0 ]; then
		as_root=
	elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
		as_root='sudo -n'
	else
		fail "root is needed to install $1"
	fi
	lock policy-rc.d
	policy=/usr/sbin/policy-rc.d
	if [ ! -e "$policy" ]; then
		# shellcheck disable=SC2064,SC2086 # the values of now; nothing, or two words
		trap "$as_root rm -f $policy" EXIT
		trap "exit 1" HUP INT TERM
		# shellcheck disable=SC2086
		printf '#!/bin/sh\nexit 101\n' | $as_root tee "$policy" >/dev/null
		# shellcheck disable=SC2086
		$as_root chmod 755 "$policy"
	fi
	"$here/apt.sh" "$1" || fail "$1 could not be installed"
}
