// Questions to the kernel by netlink: one request, one answer or the rows of a table. What is asked and how answers are
// read is the callers' matter.
#ifndef NIC_NETLINK_H
#define NIC_NETLINK_H

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A request: header, a body of fixed length, attributes. `room` holds all ours with ease; netlink_append trusts it. */
struct netlink_request {
	struct nlmsghdr header;
	uint8_t room[240];
};

/* Begin a request with `body` behind its header. */
void netlink_begin(struct netlink_request *request, uint16_t type, const void *body, size_t length);

/* Add an attribute. Its position, to be closed by netlink_end_nest where others are to be within it. */
size_t netlink_append(struct netlink_request *request, uint16_t type, const void *value, size_t length);
void netlink_end_nest(struct netlink_request *request, size_t at);

/*
 * Ask by `protocol` (NETLINK_ROUTE, NETLINK_GENERIC). The length of the one answer in `buffer`, aligned as nlmsghdr, or
 * a negative errno: the kernel's own, -EPROTO for what is no answer, -EMSGSIZE for one that does not fit.
 */
ssize_t netlink_ask(int protocol, const struct netlink_request *request, void *buffer, size_t capacity);

/* Ask for a whole table; `read` gets each of its rows. 0, or a negative errno. */
int netlink_dump(int protocol, struct netlink_request *request, void (*read)(const struct nlmsghdr *row, void *context),
	void *context);

/* The number in an attribute of `length` octets or more, 0 in a shorter one. */
uint16_t netlink_u16(const struct rtattr *attribute);
uint32_t netlink_u32(const struct rtattr *attribute);
uint64_t netlink_u64(const struct rtattr *attribute);

/* Type of an attribute without its flags (NLA_F_NESTED and kin). */
static inline uint16_t netlink_type(const struct rtattr *attribute)
{
	return attribute->rta_type & NLA_TYPE_MASK;
}

#endif
