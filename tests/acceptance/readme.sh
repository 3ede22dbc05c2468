#!/bin/bash
# readme.sh - the README's commands, word for word, in a fresh tree: SUITE=trixie (Python 3.13) or bookworm. WORK=../../out/acceptance. Needs root and mmdebstrap (vm.sh deps).
set -euo pipefail
HERE=$(cd "$(dirname "$0")" && pwd); REPO=$(cd "$HERE/../.." && pwd); SUITE=${SUITE:-trixie}
WORK=${WORK:-$REPO/out/acceptance}; mkdir -p "$WORK"; WORK=$(cd "$WORK" && pwd); TREE=$WORK/readme-$SUITE
began=$SECONDS

unmount() { local at; for at in dev proc; do
  if mountpoint -q "$TREE/$at"; then mount --make-rslave "$TREE/$at"; umount -l -R "$TREE/$at"; fi; done; }
trap unmount EXIT
unmount; rm -rf --one-file-system "$TREE"
mmdebstrap --mode=root --variant=minbase --components=main --aptopt='Acquire::Languages "none"' \
  --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
  --include=python3,sudo,ca-certificates "$SUITE" "$TREE"
[ ! -f /etc/resolv.conf ] || cp -L /etc/resolv.conf "$TREE/etc/resolv.conf"
[ ! -f /etc/hosts ] || cp /etc/hosts "$TREE/etc/hosts"
cp -L "${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}" "$TREE/etc/ssl/certs/host.crt"
printf '[global]\ncert = /etc/ssl/certs/host.crt\n' > "$TREE/etc/pip.conf"  # sudo keeps no environment
mkdir -p "$TREE/checkout"; git -C "$REPO" archive HEAD | tar x -C "$TREE/checkout"
mount -t proc proc "$TREE/proc"; mount --rbind /dev "$TREE/dev"

# every sh block of the two sections for users, but for starting a service where no systemd runs
sed -n '/^## Install/,/^## /{/^```sh$/,/^```$/{/^```/d;p}}' "$REPO/README.md" > "$TREE/commands"
sed -n '/^```sh$/,/^```$/{/^```/d;/\/opt\/composerd/p}' "$REPO/docs/howto/raspberry-pi.md" | sed 's/service install$/service install --dry-run/' >> "$TREE/commands"
[ "$(wc -l < "$TREE/commands")" -ge 2 ] || { echo "README.md: commands not found" >&2; exit 1; }
cat "$TREE/commands"
chroot "$TREE" /usr/bin/env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \
  DEBIAN_FRONTEND=noninteractive PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore \
  bash -euc 'cd /checkout; while read -r line; do eval "$line" < /dev/null; done < /commands; ls -la demo-*.mid demo-*.wav; du -sm ~/.composerd; ~/.composerd/bin/python -V'
echo "## README of $SUITE: $((SECONDS-began)) s"
