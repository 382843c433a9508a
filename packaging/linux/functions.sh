# Part of the scripts of the packages for Debian and for RPM.

add_user() {
  if ! getent passwd healthd >/dev/null; then
    useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin healthd
  fi
}

make_state() {
  [ -d /var/lib/healthd ] || install -d -o healthd -g healthd -m 0750 /var/lib/healthd
}

has_systemd() {
  [ -d /run/systemd/system ]
}

# What a removal leaves is said, and kept for the moment when the data is deleted.
keep_unsent() {
  said=$(/usr/lib/healthd/unsent 2>&1) || said="healthd: how many lines were not sent is not known: $said"
  [ -d /var/lib/healthd ] || return 0
  rm -f /var/lib/healthd/unsent-at-removal
  if [ -n "$said" ]; then
    printf '%s\n' "$said" | tee /var/lib/healthd/unsent-at-removal
    echo "healthd: they stay in /var/lib/healthd; installed again, healthd sends them"
  fi
}
