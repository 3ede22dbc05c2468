# The service, as a user would install it: install, reboot with the keyboard plugged in, then everything that can go wrong.
exec > >(tee -a /mnt/results/service.log) 2>&1
export PATH=/opt/composerd/bin:$PATH PIP_ROOT_USER_ACTION=ignore
while :; do cut -d. -f1 /proc/uptime > /mnt/results/clock; sleep 1; done &  # for vm.sh, which ends a guest that hangs
if [ -e /var/lib/acceptance-installed ]; then
  modprobe -a vhci-hcd
  exec /opt/composerd/bin/python -u /mnt/share/acceptance.py
fi
systemd-notify --ready  # or composerd would wait for this script
set -e
. /etc/os-release; echo "## $PRETTY_NAME, $(uname -r), $(/opt/composerd/bin/python -V), $(systemctl --version | head -1)"
pip install -q --no-index --no-deps --force-reinstall /mnt/dist/composerd-*.whl
composerd --version
mkdir -p /etc/composerd
printf 'midi:\n  output: Acceptance Synth\nremote:\n  group: audio\n' > /etc/composerd/config.yaml
# The nets' arithmetic is emulated: a band of rules plays, but for one check (acceptance.py: with_a_net)
pages=$(/opt/composerd/bin/python -c 'from composerd.config.paths import PACKAGE; print(PACKAGE / "library/genres")')
mkdir -p /etc/composerd/genres
for page in "$pages"/*.yaml; do sed 's/^model: .*/model: plain/' "$page" > "/etc/composerd/genres/$(basename "$page")"; done
# software emulation on a busy machine stands still for many seconds: no finding about the service
mkdir -p /etc/systemd/system/composerd.service.d
printf '[Service]\nTimeoutStartSec=600\nWatchdogSec=40\nTimeoutAbortSec=20\n' > /etc/systemd/system/composerd.service.d/emulation.conf
composerd service install --dry-run
composerd service install
echo '## again'; composerd service install
echo '## status'; composerd service status || journalctl -u composerd --no-pager | tail -30
systemctl is-enabled composerd
systemd-analyze security --no-pager composerd.service | tail -1
touch /var/lib/acceptance-installed
exit 64
