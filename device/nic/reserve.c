// A UDP port held open only so that nobody else answers on it.
#include <errno.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "route.h"

int reserve_udp_port(int family, uint16_t *port)
{
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	// The kernel drops every datagram here before it costs a wake-up: the replies are read elsewhere, from the port
	// itself.
	struct sock_filter nothing = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog program = {.len = 1, .filter = &nothing};
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} address;
	memset(&address, 0, sizeof address);
	address.any.sa_family = (sa_family_t)family;
	socklen_t length = family == AF_INET6 ? sizeof address.v6 : sizeof address.v4;
	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) < 0 ||
		bind(fd, &address.any, length) < 0 || getsockname(fd, &address.any, &length) < 0) {
		int error = -errno;
		close(fd);
		return error;
	}
	*port = ntohs(family == AF_INET6 ? address.v6.sin6_port : address.v4.sin_port);
	return fd;
}
