#!/bin/bash
# arm64.sh - Raspberry Pi stand-in: an arm64 Debian tree run by qemu-user.
#
#   arm64.sh deps | build | run CMD... | test | umount
#
# Environment: SUITE=bookworm, WORK=../../out/acceptance, DIST=$WORK/dist (the wheel under test), TREE=$WORK/arm64-$SUITE
set -euo pipefail
HERE=$(cd "$(dirname "$0")" && pwd); SUITE=${SUITE:-bookworm}
WORK=${WORK:-$HERE/../../out/acceptance}; mkdir -p "$WORK"; WORK=$(cd "$WORK" && pwd)
TREE=${TREE:-$WORK/arm64-$SUITE}; DIST=${DIST:-$WORK/dist}

binfmt() {  # on a machine without systemd as PID 1 nobody else registers it
  mountpoint -q /proc/sys/fs/binfmt_misc || mount -t binfmt_misc none /proc/sys/fs/binfmt_misc
  [ -e /proc/sys/fs/binfmt_misc/qemu-aarch64 ] || cat /usr/lib/binfmt.d/qemu-aarch64.conf > /proc/sys/fs/binfmt_misc/register
}

unmount() {
  local at
  for at in dev proc; do  # rslave first, or the host's own /dev would lose its submounts too
    if mountpoint -q "$TREE/$at"; then mount --make-rslave "$TREE/$at"; umount -l -R "$TREE/$at"; fi
  done
}

build() {
  binfmt; unmount; rm -rf --one-file-system "$TREE"
  mmdebstrap --mode=root --arch=arm64 --variant=minbase --components=main \
    --aptopt='Acquire::Languages "none"' --aptopt='APT::Install-Recommends "false"' \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --include=python3,python3-venv,python3-rtmidi,ca-certificates,libportaudio2,libfluidsynth3 "$SUITE" "$TREE"
  [ ! -f /etc/resolv.conf ] || cp -L /etc/resolv.conf "$TREE/etc/resolv.conf"
  [ ! -f /etc/hosts ] || cp /etc/hosts "$TREE/etc/hosts"
  cp -L "${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}" "$TREE/etc/ssl/certs/host.crt"
  du -sh "$TREE"
}

run() {
  binfmt; mkdir -p "$TREE/proc" "$TREE/dev"
  mountpoint -q "$TREE/proc" || mount -t proc proc "$TREE/proc"
  mountpoint -q "$TREE/dev" || mount --rbind /dev "$TREE/dev"
  # /sys is left out on purpose: with the x86 host's /sys visible onnxruntime (cpuinfo) segfaults under qemu 7.2
  chroot "$TREE" /usr/bin/env -i HOME=/root PATH=/usr/local/bin:/usr/bin:/bin LC_ALL=C.UTF-8 PIP_ROOT_USER_ACTION=ignore \
    PIP_CERT=/etc/ssl/certs/host.crt PIP_DISABLE_PIP_VERSION_CHECK=1 "$@"
}

install_wheel() {
  local wheel; wheel=$(ls -t "$DIST"/composerd-*.whl | head -1)
  rm -rf "$TREE/acceptance"; mkdir -p "$TREE/acceptance"; cp "$wheel" "$HERE/same_music.py" "$TREE/acceptance/"
  [ -x "$TREE/opt/composerd/bin/pip" ] || run python3 -m venv /opt/composerd
  run /opt/composerd/bin/pip install -q --only-binary=:all: "/acceptance/$(basename "$wheel")"
  run /opt/composerd/bin/pip install -q --no-deps --force-reinstall "/acceptance/$(basename "$wheel")"
  run /opt/composerd/bin/composerd --version
}

same_music() {  # PYTHON: the x86 side's interpreter with the same wheel installed
  "$1" "$HERE/same_music.py" write "$TREE/acceptance/x86"
  run /opt/composerd/bin/python /acceptance/same_music.py write /acceptance/arm64
  "$1" "$HERE/same_music.py" compare "$TREE/acceptance/x86" "$TREE/acceptance/arm64"
}

case ${1:-} in
  deps) apt-get update -qq; apt-get install -y --no-install-recommends qemu-user-static mmdebstrap arch-test ca-certificates;;
  build) build;;
  run) shift; run "$@";;
  test) install_wheel; same_music "${PYTHON:-python3}";;
  umount) unmount;;
  *) sed -n 2,6p "$0"; exit 2;;
esac
