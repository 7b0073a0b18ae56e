# shellcheck shell=bash
# The lab: a path of three network namespaces, probe -- router -- far, that nothing leads out of. Sourced by scripts/lab and
# scripts/run. The links are made inside the namespaces, so the machine's own network never sees them.
# No delay can be asked for: that takes netem, which many kernels lack; a queue behind a slow rate delays as well.

# Every lab has these addresses; labs don't meet.
# shellcheck disable=SC2034 # the far ones are for the scripts that source this
readonly LAB_PROBE4=10.237.1.2 LAB_FAR4=10.237.2.2 LAB_PROBE6=fd37:3237:3238:1::2 LAB_FAR6=fd37:3237:3238:2::2
readonly LAB_NEAR_GATEWAY4=10.237.1.1 LAB_AWAY_GATEWAY4=10.237.2.1
readonly LAB_NEAR_GATEWAY6=fd37:3237:3238:1::1 LAB_AWAY_GATEWAY6=fd37:3237:3238:2::1
readonly LAB_PARTS='probe router far'
# The least that IPv6 lives on (RFC 8200, section 5).
readonly IPV6_MIN_MTU=1280

lab_namespace() { echo "apparenet-$1-$2"; } # NAME PART

lab_exists() { # NAME
  ip netns list | grep -q "^apparenet-$1-probe\b"
}

# Builds the path, anew where one of that name stands. Leaves nothing behind when it fails.
build_lab() { # NAME RATE BURST LOSS_PERCENT MTU, each of the last four may be empty
  remove_lab "$1"
  lay_links "$1" "${5:-1500}" && shape_link "$1" "$2" "${3:-32kb}" && drop_randomly "$1" "$4" && return
  remove_lab "$1"
  return 1
}

lay_links() { # NAME MTU
  local probe router far
  probe=$(lab_namespace "$1" probe) router=$(lab_namespace "$1" router) far=$(lab_namespace "$1" far)
  add_namespace "$probe" && add_namespace "$router" && add_namespace "$far" &&
    ip link add lab-probe netns "$probe" type veth peer name lab-near netns "$router" &&
    ip link add lab-away mtu "$2" netns "$router" type veth peer name lab-far mtu "$2" netns "$far" &&
    allow_forwarding "$router" &&
    raise_port "$router" lab-near $LAB_NEAR_GATEWAY4 $LAB_NEAR_GATEWAY6 &&
    raise_port "$router" lab-away $LAB_AWAY_GATEWAY4 $LAB_AWAY_GATEWAY6 &&
    raise_port "$probe" lab-probe $LAB_PROBE4 $LAB_PROBE6 &&
    raise_port "$far" lab-far $LAB_FAR4 $LAB_FAR6 &&
    route_through "$probe" lab-probe $LAB_NEAR_GATEWAY4 $LAB_NEAR_GATEWAY6 &&
    route_through "$far" lab-far $LAB_AWAY_GATEWAY4 $LAB_AWAY_GATEWAY6
}

# Addresses here are unique by construction: checking for duplicates would only keep IPv6 waiting for two seconds.
add_namespace() { # NAMESPACE
  ip netns add "$1" && ip -n "$1" link set lo up &&
    ip netns exec "$1" sh -c 'cd /proc/sys/net/ipv6/conf 2>/dev/null || exit 0; echo 0 >all/accept_dad; echo 0 >default/accept_dad'
}

allow_forwarding() { # NAMESPACE
  # shellcheck disable=SC2016 # meant for the inner shell
  ip netns exec "$1" sh -c 'cd /proc/sys/net && echo 1 >ipv4/ip_forward && { [ ! -e ipv6 ] || echo 1 >ipv6/conf/all/forwarding; }'
}

raise_port() { # NAMESPACE PORT IPV4 IPV6
  ip -n "$1" addr add "$3/24" dev "$2" &&
    { lacks_ipv6 "$1" "$2" || ip -n "$1" addr add "$4/64" dev "$2" nodad; } &&
    ip -n "$1" link set "$2" up
}

route_through() { # NAMESPACE PORT GATEWAY4 GATEWAY6
  ip -n "$1" route add 10.237.0.0/16 via "$3" &&
    { lacks_ipv6 "$1" "$2" || ip -n "$1" route add fd37:3237:3238::/48 via "$4"; }
}

# A link too small for IPv6, or a machine without it.
lacks_ipv6() { # NAMESPACE PORT
  ip netns exec "$1" sh -c "[ ! -e /proc/sys/net/ipv6 ] || [ \"\$(cat /sys/class/net/$2/mtu)\" -lt $IPV6_MIN_MTU ]"
}

# The bottleneck: a token bucket where the router sends towards the far end, with at most 50 ms of queue.
shape_link() { # NAME RATE BURST
  [ -z "$2" ] || tc -n "$(lab_namespace "$1" router)" qdisc add dev lab-away root tbf rate "$2" burst "$3" latency 50ms
}

# Independent random loss of what the router forwards towards the far end, in steps of a thousandth of a percent.
drop_randomly() { # NAME PERCENT
  [ -n "$2" ] || return 0
  local chances
  chances=$(awk -v percent="$2" 'BEGIN { printf "%d", percent * 1000 + 0.5 }')
  [ "$chances" -gt 0 ] || return 0
  ip netns exec "$(lab_namespace "$1" router)" nft -f - <<END
table inet lab {
  chain forward {
    type filter hook forward priority filter;
    oifname "lab-away" numgen random mod 100000 <= $((chances - 1)) counter drop
  }
}
END
}

# Ends what still runs in the lab and takes the namespaces away, and with them the links. Safe where there is no lab.
remove_lab() { # NAME
  local part namespace pids
  for part in $LAB_PARTS; do
    namespace=$(lab_namespace "$1" "$part")
    [ -e "/run/netns/$namespace" ] || continue
    pids=$(ip netns pids "$namespace" 2>/dev/null)
    # shellcheck disable=SC2086 # one word a process
    [ -z "$pids" ] || kill $pids 2>/dev/null
    ip netns del "$namespace"
  done
}
