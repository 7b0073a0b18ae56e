// rtnetlink questions (RTM_GETROUTE, RTM_GETNEIGH) and the parsing of their answers, with bounds.
#include "route.h"

#include <errno.h>
#include <linux/neighbour.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netlink.h"

enum { ANSWER_BYTES = 8192 };

static size_t address_length(int family)
{
	return family == AF_INET6 ? 16 : 4;
}

// RTA_VIA holds a gateway of another family: u16 family, then the address.
static void read_via(const struct rtattr *attribute, struct route_answer *answer)
{
	uint16_t family;
	size_t length = RTA_PAYLOAD(attribute);
	if (length < sizeof family)
		return;
	memcpy(&family, RTA_DATA(attribute), sizeof family);
	length -= sizeof family;
	if (length != address_length(family))
		return;
	memcpy(answer->gateway, (const uint8_t *)RTA_DATA(attribute) + sizeof family, length);
	answer->gateway_family = (uint8_t)family;
	answer->has_gateway = true;
}

static uint32_t read_route_mtu(const struct rtattr *metrics)
{
	/* Signed, here and below: RTA_NEXT may go below 0 by the padding of the last attribute. */
	int left = (int)RTA_PAYLOAD(metrics);
	for (const struct rtattr *metric = RTA_DATA(metrics); RTA_OK(metric, left); metric = RTA_NEXT(metric, left)) {
		uint32_t value;
		if (metric->rta_type != RTAX_MTU || RTA_PAYLOAD(metric) < sizeof value)
			continue;
		memcpy(&value, RTA_DATA(metric), sizeof value);
		return value;
	}
	return 0;
}

static void read_route_attribute(const struct rtattr *attribute, int family, struct route_answer *answer)
{
	size_t length = RTA_PAYLOAD(attribute);
	size_t address = address_length(family);
	if (attribute->rta_type == RTA_OIF && length >= sizeof(int)) {
		memcpy(&answer->interface_index, RTA_DATA(attribute), sizeof(int));
	} else if (attribute->rta_type == RTA_GATEWAY && length == address) {
		memcpy(answer->gateway, RTA_DATA(attribute), address);
		answer->gateway_family = (uint8_t)family;
		answer->has_gateway = true;
	} else if (attribute->rta_type == RTA_VIA) {
		read_via(attribute, answer);
	} else if (attribute->rta_type == RTA_PREFSRC && length == address) {
		memcpy(answer->source, RTA_DATA(attribute), address);
		answer->has_source = true;
	} else if (attribute->rta_type == RTA_METRICS) {
		answer->mtu = read_route_mtu(attribute);
	}
}

int route_lookup(int family, const uint8_t *address, int interface_index, struct route_answer *answer)
{
	struct rtmsg asked = {.rtm_family = (uint8_t)family, .rtm_dst_len = (uint8_t)(address_length(family) * 8)};
	struct netlink_request request;
	netlink_begin(&request, RTM_GETROUTE, &asked, sizeof asked);
	netlink_append(&request, RTA_DST, address, address_length(family));
	if (interface_index != 0)
		netlink_append(&request, RTA_OIF, &interface_index, sizeof interface_index);

	_Alignas(struct nlmsghdr) uint8_t buffer[ANSWER_BYTES];
	ssize_t length = netlink_ask(NETLINK_ROUTE, &request, buffer, sizeof buffer);
	if (length < 0)
		return (int)length;
	const struct nlmsghdr *header = (const struct nlmsghdr *)buffer;
	if (header->nlmsg_type != RTM_NEWROUTE || header->nlmsg_len < NLMSG_LENGTH(sizeof(struct rtmsg)))
		return -EPROTO;
	const struct rtmsg *route = NLMSG_DATA(header);
	memset(answer, 0, sizeof *answer);
	answer->type = route->rtm_type;
	int left = (int)RTM_PAYLOAD(header);
	for (const struct rtattr *at = RTM_RTA(route); RTA_OK(at, left); at = RTA_NEXT(at, left)) {
		read_route_attribute(at, family, answer);
	}
	if (answer->interface_index == 0)
		return -ENETUNREACH;
	if (if_indextoname((unsigned)answer->interface_index, answer->interface_name) == NULL)
		return -errno;
	return 0;
}

int neighbour_lookup(int family, const uint8_t *address, int interface_index, struct neighbour_answer *answer)
{
	struct ndmsg asked = {.ndm_family = (uint8_t)family, .ndm_ifindex = interface_index};
	struct netlink_request request;
	netlink_begin(&request, RTM_GETNEIGH, &asked, sizeof asked);
	netlink_append(&request, NDA_DST, address, address_length(family));

	_Alignas(struct nlmsghdr) uint8_t buffer[ANSWER_BYTES];
	ssize_t length = netlink_ask(NETLINK_ROUTE, &request, buffer, sizeof buffer);
	if (length < 0)
		return (int)length;
	const struct nlmsghdr *header = (const struct nlmsghdr *)buffer;
	if (header->nlmsg_type != RTM_NEWNEIGH || header->nlmsg_len < NLMSG_LENGTH(sizeof(struct ndmsg)))
		return -EPROTO;
	const struct ndmsg *neighbour = NLMSG_DATA(header);
	memset(answer, 0, sizeof *answer);
	answer->state = neighbour->ndm_state;
	int left = (int)(header->nlmsg_len - NLMSG_LENGTH(sizeof *neighbour));
	const struct rtattr *at = (const struct rtattr *)((const uint8_t *)neighbour + NLMSG_ALIGN(sizeof *neighbour));
	for (; RTA_OK(at, left); at = RTA_NEXT(at, left)) {
		if (at->rta_type != NDA_LLADDR || RTA_PAYLOAD(at) > sizeof answer->mac)
			continue;
		answer->mac_length = RTA_PAYLOAD(at);
		memcpy(answer->mac, RTA_DATA(at), answer->mac_length);
	}
	return 0;
}
