# shellcheck shell=bash
# Makes a checkout ready to run: Debian packages, npm packages, builds. Sourced by the scripts beside it.
# Each ensure_… function returns at once when nothing is missing; all notes go to stderr, all noise to .cache/logs.
# The caller has set ROOT to the checkout.

LOGS=$ROOT/.cache/logs
NODE_MAJOR_NEEDED=20
# ip, tc, nft and ethtool live where an ordinary user does not look.
PATH=$PATH:/usr/sbin:/sbin

# shellcheck disable=SC2034 # some are for the scripts that source this
readonly EXIT_UNKNOWN=3 EXIT_USAGE=64 EXIT_PERMISSION=77

say() { printf 'apparenet: %s\n' "$*" >&2; }

die() { # STATUS MESSAGE…
  local status=$1
  shift
  say "$@"
  exit "$status"
}

# Runs a command with its output in .cache/logs/NAME.log; when it fails shows the end of that file and where it is.
run_logged() { # NAME COMMAND…
  local name=$1 log=$LOGS/$1.log status=0
  shift
  mkdir -p "$LOGS"
  "$@" >"$log" 2>&1 </dev/null || status=$?
  if [ "$status" -ne 0 ]; then
    tail -n 15 "$log" >&2
    say "$name failed with status $status; the whole log: $log"
  fi
  return "$status"
}

# True where root's rights can be had: as root, by sudo without a password, or by sudo on a terminal.
can_become_root() {
  [ "$(id -u)" -eq 0 ] && return
  command -v sudo >/dev/null || return 1
  sudo -n true 2>/dev/null || [ -t 0 ]
}

# sudo forgets PATH, and with it a Node.js from a version manager.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo env "PATH=$PATH" "$@"; fi
}

# Starts the calling script again as root unless it has these rights already.
become_root() { # WHY SCRIPT [ARGUMENT…]
  local why=$1
  shift
  [ "$(id -u)" -eq 0 ] && return
  can_become_root || die $EXIT_PERMISSION "$why; run as root: sudo env \"PATH=\$PATH\" $*"
  say "$why: going on with sudo"
  exec sudo env "PATH=$PATH" "$@"
}

# The Debian packages that bring a command.
packages_of() { # COMMAND
  case $1 in
    cc) echo gcc libc6-dev ;;
    c++) echo g++ ;;
    ip | tc) echo iproute2 ;;
    nft) echo nftables ;;
    trafgen) echo netsniff-ng ;;
    ping) echo iputils-ping ;;
    sysctl) echo procps ;;
    mkfs.ext4) echo e2fsprogs ;;
    losetup) echo mount ;;
    systemd-nspawn) echo systemd-container ;;
    *) echo "$1" ;;
  esac
}

# Installs the packages of those commands that this machine lacks.
ensure_commands() { # COMMAND…
  local name packages=()
  for name in "$@"; do
    # shellcheck disable=SC2207 # package names have no spaces
    command -v "$name" >/dev/null || packages+=($(packages_of "$name"))
  done
  [ ${#packages[@]} -eq 0 ] || install_packages "${packages[@]}"
}

# Debian starts what it installs, and this one listens on every address until somebody configures it: only its program is wanted.
ensure_nats_server() {
  command -v nats-server >/dev/null && return
  install_packages nats-server
  [ ! -d /run/systemd/system ] || as_root systemctl disable --now nats-server >&2
}

install_packages() { # PACKAGE…
  command -v apt-get >/dev/null ||
    die $EXIT_PERMISSION "this machine has no apt-get; install by hand what Debian calls: $*"
  can_become_root || die $EXIT_PERMISSION "packages are missing; run: sudo apt-get install $*"
  [ -w "$ROOT" ] || LOGS=$(mktemp -d)
  say "installing $* (apt-get)"
  apt_get install "$@" 2>/dev/null && return
  # Fresh machines and old images have no package lists, or lists that name files the mirror no longer has.
  say "fetching the package lists (apt-get update)"
  run_logged apt-update as_root apt-get -o DPkg::Lock::Timeout=300 update || true
  apt_get install "$@" || die $EXIT_UNKNOWN "could not install $*"
}

apt_get() {
  run_logged apt-install as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get -y --no-install-recommends -o DPkg::Lock::Timeout=300 "$@"
}

ensure_node() {
  local version
  version=$(node --version 2>/dev/null) ||
    die $EXIT_UNKNOWN "Node.js is missing: version $NODE_MAJOR_NEEDED or newer is needed (Debian 13: apt-get install nodejs npm)"
  version=${version#v}
  [ "${version%%.*}" -ge $NODE_MAJOR_NEEDED ] ||
    die $EXIT_UNKNOWN "Node.js $version is too old: version $NODE_MAJOR_NEEDED or newer is needed"
}

# The three questions of product_is_built, cheapest first. Folders count as sources so that a renamed or deleted file shows.
modules_are_current() {
  [ -e node_modules/.package-lock.json ] && [ ! package-lock.json -nt node_modules/.package-lock.json ]
}
sources_are_built() {
  [ -e dist/.built ] && [ -e dist/src/main/apparenet.js ] && [ -e device/nic/build/nic.node ] &&
    [ -z "$(find src device test tsconfig.json package.json \
      \( -path device/nic/build -prune \) -o -newer dist/.built -print -quit)" ]
}
product_is_built() { modules_are_current && sources_are_built; }

# Installs npm packages and builds, where that is missing or older than its sources. One process at a time.
ensure_product() {
  cd "$ROOT" || exit
  ensure_node
  product_is_built && return
  [ -w "$ROOT" ] || die $EXIT_PERMISSION "not built, and $(id -un) may not write to $ROOT; its owner runs: $ROOT/scripts/apparenet --version"
  command -v npm >/dev/null || die $EXIT_UNKNOWN "npm is missing (Debian: apt-get install npm)"
  ensure_commands cc make
  mkdir -p "$LOGS"
  local lock
  exec {lock}>"$ROOT/.cache/setup.lock"
  if ! flock -n "$lock"; then
    say "waiting for another build of this checkout"
    flock "$lock"
  fi
  product_is_built || { install_modules && build_product; } || exit $EXIT_UNKNOWN
  exec {lock}>&-
}

# raw-socket, which `apparenet path` uses, and pcap, which `apparenet analyze` uses, are compiled by node-gyp. Left to itself that
# fetches headers from nodejs.org; here it takes those that came with this Node.js, or the packages are left out and everything else
# still works. npm leaves out by itself what does not compile.
install_modules() {
  modules_are_current && return
  local headers
  ensure_headers
  ensure_libpcap
  if headers=$(find_headers) && (ensure_commands c++ python3); then
    say "installing npm packages (npm ci)"
    npm_ci env npm_config_nodedir="$headers" npm ci --no-audit --no-fund
    return
  fi
  say "installing npm packages (npm ci) without raw-socket and pcap, which 'apparenet path' and 'apparenet analyze' need: they take a C++ compiler, python3 and the headers of Node.js $(node --version)"
  npm_ci npm ci --no-audit --no-fund --omit=optional
}

npm_ci() { # COMMAND…
  run_logged npm-ci "$@" && return
  if grep -qE 'EAI_AGAIN|ENOTFOUND|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|ECONNREFUSED' "$LOGS/npm-ci.log"; then
    say "the npm registry is out of reach from here: run this once where the network is (not in a namespace without a way out); what it installs stays"
  fi
  return 1
}

find_headers() { node "$ROOT/scripts/parts/node-headers.cjs"; }

# Debian keeps the headers of its own Node.js in a package of their own.
ensure_headers() {
  find_headers >/dev/null && return
  local program
  program=$(readlink -f "$(command -v node)")
  dpkg -S "$program" >/dev/null 2>&1 && can_become_root || return 0
  (install_packages libnode-dev) || say "libnode-dev could not be installed"
}

# What pcap is compiled with and against.
ensure_libpcap() {
  [ -e /usr/include/pcap/pcap.h ] && return
  can_become_root || return 0
  (install_packages libpcap-dev) || say "libpcap-dev could not be installed: 'apparenet analyze' will not work"
}

build_product() {
  say "building"
  mkdir -p dist device/nic/build
  # Taken before the compilers read the sources: what changes meanwhile is built next time.
  touch dist/.building
  # The compiler trusts its own notes and would not write again what somebody deleted.
  [ -e dist/src/main/apparenet.js ] || rm -f dist/.tsbuildinfo
  run_logged make make -C device/nic || return
  run_logged tsc node_modules/.bin/tsc -p tsconfig.json || return
  remove_orphans
  mv dist/.building dist/.built
  return_to_owner
}

# What was compiled from a source that is gone would still run as a test.
remove_orphans() {
  local file source
  find dist/src dist/device dist/test -name '*.js' 2>/dev/null | while read -r file; do
    source=${file#dist/}
    [ -e "${source%.js}.ts" ] || rm -f "$file" "$file.map"
  done
}

# Under sudo in somebody's own checkout: what was built belongs to its owner, who builds again without sudo.
return_to_owner() {
  [ "$(id -u)" -ne 0 ] || chown -hR --reference="$ROOT" .cache dist node_modules device/nic/build
}
