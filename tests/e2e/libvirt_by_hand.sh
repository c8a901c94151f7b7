#!/bin/sh
# Starts virtlogd and libvirtd where no systemd does: in a container, a chroot or a machine booted with another init.
# usage: libvirt_by_hand.sh [seconds to wait for the socket, 60]
# Run it as often as you like; a daemon that answers is left alone. Debian's stock qemu.conf is enough: guests run as
# libvirt-qemu, swtpm as tss, security driver none or apparmor as the kernel has it, cgroups where they are mounted.
#
# Some nested machines have a /dev/kvm that opens and then hangs every guest; libvirt asks QEMU with KVM for its
# capabilities and hangs likewise, again at every define. Where BULKHEAD_ACCEL is not "kvm", libvirtd therefore gets a
# mount namespace in which /dev/kvm is an empty device: emulation never needs it.
set -eu
deadline=$(( $(date +%s) + ${1:-60} ))
socket=/run/libvirt/libvirt-sock

answers() { [ -S "$socket" ] && timeout 10 virsh -c qemu:///system version >/dev/null 2>&1; }

if [ "$(cat /proc/1/comm)" = systemd ]; then
  systemctl start libvirtd.service
elif ! answers; then
  [ "$(id -u)" = 0 ] || { echo "libvirt_by_hand.sh: needs root" >&2; exit 1; }
  mkdir -p /run/libvirt
  [ -S /run/libvirt/virtlogd-sock ] && pgrep -x virtlogd >/dev/null || virtlogd --daemon
  if [ -c /dev/kvm ] && [ "${BULKHEAD_ACCEL:-tcg}" != kvm ]; then
    unshare --mount --propagation slave sh -c 'mount --bind /dev/null /dev/kvm && exec libvirtd --daemon'
  else
    libvirtd --daemon
  fi
fi
until answers; do
  if [ "$(date +%s)" -ge "$deadline" ]; then
    echo "libvirt_by_hand.sh: libvirtd does not answer at $socket; see /var/log/libvirt/libvirtd.log" >&2
    exit 4
  fi
done
virsh -c qemu:///system version
