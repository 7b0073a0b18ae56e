// RTM_GETQDISC: the kernel tells the disciplines of all interfaces of the network namespace; those of one are picked
// here.
#include "queue_kinds.h"

#include <string.h>
#include <sys/socket.h>

#include "netlink.h"

struct found {
	int interface_index;
	char (*kinds)[QUEUE_KIND_BYTES];
	size_t room;
	size_t count;
};

static void add_kind(struct found *found, const struct rtattr *attribute)
{
	size_t length = RTA_PAYLOAD(attribute);

	if (length > QUEUE_KIND_BYTES)
		length = QUEUE_KIND_BYTES;
	memset(found->kinds[found->count], 0, QUEUE_KIND_BYTES);
	memcpy(found->kinds[found->count], RTA_DATA(attribute), length);
	found->kinds[found->count][QUEUE_KIND_BYTES - 1] = '\0';
	found->count++;
}

static void read_discipline(const struct nlmsghdr *header, void *context)
{
	struct found *found = context;
	const struct tcmsg *discipline = NLMSG_DATA(header);

	if (header->nlmsg_type != RTM_NEWQDISC || header->nlmsg_len < NLMSG_LENGTH(sizeof *discipline))
		return;
	if (discipline->tcm_ifindex != found->interface_index)
		return;
	/* Signed: RTA_NEXT may go below 0 by the padding of the last attribute. */
	int left = (int)(header->nlmsg_len - NLMSG_LENGTH(sizeof *discipline));
	const struct rtattr *at =
		(const struct rtattr *)((const uint8_t *)discipline + NLMSG_ALIGN(sizeof *discipline));
	for (; RTA_OK(at, left); at = RTA_NEXT(at, left))
		if (netlink_type(at) == TCA_KIND && found->count < found->room)
			add_kind(found, at);
}

int queue_kinds_list(int interface_index, char (*kinds)[QUEUE_KIND_BYTES], size_t room)
{
	struct tcmsg asked = {.tcm_family = AF_UNSPEC, .tcm_ifindex = interface_index};
	struct found found = {.interface_index = interface_index, .kinds = kinds, .room = room};
	struct netlink_request request;

	netlink_begin(&request, RTM_GETQDISC, &asked, sizeof asked);
	int error = netlink_dump(NETLINK_ROUTE, &request, read_discipline, &found);
	return error < 0 ? error : (int)found.count;
}
