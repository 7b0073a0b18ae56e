// RTM_GETLINK for one interface, and the parsing of its answer, with bounds.
#include "link_attributes.h"

#include <errno.h>
#include <net/if.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#include "netlink.h"

enum { ANSWER_BYTES = 16384 };

static void read_vlan_data(const struct rtattr *data, struct link_attributes *attributes)
{
	int left = (int)RTA_PAYLOAD(data);

	for (const struct rtattr *at = RTA_DATA(data); RTA_OK(at, left); at = RTA_NEXT(at, left))
		if (netlink_type(at) == IFLA_VLAN_ID)
			attributes->vlan_id = netlink_u16(at);
}

/* The kind comes before the data that is of this kind. */
static void read_link_info(const struct rtattr *info, struct link_attributes *attributes)
{
	int left = (int)RTA_PAYLOAD(info);
	bool is_vlan = false;

	for (const struct rtattr *at = RTA_DATA(info); RTA_OK(at, left); at = RTA_NEXT(at, left)) {
		if (netlink_type(at) == IFLA_INFO_KIND)
			is_vlan = RTA_PAYLOAD(at) >= 4 && memcmp(RTA_DATA(at), "vlan", 4) == 0 &&
				  (RTA_PAYLOAD(at) == 4 || ((const char *)RTA_DATA(at))[4] == '\0');
		else if (netlink_type(at) == IFLA_INFO_DATA && is_vlan)
			read_vlan_data(at, attributes);
	}
}

static void read_stats(const struct rtattr *attribute, struct rtnl_link_stats64 *stats)
{
	/* Older kernels know fewer counters, newer ones more. */
	size_t length = RTA_PAYLOAD(attribute);

	memcpy(stats, RTA_DATA(attribute), length < sizeof *stats ? length : sizeof *stats);
}

int link_attributes_parse(const void *message, size_t length, struct link_attributes *attributes)
{
	const struct nlmsghdr *header = message;
	bool is_elsewhere = false;

	if (length < NLMSG_LENGTH(sizeof(struct ifinfomsg)) || header->nlmsg_len > length ||
		header->nlmsg_len < NLMSG_LENGTH(sizeof(struct ifinfomsg)) || header->nlmsg_type != RTM_NEWLINK)
		return -EPROTO;
	*attributes = (struct link_attributes){.vlan_id = -1};
	int left = (int)IFLA_PAYLOAD(header);
	const struct ifinfomsg *body = NLMSG_DATA(header);
	for (const struct rtattr *at = IFLA_RTA(body); RTA_OK(at, left); at = RTA_NEXT(at, left)) {
		uint16_t type = netlink_type(at);

		if (type == IFLA_STATS64)
			read_stats(at, &attributes->stats);
		else if (type == IFLA_LINKINFO)
			read_link_info(at, attributes);
		else if (type == IFLA_LINK)
			attributes->parent_index = (int)netlink_u32(at);
		else if (type == IFLA_CARRIER_CHANGES)
			attributes->carrier_changes = netlink_u32(at);
		else if (type == IFLA_LINK_NETNSID)
			is_elsewhere = true;
	}
	/* Other kinds have a link of another meaning, as a veth its peer. */
	if (is_elsewhere || attributes->vlan_id < 0)
		attributes->parent_index = 0;
	return 0;
}

int link_attributes_read(const char *port, struct link_attributes *attributes)
{
	_Alignas(struct nlmsghdr) uint8_t buffer[ANSWER_BYTES];
	struct ifinfomsg asked = {.ifi_family = AF_UNSPEC};
	struct netlink_request request;
	size_t name = strlen(port) + 1;

	if (name > IFNAMSIZ)
		return -ENODEV;
	netlink_begin(&request, RTM_GETLINK, &asked, sizeof asked);
	netlink_append(&request, IFLA_IFNAME, port, name);
	ssize_t length = netlink_ask(NETLINK_ROUTE, &request, buffer, sizeof buffer);
	return length < 0 ? (int)length : link_attributes_parse(buffer, (size_t)length, attributes);
}
