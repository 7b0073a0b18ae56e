// The sd_notify(3) protocol: one datagram to the socket the service manager named. Node has no AF_UNIX datagrams.
#include "notify.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int notify_send(const char *address, const char *state, size_t length)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	size_t size = strlen(address);
	socklen_t to_length;
	ssize_t sent;
	int fd, error;

	if (size < 2 || size >= sizeof to.sun_path || (address[0] != '/' && address[0] != '@'))
		return -EINVAL;
	memcpy(to.sun_path, address, size);
	if (address[0] == '@')
		to.sun_path[0] = '\0';
	/* An abstract name has no terminator: its length is part of the name. */
	to_length = offsetof(struct sockaddr_un, sun_path) + size + (address[0] == '/' ? 1 : 0);

	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	sent = sendto(fd, state, length, MSG_NOSIGNAL, (struct sockaddr *)&to, to_length);
	error = sent < 0 ? -errno : 0;
	close(fd);
	return error;
}
