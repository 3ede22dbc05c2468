#!/bin/bash
# vm.sh - a throw-away Debian guest: systemd, the real ALSA sequencer and USB keyboards that can be plugged and pulled.
#
#   vm.sh deps             apt packages needed on this machine (once, as root)
#   vm.sh build            build $VM_DIR/{vmlinuz,initrd.img,rootfs.ext4}; installs what the README says, in the guest's tree
#   vm.sh run [SCRIPT]     boot, run guest/SCRIPT (default service.sh) in the guest, power off; exit status = the script's
#                          (a script that exits with 64 is run again after a reboot)
#
# Environment (defaults):
#   SUITE=bookworm                  Debian 12; trixie is Debian 13
#   WORK=../../out/acceptance       where trees, wheels and results go;  VM_DIR=$WORK/vm-$SUITE
#   DIST=$WORK/dist                 holds the wheel under test
#   MEM=1536; GUEST_SECONDS=1800: what each of the two boots may take by the guest's own clock; TIMEOUT=1800: seconds here
#   in which that clock must have moved on; ACCEL=auto: kvm where it works, else icount: the guest's clock counts instructions (a nanosecond
#   each) and stands still while the guest is not run, so that no time-out in it is the host's fault; tcg is plain emulation
#   SMP=2, with icount 1
# Needs root: mmdebstrap --mode=root, and mke2fs -d keeps the owners.
set -euo pipefail
HERE=$(cd "$(dirname "$0")" && pwd)
SUITE=${SUITE:-bookworm}; MEM=${MEM:-1536}; TIMEOUT=${TIMEOUT:-1800}; GUEST_SECONDS=${GUEST_SECONDS:-1800}; ACCEL=${ACCEL:-auto}
WORK=${WORK:-$HERE/../../out/acceptance}; mkdir -p "$WORK"; WORK=$(cd "$WORK" && pwd)
VM_DIR=${VM_DIR:-$WORK/vm-$SUITE}; DIST=${DIST:-$WORK/dist}; RESULTS=${RESULTS:-$WORK/results-$SUITE}

deps() {
  apt-get update -qq
  apt-get install -y --no-install-recommends qemu-system-x86 mmdebstrap e2fsprogs kmod cpio busybox-static ca-certificates
}

in_tree() {  # COMMAND... in the guest's tree, with this machine's network and certificates
  chroot "$root" /usr/bin/env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \
    PIP_CERT=/etc/ssl/certs/host.crt PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore "$@"
}

make_tree() {
  local drop=() folder
  for folder in /usr/share/{man,locale,doc,info,i18n}; do drop+=(--dpkgopt="path-exclude=$folder/*"); done
  # kernel modules that a MIDI guest never needs: 276 MB of drivers otherwise
  for folder in drivers/{gpu,net,media,scsi,infiniband,iio,staging,hwmon,platform,isdn,mtd,ata,md,nvme,crypto,bluetooth,comedi,target} \
                net/{wireless,mac80211,bluetooth,netfilter,openvswitch,sctp,tipc,ceph,dccp,rds,sunrpc} \
                fs/{xfs,btrfs,ocfs2,gfs2,nfs,nfsd,ceph,f2fs,jfs,reiserfs,smb,bcachefs} sound/{pci,soc,isa,firewire}; do
    drop+=(--dpkgopt="path-exclude=/lib/modules/*/kernel/$folder/*" --dpkgopt="path-exclude=/usr/lib/modules/*/kernel/$folder/*")
  done
  mmdebstrap --mode=root --variant=minbase --components=main "${drop[@]}" \
    --aptopt='Acquire::Languages "none"' --aptopt='APT::Install-Recommends "false"' \
    --dpkgopt="path-include=/lib/modules/*/kernel/drivers/media/mc/*" --dpkgopt="path-include=/usr/lib/modules/*/kernel/drivers/media/mc/*" \
    --include=systemd,systemd-sysv,libpam-systemd,udev,dbus,kmod,alsa-utils,usbutils,procps,ca-certificates,linux-image-amd64 \
    --include=python3,python3-venv,python3-rtmidi,libportaudio2,libfluidsynth3,timgm6mb-soundfont \
    "$SUITE" "$root"
}

install_dependencies() {  # the README's way; the wheel under test itself is installed in the booted guest
  [ ! -f /etc/resolv.conf ] || cp -L /etc/resolv.conf "$root/etc/resolv.conf"
  [ ! -f /etc/hosts ] || cp /etc/hosts "$root/etc/hosts"
  cp -L "${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}" "$root/etc/ssl/certs/host.crt"
  in_tree python3 -m venv --system-site-packages /opt/composerd
  local wheel; wheel=$(ls -t "$DIST"/composerd-*.whl 2>/dev/null | head -1 || true)
  if [ -n "$wheel" ]; then
    cp "$wheel" "$root/root/"; in_tree /opt/composerd/bin/pip install -q "/root/$(basename "$wheel")"
  else  # the tree may be made before the wheel
    local needed; mapfile -t needed < <(sed -n '/^dependencies = \[/,/^\]/s/^ *"\(.*\)".*/\1/p' "$HERE/../../pyproject.toml")
    in_tree /opt/composerd/bin/pip install -q "${needed[@]}"
  fi
  in_tree /opt/composerd/bin/pip list --format=freeze
}

add_glue() {
  echo composerd-vm > "$root/etc/hostname"; : > "$root/etc/fstab"; in_tree passwd -d root > /dev/null
  mkdir -p "$root/mnt/share" "$root/mnt/results" "$root/mnt/dist"
  cat > "$root/etc/systemd/system/acceptance.service" <<'U'
[Unit]
Description=acceptance script from the host
After=basic.target sound.target
ConditionKernelCommandLine=acceptance.script
Before=composerd.service
[Service]
Type=notify
NotifyAccess=all
StandardOutput=tty
StandardError=tty
TTYPath=/dev/ttyS0
ExecStart=/usr/local/sbin/acceptance-start
TimeoutStartSec=infinity
U
  cat > "$root/usr/local/sbin/acceptance-start" <<'U'
#!/bin/bash
modprobe -a 9pnet_virtio 9p
for m in share,ro dist,ro results,rw; do
  mount -t 9p -o "trans=virtio,version=9p2000.L,${m#*,},msize=262144" "${m%,*}" "/mnt/${m%,*}" || exit 97
done
script=$(sed -n 's/.*acceptance\.script=\([^ ]*\).*/\1/p' /proc/cmdline)
cd /; bash "/mnt/share/$script"; rc=$?
journalctl -b --no-pager -o short-monotonic > /mnt/results/journal.txt 2>&1
sync
if [ $rc = 64 ]; then exec systemctl --no-block reboot; fi  # the script wants to go on after a reboot
echo $rc > /mnt/results/rc; sync
exec systemctl --no-block poweroff
U
  chmod +x "$root/usr/local/sbin/acceptance-start"
  mkdir -p "$root/etc/systemd/system/multi-user.target.wants"
  ln -sf /lib/systemd/system/multi-user.target "$root/etc/systemd/system/default.target"
  ln -sf ../acceptance.service "$root/etc/systemd/system/multi-user.target.wants/"
  local unit  # the guest boots faster without these, and nothing here needs them
  for unit in apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service \
              fstrim.timer systemd-timesyncd.service alsa-restore.service systemd-pstore.service getty@tty1.service; do
    ln -sf /dev/null "$root/etc/systemd/system/$unit"
  done
}

make_initrd() {  # busybox, virtio_blk and ext4: 2 MB instead of initramfs-tools
  local at=$VM_DIR/initrd module name
  mkdir -p "$at"/{bin,mods,proc,sys,dev,new}; cp "$(command -v busybox)" "$at/bin/busybox"; : > "$at/mods/order"
  modprobe -d "$root" -S "$kernel" --show-depends -a virtio_pci virtio_blk ext4 crc32c_generic 2>/dev/null \
    | awk '$1=="insmod" && !seen[$2]++ {print $2}' | while read -r module; do
      name=$(basename "${module%.xz}"); echo "$name" >> "$at/mods/order"
      case $module in *.xz) xz -dc "$module" > "$at/mods/$name";; *) cp "$module" "$at/mods/$name";; esac; done
  cat > "$at/init" <<'U'
#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc; /bin/busybox mount -t devtmpfs dev /dev
for m in $(/bin/busybox cat /mods/order); do /bin/busybox insmod /mods/$m; done
n=0; while [ ! -b /dev/vda ] && [ $n -lt 100 ]; do /bin/busybox usleep 50000; n=$((n+1)); done
/bin/busybox mount -t ext4 -o rw /dev/vda /new || exec /bin/busybox sh
/bin/busybox umount /proc; /bin/busybox mount --move /dev /new/dev
exec /bin/busybox switch_root /new /lib/systemd/systemd
U
  chmod +x "$at/init"; (cd "$at" && find . | cpio -o -H newc --quiet | gzip -1) > "$VM_DIR/initrd.img"; rm -rf "$at"
}

build() {
  local began=$SECONDS; root=$VM_DIR/rootfs
  rm -rf --one-file-system "$VM_DIR"; mkdir -p "$VM_DIR"
  make_tree
  kernel=$(basename "$(echo "$root"/lib/modules/*)")
  cp "$root/boot/vmlinuz-$kernel" "$VM_DIR/vmlinuz"; rm -f "$root"/boot/initrd* "$root"/boot/vmlinuz*
  depmod -b "$root" "$kernel"
  install_dependencies; add_glue; make_initrd
  mke2fs -q -t ext4 -O ^has_journal -d "$root" "$VM_DIR/rootfs.ext4" $(( $(du -sm "$root" | cut -f1) + 400 ))M
  du -sh "$root"; rm -rf --one-file-system "$root"
  echo "## $SUITE built in $((SECONDS-began)) s"
}

kvm_works() {  # /dev/kvm may be there and make guests, and none of them ever starts
  [ -w /dev/kvm ] || return 1
  grep -q 'Linux version' <(timeout 10 qemu-system-x86_64 -accel kvm -cpu host -m 256 -nographic -no-reboot \
    -kernel "$VM_DIR/vmlinuz" -append 'console=ttyS0 panic=-1' < /dev/null 2> /dev/null)
}

boot() {  # $1 = the script
  local accel=$ACCEL cpu=max smp=${SMP:-2}
  if [ $accel = auto ]; then if kvm_works; then accel=kvm; else accel=icount; fi; fi
  case $accel in
    tcg) accel=tcg,thread=multi;;
    icount) accel="tcg,thread=single -icount shift=0,sleep=off,align=off"; smp=${SMP:-1};;
    kvm) cpu=host;;
  esac
  exec qemu-system-x86_64 -machine pc -accel $accel -cpu $cpu -smp "$smp" -m "$MEM" \
    -display none -serial stdio -nodefaults -no-user-config -kernel "$VM_DIR/vmlinuz" -initrd "$VM_DIR/initrd.img" \
    -append "console=ttyS0 quiet mitigations=off panic=0 systemd.show_status=0 loglevel=4 tsc=reliable no_timer_check systemd.mask=serial-getty@ttyS0.service acceptance.script=$1" \
    -drive file="$VM_DIR/rootfs.ext4",format=raw,if=virtio,snapshot=on -device virtio-rng-pci \
    -virtfs local,path="$HERE/guest",mount_tag=share,security_model=none,readonly=on \
    -virtfs local,path="$DIST",mount_tag=dist,security_model=none,readonly=on \
    -virtfs local,path="$RESULTS",mount_tag=results,security_model=none
}

run() {
  local began=$SECONDS rc pid now clock= moved=$SECONDS
  mkdir -p "$RESULTS"; rm -f "$RESULTS/rc" "$RESULTS/clock"
  (boot "${1:-service.sh}") < /dev/null & pid=$!
  trap "kill $pid 2>/dev/null || true" EXIT  # a run that is broken off leaves no guest behind
  while kill -0 $pid 2>/dev/null; do
    now=$(cat "$RESULTS/clock" 2>/dev/null || true)  # the guest's seconds since it booted
    if [ "$now" != "$clock" ]; then clock=$now moved=$SECONDS; fi
    if [ $((SECONDS-moved)) -gt "$TIMEOUT" ]; then echo "## timed out: the guest's clock stood still for $TIMEOUT s" >&2; kill $pid; break; fi
    if [ "${clock:-0}" -gt "$GUEST_SECONDS" ]; then echo "## timed out after $clock s by the guest's clock" >&2; kill $pid; break; fi
    sleep 2
  done
  wait $pid || true
  rc=$(cat "$RESULTS/rc" 2>/dev/null || echo 99)
  echo "## $SUITE, ${1:-service.sh}: $((SECONDS-began)) s, of the guest's clock ${clock:-none} since its last boot, rc=$rc"; return "$rc"
}

case ${1:-} in
  deps|build) "$1";;
  run) shift; run "$@";;
  *) sed -n '2,18p' "$0"; exit 2;;
esac
