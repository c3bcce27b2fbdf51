#!/usr/bin/env bash
# Breaks one guard after the other in a copy of what is committed, and sees the test that watches it fail.
# GUARDS="gate lease" for some of them. Logs are in target/guards.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
copy=$root/target/guards/copy
export CARGO_TARGET_DIR=$root/target/guards/target
export KENH_TOOLS=${KENH_TOOLS:-$root/target/tools}
missed=0

# Files that did not change keep their times, so that only what is broken is built again.
[ -d "$copy" ] || git clone --quiet --shared "$root" "$copy"
git -C "$copy" fetch --quiet "$root" HEAD
git -C "$copy" checkout --quiet --force --detach FETCH_HEAD

say() {
  printf '%-14s %-12s %s\n' "$@"
  [ "$2" = seen ] || missed=1
}

# Whether the test of a patch fails, and what it says.
broken() {
  local name=$1 patch=$here/$1.patch log=$root/target/guards/$1.log suite test with
  read -r suite test < <(sed -n 's/^watched by: //p' "$patch")
  with=$(sed -n 's/^with: //p' "$patch")
  cd "$copy"
  if ! git apply "$patch" 2> "$log"; then
    say "$name" "NOT BROKEN" "the code is another one now: $log"
  elif ! { cargo build --quiet -p kenh && cargo test --quiet -p kenh-tests --test "$suite" --no-run; } 2> "$log"; then
    say "$name" "NOT BROKEN" "it does not build: $log"
  elif env ${with:+"$with"} timeout 20m cargo test -p kenh-tests --test "$suite" -- "$test" > "$log" 2>&1; then
    say "$name" "NOT SEEN" "$suite $test passes: $log"
  elif ! grep -q '^test result: FAILED' "$log"; then
    say "$name" "NOT SEEN" "$suite $test did not come to its end: $log"
  else
    say "$name" seen "$suite $test: $(sed -n "/panicked at/{n;p;q;}" "$log" | cut -c -100)"
  fi
  git checkout --quiet --force .
}

for name in ${GUARDS:-$(cd "$here" && basename -s .patch -- *.patch)}; do
  broken "$name"
done
exit "$missed"
