// Netlink requests and their answers, with a time-out: a kernel that does not answer must not hold the caller.
#include "netlink.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { ANSWER_TIMEOUT_S = 2, DUMP_BYTES = 32768 };

void netlink_begin(struct netlink_request *request, uint16_t type, const void *body, size_t length)
{
	memset(request, 0, sizeof *request);
	request->header.nlmsg_len = (uint32_t)NLMSG_LENGTH(length);
	request->header.nlmsg_type = type;
	request->header.nlmsg_flags = NLM_F_REQUEST;
	memcpy(request->room, body, length);
}

size_t netlink_append(struct netlink_request *request, uint16_t type, const void *value, size_t length)
{
	size_t at = NLMSG_ALIGN(request->header.nlmsg_len);
	struct rtattr *attribute = (struct rtattr *)((uint8_t *)request + at);

	attribute->rta_type = type;
	attribute->rta_len = (unsigned short)RTA_LENGTH(length);
	if (length > 0)
		memcpy(RTA_DATA(attribute), value, length);
	request->header.nlmsg_len = (uint32_t)(at + RTA_ALIGN(attribute->rta_len));
	return at;
}

void netlink_end_nest(struct netlink_request *request, size_t at)
{
	struct rtattr *attribute = (struct rtattr *)((uint8_t *)request + at);

	attribute->rta_type |= NLA_F_NESTED;
	attribute->rta_len = (unsigned short)(request->header.nlmsg_len - at);
}

static ssize_t send_request(int fd, const struct netlink_request *request)
{
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	struct timeval timeout = {.tv_sec = ANSWER_TIMEOUT_S};
	/* Asks that requests be checked strictly, so that RTM_GETNEIGH takes an address (Linux 4.20). */
	int strict = 1;

	(void)setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &strict, sizeof strict);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
	return sendto(fd, request, request->header.nlmsg_len, 0, (struct sockaddr *)&kernel, sizeof kernel);
}

static ssize_t exchange(int fd, const struct netlink_request *request, void *buffer, size_t capacity)
{
	ssize_t length = send_request(fd, request);

	if (length >= 0)
		length = recv(fd, buffer, capacity, MSG_TRUNC);
	if (length < 0)
		return -errno;
	return (size_t)length > capacity ? -EMSGSIZE : length;
}

ssize_t netlink_ask(int protocol, const struct netlink_request *request, void *buffer, size_t capacity)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
	const struct nlmsghdr *answer = buffer;
	ssize_t length;

	if (fd < 0)
		return -errno;
	length = exchange(fd, request, buffer, capacity);
	close(fd);
	if (length < 0)
		return length;
	if (!NLMSG_OK(answer, (size_t)length))
		return -EPROTO;
	if (answer->nlmsg_type != NLMSG_ERROR)
		return (ssize_t)answer->nlmsg_len;
	if (answer->nlmsg_len < NLMSG_LENGTH(sizeof(struct nlmsgerr)))
		return -EPROTO;
	int error = ((const struct nlmsgerr *)NLMSG_DATA(answer))->error;
	return error != 0 ? error : -EPROTO;
}

/* What NLMSG_ERROR and NLMSG_DONE carry: an int of 0 or a negative errno, first. */
static int read_ending(const struct nlmsghdr *header)
{
	int error = 0;

	if (header->nlmsg_len >= NLMSG_LENGTH(sizeof error))
		memcpy(&error, NLMSG_DATA(header), sizeof error);
	return header->nlmsg_type == NLMSG_ERROR && error == 0 ? -EPROTO : error;
}

static int receive_rows(int fd, void (*read)(const struct nlmsghdr *row, void *context), void *context)
{
	_Alignas(struct nlmsghdr) uint8_t buffer[DUMP_BYTES];

	for (;;) {
		ssize_t length = recv(fd, buffer, sizeof buffer, MSG_TRUNC);
		if (length < 0)
			return -errno;
		if ((size_t)length > sizeof buffer)
			return -EMSGSIZE;
		/* Signed, as NLMSG_NEXT may go below 0 by the padding of the last message. */
		int left = (int)length;
		const struct nlmsghdr *row = (const struct nlmsghdr *)buffer;
		if (!NLMSG_OK(row, (size_t)length))
			return -EPROTO;
		for (; left >= (int)sizeof *row && NLMSG_OK(row, (uint32_t)left); row = NLMSG_NEXT(row, left)) {
			if (row->nlmsg_type == NLMSG_DONE || row->nlmsg_type == NLMSG_ERROR)
				return read_ending(row);
			read(row, context);
		}
	}
}

int netlink_dump(int protocol, struct netlink_request *request, void (*read)(const struct nlmsghdr *row, void *context),
	void *context)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);

	if (fd < 0)
		return -errno;
	request->header.nlmsg_flags |= NLM_F_DUMP;
	int error = send_request(fd, request) < 0 ? -errno : receive_rows(fd, read, context);
	close(fd);
	return error;
}

static void read_number(const struct rtattr *attribute, void *number, size_t length)
{
	if (RTA_PAYLOAD(attribute) >= length)
		memcpy(number, RTA_DATA(attribute), length);
}

uint16_t netlink_u16(const struct rtattr *attribute)
{
	uint16_t number = 0;

	read_number(attribute, &number, sizeof number);
	return number;
}

uint32_t netlink_u32(const struct rtattr *attribute)
{
	uint32_t number = 0;

	read_number(attribute, &number, sizeof number);
	return number;
}

uint64_t netlink_u64(const struct rtattr *attribute)
{
	uint64_t number = 0;

	read_number(attribute, &number, sizeof number);
	return number;
}
