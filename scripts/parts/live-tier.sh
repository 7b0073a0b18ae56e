# shellcheck shell=bash
# The tier of real packets, one file at a time: its tests measure, and would measure each other. Sourced by scripts/test.
#
# No test can tell a packet that was late from a machine that stood still (a host that gave the processor to somebody else). So
# a witness runs beside each file, which no program of this machine can delay. A file that fails is run again if the machine
# stood still meanwhile; where it stood still for much of each attempt, the file is a skip that says so. On a machine that
# does not stand still a failure is a failure at once.

ATTEMPTS=3
# At the longest: what is enough to doubt a failure, and what is enough to believe nothing.
DOUBTFUL_STALL_US=1000
HOPELESS_STALL_US=50000
# Of all processors' time, in millionths.
HOPELESS_SHARE_PPM=10000

tier_live() {
  local file files
  if [ "$(id -u)" -ne 0 ]; then
    skip "live: network namespaces and raw packets need root: sudo scripts/test live"
  elif ! unshare --net true 2>/dev/null; then
    skip "live: this machine lets nobody make network namespaces (a container without CAP_SYS_ADMIN?)"
  elif need live ip nft ping sysctl cc ethtool; then
    # Single tests need these, and name themselves as skipped without.
    (ensure_commands faketime tcpdump systemd-nspawn) || true
    build_witness
    mapfile -t files < <(find dist/test/live -name '*.test.js' 2>/dev/null | sort)
    for file in "${files[@]}"; do
      if is_time_left; then try_live_file "$file"; else fail "live: no time left for $file"; fi
    done
  fi
}

# Empty where this machine lets nobody watch it: then nothing is tried twice.
build_witness() {
  witness=$LOGS/stall-witness
  cc -std=c11 -D_GNU_SOURCE -O2 -pthread -o "$witness" test/live/stall-witness.c >"$LOGS/stall-witness.log" 2>&1 &&
    timeout --preserve-status 0.1 "$witness" >/dev/null 2>>"$LOGS/stall-witness.log" || witness=
  [ -n "$witness" ] || echo "note     live: whether this machine stands still is not watched: $(tail -n 1 "$LOGS/stall-witness.log")"
}

try_live_file() { # FILE
  local file=$1 attempt output=$LOGS/test-live-file.log hopeless=0 told=''
  local passed_before=$passed failed_before=$failed skipped_before=$skipped
  for ((attempt = 1; attempt <= ATTEMPTS; attempt++)); do
    passed=$passed_before failed=$failed_before skipped=$skipped_before longest_us=0 share_ppm=0
    run_watched "$file" >"$output"
    if [ "$failed" -eq "$failed_before" ] || [ "$longest_us" -lt $DOUBTFUL_STALL_US ]; then break; fi
    if [ "$longest_us" -ge $HOPELESS_STALL_US ] || [ "$share_ppm" -ge $HOPELESS_SHARE_PPM ]; then hopeless=$((hopeless + 1)); fi
    told+="doubtful $file, attempt $attempt: the machine stood still for up to $((longest_us / 1000)) ms, $(format_share) of the time"$'\n'
    told+=$(sed -n 's/^FAILED  /         failed then:/p' "$output")$'\n'
    is_time_left || break
  done
  printf '%s' "$told"
  if [ $hopeless -eq $ATTEMPTS ]; then
    passed=$passed_before failed=$failed_before skipped=$skipped_before
    skip "$file: needs a machine that does not stand still"
    sed 's/^/    /' "$output"
  else
    cat "$output"
  fi
}

is_time_left() { [ "$SECONDS" -lt "$DEADLINE_S" ]; }
format_share() { printf '%d.%d %%' $((share_ppm / 10000)) $((share_ppm / 1000 % 10)); }

# Sets longest_us and share_ppm.
run_watched() { # FILE
  local pid stalls=$LOGS/stalls
  if [ -z "$witness" ]; then
    run_node_files live node "$1"
    return
  fi
  "$witness" >"$stalls" 2>&1 &
  pid=$!
  run_node_files live node "$1"
  kill "$pid" 2>/dev/null
  wait "$pid" 2>/dev/null
  read -r longest_us share_ppm <"$stalls"
}
