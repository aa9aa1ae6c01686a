#!/bin/sh
# What a host does before its init: $1 its folder (root/ is the overlay), $2 its name, $3 tini or systemd.
# It is the first process of its own pid namespace, in its own mount, uts, ipc and network namespaces.
set -e
root=$1/root
hostname "$2"
read -r go  # the address is there
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sys "$root/sys"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for node in null zero full random urandom tty; do
    touch "$root/dev/$node"
    mount --bind "/dev/$node" "$root/dev/$node"
done
ln -s /proc/self/fd "$root/dev/fd"
ln -s fd/0 "$root/dev/stdin"
ln -s fd/1 "$root/dev/stdout"
ln -s fd/2 "$root/dev/stderr"
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mkdir "$root/run/sshd" "$root/run/lock" "$root/run/postgresql"
chmod 1777 "$root/run/lock"
# The kernel is shared, so its boot id is too: a machine of its own has one of its own, a new one each time it starts.
cat /proc/sys/kernel/random/uuid >"$root/run/boot_id"
mount --bind "$root/run/boot_id" "$root/proc/sys/kernel/random/boot_id"
if [ "$3" = systemd ]; then
    mount -t tmpfs -o mode=755 tmpfs "$root/sys/fs/cgroup"
    mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
fi
mkdir -p "$root/.old"
cd "$root"
pivot_root . .old
umount -l /.old
rmdir /.old
chown postgres:postgres /run/postgresql
chmod 2775 /run/postgresql
[ -e /etc/ssh/ssh_host_ed25519_key ] || ssh-keygen -q -t ed25519 -N "" -f /etc/ssh/ssh_host_ed25519_key
[ -s /etc/machine-id ] || tr -d - </proc/sys/kernel/random/uuid >/etc/machine-id
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
case $3 in
systemd) exec env -i PATH=$PATH TERM=xterm LANG=C.UTF-8 container=lxc /lib/systemd/systemd --unit=multi-user.target ;;
*) exec env -i PATH=$PATH TERM=xterm LANG=C.UTF-8 tini -g -- sh -c 'service postgresql start; exec /usr/sbin/sshd -D' ;;
esac
