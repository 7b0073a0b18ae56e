// Opening and sending. What a socket is asked to tell with each datagram stands in `receive_options`.
#include "reflector_socket.h"

#include <errno.h>
#include <linux/net_tstamp.h>
#include <linux/sock_diag.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	/* Room for a burst of 1,000 full-size packets while the thread is not scheduled. */
	BUFFER_BYTES = 4 * 1024 * 1024,
	/* The far end counts hops from it (RFC 5357 section 4.2.1). */
	REPLY_TTL = 255,
};

static const unsigned STAMPING = SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_RX_HARDWARE |
				 SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_RAW_HARDWARE |
				 SOF_TIMESTAMPING_OPT_TSONLY;

struct option {
	int level;
	int name;
	int value;
	const char *syscall;
};

static const struct option INET_OPTIONS[] = {
	{IPPROTO_IP, IP_PKTINFO, 1, "setsockopt IP_PKTINFO"},
	{IPPROTO_IP, IP_RECVTTL, 1, "setsockopt IP_RECVTTL"},
	{IPPROTO_IP, IP_RECVTOS, 1, "setsockopt IP_RECVTOS"},
	{IPPROTO_IP, IP_TTL, REPLY_TTL, "setsockopt IP_TTL"},
	/* Whole or not at all: a fragmented reply would be timed by its last fragment. */
	{IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE, "setsockopt IP_MTU_DISCOVER"},
};

static const struct option INET6_OPTIONS[] = {
	{IPPROTO_IPV6, IPV6_V6ONLY, 1, "setsockopt IPV6_V6ONLY"},
	{IPPROTO_IPV6, IPV6_RECVPKTINFO, 1, "setsockopt IPV6_RECVPKTINFO"},
	{IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1, "setsockopt IPV6_RECVHOPLIMIT"},
	{IPPROTO_IPV6, IPV6_RECVTCLASS, 1, "setsockopt IPV6_RECVTCLASS"},
	{IPPROTO_IPV6, IPV6_UNICAST_HOPS, REPLY_TTL, "setsockopt IPV6_UNICAST_HOPS"},
	{IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_PROBE, "setsockopt IPV6_MTU_DISCOVER"},
	{IPPROTO_IPV6, IPV6_DONTFRAG, 1, "setsockopt IPV6_DONTFRAG"},
};

static int set_option(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof value) == 0 ? 0 : -errno;
}

static void set_buffer(int fd, int name, int forced_name)
{
	/* Beyond the system's limit only with CAP_NET_ADMIN; the limit is good enough without. */
	if (set_option(fd, SOL_SOCKET, forced_name, BUFFER_BYTES) != 0)
		set_option(fd, SOL_SOCKET, name, BUFFER_BYTES);
}

static int set_options(int fd, const struct socket_request *request, const char **syscall)
{
	bool inet6 = request->family == AF_INET6;
	const struct option *options = inet6 ? INET6_OPTIONS : INET_OPTIONS;
	size_t count = inet6 ? sizeof INET6_OPTIONS / sizeof *options : sizeof INET_OPTIONS / sizeof *options;

	for (size_t i = 0; i < count; i++) {
		*syscall = options[i].syscall;
		int error = set_option(fd, options[i].level, options[i].name, options[i].value);
		if (error)
			return error;
	}
	*syscall = "setsockopt SO_TIMESTAMPING";
	int error = set_option(fd, SOL_SOCKET, SO_TIMESTAMPING, (int)(STAMPING | SOF_TIMESTAMPING_OPT_ID));
	if (error)
		return error;
	set_buffer(fd, SO_RCVBUF, SO_RCVBUFFORCE);
	set_buffer(fd, SO_SNDBUF, SO_SNDBUFFORCE);
	*syscall = "setsockopt SO_BINDTODEVICE";
	if (request->port[0] &&
		setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, request->port, (socklen_t)strlen(request->port)) != 0)
		return -errno;
	return 0;
}

static int bind_port(struct reflector_socket *socket, uint16_t udp_port, const char **syscall)
{
	union {
		struct sockaddr any;
		struct sockaddr_in inet;
		struct sockaddr_in6 inet6;
	} address = {0};
	socklen_t length = socket->family == AF_INET6 ? sizeof address.inet6 : sizeof address.inet;

	address.any.sa_family = (sa_family_t)socket->family;
	/* The port stands at the same place in both. */
	address.inet.sin_port = htons(udp_port);
	*syscall = "bind";
	if (bind(socket->fd, &address.any, length) != 0)
		return -errno;
	*syscall = "getsockname";
	if (getsockname(socket->fd, &address.any, &length) != 0)
		return -errno;
	socket->udp_port = ntohs(address.inet.sin_port);
	return 0;
}

int reflector_socket_open(struct reflector_socket *opened, const struct socket_request *request, const char **syscall)
{
	int fd = socket(request->family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_UDP);

	*opened = (struct reflector_socket){.fd = fd, .family = request->family};
	if (fd < 0) {
		*syscall = "socket";
		return -errno;
	}
	int error = set_options(fd, request, syscall);
	if (!error)
		error = bind_port(opened, request->udp_port, syscall);
	if (error)
		reflector_socket_close(opened);
	return error;
}

void reflector_socket_close(struct reflector_socket *socket)
{
	if (socket->fd >= 0)
		close(socket->fd);
	socket->fd = -1;
}

uint32_t reflector_socket_drops(const struct reflector_socket *socket)
{
	uint32_t meminfo[SK_MEMINFO_VARS] = {0};
	socklen_t length = sizeof meminfo;

	if (getsockopt(socket->fd, SOL_SOCKET, SO_MEMINFO, meminfo, &length) != 0)
		return 0;
	return meminfo[SK_MEMINFO_DROPS];
}

static void *append_control(struct msghdr *message, int level, int type, size_t length)
{
	struct cmsghdr *control = (struct cmsghdr *)((uint8_t *)message->msg_control + message->msg_controllen);

	control->cmsg_level = level;
	control->cmsg_type = type;
	control->cmsg_len = CMSG_LEN(length);
	message->msg_controllen += CMSG_SPACE(length);
	return CMSG_DATA(control);
}

static void append_int(struct msghdr *message, int level, int type, int value)
{
	memcpy(append_control(message, level, type, sizeof value), &value, sizeof value);
}

/*
 * The address it came to becomes the reply's own. The interface is left to the routing table, because a path may be
 * asymmetric on purpose, but for addresses that only mean something on their link.
 */
static void append_source(struct msghdr *message, const struct arrival *arrival, int family)
{
	uint32_t interface = arrival->link_local ? arrival->interface : 0;

	if (family == AF_INET6) {
		struct in6_pktinfo info = {.ipi6_ifindex = interface};
		memcpy(&info.ipi6_addr, arrival->destination, 16);
		memcpy(append_control(message, IPPROTO_IPV6, IPV6_PKTINFO, sizeof info), &info, sizeof info);
	} else {
		struct in_pktinfo info = {.ipi_ifindex = (int)interface};
		memcpy(&info.ipi_spec_dst, arrival->destination + 12, 4);
		memcpy(append_control(message, IPPROTO_IP, IP_PKTINFO, sizeof info), &info, sizeof info);
	}
}

int reflector_socket_reply(
	const struct reflector_socket *socket, const struct arrival *arrival, const struct departure *departure)
{
	bool inet6 = socket->family == AF_INET6;
	_Alignas(struct cmsghdr) uint8_t control[128] = {0};
	struct iovec payload = {.iov_base = arrival->packet, .iov_len = arrival->length};
	struct msghdr message = {
		.msg_name = (void *)(uintptr_t)arrival->peer,
		.msg_namelen = inet6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in),
		.msg_iov = &payload,
		.msg_iovlen = 1,
		.msg_control = control,
	};

	append_source(&message, arrival, socket->family);
	append_int(&message, inet6 ? IPPROTO_IPV6 : IPPROTO_IP, inet6 ? IPV6_TCLASS : IP_TOS, departure->tos);
	if (departure->stamp)
		append_int(&message, SOL_SOCKET, SO_TIMESTAMPING, SOF_TIMESTAMPING_TX_SOFTWARE);
	return sendmsg(socket->fd, &message, MSG_DONTWAIT) < 0 ? -errno : 0;
}

int reflector_socket_restart_stamps(const struct reflector_socket *socket)
{
	int error = set_option(socket->fd, SOL_SOCKET, SO_TIMESTAMPING, (int)STAMPING);

	return error ? error
		     : set_option(socket->fd, SOL_SOCKET, SO_TIMESTAMPING, (int)(STAMPING | SOF_TIMESTAMPING_OPT_ID));
}
