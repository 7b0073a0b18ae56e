// One SIOCETHTOOL call: how drivers are asked about a port, and told.
#include "ethtool.h"

#include <errno.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

int ethtool_call(const char *port, void *command)
{
	struct ifreq request;
	int fd, error = 0;

	if (strlen(port) >= sizeof request.ifr_name)
		return -ENODEV;
	memset(&request, 0, sizeof request);
	strcpy(request.ifr_name, port);
	request.ifr_data = command;

	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (ioctl(fd, SIOCETHTOOL, &request) < 0)
		error = -errno;
	close(fd);
	return error;
}
