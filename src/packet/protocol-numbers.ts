// Assigned numbers (IANA) that more than one codec needs.

export const ETHER_TYPE = {
  ipv4: 0x0800,
  arp: 0x0806,
  /** IEEE 802.1Q customer tag. */
  vlan: 0x8100,
  ipv6: 0x86dd,
  /** IEEE 802.1ad service tag. */
  serviceVlan: 0x88a8,
  lldp: 0x88cc,
} as const;

export const IP_PROTOCOL = {
  hopByHop: 0,
  icmp: 1,
  tcp: 6,
  udp: 17,
  routing: 43,
  fragment: 44,
  icmpv6: 58,
  noNext: 59,
  destinationOptions: 60,
} as const;
