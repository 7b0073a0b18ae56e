// Generic netlink to the family "ethtool", and the parsing of its answers, with bounds.
#include "ethtool_netlink.h"

#include <errno.h>
#include <linux/ethtool_netlink.h>
#include <linux/genetlink.h>
#include <net/if.h>
#include <stdatomic.h>
#include <string.h>

#include "netlink.h"

enum { ANSWER_BYTES = 16384 };

const char *const standard_counter_names[STANDARD_COUNTERS] = {
	[COUNTER_SYMBOL_ERRORS] = "symbolErrors",
	[COUNTER_SINGLE_COLLISIONS] = "singleCollisions",
	[COUNTER_MULTIPLE_COLLISIONS] = "multipleCollisions",
	[COUNTER_FCS_ERRORS] = "fcsErrors",
	[COUNTER_ALIGNMENT_ERRORS] = "alignmentErrors",
	[COUNTER_LATE_COLLISIONS] = "lateCollisions",
	[COUNTER_EXCESSIVE_COLLISIONS] = "excessiveCollisions",
	[COUNTER_CARRIER_SENSE_ERRORS] = "carrierSenseErrors",
	[COUNTER_INTERNAL_RECEIVE_ERRORS] = "internalReceiveErrors",
	[COUNTER_FRAGMENTS] = "fragments",
};

/* Where the kernel's groups have the counters that we want. */
static const struct {
	uint16_t group, type;
} PLACES[STANDARD_COUNTERS] = {
	[COUNTER_SYMBOL_ERRORS] = {ETHTOOL_STATS_ETH_PHY, ETHTOOL_A_STATS_ETH_PHY_5_SYM_ERR},
	[COUNTER_SINGLE_COLLISIONS] = {ETHTOOL_STATS_ETH_MAC, ETHTOOL_A_STATS_ETH_MAC_3_SINGLE_COL},
	[COUNTER_MULTIPLE_COLLISIONS] = {ETHTOOL_STATS_ETH_MAC, ETHTOOL_A_STATS_ETH_MAC_4_MULTI_COL},
	[COUNTER_FCS_ERRORS] = {ETHTOOL_STATS_ETH_MAC, ETHTOOL_A_STATS_ETH_MAC_6_FCS_ERR},
	[COUNTER_ALIGNMENT_ERRORS] = {ETHTOOL_STATS_ETH_MAC, ETHTOOL_A_STATS_ETH_MAC_7_ALIGN_ERR},
	[COUNTER_LATE_COLLISIONS] = {ETHTOOL_STATS_ETH_MAC, ETHTOOL_A_STATS_ETH_MAC_10_LATE_COL},
	[COUNTER_EXCESSIVE_COLLISIONS] = {ETHTOOL_STATS_ETH_MAC, ETHTOOL_A_STATS_ETH_MAC_11_XS_COL},
	[COUNTER_CARRIER_SENSE_ERRORS] = {ETHTOOL_STATS_ETH_MAC, ETHTOOL_A_STATS_ETH_MAC_13_CS_ERR},
	[COUNTER_INTERNAL_RECEIVE_ERRORS] = {ETHTOOL_STATS_ETH_MAC, ETHTOOL_A_STATS_ETH_MAC_15_RX_INT_ERR},
	[COUNTER_FRAGMENTS] = {ETHTOOL_STATS_RMON, ETHTOOL_A_STATS_RMON_FRAG},
};

/* Attributes of a generic netlink message of `length` octets, and in *left how many octets they have. NULL: it is none.
 */
static const struct rtattr *find_attributes(const void *message, size_t length, int *left)
{
	const struct nlmsghdr *header = message;

	if (length < NLMSG_LENGTH(GENL_HDRLEN) || header->nlmsg_len > length ||
		header->nlmsg_len < NLMSG_LENGTH(GENL_HDRLEN))
		return NULL;
	*left = (int)(header->nlmsg_len - NLMSG_LENGTH(GENL_HDRLEN));
	return (const struct rtattr *)((const uint8_t *)NLMSG_DATA(header) + GENL_HDRLEN);
}

static int ask_family(void)
{
	_Alignas(struct nlmsghdr) uint8_t buffer[ANSWER_BYTES];
	const struct genlmsghdr asked = {.cmd = CTRL_CMD_GETFAMILY, .version = 1};
	struct netlink_request request;
	int left;

	netlink_begin(&request, GENL_ID_CTRL, &asked, sizeof asked);
	netlink_append(&request, CTRL_ATTR_FAMILY_NAME, ETHTOOL_GENL_NAME, sizeof ETHTOOL_GENL_NAME);
	ssize_t length = netlink_ask(NETLINK_GENERIC, &request, buffer, sizeof buffer);
	if (length < 0)
		return (int)length;
	const struct rtattr *at = find_attributes(buffer, (size_t)length, &left);
	for (; at && RTA_OK(at, left); at = RTA_NEXT(at, left))
		if (netlink_type(at) == CTRL_ATTR_FAMILY_ID)
			return netlink_u16(at);
	return -EPROTO;
}

/*
 * The number by which the kernel knows the family, or a negative errno: -ENOENT for a kernel without it. Asked for
 * once: the family is no module that comes and goes, and its number is the same in all network namespaces.
 */
static int find_family(void)
{
	static atomic_int known;
	int family = atomic_load(&known);

	if (family > 0)
		return family;
	family = ask_family();
	atomic_store(&known, family);
	return family;
}

/* Begin a request about `port`. The kernel has one header for all questions, in attribute 1 or 2. */
static int begin(struct netlink_request *request, const char *port, uint8_t command, uint16_t header_type)
{
	const struct genlmsghdr asked = {.cmd = command, .version = ETHTOOL_GENL_VERSION};
	size_t name = strlen(port) + 1;
	int family = find_family();

	if (name > IFNAMSIZ)
		return -ENODEV;
	if (family < 0)
		return family == -ENOENT ? -EOPNOTSUPP : family;
	netlink_begin(request, (uint16_t)family, &asked, sizeof asked);
	size_t nest = netlink_append(request, header_type, NULL, 0);
	netlink_append(request, ETHTOOL_A_HEADER_DEV_NAME, port, name);
	netlink_end_nest(request, nest);
	return 0;
}

static void read_counter(const struct rtattr *attribute, uint32_t group, struct standard_counters *counters)
{
	for (int i = 0; i < STANDARD_COUNTERS; i++) {
		if (PLACES[i].group != group || PLACES[i].type != netlink_type(attribute) ||
			RTA_PAYLOAD(attribute) < sizeof counters->value[i])
			continue;
		counters->is_told[i] = true;
		counters->value[i] = netlink_u64(attribute);
	}
}

/* The group's number comes before its counters. */
static void read_group(const struct rtattr *group, struct standard_counters *counters)
{
	int left = (int)RTA_PAYLOAD(group);
	uint32_t id = UINT32_MAX;

	for (const struct rtattr *at = RTA_DATA(group); RTA_OK(at, left); at = RTA_NEXT(at, left)) {
		if (netlink_type(at) == ETHTOOL_A_STATS_GRP_ID) {
			id = netlink_u32(at);
		} else if (netlink_type(at) == ETHTOOL_A_STATS_GRP_STAT) {
			int inner = (int)RTA_PAYLOAD(at);

			for (const struct rtattr *stat = RTA_DATA(at); RTA_OK(stat, inner);
				stat = RTA_NEXT(stat, inner))
				read_counter(stat, id, counters);
		}
	}
}

int ethtool_parse_counters(const void *message, size_t length, struct standard_counters *counters)
{
	int left;
	const struct rtattr *at = find_attributes(message, length, &left);

	*counters = (struct standard_counters){0};
	if (!at)
		return -EPROTO;
	for (; RTA_OK(at, left); at = RTA_NEXT(at, left))
		if (netlink_type(at) == ETHTOOL_A_STATS_GRP)
			read_group(at, counters);
	return 0;
}

int ethtool_read_counters(const char *port, struct standard_counters *counters)
{
	_Alignas(struct nlmsghdr) uint8_t buffer[ANSWER_BYTES];
	const uint32_t groups = 1U << ETHTOOL_STATS_ETH_PHY | 1U << ETHTOOL_STATS_ETH_MAC | 1U << ETHTOOL_STATS_RMON;
	const uint32_t size = ETHTOOL_STATS_RMON + 1;
	struct netlink_request request;
	int error = begin(&request, port, ETHTOOL_MSG_STATS_GET, ETHTOOL_A_STATS_HEADER);

	if (error)
		return error;
	size_t nest = netlink_append(&request, ETHTOOL_A_STATS_GROUPS, NULL, 0);
	netlink_append(&request, ETHTOOL_A_BITSET_NOMASK, NULL, 0);
	netlink_append(&request, ETHTOOL_A_BITSET_SIZE, &size, sizeof size);
	netlink_append(&request, ETHTOOL_A_BITSET_VALUE, &groups, sizeof groups);
	netlink_end_nest(&request, nest);
	ssize_t length = netlink_ask(NETLINK_GENERIC, &request, buffer, sizeof buffer);
	return length < 0 ? (int)length : ethtool_parse_counters(buffer, (size_t)length, counters);
}

int ethtool_parse_link_state(const void *message, size_t length, struct link_state *state)
{
	int left;
	const struct rtattr *at = find_attributes(message, length, &left);

	*state = (struct link_state){-1, -1, -1};
	if (!at)
		return -EPROTO;
	for (; RTA_OK(at, left); at = RTA_NEXT(at, left)) {
		uint16_t type = netlink_type(at);

		if (type == ETHTOOL_A_LINKSTATE_SQI)
			state->signal_quality = (int32_t)netlink_u32(at);
		else if (type == ETHTOOL_A_LINKSTATE_SQI_MAX)
			state->best_signal_quality = (int32_t)netlink_u32(at);
		else if (type == ETHTOOL_A_LINKSTATE_EXT_STATE && RTA_PAYLOAD(at) >= 1)
			state->down_reason = *(const uint8_t *)RTA_DATA(at);
	}
	return 0;
}

int ethtool_read_link_state(const char *port, struct link_state *state)
{
	_Alignas(struct nlmsghdr) uint8_t buffer[ANSWER_BYTES];
	struct netlink_request request;
	int error = begin(&request, port, ETHTOOL_MSG_LINKSTATE_GET, ETHTOOL_A_LINKSTATE_HEADER);

	if (error)
		return error;
	ssize_t length = netlink_ask(NETLINK_GENERIC, &request, buffer, sizeof buffer);
	return length < 0 ? (int)length : ethtool_parse_link_state(buffer, (size_t)length, state);
}
