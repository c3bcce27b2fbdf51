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
