#!/bin/sh
# Builds deploy/Dockerfile without a container engine and without pulling an image: image.sh [NAME]
# Needs root on Debian 12. The two base images are stand-ins made here from the distribution's packages, with the
# Rust toolchain of this machine mounted into the build: the Dockerfile is run as it is, the base images are not the
# published ones. By hand only; it takes as long as a release build, and about two minutes more the first time.
set -eu
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
lock image

name=${1:-localhost/kenh:local}
work=$tools/image

[ "$(id -u)" = 0 ] || fail "needs root"
rustc=$(command -v rustc) || fail "no Rust toolchain here"
rustup_home=${RUSTUP_HOME:-$HOME/.rustup}
cargo_home=${CARGO_HOME:-$HOME/.cargo}
if [ ! -d "$rustup_home/toolchains" ] || [ ! -x "$cargo_home/bin/cargo" ]; then
	fail "the Rust toolchain ($rustc) has to be rustup's, to be mounted into the build"
fi

need buildah buildah
need debootstrap debootstrap
mkdir -p "$work"
log=$work/log

b() {
	buildah --storage-driver "${KENH_IMAGE_DRIVER:-overlay}" --root "$work/store" --runroot "$work/run" "$@"
}

if ! b inspect --type image debian:bookworm-slim >/dev/null 2>&1; then
	# shellcheck disable=SC2016 # for apt
	mirror=$(apt-get indextargets --format '$(SITE) $(CODENAME)' | sed -n 's/ bookworm$//p' | head -n 1)
	[ -n "$mirror" ] || fail "apt on this machine knows no Debian 12 packages"
	echo "making a base image from Debian's packages"
	rm -rf "$work/rootfs" "$work/rootfs.tar"
	debootstrap --variant=minbase --include=ca-certificates bookworm "$work/rootfs" "$mirror" >"$log" 2>&1 || fail "debootstrap: $(reason "$log")"
	tar -C "$work/rootfs" -cf "$work/rootfs.tar" .
	c=$(b from scratch)
	b add -q "$c" "$work/rootfs.tar" / >"$log" 2>&1 || fail "buildah add: $(reason "$log")"
	b config --cmd /bin/bash --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$c"
	b commit -q --format docker --rm "$c" debian:bookworm-slim >"$log" 2>&1 || fail "buildah commit: $(reason "$log")"
	rm -rf "$work/rootfs" "$work/rootfs.tar"
fi

rust=$(sed -n 's/^FROM \(rust:[^ ]*\) AS build$/\1/p' "$repo/deploy/Dockerfile")
[ -n "$rust" ] || fail "deploy/Dockerfile no longer starts from a rust image"
if ! b inspect --type image "$rust" >/dev/null 2>&1; then
	c=$(b from --pull-never debian:bookworm-slim)
	b run --isolation chroot "$c" -- mkdir -p /usr/local/rustup /usr/local/cargo
	b config --env RUSTUP_HOME=/usr/local/rustup --env CARGO_HOME=/usr/local/cargo \
		--env PATH=/usr/local/cargo/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$c"
	b commit -q --format docker --rm "$c" "$rust" >"$log" 2>&1 || fail "buildah commit: $(reason "$log")"
fi

echo "building $name; the build's output goes to $log"
b bud --isolation chroot --pull-never --layers --format docker \
	--volume "$rustup_home:/usr/local/rustup:ro" --volume "$cargo_home:/usr/local/cargo" \
	--ignorefile "$repo/deploy/Dockerfile.dockerignore" --file "$repo/deploy/Dockerfile" --tag "$name" "$repo" >"$log" 2>&1 ||
	fail "the build failed (all of it: $log): $(reason "$log")"

# The program runs in it, as the user it says, and may write where it has to and nowhere else.
c=$(b from --pull-never "$name")
trap 'b rm "$c" >/dev/null 2>&1' EXIT
b run --isolation chroot --user 65532:65532 "$c" -- /usr/local/bin/kenh --version || fail "the program does not start in the image"
b run --isolation chroot --user 65532:65532 "$c" -- sh -c 'touch /var/lib/kenh/.probe && rm /var/lib/kenh/.probe && ! touch /etc/kenh/x 2>/dev/null' ||
	fail "user 65532 cannot write to /var/lib/kenh, or can write to /etc/kenh"
user=$(b inspect --type image --format '{{.OCIv1.Config.User}}' "$name")
[ "$user" = 65532:65532 ] || fail "the image runs as '$user'"
echo "built $name"
