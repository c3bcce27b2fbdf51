#!/bin/sh
# Exim from the distribution, into $KENH_TOOLS/exim (default: target/tools/exim), for the tests that need a mail server with a queue.
# The package is taken apart and not installed: it would take the place of the machine's own mail server. The libraries it needs are
# installed, and the user that it is built for is made, as its package would.
set -eu
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
lock exim

exim=$tools/exim/usr/sbin/exim4
there() { [ -x "$exim" ] && getent passwd Debian-exim >/dev/null && "$exim" -C /dev/null -bV >/dev/null 2>&1; }
there && exit 0

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$here/apt.sh" libdb5.3 libgnutls-dane0 libidn12 libnsl2
(cd "$work" && attempt "$work/log" apt-get download --quiet exim4-daemon-light) ||
	fail "could not fetch exim4-daemon-light: $(reason "$work/log")"
rm -rf "$tools/exim"
dpkg-deb --extract "$work"/exim4-daemon-light*.deb "$tools/exim"
if ! getent passwd Debian-exim >/dev/null; then
	as_root=
	[ "$(id -u)" = 0 ] || as_root='sudo -n'
	$as_root useradd --system --no-create-home --shell /usr/sbin/nologin Debian-exim >"$work/log" 2>&1 ||
		fail "could not make the user Debian-exim: $(reason "$work/log")"
fi
there || fail "$exim does not run: $(ldd "$exim" | grep 'not found' | tr '\n' ' ')"
