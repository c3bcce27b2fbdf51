#!/bin/sh
# Mails nobody here wrote, into $KENH_TOOLS/mail (default: target/tools/mail): one folder for each corpus, and what its authors
# expect of it. Nothing of it is in this repository. Needs Python, a Rust toolchain, and a Debian-like system for CPython's.
set -eu
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
lock mail

mail=$tools/mail
stamp=$(sha256sum <"$0" | cut -d ' ' -f 1)
[ "$(cat "$mail/.stamp" 2>/dev/null)" = "$stamp" ] && exit 0

rm -rf "$mail"
mkdir -p "$mail"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Source distributions: wheels leave the tests out.
need python3 python3
python3 -m pip --version >/dev/null 2>&1 || "$here/apt.sh" python3-pip
attempt "$work/log" python3 -m pip download --quiet --disable-pip-version-check --no-binary :all: --no-deps --dest "$work" \
	flufl.bounce==6.0.0 talon==1.4.4 mail-parser==4.8.0 || fail "pip could not fetch the mails: $(reason "$work/log")"
for archive in "$work"/*.tar.gz; do
	tar -xzf "$archive" -C "$work"
done
mv "$work/flufl_bounce-6.0.0/tests" "$mail/flufl-bounce"
mv "$work/talon-1.4.4/tests" "$mail/talon"
find "$work" -maxdepth 1 -iname 'mail?parser-4.8.0' -exec mv {}/tests/mails "$mail/mail-parser-python" \;

# What flufl.bounce expects, from the table of its tests, as JSON.
python3 - "$mail/flufl-bounce/test_detectors.py" >"$mail/flufl-bounce/expected.json" <<'PYTHON'
import ast, json, sys

for node in ast.parse(open(sys.argv[1]).read()).body:
    if isinstance(node, ast.Assign) and node.targets[0].id == "DETECTORS":
        rows = ast.literal_eval(node.value)
print(json.dumps([[name, sorted(address.decode() for address in found), temporary] for _, name, found, temporary in rows]))
PYTHON

# Crates, without building them: the newer mail-parser would need a newer compiler.
mkdir -p "$work/crates/src"
: >"$work/crates/src/lib.rs"
cat >"$work/crates/Cargo.toml" <<'TOML'
[package]
name = "corpora"
version = "0.0.0"
edition = "2021"
[dependencies]
email_reply_parser = "=0.1.2"
mail-parser = "=0.11.9"
mail-parser-next = { package = "mail-parser", version = "=1.0.1" }
[workspace]
TOML
attempt "$work/log" cargo vendor --quiet --versioned-dirs --manifest-path "$work/crates/Cargo.toml" "$work/vendor" ||
	fail "cargo could not fetch the mails: $(reason "$work/log")"
mv "$work/vendor/mail-parser-0.11.9/resources/eml" "$mail/mail-parser"
mv "$work/vendor/mail-parser-1.0.1/resources/eml" "$mail/mail-parser-next"
mv "$work/vendor/email_reply_parser-0.1.2/tests" "$mail/email-reply-parser"

# CPython's own, which distributions ship apart.
testsuite() { apt-cache search --names-only '^libpython3\.[0-9]+-testsuite$' | sort -V | tail -n 1 | cut -d ' ' -f 1; }
package=$(testsuite)
if [ -z "$package" ]; then
	# The lists may be missing; whoever may not fetch them is told that the package is.
	apt-get update --quiet >"$work/log" 2>&1 || sudo -n apt-get update --quiet >"$work/log" 2>&1 || true
	package=$(testsuite)
fi
[ -n "$package" ] || fail "no package libpython3.*-testsuite here"
(cd "$work" && attempt "$work/log" apt-get download --quiet "$package") || fail "could not fetch $package: $(reason "$work/log")"
dpkg-deb --extract "$work/$package"*.deb "$work/testsuite"
data=$(find "$work/testsuite" -type d -path '*test_email/data' | head -n 1)
[ -n "$data" ] || fail "$package holds no mails any more"
mv "$data" "$mail/cpython"

for corpus in flufl-bounce/data talon/fixtures mail-parser-python mail-parser mail-parser-next email-reply-parser/emails cpython; do
	[ -n "$(ls "$mail/$corpus" 2>/dev/null)" ] || fail "$corpus is empty"
done
echo "$stamp" >"$mail/.stamp"
