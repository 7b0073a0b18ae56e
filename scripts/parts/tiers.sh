# shellcheck shell=bash
# The test tiers of scripts/test, one function each; that of real packets stands in live-tier.sh. Sourced. A tier prints what failed
# or was skipped and sets passed, failed and skipped; whatever it needs it installs itself. test/README.md says what each proves.

# Milliseconds after which one test file counts as hung, and seconds for a whole tier.
FILE_TIMEOUT_MS=600000
TIER_TIMEOUT_S=1800

# Runs the compiled tests of one folder.
run_node_tests() { # TIER FOLDER NODE [NODE-OPTION…]
  local tier=$1 folder=$2 node=$3 files
  shift 3
  mapfile -t files < <(find "dist/test/$folder" -name '*.test.js' 2>/dev/null | sort)
  if [ ${#files[@]} -eq 0 ]; then
    skip "test/$folder holds no tests"
    return
  fi
  run_node_files "$tier" "$node" "$@" "${files[@]}"
}

# Runs compiled test files and takes the counts from the reporter's last line.
run_node_files() { # TIER NODE [NODE-OPTION…] FILE…
  local tier=$1 node=$2 log=$LOGS/test-$1.log status=0 counts
  shift 2
  limited "$node" --test --enable-source-maps --test-timeout="$FILE_TIMEOUT_MS" \
    --test-reporter="$ROOT/dist/test/tier-reporter.js" --test-reporter-destination=stdout "$@" \
    >"$log" 2>&1 </dev/null || status=$?
  counts=$(tail -n 1 "$log")
  if [[ $counts =~ ^([0-9]+)\ ([0-9]+)\ ([0-9]+)$ ]]; then
    sed '$d' "$log"
    passed=$((passed + BASH_REMATCH[1])) failed=$((failed + BASH_REMATCH[2])) skipped=$((skipped + BASH_REMATCH[3]))
    [ "$status" -eq 0 ] || [ "${BASH_REMATCH[2]}" -gt 0 ] || fail "$tier: node --test ended with status $status"
  else
    cat "$log"
    fail "$tier: the runner ended with status $status before it could count (124: it took too long)"
  fi
}

# Ends a command that outlives its tier or the whole run.
limited() {
  local left=$((DEADLINE_S - SECONDS))
  [ $left -gt 0 ] || left=1
  timeout --kill-after=10 $((left < TIER_TIMEOUT_S ? left : TIER_TIMEOUT_S)) "$@"
}

skip() {
  skipped=$((skipped + 1))
  echo "skipped  $*"
}
fail() {
  failed=$((failed + 1))
  echo "FAILED   $*"
}

# False, with a named skip, where commands are missing and cannot be installed.
need() { # WHAT COMMAND…
  local what=$1
  shift
  (ensure_commands "$@") && return
  skip "$what: needs the commands $*, and they could not be installed"
  return 1
}

# One check of the static tier: quiet when it passes.
check() { # NAME COMMAND…
  local name=$1
  shift
  if limited "$@" >"$LOGS/test-$name.log" 2>&1 </dev/null; then
    passed=$((passed + 1))
  else
    fail "$name: $*"
    sed 's/^/    /' "$LOGS/test-$name.log" | tail -n 60
  fi
}

tier_static() {
  local bin=node_modules/.bin sources
  check types $bin/tsc -p tsconfig.json --noEmit --incremental false
  check lint $bin/eslint .
  check format $bin/prettier --check --log-level warn .
  check rooms $bin/depcruise --config .dependency-cruiser.cjs --output-type err src device test
  mapfile -t sources < <(find device test -name '*.c' -not -path '*/build/*')
  need c-warnings cc && check c-warnings cc -std=c11 -D_GNU_SOURCE -fsyntax-only -O2 -Wall -Wextra -Werror -pthread \
    -I device/nic -isystem node_modules/node-api-headers/include "${sources[@]}"
  mapfile -t sources < <(find device test \( -name '*.c' -o -name '*.h' \) -not -path '*/build/*')
  need c-format clang-format && check c-format clang-format --dry-run --Werror "${sources[@]}"
  mapfile -t sources < <(find scripts .ci -type f \( -name '*.sh' -o ! -name '*.*' \))
  need shell shellcheck && check shell shellcheck --external-sources --source-path="$ROOT" "${sources[@]}"
}

# Neither waits for anything but a processor, so that each may have its own; node leaves one free.
tier_unit() { run_node_tests unit unit node --test-concurrency="$(nproc)"; }
tier_simulation() { run_node_tests simulation simulation node --test-concurrency="$(nproc)"; }
tier_contract() {
  # The tests with a real MQTT broker name themselves as skipped without it.
  (ensure_commands mosquitto) || true
  (ensure_nats_server) || true
  run_node_tests contract contract node
}

tier_browser() {
  need browser chromium && run_node_tests browser browser node
}

tier_sanitizers() {
  local log=$LOGS/test-sanitizers.log status=0
  need sanitizers cc make || return
  limited make -C device/nic sanitize-test race-test >"$log" 2>&1 </dev/null || status=$?
  sed -n 's/^skipped: /skipped  sanitizers: /p' "$log"
  skipped=$(grep -c '^skipped: ' "$log")
  passed=$(grep -c '^== ' "$log")
  if [ "$status" -ne 0 ]; then
    passed=$((passed > 0 ? passed - 1 : 0))
    fail "sanitizers: make -C device/nic sanitize-test race-test ended with status $status"
    tail -n 60 "$log" | sed 's/^/    /'
  fi
}

# The other of the two supported Node.js versions, from the npm registry.
tier_second_node() {
  local major arch folder folder_name
  case $(node --version) in v20.*) major=22 ;; *) major=20 ;; esac
  case $(uname -m) in x86_64) arch=x64 ;; aarch64) arch=arm64 ;; *) arch= ;; esac
  if [ -z "$arch" ]; then
    skip "second-node: the npm registry has no Node.js for $(uname -m)"
    return
  fi
  folder_name=node-linux-$arch
  folder=$ROOT/.cache/node$major
  if [ ! -x "$folder/node_modules/$folder_name/bin/node" ]; then
    say "installing Node.js $major (npm)"
    if ! run_logged "node$major" npm install --no-audit --no-fund --prefix "$folder" "$folder_name@$major"; then
      fail "second-node: Node.js $major could not be installed"
      return
    fi
  fi
  for tier in unit simulation contract; do
    run_node_tests "node$major-$tier" "$tier" "$folder/node_modules/$folder_name/bin/node"
  done
}

tier_image() { skip "image: this version builds no firmware image yet"; }
